"""The record is complete: it is held against the clients' own logs.

Run by `cargo xtask campaign complete --requests N --kills N`. Links nothing of the server's: requests
are signed here, once, and sent again and again over connections that stay open, by several processes,
each of which logs what it was answered. Then the server is stopped, its record is verified with the
public key alone and written out, and every leaf is counted:

- `--requests N`: a mix of reads, writes, lists, refusals before and after authentication, STS and IAM.
  Each answer has exactly one entry, with the operation, the verdict and the status that the client
  saw; there is no entry that no client knows of but the server's own work.
- `--kills N`: the server is killed (SIGKILL) under that load at a random moment, N times, on one
  directory. No acknowledged request lacks its entry, none is doubled, every entry has its end, and no
  more entries are unknown to the clients than requests were under way.
"""

import argparse
import json
import multiprocessing
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "first-request"))

from raw import Raw  # noqa: E402

BUCKET = "complete"
SIGN_AGAIN_SECONDS = 300
ANSWER_SECONDS_MAX = 60
START_SECONDS_MAX = 60
LOAD_SECONDS = (0.2, 1.5)
LEAVES_OF_A_BUNDLE = 900_000
STRANGER = ("AKIANOBODYNOBODYNOBO", "x" * 40)
READER_POLICY = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"],
     "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]}]})


class Place:
    """Where the server is, for `Raw`."""

    def __init__(self, api):
        self.api = api


def mix(api, root, reader, number):
    """The requests of one process: weight, operation, verdict, status, bytes."""
    place = Place(api)
    owner, caller = Raw(place, root), Raw(place, reader)
    sts, iam = Raw(place, reader, "sts"), Raw(place, root, "iam")
    stranger = Raw(place, STRANGER)
    forger = Raw(place, (reader[0], "y" * 40))
    key = f"/{BUCKET}/w{number}"
    body = b"complete " * 12
    form = {"content-type": "application/x-www-form-urlencoded"}

    def query(client, text):
        return client.sign("POST", "/", text.encode(), form).bytes()

    anonymous = f"GET {key} HTTP/1.1\r\nhost: 127.0.0.1:{api}\r\n\r\n".encode()
    skewed = caller.sign("GET", key, skew=timedelta(hours=-2)).bytes()
    return [
        (30, "GetObject", "allowed", 200, caller.sign("GET", f"/{BUCKET}/seed").bytes()),
        (12, "PutObject", "allowed", 200, owner.sign("PUT", key, body).bytes()),
        (8, "HeadObject", "allowed", 200, caller.sign("HEAD", f"/{BUCKET}/seed").bytes()),
        (8, "ListObjectsV2", "allowed", 200,
         caller.sign("GET", f"/{BUCKET}?list-type=2&prefix=seed").bytes()),
        (6, "GetObject", "allowed", 404, caller.sign("GET", f"/{BUCKET}/absent").bytes()),
        (4, "DeleteObject", "allowed", 204, owner.sign("DELETE", f"/{BUCKET}/absent").bytes()),
        (6, "PutObject", "refused", 403, caller.sign("PUT", key, body).bytes()),
        (4, "DeleteObject", "refused", 403, caller.sign("DELETE", key).bytes()),
        (4, "GetObject", "refused", 403, stranger.sign("GET", key).bytes()),
        (4, "GetObject", "refused", 403, forger.sign("GET", key).bytes()),
        (4, "GetObject", "refused", 403, anonymous),
        (2, "GetObject", "refused", 403, skewed),
        (4, "GetCallerIdentity", "allowed", 200,
         query(sts, "Action=GetCallerIdentity&Version=2011-06-15")),
        (2, "ListUsers", "allowed", 200, query(iam, "Action=ListUsers&Version=2010-05-08")),
        (2, "GetBucketPolicy", "allowed", 404, owner.sign("GET", f"/{BUCKET}?policy").bytes()),
    ]


class Wire:
    """One connection that stays open, and answers read to their end."""

    def __init__(self, api):
        self.api, self.socket, self.rest = api, None, b""

    def ask(self, request):
        """Status and request id, or None if the server is gone."""
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.api), ANSWER_SECONDS_MAX)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.rest = b""
        self.socket.sendall(request)
        head, length, closes = self._head()
        if request.startswith(b"HEAD ") or head[9:12] in (b"204", b"304"):
            length = 0
        while len(self.rest) < length:
            self._more()
        self.rest = self.rest[length:]
        if closes:
            self.socket.close()
            self.socket = None
        found = REQUEST_ID.search(head)
        return int(head[9:12]), found.group(1).decode() if found else None

    def _head(self):
        while (end := self.rest.find(b"\r\n\r\n")) < 0:
            self._more()
        head, self.rest = self.rest[:end].lower(), self.rest[end + 4:]
        length = LENGTH.search(head)
        return head.upper(), int(length.group(1)) if length else 0, b"connection: close" in head

    def _more(self):
        more = self.socket.recv(65536)
        if not more:
            raise ConnectionResetError("the server is gone")
        self.rest += more


