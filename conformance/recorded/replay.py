"""Holds the server's answers of IAM and STS against those that AWS gave to LocalStack's recorder.

    replay.py RUN BINARY TOOLS SUITE

SUITE is a copy of the public repository localstack/localstack (Apache-2.0), whose recordings are read
and never stored here. Members, codes, statuses and texts are compared; what differs must be in
`differences.txt` with its reason, and what is there must differ. Recordings of what this server does
not have are in the same list.
"""

import json
import re
import secrets
import string
import sys
from pathlib import Path

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "first-request"))

import house as first  # noqa: E402 - from where it stands
from calls import CASES  # noqa: E402

RECORDINGS = ("iam/test_iam", "sts/test_sts")
ACCOUNT = "1" * 12
REGION = "us-east-1"
PLACEHOLDER = re.compile(r"<[^<>]+>")


class Aws:
    """Calls with one key."""

    account, region = ACCOUNT, REGION

    def __init__(self, endpoint, key):
        self.endpoint = endpoint
        session = botocore.session.get_session()
        names = ("AccessKeyId", "SecretAccessKey", "SessionToken")
        config = Config(parameter_validation=False, retries={"total_max_attempts": 1})
        self.clients = {
            service: session.create_client(
                service, REGION, endpoint_url=endpoint, config=config,
                aws_access_key_id=key[names[0]], aws_secret_access_key=key[names[1]],
                aws_session_token=key.get(names[2]))
            for service in ("iam", "sts")
        }

    def with_key(self, key):
        return Aws(self.endpoint, key)

    def _call(self, service, operation, **parameters):
        client = self.clients[service]
        names = {api: own for own, api in client.meta.method_to_api_mapping.items()}
        try:
            return getattr(client, names[operation])(**parameters)
        except ClientError as error:
            return error.response

    def iam(self, operation, **parameters):
        return self._call("iam", operation, **parameters)

    def sts(self, operation, **parameters):
        return self._call("sts", operation, **parameters)


def plain(value):
    """An answer as JSON has it; times are only times, and of what belongs to HTTP the status. The
    id that every refusal of ours has besides is left out."""
    if isinstance(value, dict):
        return {
            name: {"HTTPStatusCode": inner["HTTPStatusCode"]}
            if name == "ResponseMetadata" else plain(inner)
            for name, inner in value.items() if name != "DecisionId"
        }
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return "<datetime>" if hasattr(value, "isoformat") else value


def compare(path, recorded, answered, known):
    """Where an answer differs, as `path: what`. `known` is what placeholders stand for."""
    if isinstance(recorded, dict) and isinstance(answered, dict):
        for name in sorted({*recorded, *answered}):
            at = f"{path}.{name}"
            if name == "HTTPHeaders":
                continue
            if name not in answered:
                yield f"{at}: missing"
            elif name not in recorded:
                yield f"{at}: not recorded"
            else:
                yield from compare(at, recorded[name], answered[name], known)
    elif isinstance(recorded, list) and isinstance(answered, list):
        if len(recorded) != len(answered):
            yield f"{path}: {len(answered)} items, not {len(recorded)}"
        for place, (one, other) in enumerate(zip(recorded, answered)):
            yield from compare(f"{path}.{place}", one, other, known)
    elif isinstance(recorded, str) and isinstance(answered, str):
        if not fits(recorded, answered, known):
            yield f"{path}: `{answered}`, not `{recorded}`"
    elif recorded != answered:
        yield f"{path}: `{answered}`, not `{recorded}`"


def learn(recorded, answered, known):
    """Takes in what stands where a recording has a placeholder alone."""
    if isinstance(recorded, dict) and isinstance(answered, dict):
        for name in recorded.keys() & answered.keys():
            learn(recorded[name], answered[name], known)
    elif isinstance(recorded, list) and isinstance(answered, list):
        for one, other in zip(recorded, answered):
            learn(one, other, known)
    elif isinstance(recorded, str) and isinstance(answered, str):
        if PLACEHOLDER.fullmatch(recorded):
            known.setdefault(recorded, answered)


