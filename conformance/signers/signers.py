"""Other signers sign, this product verifies: in process by the hundred thousand, and over HTTP.

Each signer gets requests of its own, random from the seed that is printed. Each request it signs
must be accepted, and the same request with one bit changed inside what is signed (a second reading
of the specification proves that it is inside) must be refused. Over HTTP the changed ones go first:
then nothing may have been written.
"""

import argparse
import datetime
import json
import os
import random
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "first-request"))
from house import House, Steps, check, clean_own_environment  # noqa: E402

EVERY_REGION = "us-east-1"
BUCKET = "signed-by-others"
SECRETS = [
    ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", None),
    ("AKIAI44QH8DHBEXAMPLE", "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY", None),
    ("ASIAIOSFODNN7EXAMPL2", "zz+/==zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", "tok/en+with=odd letters%20&"),
    ("ASIAI44QH8DHBEXAMPL3", "0000000000000000000000000000000000000000", "A" * 900 + "=="),
]
HOSTS = [
    "store.example",
    "store.example:9000",
    "127.0.0.1:9000",
    "bucket.store.example",
    "s3.eu-central-1.amazonaws.com",
]


class Signers:
    """The signers, each a program that reads cases and prints signed requests."""

    def __init__(self, work, tools):
        own = tools / "signers"
        python = str(own / "venv/bin/python")
        self.work = work
        self.verifier = own / "target/release/strongroom-conformance-signers"
        self.cwd = own
        self.programs = {
            "botocore": [python, str(HERE / "sign_botocore.py")],
            "aws-sigv4": None,
            "aws4": ["node", "sign_aws4.mjs"],
            "@smithy/signature-v4": ["node", "sign_smithy.mjs"],
            "minio-py": [python, str(HERE / "sign_minio.py")],
            "minio-js": ["node", "sign_minio.mjs"],
        }

    def cases(self, world, name):
        """The cases of a world, in a file."""
        world_file = self.work / "world.json"
        world_file.write_text(json.dumps(world))
        cases = self.work / f"{name.replace('/', '-')}.cases"
        self._into(cases, [str(self.verifier), "cases", str(world_file)])
        return cases

    def signed(self, name, cases):
        """What a signer makes of them, in a file."""
        signed = cases.with_suffix(".signed")
        program = self.programs[name]
        if program is None:
            self._into(signed, [str(self.verifier), "sign", str(cases)])
        else:
            self._into(signed, program, cases)
        return signed

    def _into(self, out, command, source=None):
        with open(out, "wb") as to, open(source or os.devnull, "rb") as given:
            subprocess.run(command, stdin=given, stdout=to, cwd=self.cwd, check=True)

    def judged(self, *words):
        """What the verifier counted; it prints what it found wrong."""
        command = [str(self.verifier), *[str(word) for word in words]]
        done = subprocess.run(command, capture_output=True, text=True)
        lines = done.stdout.strip().splitlines()
        for line in [*lines[:-1], *done.stderr.splitlines()]:
            print(f"     {line[:600]}")
        counted = json.loads(lines[-1]) if lines else {"good": False, "count": {}}
        check(counted["good"] and done.returncode == 0, f"{words[1]}: {counted['count']}")
        return counted["count"]


class Caller:
    """A client that signs with botocore: it prepares what the signers are let loose on."""

    def __init__(self, endpoint, key, secret, token=None):
        self.endpoint, self.credential = endpoint, (key, secret, token)

    def call(self, service, method, path, body=b"", expect=200):
        """One signed request."""
        import botocore.auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials

        headers = {}
        if service != "s3":
            headers["content-type"] = "application/x-www-form-urlencoded; charset=utf-8"
        request = AWSRequest(method, self.endpoint + path, headers=headers, data=body)
        kind = botocore.auth.S3SigV4Auth if service == "s3" else botocore.auth.SigV4Auth
        kind(Credentials(*self.credential), service, EVERY_REGION).add_auth(request)
        sent = urllib.request.Request(
            self.endpoint + path, data=body or None, headers=dict(request.headers), method=method
        )
        try:
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with opener.open(sent, timeout=60) as answer:
                status, read = answer.status, answer.read()
        except urllib.error.HTTPError as answer:
            status, read = answer.code, answer.read()
        check(status == expect, f"{method} {path}: {status} {read[:300]!r}")
        return read.decode()

    def query(self, service, **parameters):
        """One request of the query protocol."""
        return self.call(service, "POST", "/", urllib.parse.urlencode(parameters).encode())


def element(text, name):
    """The text of an element that comes once."""
    return text.split(f"<{name}>")[1].split(f"</{name}>")[0]


def in_process(signers, name, seed, count, steps):
    """The larger number: signed by `name`, verified as the door does."""
    world = {
        "seed": seed,
        "count": count,
        "time": "20260102T030405Z",
        "region": "eu-central-1",
        "hosts": HOSTS,
        "credentials": [dict(zip(("access", "secret", "token"), one)) for one in SECRETS],
        "bucket": None,
    }
    cases = steps.run(f"{name}: {count} cases", signers.cases, world, name)
    signed = steps.run(f"{name}: signed", signers.signed, name, cases)
    return steps.run(f"{name}: verified", signers.judged, "verify", name, cases, signed)


