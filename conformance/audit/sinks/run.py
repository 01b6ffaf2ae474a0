"""Sinks against real receivers: entries come while each receiver is away and comes back; it must
have every leaf, in order, and what came twice under one id.

    run.py RUN BINARY TOOLS [NAME…]
"""

import http.client
import json
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]

import counterparts
import outside
import s3
import search

REQUESTS_BEFORE = 500
OUTAGE_SECONDS = 25
CATCH_UP_SECONDS_MAX = 180
CATCH_UP_TIMES_MIN = 5
#: A sink whose receiver can take no five times of what arrives has at least so much of what it can.
BOUND_SHARE_MIN = 0.5


def main(run, binary, tools, *names):
    pki(tools / "pki")
    every = [*counterparts.ALL, *search.ALL]
    chosen = [kind for kind in every if not names or kind.name in names]
    unknown = set(names) - {kind.name for kind in chosen}
    assert not unknown, f"there is no receiver called {unknown}"
    counterparts.Counterpart.binary = binary
    # One that takes less than comes to the others would never be done.
    failed = together(run, binary, tools, [kind for kind in chosen if not kind.by_itself])
    for kind in chosen:
        if kind.by_itself:
            own = run / f"with-{kind.name}"
            own.mkdir()
            failed += together(own, binary, tools, [kind])
    if not names or "s3" in names:
        into_itself(binary, run / "itself")
    assert not failed, f"not as it should be: {failed}"


def together(run, binary, tools, kinds):
    """A server with a sink for each; the names of those that are not as they should be."""
    if not kinds:
        return []
    receivers = [kind(tools, run) for kind in kinds]
    sinks, data = run / "sinks.toml", run / "data"
    sinks.write_text("".join(table(receiver) for receiver in receivers))
    server, failed = None, []
    try:
        for receiver in receivers:
            receiver.start()
            receiver.prepare()
            tested(binary, sinks, receiver)
        endpoint, server = outside.start(binary, data, STRONGROOM_AUDIT_SINKS_FILE=str(sinks))
        ask(endpoint, REQUESTS_BEFORE, REQUESTS_BEFORE)
        for receiver in receivers:
            wait(data, receiver)
        for receiver in receivers:
            tried(failed, receiver, outage, endpoint, data)
        size = leaves(data)
        for receiver in receivers:
            tried(failed, receiver, compared, data, size)
    finally:
        if server:
            server.send_signal(signal.SIGTERM)
            server.wait(60)
        for receiver in receivers:
            receiver.end()
            getattr(receiver, "close", lambda: None)()
    return failed


def tried(failed, receiver, step, *words):
    """One that fails keeps no other from being tried."""
    try:
        step(receiver, *words)
    except Exception as error:
        print(f"{receiver.name}: {error!r}", flush=True)
        failed.append(receiver.name)


def into_itself(binary, run):
    """A bucket on the server whose record it takes: it has everything, and does not feed on itself."""
    run.mkdir()
    port, data = counterparts.free_port(), run / "data"
    counterparts.secret(run / "secret", s3.SECRET)
    (run / "sinks.toml").write_text(
        f'[[sink]]\nname = "itself"\nkind = "s3"\nurl = "http://127.0.0.1:{port}"\n'
        f'bucket = "record"\naccess_key_id = "{s3.KEY}"\nsecret_file = "{run}/secret"\n'
        'seconds = 0\n')
    listen = {"STRONGROOM_AUDIT_SINKS_FILE": str(run / "sinks.toml")} | s3.ENVIRONMENT
    endpoint, server = outside.start(binary, data, port, **listen)
    try:
        s3.send(endpoint, "PUT", "/record")
        ask(endpoint, 300, 300)
        # What is left behind is its own at last: two leaves of the last object.
        until = time.monotonic() + CATCH_UP_SECONDS_MAX
        before, quiet = -1, 0
        while quiet < 10:
            assert time.monotonic() < until, "the record feeds on itself"
            time.sleep(1)
            now = leaves(data)
            quiet, before = (quiet + 1 if now == before else 0), now
        cursor = int((data / "sinks/itself/cursor").read_text())
        bodies = (s3.send(endpoint, "GET", f"/record/{key}") for key in s3.keys(endpoint, "record"))
        got = [json.loads(line)["index"] for body in bodies for line in body.splitlines()]
        assert got == list(range(cursor)), f"{len(got)} of {cursor}"
        print(f"s3 into itself: {cursor} leaves in order, {before - cursor} of its own wait",
              flush=True)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)


def table(receiver):
    kind = getattr(receiver, "kind", receiver.name)
    return f'[[sink]]\nname = "{receiver.name}"\nkind = "{kind}"\n{receiver.settings()}\n\n'


def tested(binary, sinks, receiver):
    words = [binary, "audit", "sink", "test", receiver.name, "--sinks", sinks]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, env=outside.clean())
    assert done.returncode == 0, f"{receiver.name}: {done.stdout}{done.stderr}"