REQUEST_ID = re.compile(rb"X-AMZN?-REQUEST-?ID: ([0-9A-Z]{26})")
LENGTH = re.compile(rb"content-length: (\d+)")


def client(number, api, root, reader, times, seed, log):
    """One process: asks so many times, or until the server is gone; logs each answer."""
    dice = random.Random(f"{seed}/{number}")
    signed_at, wire = None, Wire(api)
    with open(log, "w", buffering=1 << 20) as out:
        for _ in range(times):
            if signed_at is None or time.monotonic() - signed_at > SIGN_AGAIN_SECONDS:
                requests, signed_at = mix(api, root, reader, number), time.monotonic()
                weights = [request[0] for request in requests]
            which = dice.choices(range(len(requests)), weights)[0]
            _, operation, verdict, status, request = requests[which]
            try:
                got, found = wire.ask(request)
            except OSError:
                out.write("gone\n")
                return
            out.write(f"{found} {operation} {verdict} {status} {got}\n")


class House:
    """A server on a directory of its own."""

    def __init__(self, run, binary):
        self.run, self.binary, self.data = run, binary, run / "data"
        self.log = open(run / "server.log", "ab")
        self.known = {}

    def start(self):
        words = [self.binary, "server", self.data, "--listen", "127.0.0.1:0",
                 "--ops-listen", "127.0.0.1:0"]
        self.server = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=self.log, env=clean())
        line = self.server.stdout.readline().decode()
        assert line.startswith("ready s3="), f"the server said `{line}`; see {self.log.name}"
        self.api = int(line.split()[1].rsplit(":", 1)[1])

    def stop(self):
        self.server.send_signal(signal.SIGTERM)
        assert self.server.wait(ANSWER_SECONDS_MAX) == 0, "the server did not stop cleanly"

    def kill(self):
        self.server.kill()
        self.server.wait()

    def root(self):
        files = [f for f in self.data.iterdir() if "root" in f.name and f.is_file()]
        assert len(files) == 1, files
        return tuple(files[0].read_text().split())

    def command(self, *words):
        done = subprocess.run([self.binary, "audit", *words], capture_output=True, text=True,
                              timeout=3600, env=clean())
        assert done.returncode == 0, f"{words}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        return done.stdout


def clean():
    keep = ("PATH", "HOME", "LANG", "TMPDIR")
    return {name: os.environ[name] for name in keep if name in os.environ}


def prepare(house):
    """A bucket, an object, and a user who may only read; every answer is known, too."""
    root = house.root()
    place = Place(house.api)
    owner, iam = Raw(place, root), Raw(place, root, "iam")

    def told(operation, answer, status=200):
        assert answer.status == status, f"{operation}: {answer}"
        found = answer.headers.get("x-amz-request-id") or answer.headers["x-amzn-requestid"]
        house.known[found] = (operation, "allowed", status)
        return answer

    def form(action, **parameters):
        return told(action, iam.form(Action=action, Version="2010-05-08", **parameters))

    told("CreateBucket", owner.send("PUT", f"/{BUCKET}"))
    told("PutObject", owner.send("PUT", f"/{BUCKET}/seed", b"seed"))
    form("CreateUser", UserName="reader")
    form("PutUserPolicy", UserName="reader", PolicyName="reads", PolicyDocument=READER_POLICY)
    made = form("CreateAccessKey", UserName="reader").body.decode()
    reader = tuple(re.search(f"<{name}>([^<]+)<", made).group(1)
                   for name in ("AccessKeyId", "SecretAccessKey"))
    return root, reader


def load(house, credentials, processes, times, seed, tag):
    """Starts the clients; gives back their processes and logs."""
    logs = [house.run / f"client-{tag}-{n}.log" for n in range(processes)]
    clients = [multiprocessing.Process(
        target=client, args=(n, house.api, *credentials, times, f"{seed}/{tag}", logs[n]))
        for n in range(processes)]
    for process in clients:
        process.start()
    return clients, logs


def read_logs(house, logs):
    """Adds what the clients were answered to what is known; how many requests got no answer."""
    gone = 0
    for log in logs:
        for line in log.read_text().splitlines():
            if line == "gone":
                gone += 1
                continue
            found, operation, verdict, status, got = line.split()
            assert status == got, f"{operation}: {got} instead of {status} ({found})"
            assert found not in house.known, f"two answers have the id {found}"
            house.known[found] = (operation, verdict, int(status))
        log.unlink()
    return gone