def over_http(signers, name, seed, count, steps, house, credentials):
    """The smaller number: sent to a server, the changed ones first."""
    now = datetime.datetime.now(datetime.timezone.utc)
    world = {
        "seed": seed,
        "count": count,
        "time": now.strftime("%Y%m%dT%H%M%SZ"),
        "region": EVERY_REGION,
        "hosts": [f"127.0.0.1:{house.api}"],
        "credentials": credentials,
        "bucket": BUCKET,
    }
    cases = signers.cases(world, f"{name}-http")
    signed = signers.signed(name, cases)
    root = Caller(house.endpoint, *house.root_credential())
    before = listing(root)
    words = [name, f"127.0.0.1:{house.api}", cases, signed]
    changed = steps.run(f"{name}: sent changed", signers.judged, "send", *words, "changed")
    check(listing(root) == before, f"{name}: a changed request wrote or deleted something")
    honest = steps.run(f"{name}: sent honest", signers.judged, "send", *words, "honest")
    check(listing(root) != before, f"{name}: the honest requests wrote nothing")
    return {**changed, **honest}


def listing(root):
    """Every object: its key, its ETag and when it was written."""
    found, more = [], ""
    while True:
        text = root.call("s3", "GET", f"/{BUCKET}?list-type=2&encoding-type=url{more}")
        for entry in text.split("<Contents>")[1:]:
            found.append(tuple(element(entry, part) for part in ("Key", "ETag", "LastModified")))
        if "<IsTruncated>true" not in text:
            return found
        token = urllib.parse.quote(element(text, "NextContinuationToken"), safe="")
        more = f"&continuation-token={token}"


def prepared(house):
    """A bucket, and a user whose key and session may do everything in it."""
    root = Caller(house.endpoint, *house.root_credential())
    root.call("s3", "PUT", f"/{BUCKET}")
    root.query("iam", Action="CreateUser", Version="2010-05-08", UserName="signer")
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
    }
    root.query(
        "iam",
        Action="PutUserPolicy",
        Version="2010-05-08",
        UserName="signer",
        PolicyName="all-of-s3",
        PolicyDocument=json.dumps(policy),
    )
    made = root.query("iam", Action="CreateAccessKey", Version="2010-05-08", UserName="signer")
    key, secret = element(made, "AccessKeyId"), element(made, "SecretAccessKey")
    user = Caller(house.endpoint, key, secret)
    session = user.query("sts", Action="GetSessionToken", Version="2011-06-15")
    return [
        {"access": key, "secret": secret, "token": None},
        {
            "access": element(session, "AccessKeyId"),
            "secret": element(session, "SecretAccessKey"),
            "token": element(session, "SessionToken"),
        },
    ]


COLUMNS = {
    "signed": "signed",
    "presigned": "of them presigned",
    "accepted": "accepted",
    "changed and refused": "changed, refused",
    "sent and taken": "sent, taken",
    "sent changed and refused": "sent changed, refused",
}


def table(counts):
    """The figures as they stand in `docs/signers.md`."""
    rows = ["| signer | " + " | ".join(COLUMNS.values()) + " |"]
    rows.append("|---" * (len(COLUMNS) + 1) + "|")
    total = {}
    for name, count in counts.items():
        rows.append(f"| {name} | " + " | ".join(f"{count.get(c, 0):,}" for c in COLUMNS) + " |")
        for column in COLUMNS:
            total[column] = total.get(column, 0) + count.get(column, 0)
    rows.append("| together | " + " | ".join(f"{total[c]:,}" for c in COLUMNS) + " |")
    return "\n".join(rows)


def main():
    parser = argparse.ArgumentParser(prog="cargo xtask conformance signers")
    parser.add_argument("work", type=Path)
    parser.add_argument("binary", type=Path)
    parser.add_argument("tools", type=Path)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--cases", type=int, default=20_000, help="cases for each signer")
    parser.add_argument("--sent", type=int, default=700, help="cases for each signer, over HTTP")
    options = parser.parse_args()
    clean_own_environment()
    print(f"seed {options.seed}", flush=True)
    steps, signers = Steps(), Signers(options.work, options.tools)
    counts = {}
    for number, name in enumerate(signers.programs):
        counts[name] = in_process(signers, name, options.seed + number, options.cases, steps)
    house = House(options.work, options.binary, options.tools)
    try:
        steps.run("the server starts", house.start_server)
        credentials = steps.run("a key and a session", prepared, house)
        for number, name in enumerate(signers.programs):
            seed = options.seed + 100 + number
            sent = over_http(signers, name, seed, options.sent, steps, house, credentials)
            counts[name].update(sent)
        steps.run("the server stops", house.stop_server)
    finally:
        house.close()
    print(table(counts))
    for name, count in counts.items():
        others = {k: v for k, v in sorted(count.items()) if k not in COLUMNS}
        print(f"{name}: " + "; ".join(f"{what} {number}" for what, number in others.items()))
    return steps.conclude()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Exception as error:  # noqa: BLE001 - one line, whatever it is
        sys.exit(f"FAILED: {error}")
