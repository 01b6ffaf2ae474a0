"""What `strongroom policy check --sarif` prints, against the schema of SARIF 2.1.0.

Every document of the fuzzing corpora is checked as every kind of policy, and so are files with
names that a URI must escape. Beyond the schema: each result's rule is the one its index names,
and its region holds the bytes that it says.

The schema is the one that Microsoft's own matchers for SARIF are published with.

    sarif.py RUN BINARY TOOLS CORPORA
"""

import hashlib
import json
import pathlib
import shutil
import subprocess
import sys
import tarfile
import urllib.parse

import jsonschema

PACKAGE = "@microsoft/jest-sarif@1.0.0-beta.0"
TARBALL = "microsoft-jest-sarif-1.0.0-beta.0.tgz"
SHA256 = "748e2c3d1a842e7bb258416685c7ea3a0da40005b72267b2052c2856d48ad102"
SCHEMA = "package/lib/schemas/sarif-2.1.0-rtm.5.json"

KINDS = ["identity", "bucket", "trust", "session", "boundary", "scp", "rcp"]
ODD_NAMES = ["a policy.json", "größe #1?.json", "100%.json"]


def main() -> int:
    run, binary, tools, corpora = map(pathlib.Path, sys.argv[1:5])
    checker = jsonschema.Draft7Validator.FORMAT_CHECKER
    assert {"uri", "uri-reference"} <= set(checker.checkers), "formats would go unchecked"
    validator = jsonschema.Draft7Validator(schema(tools), format_checker=checker)
    assert not validator.is_valid({"version": "2.1.0"}), "a schema that takes anything"
    files = sorted(file for name in ("check", "parser") for file in (corpora / name).iterdir())
    for name in ODD_NAMES:
        shutil.copy(files[0], run / name)
        files.append(run / name)
    wrong, results = [], 0
    for kind in [None, *KINDS]:
        log = check(binary, files, kind)
        for error in validator.iter_errors(log):
            wrong.append(f"{kind}: {error.json_path}: {error.message[:200]}")
        found = [(kind, log["runs"][0], result) for result in log["runs"][0]["results"]]
        results += len(found)
        wrong += [said for one in found for said in amiss(*one)]
    codes = {rule["id"] for rule in log["runs"][0]["tool"]["driver"]["rules"]}
    print(f"{results} results of {len(codes)} rules in {len(files)} files are SARIF 2.1.0")
    for line in wrong[:50]:
        print(line, file=sys.stderr)
    return 1 if wrong or results < 100 else 0


def schema(tools):
    """The schema, from the package that has it; installed once."""
    tarball = tools / TARBALL
    if not tarball.exists():
        npm = ["npm", "pack", "--silent", "--pack-destination", tools, PACKAGE]
        subprocess.run(npm, stdout=subprocess.DEVNULL, check=True)
    if hashlib.sha256(tarball.read_bytes()).hexdigest() != SHA256:
        raise SystemExit(f"{tarball} is not what was published")
    with tarfile.open(tarball) as archive:
        return json.load(archive.extractfile(SCHEMA))


def check(binary, files, kind):
    flags = [] if kind is None else ["--kind", kind]
    ended = subprocess.run(
        [binary, "policy", "check", "--sarif", *flags, *files], capture_output=True, check=False
    )
    if ended.returncode not in (0, 1):
        raise SystemExit(ended.stderr.decode())
    return json.loads(ended.stdout)


def amiss(kind, run, result):
    """What is wrong with a result that no schema sees."""
    rules = run["tool"]["driver"]["rules"]
    if rules[result["ruleIndex"]]["id"] != result["ruleId"]:
        yield f"{kind}: {result['ruleId']} is not rule {result['ruleIndex']}"
    place = result["locations"][0]["physicalLocation"]
    uri, region = place["artifactLocation"]["uri"], place["region"]
    path = pathlib.Path(urllib.parse.unquote(urllib.parse.urlsplit(uri).path))
    text = path.read_bytes()
    start = region["byteOffset"]
    piece = text[start : start + region["byteLength"]].decode()
    lines = text.decode().split("\n")
    first, last = region["startLine"], region["endLine"]
    begin, end = region["startColumn"] - 1, region["endColumn"] - 1
    if first == last:
        shown = lines[first - 1][begin:end]
    else:
        shown = "\n".join([lines[first - 1][begin:], *lines[first : last - 1], lines[last - 1][:end]])
    if shown != piece:
        yield f"{kind}: {uri}: {result['ruleId']} is at {piece!r} in bytes and {shown!r} in lines"


if __name__ == "__main__":
    sys.exit(main())
