"""Reads the record of a data directory from its bytes, by docs/storage-format/journal.md alone.

A second reader on purpose: that the server's own `audit search` and `audit verify` agree with its
own writer would prove little.
"""

import base64
import hashlib
import json
import struct
from pathlib import Path

from house import check, same

FRAME = struct.Struct(">BBIQQI")
RECORD = struct.Struct(">4sBBQII")
HEAD, LEAF = 0, 1
MAGIC, BUNDLE = b"\xffSRP", 0
BUNDLE_LEAVES = 256
REASON_NEEDED = "refused"


def leaves(data):
    """Every leaf's bytes, in order, of the one journal under a data directory."""
    directory = _directory(data)
    found = {}
    for bundle in sorted(directory.glob("tile/entries/**/*")):
        if bundle.is_file() and not bundle.name.endswith(".new"):
            _add_all(found, _first(bundle, directory / "tile/entries"), bundle.read_bytes())
    for first, bundle in _packed(directory):
        _add_all(found, first, bundle)
    for tail in sorted(directory.glob("tail-*")):
        if not tail.name.endswith(".new"):
            _tail(tail.read_bytes(), found)
    same(sorted(found), list(range(len(found))), "the leaves' indices")
    return [found[index] for index in range(len(found))]


def fresh(data, read):
    """The leaves' bytes that are in no bundle of `read`, to which the whole ones are added."""
    directory = _directory(data)
    found = {}
    for bundle in sorted(directory.glob("tile/entries/**/*.p/*")):
        if not bundle.name.endswith(".new"):
            _add_all(found, _first(bundle, directory / "tile/entries"), bundle.read_bytes())
    for first, bundle in _packed(directory):
        if first not in read:
            _add_all(found, first, bundle)
            read.add(first)
    for tail in sorted(directory.glob("tail-*")):
        if not tail.name.endswith(".new"):
            _tail(tail.read_bytes(), found)
    return found.values()


def _directory(data):
    places = [path.parent for path in Path(data).rglob("checkpoint")]
    same(len(places), 1, f"journals under {data}")
    return places[0]


def _first(path, top):
    """The index of the first leaf of the bundle in that file."""
    words = [word.lstrip("x") for word in path.relative_to(top).parts]
    partial = len(words) > 1 and words[-2].endswith(".p")
    groups = [*words[:-2], words[-2][:-2]] if partial else words
    return int("".join(groups)) * BUNDLE_LEAVES


def _packed(directory):
    """The whole bundles in packs, each with the index of its first leaf; of two the later."""
    found = {}
    for pack in sorted(directory.glob("packs/*")):
        text, place = pack.read_bytes(), 0
        while place + RECORD.size <= len(text):
            magic, version, kind, number, size, _crc = RECORD.unpack_from(text, place)
            check(magic == MAGIC and version == 1, f"a record of {pack.name} at {place}")
            contents = text[place + RECORD.size : place + RECORD.size + size]
            if len(contents) != size:
                break
            if kind == BUNDLE:
                found[number * BUNDLE_LEAVES] = contents
            place += RECORD.size + size
    return sorted(found.items())


def _add_all(found, first, text):
    place = 0
    while place < len(text):
        (size,) = struct.unpack_from(">H", text, place)
        _add(found, first, text[place + 2 : place + 2 + size])
        place, first = place + 2 + size, first + 1


def _tail(text, found):
    place = 0
    while place + FRAME.size <= len(text):
        version, kind, size, index, _durable, _crc = FRAME.unpack_from(text, place)
        payload = text[place + FRAME.size : place + FRAME.size + size]
        if version != 1 or len(payload) != size:
            break
        if kind == LEAF:
            _add(found, index, payload)
        place += FRAME.size + size


def _add(found, index, leaf):
    check(found.setdefault(index, leaf) == leaf, f"leaf {index} stands in two places and differs")


