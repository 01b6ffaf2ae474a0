"""Real clients, unmodified, against a started server: each client's job with each kind of credential.

Run by `cargo xtask conformance clients [--only CLIENT]… [--quick]`. A run of every client writes
docs/clients.md. What a client has to do and how it tells is in job.py.
"""

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "first-request"))

import journal  # noqa: E402 - it is beside house.py
from catalogue import CLIENTS, KINDS  # noqa: E402
from credentials import Credentials  # noqa: E402
from house import Failed, check, open_house  # noqa: E402
from install import Shelf  # noqa: E402
from job import LARGE_BYTES, OPERATIONS, THOUSANDS, THOUSANDS_BUCKET  # noqa: E402
from page import page  # noqa: E402

JOB_SECONDS_MAX = 300
SMALL = b"small, but more than a line\n" * 100
PAGE = HERE.parent.parent / "docs/clients.md"


class Outcome:
    """What came of one client's job with one kind of credential."""

    def __init__(self):
        self.version, self.told = "", {}

    def hears(self, line):
        """Reads one line of what the client's program says; other lines are the client's chatter."""
        what, *fields = line.split("\t")
        if what == "version":
            self.version = fields[0]
        elif what in ("ok", "lacks", "failed"):
            operation, reason = fields[0], " ".join(fields[1:])
            for name in OPERATIONS if operation == "all" else (operation,):
                check(name in OPERATIONS, f"`{name}` is not an operation")
                self.told[name] = (what, reason)

    def concludes(self, status, said):
        """What was not told of has failed."""
        why = f"not told of; it ended {status}: {' '.join(said.split())[-300:]}"
        for name in [name for name in OPERATIONS if name not in self.told]:
            self.told[name] = ("failed", why)
            why = "as above"

    def failures(self):
        """The operations that failed, and why."""
        return [(name, why) for name, (what, why) in self.told.items() if what == "failed"]


def bucket_name(client, kind):
    """The job's bucket, and its directory."""
    return f"{client.name}-{kind}".replace(" ", "-").lower()


def do(house, credentials, command, client, kind):
    """One client's job with one kind of credential."""
    name = bucket_name(client, kind)
    work, home = house.work / name, house.work / name / "home"
    home.mkdir(parents=True)
    (work / "small").write_bytes(SMALL)
    shutil.copyfile(house.work / "large", work / "large")
    environment = house.environment(
        HOME=str(home), WORK=str(work), BUCKET=name, KIND=kind, ENDPOINT=house.endpoint,
        PYTHONPATH=str(HERE), PYTHONDONTWRITEBYTECODE="1", AWS_ENDPOINT_URL=house.endpoint,
        AWS_ENDPOINT_URL_STS=house.endpoint,
        AWS_REGION="us-east-1", **credentials.environment(kind, work))
    # Debian's clients are found before those of the harness.
    first = "/usr/bin" if client.runtime == "debian" else Path(command[0]).parent
    environment["PATH"] = f"{first}:{environment['PATH']}"
    if not client.makes_buckets:
        credentials.s3.create_bucket(Bucket=name)
    outcome = Outcome()
    with (work / "said.log").open("w+") as log:
        try:
            status = subprocess.run(
                [str(word) for word in command], env=environment, cwd=work, stdout=log,
                stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=JOB_SECONDS_MAX,
            ).returncode
        except subprocess.TimeoutExpired:
            status = f"not within {JOB_SECONDS_MAX} s"
        log.seek(0)
        said = log.read()
    for line in said.splitlines():
        outcome.hears(line)
    outcome.concludes(status, said)
    if not outcome.failures():
        shutil.rmtree(work)
    return outcome


def prepare(house):
    """What the clients find: a file of several parts, and a bucket with more than a page of keys."""
    (house.work / "large").write_bytes(os.urandom(LARGE_BYTES))
    credentials = Credentials(house)
    credentials.s3.create_bucket(Bucket=THOUSANDS_BUCKET)

    def put(number):
        credentials.s3.put_object(Bucket=THOUSANDS_BUCKET, Key=f"pages/{number:04}", Body=b"x")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(put, range(THOUSANDS)))
    return credentials


def who_came(house, credentials, jobs):
    """By the record, the requests on each job's bucket came from its kind of credential alone."""
    found = {}
    for entry in journal.entries(house.data).values():
        opened = entry["opened"]
        for resource in {one.get("resource", "") for one in opened.get("checks", ())}:
            bucket = resource.removeprefix("arn:aws:s3:::").split("/")[0]
            found.setdefault(bucket, set()).add((opened.get("principal") or {}).get("arn", "nobody"))
    wrong = []
    for bucket, kind in jobs.items():
        expected = credentials.principal(kind)
        others = [who for who in found.get(bucket, {"nobody"}) 
                  if not who.startswith(expected) and not who.endswith(":root")]
        if others:
            wrong.append(f"{bucket}: came as {', '.join(sorted(others))}, not as {expected}")
    return wrong


def chosen(words):
    """The clients that the command line asks for, and whether these are all."""
    names = [words[at + 1] for at, word in enumerate(words[:-1]) if word == "--only"]
    unknown = set(names) - {client.name for client in CLIENTS}
    if unknown:
        known = ", ".join(client.name for client in CLIENTS)
        sys.exit(f"`{unknown.pop()}` is not one of: {known}")
    if names:
        return [client for client in CLIENTS if client.name in names]
    return [client for client in CLIENTS if client.quick or "--quick" not in words]


def main():
    own = dict(os.environ)
    words, sys.argv[4:] = sys.argv[4:], []
    clients = chosen(words)
    house = open_house()
    shelf = Shelf(house.tools, own)
    outcomes, wrong, jobs = {}, [], {}
    try:
        house.start_server()
        house.start_provider()
        credentials = prepare(house)
        for client in clients:
            try:
                command = shelf.command(client)
            except (Failed, subprocess.TimeoutExpired) as error:
                wrong.append(f"{client.name} could not be installed: {error}")
                print(f"FAIL          {wrong[-1]}", flush=True)
                continue
            for kind in KINDS:
                began = time.monotonic()
                outcome = do(house, credentials, command, client, kind)
                outcomes[client.name, kind] = outcome
                if any(what == "ok" for what, _ in outcome.told.values()):
                    jobs[bucket_name(client, kind)] = kind
                seconds = time.monotonic() - began
                count = sum(what == "ok" for what, _ in outcome.told.values())
                mark = "FAIL" if outcome.failures() else "ok"
                print(f"{mark:4} {seconds:6.2f} s  {client.name} {outcome.version}, {kind}: "
                      f"{count} of {len(OPERATIONS)} operations", flush=True)
                for name, why in outcome.failures():
                    wrong.append(f"{client.name}, {kind}, {name}: {why}")
                    print(f"             {name}: {why[:400]}", flush=True)
        house.stop_server()
        strangers = who_came(house, credentials, jobs)
        print("\n".join(strangers or ["every request came from the principal of its credential"]))
        wrong += strangers
    finally:
        house.close()
    text = page(clients, outcomes)
    if len(clients) == len(CLIENTS):
        PAGE.write_text(text)
        print(f"wrote {PAGE.relative_to(HERE.parent.parent)}")
    else:
        print(text)
    print(f"{len(wrong)} failure(s)" if wrong else "every client did its job")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
