"""How long a server of a million users takes from its start to the first authorised request.

    STRONGROOM_CAMPAIGN_BACKUP=BACKUP cargo xtask campaign scale
    STRONGROOM_MASTER_KEY=0101…01 strongroom restore BACKUP DATA
    python restart.py BINARY DATA BACKUP/key

Needs `botocore`. The key is one user's; what it asks is allowed by a policy of the user's group.
"""

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


def main():
    binary, data, key = sys.argv[1:4]
    credentials = Credentials(*Path(key).read_text().split())
    for _ in range(ROUNDS):
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
        server.terminate()
        server.wait()


main()