def root(hashed):
    """The Merkle tree hash of RFC 6962 §2.1 over leaf hashes."""
    if not hashed:
        return hashlib.sha256(b"").digest()
    level = list(hashed)
    stack = []
    for index, leaf in enumerate(level):
        stack.append(leaf)
        number = index + 1
        while number % 2 == 0:
            right, left = stack.pop(), stack.pop()
            stack.append(_node(left, right))
            number //= 2
    whole = stack.pop()
    while stack:
        whole = _node(stack.pop(), whole)
    return whole


def _node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def checkpoint_holds(data):
    """Computes the root over the leaves and compares it with the checkpoint; answers the size."""
    _origin, size, promised = (_directory(data) / "checkpoint").read_text().split("\n")[:3]
    every = leaves(data)
    same(len(every), int(size), "leaves of a stopped journal and its checkpoint's size")
    hashed = [hashlib.sha256(b"\x00" + leaf).digest() for leaf in every]
    same(base64.b64encode(root(hashed)).decode(), promised, "the root of the Merkle tree")
    return len(every)


def entries(data):
    """Every entry by its request id: {id: {opened, closed, continued}}."""
    found = {}
    for leaf in leaves(data):
        read = json.loads(leaf)
        if read["entry"] == "key":
            continue
        entry = found.setdefault(read["id"], {"opened": None, "closed": None, "continued": []})
        kind = read["entry"]
        if kind == "continued":
            entry["continued"].append(read)
            continue
        check(entry[kind] is None, f"{read['id']} has two leaves `{kind}`")
        entry[kind] = read
    return found


def of_requests(every):
    """The entries that requests made: not those of the server's own work."""
    return {i: e for i, e in every.items() if e["opened"].get("how") != "system"}


def is_told_in_full(request_id, entry):
    """An entry says who, how, what, the verdict and why; and how it ended."""
    opened, closed = entry["opened"], entry["closed"]
    check(opened is not None, f"{request_id} was closed and never opened")
    check(closed is not None, f"{request_id} was opened and never closed")
    for field in ("time", "verdict", "operation", "source", "durability"):
        check(opened.get(field), f"{request_id} does not say its {field}")
    check(opened["source"].get("peer"), f"{request_id} does not say where it came from")
    check(closed.get("outcome"), f"{request_id} does not say how it ended")
    checks = opened.get("checks", []) + [
        one for part in entry["continued"] for one in part.get("checks", [])
    ]
    for one in checks:
        decided = one["verdict"] == "implicit-deny" or one.get("by") or one.get("layer")
        check(decided, f"{one['decision']} does not say what decided it")
    if opened["verdict"] == "allowed":
        for field in ("principal", "how", "target", "revision"):
            check(opened.get(field) is not None, f"{request_id} is allowed and says no {field}")
    else:
        check(opened.get("reason", {}).get("code"), f"{request_id} is refused and says no reason")
    if opened.get("reason", {}).get("code") == "denied":
        check(checks, f"{request_id} is denied and shows no decision")


def matches(every, ledger):
    """Exactly one entry per request: by id where the client showed one, else by operation."""
    every = of_requests(every)
    missing = [i for i in ledger.ids if i not in every]
    check(not missing, f"{len(missing)} request(s) have no entry: {missing[:3]}")
    rest = [entry for i, entry in every.items() if i not in ledger.ids]
    told = sorted(entry["opened"]["operation"] for entry in rest)
    expected = sorted(ledger.verbs)
    extra = list(told)
    lacking = []
    for operation in expected:
        if operation in extra:
            extra.remove(operation)
        else:
            lacking.append(operation)
    check(
        not extra and not lacking,
        f"of {len(every)} entries, {len(extra)} belong to no request ({sorted(set(extra))}), "
        f"and {len(lacking)} request(s) have none ({sorted(set(lacking))})",
    )
    for request_id, entry in every.items():
        is_told_in_full(request_id, entry)
    return len(every)