def leaves(house):
    """Every leaf of the stopped server's record, verified first with its public key alone."""
    key = house.run / "key"
    key.write_text(house.command("key", "--dir", house.data))
    house.command("verify", "--dir", house.data, "--key", key)
    size = int(house.command("checkpoint", "--dir", house.data).split("\n")[1])
    for start in range(0, size, LEAVES_OF_A_BUNDLE):
        end, bundle = min(size, start + LEAVES_OF_A_BUNDLE), house.run / "bundle"
        house.command("export", "--dir", house.data, "--leaves", f"{start}..{end}", "--output", bundle)
        with open(bundle, "rb") as lines:
            next(lines)
            yield from map(json.loads, lines)
        bundle.unlink()


def count(house, unanswered):
    """Holds the record against what the clients know."""
    opened, closed, own = {}, {}, 0
    for leaf in leaves(house):
        kind, found = leaf["entry"], leaf["id"]
        if kind == "opened":
            assert found not in opened, f"entry {found} is doubled"
            opened[found] = (leaf["operation"], leaf["verdict"], leaf["source"]["transport"])
        elif kind == "closed":
            assert found not in closed, f"entry {found} ends twice"
            closed[found] = (leaf["outcome"], leaf["status"])
    missing = [found for found in house.known if found not in opened]
    assert not missing, f"{len(missing)} answered requests have no entry: {missing[:3]}"
    assert opened.keys() == closed.keys(), "an entry has no end, or an end no entry"
    unknown = 0
    for found, (operation, verdict, transport) in opened.items():
        if transport == "internal":
            own += 1
            assert found not in house.known
        elif found not in house.known:
            unknown += 1
        else:
            outcome, status = closed[found]
            said = (operation, verdict, status)
            # Killed between an answer and its end, an entry is closed as `unknown`.
            if outcome == "unknown":
                assert unanswered, f"entry {found} has no end of its own"
                said = (operation, verdict, house.known[found][2])
            assert said == house.known[found], f"{found}: {said}, not {house.known[found]}"
    assert unknown <= unanswered, f"{unknown} entries of nobody, {unanswered} without an answer"
    return len(opened), own, unknown


def requests(house, asked):
    """The clients' logs and the record agree exactly."""
    house.start()
    began = time.monotonic()
    credentials = prepare(house)
    clients, logs = load(house, credentials, asked.processes, asked.requests // asked.processes,
                         asked.seed, "load")
    for process in clients:
        process.join()
        assert process.exitcode == 0, "a client failed"
    seconds = time.monotonic() - began
    house.stop()
    assert read_logs(house, logs) == 0, "the server went away"
    entries, own, _ = count(house, 0)
    print(f"{len(house.known)} requests in {seconds:.0f} s, {entries - own} entries of clients: "
          f"they agree exactly; {own} entries of the server's own work")


def kills(house, asked):
    """Killed under load, the record has what was acknowledged, once."""
    dice = random.Random(f"{asked.seed}/kills")
    house.start()
    credentials = prepare(house)
    unanswered = 0
    for number in range(asked.kills):
        clients, logs = load(house, credentials, asked.processes, 10**9, asked.seed, f"k{number}")
        time.sleep(dice.uniform(*LOAD_SECONDS))
        house.kill()
        for process in clients:
            process.join(ANSWER_SECONDS_MAX)
            assert process.exitcode == 0, "a client failed before the kill"
        unanswered += read_logs(house, logs)
        house.start()
        print(f"     kill {number + 1}: {len(house.known)} answered so far", flush=True)
    house.stop()
    entries, own, unknown = count(house, unanswered)
    print(f"{asked.kills} kills, {len(house.known)} answered requests, {entries - own} entries: none is "
          f"missing, none doubled; {unknown} of {unanswered} requests under way have an entry")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("run", type=Path)
    arguments.add_argument("binary", type=Path)
    arguments.add_argument("--requests", type=int, default=20_000)
    arguments.add_argument("--kills", type=int, default=0)
    arguments.add_argument("--processes", type=int, default=4)
    arguments.add_argument("--seed", type=int, default=1)
    asked = arguments.parse_args()
    for name, part, wanted in (("requests", requests, asked.requests), ("kills", kills, asked.kills)):
        if wanted:
            run = asked.run.resolve() / name
            run.mkdir(parents=True)
            part(House(run, asked.binary.resolve()), asked)


if __name__ == "__main__":
    main()
