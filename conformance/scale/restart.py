"""How long a server of a million users takes from its start to the first authorised request.

    STRONGROOM_CAMPAIGN_BACKUP=BACKUP cargo xtask campaign scale
    STRONGROOM_MASTER_KEY=0101…01 strongroom restore BACKUP DATA
    python restart.py BINARY DATA BACKUP/key [--writes N]

Needs `botocore`. The key is one user's; what it asks is allowed by a policy of the user's group.
With `--writes N` the server that was started last is asked for so many changes by four processes,
each one after the other, and then started once more: how much is resident at most while snapshots
are made and put in place, and what a start costs that finds changes which are in none.
"""

import hashlib
import hmac
import http.client
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

ROUNDS = 5
# The campaign seals under a key of 32 bytes that are all 1.
MASTER_KEY = "01" * 32


def free_port():
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(endpoint, credentials, service, body):
    """Asks, and answers the time that it took; what is refused raises."""
    request = AWSRequest("POST", endpoint, data=body, headers={
        "Content-Type": "application/x-www-form-urlencoded; charset=utf-8"})
    SigV4Auth(credentials, service, "us-east-1").add_auth(request)
    began = time.monotonic()
    sent = urllib.request.Request(endpoint, body.encode(), dict(request.headers.items()))
    with urllib.request.urlopen(sent, timeout=600) as answer:
        answer.read()
    return time.monotonic() - began


def memory(pid):
    """What is resident of a process, and the most that ever was, in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    said = dict(line.split(":", 1) for line in lines)
    return tuple(int(said[name].split()[0]) // 1024 for name in ("VmRSS", "VmHWM"))


def processor(pid):
    """The seconds of a processor that a process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def writes(port, credentials, first, count):
    """Tags users, one after the other, by a client that costs next to nothing; prints the times."""
    day = time.strftime("%Y%m%d", time.gmtime())
    secret = ("AWS4" + credentials.secret_key).encode()
    for part in (day, "us-east-1", "iam", "aws4_request"):
        secret = hmac.digest(secret, part.encode(), "sha256")
    scope, host = f"{day}/us-east-1/iam/aws4_request", f"127.0.0.1:{port}"
    connection, times = http.client.HTTPConnection("127.0.0.1", port), []
    for number in range(first, first + count):
        body = ("Action=TagUser&Version=2010-05-08&Tags.member.1.Key=n"
                f"&Tags.member.1.Value={number}&UserName=user-{number * 7 % 1_000_000}").encode()
        now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        canonical = (f"POST\n/\n\nhost:{host}\nx-amz-date:{now}\n\nhost;x-amz-date\n"
                     + hashlib.sha256(body).hexdigest())
        hashed = hashlib.sha256(canonical.encode()).hexdigest()
        signed = hmac.new(secret, f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashed}".encode(), "sha256")
        began = time.monotonic()
        connection.request("POST", "/", body, {
            "Host": host, "X-Amz-Date": now,
            "Content-Type": "application/x-www-form-urlencoded",
            "Authorization": f"AWS4-HMAC-SHA256 Credential={credentials.access_key}/{scope},"
                             f"SignedHeaders=host;x-amz-date,Signature={signed.hexdigest()}"})
        answer = connection.getresponse()
        text = answer.read()
        times.append(time.monotonic() - began)
        if answer.status != 200:
            raise SystemExit(f"{answer.status}: {text.decode()}")
    times.sort()
    print(f"{count} changes: {times[count // 2] * 1000:.1f} ms median, "
          f"{times[count * 99 // 100] * 1000:.1f} ms p99", flush=True)


def written(port, credentials, pid, count):
    """Has four processes write; says what is resident while they do, each second the most."""
    children = []
    for first in range(0, count, count // 4):
        child = os.fork()
        if child == 0:
            writes(port, credentials, first, count // 4)
            os._exit(0)
        children.append(child)
    for child in children:
        _, status = os.waitpid(child, 0)
        if status != 0:
            raise SystemExit("a change was not answered 200")
    now, most = memory(pid)
    print(f"after {count} changes {now} MiB resident, {most} MiB at most; "
          f"{processor(pid):.1f} s of a processor", flush=True)


def main():
    binary, data, key = sys.argv[1:4]
    count = int(sys.argv[5]) if sys.argv[4:5] == ["--writes"] else 0
    credentials = Credentials(*Path(key).read_text().split())
    for turn in range(ROUNDS + (count > 0)):
        api, ops = free_port(), free_port()
        command = [binary, "server", data, "--listen", f"127.0.0.1:{api}",
                   "--ops-listen", f"127.0.0.1:{ops}"]
        began = time.monotonic()
        server = subprocess.Popen(command, stdout=subprocess.PIPE, env={
            "PATH": "/usr/bin:/bin", "STRONGROOM_MASTER_KEY": MASTER_KEY})
        server.stdout.readline()
        ready = time.monotonic() - began
        endpoint = f"http://127.0.0.1:{api}/"
        first = ask(endpoint, credentials, "iam", "Action=GetUser&Version=2010-05-08")
        answered, worked = time.monotonic() - began, processor(server.pid)
        now, most = memory(server.pid)
        assume = ("Action=AssumeRole&Version=2011-06-15&RoleSessionName=alice"
                  "&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2FR")
        times = sorted(ask(endpoint, credentials, "sts", assume) for _ in range(200))
        print(f"ready after {ready:.2f} s, first answer after {answered:.2f} s "
              f"({worked:.2f} s of a processor), {first * 1000:.0f} ms of it the request; "
              f"{now} MiB resident, {most} MiB at most; AssumeRole {times[100] * 1000:.1f} ms "
              f"median, {times[197] * 1000:.1f} ms p99; then {memory(server.pid)[0]} MiB",
              flush=True)
        if count and turn == ROUNDS - 1:
            written(api, credentials, server.pid, count)
        server.terminate()
        server.wait()


main()