def outage(receiver, endpoint, data):
    """Takes it away while requests come, brings it back, and measures how it catches up."""
    wait(data, receiver)
    receiver.away()
    began, first = time.monotonic(), leaves(data)
    a_second = receiver.requests_a_second
    ask(endpoint, OUTAGE_SECONDS * a_second, a_second)
    arrived = (leaves(data) - first) / (time.monotonic() - began)
    behind = leaves(data) - cursor(data, receiver)
    receiver.back()
    came_back = time.monotonic()
    at, moved = cursor(data, receiver), None
    while (now := cursor(data, receiver)) < (size := leaves(data)):
        if moved is None and now > at:
            moved, at = time.monotonic(), now
        assert time.monotonic() - came_back < CATCH_UP_SECONDS_MAX, f"{receiver.name} stays behind"
        time.sleep(0.02)
    seconds = time.monotonic() - (moved or came_back)
    rate = (size - at) / max(seconds, 0.02)
    fine = rate >= CATCH_UP_TIMES_MIN * arrived
    print(f"{receiver.name}: {behind} leaves behind after an outage of {OUTAGE_SECONDS} s at "
          f"{arrived:.0f}/s; caught up at {rate:.0f}/s = {rate / arrived:.0f} times, the first "
          f"{(moved or came_back) - came_back:.1f} s after it was back", flush=True)
    if not fine and (bound := receiver.alone()):
        fine = bound < CATCH_UP_TIMES_MIN * arrived and rate >= BOUND_SHARE_MIN * bound
        print(f"{receiver.name}: by itself it takes {bound:.0f}/s from anybody, of which the sink "
              f"has {rate / bound:.0%}", flush=True)
    assert fine, f"it does not catch up at {CATCH_UP_TIMES_MIN} times"


def compared(receiver, data, size):
    """Every leaf below `size`, in the order of their first coming; twice only under one id."""
    wait(data, receiver)
    ids, last = {}, -1
    received = [pair for pair in receiver.received() if not pair[1].startswith("test-")]
    for index, name in received:
        if index in ids:
            assert ids[index] == name, f"{receiver.name}: leaf {index} came under two ids"
            continue
        assert index == last + 1, f"{receiver.name}: leaf {index} came after {last}"
        ids[index], last = name, index
    assert len(ids) >= size, f"{receiver.name} has {len(ids)} of {size} leaves"
    assert len(set(ids.values())) == len(ids), f"{receiver.name}: two leaves under one id"
    print(f"{receiver.name}: {len(ids)} leaves, none lost, in order; "
          f"{len(received) - len(ids)} came twice, under the same ids", flush=True)


def ask(endpoint, times, a_second):
    """So many requests of strangers, spread over time; each is an entry of two leaves."""
    host = endpoint.removeprefix("http://")
    began = time.monotonic()

    def some(worker, workers):
        connection = http.client.HTTPConnection(host, timeout=60)
        for number in range(worker, times, workers):
            time.sleep(max(0, began + number / a_second - time.monotonic()))
            connection.request("GET", f"/nobody/{number}")
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 403, answer.status

    workers = [threading.Thread(target=some, args=(worker, 4)) for worker in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    # The last of them are under a checkpoint within a second.
    time.sleep(2)


def leaves(data):
    """How many leaves the newest checkpoint covers."""
    return int((data / "journal/checkpoint").read_text().split("\n")[1])


def cursor(data, receiver):
    file = data / "sinks" / receiver.name / "cursor"
    return int(file.read_text()) if file.exists() else 0


def wait(data, receiver):
    until = time.monotonic() + CATCH_UP_SECONDS_MAX
    while cursor(data, receiver) < leaves(data):
        assert time.monotonic() < until, f"{receiver.name} is at {cursor(data, receiver)}"
        time.sleep(0.1)


def pki(home):
    """An authority and a certificate for 127.0.0.1."""
    if (home / "server.crt").exists():
        return
    home.mkdir(parents=True, exist_ok=True)
    quiet = {"check": True, "cwd": home, "capture_output": True}
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"]
    subprocess.run(["openssl", "req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.crt",
                    "-subj", "/CN=sinks", "-addext", "basicConstraints=critical,CA:TRUE"], **quiet)
    subprocess.run(["openssl", "req", "-x509", *key, "-keyout", "server.key", "-out", "server.crt",
                    "-subj", "/CN=127.0.0.1", "-CA", "ca.crt", "-CAkey", "ca.key",
                    "-addext", "subjectAltName=IP:127.0.0.1",
                    "-addext", "basicConstraints=critical,CA:FALSE"], **quiet)


if __name__ == "__main__":
    main(*(Path(word).resolve() for word in sys.argv[1:4]), *sys.argv[4:])