def fits(recorded, answered, known):
    """Whether a text is the recorded one, each placeholder standing for the same everywhere."""
    pattern, place, new = "", 0, {}
    for found in PLACEHOLDER.finditer(recorded):
        pattern += re.escape(recorded[place:found.start()])
        place, name = found.end(), found.group()
        if name in known:
            pattern += re.escape(known[name])
        elif name in new:
            pattern += f"(?P={new[name]})"
        else:
            new[name] = f"p{len(new)}"
            pattern += f"(?P<{new[name]}>.+?)"
    found = re.fullmatch(pattern + re.escape(recorded[place:]), answered, re.DOTALL)
    if found is None:
        return False
    known.update({name: found.group(group) for name, group in new.items()})
    return True


def replay(aws, name, recording):
    """The differences of one recording."""
    known = {"<partition>": "aws", "<region>": REGION, "<datetime>": "<datetime>"}
    told = {}
    CASES[name](aws, lambda label, answer: told.__setitem__(label, plain(answer)))
    found = []
    learn(recording, told, known)
    for label in recording:
        if label in told:
            found += compare(label, recording[label], told[label], known)
        else:
            found.append(f"{label}: not asked")
    return found


def accepted():
    """Differences that are known, by recording and path."""
    rows = {}
    for line in (HERE / "differences.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            name, path, reason = (part.strip() for part in line.split(" | ", 2))
            rows[(name, path)] = reason
    return rows


def covered(rows, name, path):
    """The row that accepts a difference: `*` at an end stands for anything."""
    def same(row, text):
        return text.startswith(row[:-1]) if row.endswith("*") else row == text
    return next((key for key in rows if same(key[0], name) and same(key[1], path)), None)


def house_of(run, binary, tools):
    """A server, and a user of its first account who may do everything."""
    letters = string.ascii_uppercase + "234567"
    key = "AKIA" + "".join(secrets.choice(letters) for _ in range(16)), secrets.token_hex(20)
    house = first.House(run, binary, tools)
    house.start_server(
        STRONGROOM_ACCOUNT_ID=ACCOUNT,
        STRONGROOM_ROOT_ACCESS_KEY=key[0],
        STRONGROOM_ROOT_SECRET_KEY=key[1],
    )
    root = Aws(house.endpoint, {"AccessKeyId": key[0], "SecretAccessKey": key[1]})
    root.iam("CreateUser", UserName="recorder")
    policy = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    root.iam("PutUserPolicy", UserName="recorder", PolicyName="all", PolicyDocument=policy)
    made = root.iam("CreateAccessKey", UserName="recorder")["AccessKey"]
    return house, root.with_key(made)


def main():
    run, binary, tools, suite = sys.argv[1:]
    recordings = {}
    for name in RECORDINGS:
        file = Path(suite) / "tests/aws/services" / f"{name}.snapshot.json"
        for key, value in json.loads(file.read_text()).items():
            recordings[key.split("::", 1)[1]] = value["recorded-content"]
    rows, used, failed = accepted(), set(), []
    house, aws = house_of(run, binary, tools)
    same = left = differ = 0
    try:
        for name, recording in sorted(recordings.items()):
            if name not in CASES:
                row = covered(rows, name, "-")
                used.add(row)
                left += 1
                if row is None:
                    failed.append(f"{name}: neither replayed nor said why not")
                continue
            found = replay(aws, name, recording)
            same += not found
            differ += bool(found)
            for difference in found:
                path = difference.split(": ", 1)[0]
                row = covered(rows, name, path)
                used.add(row)
                if row is None:
                    failed.append(f"{name} | {difference}")
    finally:
        house.close()
    for name in sorted(set(CASES) - set(recordings)):
        failed.append(f"{name}: there is no such recording")
    failed += [f"{row}: nothing differs there" for row in rows if row not in used]
    print(f"{same} recordings answered alike, {differ} with differences, {left} not replayed")
    for line in failed:
        print(f"FAIL {line}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
