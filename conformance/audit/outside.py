"""An outside verifier of a real record: what the server signed and the command gave out, read by
programs that share no code with it.

Starts a server, lets strangers ask (each refusal is an entry), stops it, and holds against each
other: the bytes of the journal, hashed here by RFC 6962 and C2SP tlog-tiles alone; the checkpoint and
the proofs, verified by the Go packages that other transparency logs use; what is altered is refused.
"""

import base64
import hashlib
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

ASKED = 600


def main(run, binary, verifier):
    data, run = run / "data", Path(run)
    endpoint, server = start(binary, data)
    try:
        ask(endpoint, ASKED // 2)
        old = command(binary, "checkpoint", "--dir", data)
        ask(endpoint, ASKED - ASKED // 2)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)
    key = save(run / "key", command(binary, "key", "--dir", data))
    note = save(run / "checkpoint", command(binary, "checkpoint", "--dir", data))
    size = int(note.read_text().split("\n")[1])
    assert size > 2 * ASKED, size
    command(binary, "verify", "--dir", data, "--key", key, "--seen", save(run / "old", old))
    bundle = run / "bundle"
    command(binary, "export", "--dir", data, "--output", bundle)
    command(binary, "verify", "--bundle", bundle, "--key", key)
    growth = save(run / "growth", command(binary, "growth", run / "old", "--dir", data))
    command(binary, "growth", run / "old", "--proof", growth, "--key", key)
    leaves = hashed_here(bundle, note.read_text())
    proofs = []
    for index in (0, 1, 255, 256, size // 2, size - 1):
        proof = command(binary, "prove", f"leaf:{index}", "--dir", data)
        carried = base64.b64decode(proof.split("\n")[1].removeprefix("extra "))
        assert carried == leaves[index], f"the proof of leaf {index} carries another leaf"
        proofs.append(save(run / f"{index}.tlog-proof", proof))
    subprocess.run([verifier, key, note, *proofs], check=True, timeout=60)
    print(f"{size} leaves, {len(proofs)} proofs, one bundle: accepted")


def start(binary, data, port=0, **environment):
    log = open(data.parent / "server.log", "wb")
    words = [binary, "server", data, "--listen", f"127.0.0.1:{port}", "--ops-listen", "127.0.0.1:0"]
    env = clean() | environment
    server = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=log, env=env)
    for line in server.stdout:
        if line.startswith(b"ready s3="):
            return line.decode().split()[1].removeprefix("s3="), server
    raise SystemExit(f"the server did not start; see {log.name}")


def ask(endpoint, times):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for number in range(times):
        try:
            opener.open(f"{endpoint}/nobody/{number}", timeout=30)
        except urllib.error.HTTPError as refused:
            assert refused.code == 403, refused.code


def hashed_here(bundle, note):
    """The leaves of the bundle, whose root, computed here, is the checkpoint's."""
    _head, *leaves = bundle.read_bytes().split(b"\n")[:-1]
    level = [hashlib.sha256(b"\0" + leaf).digest() for leaf in leaves]
    assert json.loads(leaves[0])["entry"] == "key"
    _origin, size, promised = note.split("\n")[:3]
    assert int(size) == len(leaves)
    assert base64.b64encode(root(level)).decode() == promised
    return leaves


def root(hashes):
    """RFC 6962 section 2.1."""
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + root(hashes[:split]) + root(hashes[split:])).digest()


def command(binary, *words):
    words = [binary, "audit", *words]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, env=clean())
    assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
    return done.stdout


def clean():
    keep = ("PATH", "HOME", "LANG", "TMPDIR")
    return {name: os.environ[name] for name in keep if name in os.environ}


def save(file, text):
    file.write_text(text)
    return file


if __name__ == "__main__":
    main(*(Path(word).resolve() for word in sys.argv[1:4]))
