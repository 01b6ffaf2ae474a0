"""Runs ceph/s3-tests against a server of its own and compares the outcome with the lists beside this
file: `RUN_DIRECTORY BINARY TOOLS SUITE [--only FILE|EXPRESSION]… [--all] [--slow] [--record]`.

- `must-pass.txt`: a test that is on it and does not pass (or is skipped) fails the run;
- `not-applicable.txt`: not run, with the reason; frozen before the work began;
- `not-yet.txt`: what the server cannot do yet, with what is missing; run, and allowed to fail.

A test on no list must pass too. `--all` also runs what is not applicable, `--slow` what waits for a
quarter of an hour (an expiry). `--record` moves what
newly passes into `must-pass.txt` and writes `docs/s3-tests.md` from the lists.
"""

import argparse
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "first-request"))

import house as first  # noqa: E402
import house_of_suite as suite_house  # noqa: E402

FILES = ("test_iam.py", "test_sts.py", "test_headers.py", "test_s3.py")
MUST, NOT_APPLICABLE, NOT_YET = "must-pass.txt", "not-applicable.txt", "not-yet.txt"
TEST_SECONDS_MAX = 120
# Tests that wait for a quarter of an hour: only run with `--slow`.
SLOW = ("test_sts.py::test_assume_role_creds_expiry",)
SLOW_SECONDS_MAX = 1000
REGION = "us-east-1"
SHOWN_MAX = 60


def read_list(name):
    """The tests of a list and their reasons, in order."""
    found = {}
    for line in (HERE / name).read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            test, _, reason = line.partition(" | ")
            found[test.strip()] = reason.strip()
    return found


def write_list(name, tests):
    """Writes a list back, its heading as it was."""
    file = HERE / name
    heading = [line for line in file.read_text().splitlines() if line.startswith("#")]
    lines = [f"{test} | {reason}" if reason else test for test, reason in sorted(tests.items())]
    file.write_text("\n".join([*heading, "", *lines, ""]))


def wanted(only):
    """The files to run and the expression that chooses among their tests."""
    files = [word for word in only if word.endswith(".py")]
    for file in files:
        if file not in FILES:
            sys.exit(f"`{file}` is not one of {', '.join(FILES)}")
    expressions = [word for word in only if not word.endswith(".py")]
    return files or list(FILES), " or ".join(f"({word})" for word in expressions)


OF_THE_SUITE = "(client, PathPrefix=get_iam_path_prefix())\n"
# What the suite writes in RGW's way, and how it is written for AWS.
AS_ON_AWS = (
    ("'http://' + url_host", "'https://' + url_host"),
    ("    ThumbprintList=[\n        t", "    ClientIDList=[get_aud()],\n    ThumbprintList=[\n        t"),
    ("(iam_client, url, None, thumb", "(iam_client, url, [get_aud()], thumb"),
    ("iam:::assumed-role", f"sts::{suite_house.ALT}:assumed-role"),
    ("arn:aws:iam:::", f"arn:aws:iam::{suite_house.ALT}:"),
    ("arn:aws:iam::s3tenant1:root", f"arn:aws:iam::{suite_house.TENANT}:root"),
    ("get_main_user_id() + 'foo'", f"'{suite_house.TENANT}'"),
    (f"    nuke_users{OF_THE_SUITE}    nuke_groups", f"    nuke_groups{OF_THE_SUITE}    nuke_users"),
)


def copied(suite, work):
    """A copy of the suite in the terms of AWS. Nothing else differs:

    - ARNs of IAM name the account, and sessions of roles are `arn:aws:sts::ACCOUNT:assumed-role/…`;
      the suite's older tests write `arn:aws:iam:::role/…` and `arn:aws:iam:::assumed-role/…`;
    - clients of IAM and STS sign for a region, as every credential scope does; the suite says "";
    - providers list the audience of the tokens that they are to believe, and the address of one
      that is only stored begins with https;
    - what stands for an account that is not the bucket's is twelve digits: the suite's principal
      `arn:aws:iam::s3tenant1:root`, and the owner that it expects in vain;
    - groups are removed before their users, since IAM deletes no user who is in a group.
    """
    copy = work / "suite"
    shutil.copytree(suite, copy, ignore=shutil.ignore_patterns(".git", "__pycache__"))
    for file in ("test_iam.py", "test_sts.py", "test_s3.py", "iam.py", "__init__.py"):
        test = copy / "s3tests/functional" / file
        text = test.read_text().replace("'region_name', ''", f"'region_name', '{REGION}'")
        text = text.replace("region_name=''", f"region_name='{REGION}'")
        if file != "__init__.py":
            for written, meant in AS_ON_AWS:
                text = text.replace(written, meant)
        test.write_text(text)
    return copy


def run_suite(suite, work, conf, files, expression, left_out):
    """Runs pytest; answers each test's outcome and what it said."""
    seconds = TEST_SECONDS_MAX if set(SLOW) <= set(left_out) else SLOW_SECONDS_MAX
    report = work / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=short",
               "--timeout", str(seconds), f"--junit-xml={report}"]
    if expression:
        command += ["-k", expression]
    chosen = work / "left-out.txt"
    chosen.write_text("\n".join(left_out))
    command += ["-p", "leave_out"]
    command += [str(Path("s3tests/functional") / file) for file in files]
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(work / "home"),
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(HERE),
        "AWS_EC2_METADATA_DISABLED": "true",
        "S3TEST_CONF": str(conf),
        "LEFT_OUT": str(chosen),
    }
    with open(work / "pytest.log", "wb") as log:
        done = subprocess.run(command, cwd=suite, env=environment, stdout=log, stderr=log)
    if done.returncode not in (0, 1, 5) or not report.is_file():
        sys.exit(f"pytest ended {done.returncode}; see {work / 'pytest.log'}")
    return outcomes(report)


def outcomes(report):
    """Each test's outcome: `passed`, `failed`, `error` or `skipped`, and the last line it said."""
    found = {}
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        file = case.get("classname", "").rsplit(".", 1)[-1] + ".py"
        name = f"{file}::{case.get('name')}"
        outcome, said = "passed", ""
        for child in case:
            if child.tag in ("failure", "error", "skipped"):
                outcome = {"failure": "failed"}.get(child.tag, child.tag)
                said = (child.get("message") or "").splitlines()
                said = said[0][:160] if said else ""
        # A test may both pass and fail to be torn down: the worse outcome counts.
        if found.get(name, ("passed",))[0] in ("passed",):
            found[name] = (outcome, said)
    return found


def judge(found, must, not_applicable, not_yet):
    """What is wrong with the outcome: a line each."""
    wrong = []
    for name, (outcome, said) in sorted(found.items()):
        if outcome == "passed" or (name in not_yet and outcome != "skipped"):
            continue
        if name in not_applicable or name in not_yet:
            continue
        standing = "must pass" if name in must else "is on no list"
        wrong.append(f"{name} {standing} and {outcome}: {said}")
    return wrong


def table(found, must, not_applicable, not_yet):
    """Counts by file."""
    counts = {file: Counter() for file in FILES}
    for name, (outcome, _) in found.items():
        counts[name.partition("::")[0]][outcome] += 1
    for tests, word in ((must, "must"), (not_applicable, "n/a"), (not_yet, "not yet")):
        for name in tests:
            counts[name.partition("::")[0]][word] += 1
    columns = ("passed", "failed", "error", "skipped", "must", "not yet", "n/a")
    print("file".ljust(18) + "".join(column.rjust(9) for column in columns))
    for file, count in counts.items():
        print(file.ljust(18) + "".join(str(count[column]).rjust(9) for column in columns))


def record(found, must, not_applicable, not_yet):
    """Moves what newly passes into the list of what must."""
    new = [name for name, (outcome, _) in found.items() if outcome == "passed" and name not in must]
    for name in new:
        not_applicable.pop(name, None)
        not_yet.pop(name, None)
        must[name] = ""
    for name, tests in ((MUST, must), (NOT_APPLICABLE, not_applicable), (NOT_YET, not_yet)):
        write_list(name, tests)
    write_page(must, not_applicable, not_yet)
    print(f"{len(new)} test(s) newly pass and are recorded")


PAGE_HEAD = """# ceph/s3-tests

Written by `cargo xtask conformance s3-tests --suite PATH --record` from the lists in `conformance/s3-tests/`, which are
what a run is compared with. The suite is the public repository ceph/s3-tests and no part of this one; it is run from a copy
in the terms of AWS (ARNs name their account, providers list the audience of their tokens, …: `run.py` says what is written
otherwise), with an OpenID provider under the address that the suite knows, and against a server with
`s3.new_buckets = "open"` and Signature Version 2 allowed, because the suite is older than AWS's defaults of today. A test
that must pass and does not, is skipped, or is on no list and fails, fails the run. `--slow` runs what waits for a quarter of
an hour.

| file | must pass | not yet | not applicable |
|---|---|---|---|
"""

PAGE_TAIL = """
`test_s3select.py` and `test_sns.py` are about services that are not here and are not run.
"""


def write_page(must, not_applicable, not_yet):
    """Writes what the lists say, for readers."""

    def of(file, tests):
        return sum(1 for name in tests if name.startswith(file + "::"))

    text = PAGE_HEAD
    for file in FILES:
        text += f"| `{file}` | {of(file, must)} | {of(file, not_yet)} | {of(file, not_applicable)} |\n"
    text += f"| all | {len(must)} | {len(not_yet)} | {len(not_applicable)} |\n"
    for title, tests in (("Not yet", not_yet), ("Not applicable", not_applicable)):
        text += f"\n## {title}\n\n| tests | why |\n|---|---|\n"
        reasons = Counter(tests.values()).most_common()
        text += "".join(f"| {count} | {reason} |\n" for reason, count in reasons)
    (HERE.parent.parent / "docs/s3-tests.md").write_text(text + PAGE_TAIL)


def main():
    words = argparse.ArgumentParser()
    for name in ("run", "binary", "tools", "suite"):
        words.add_argument(name)
    words.add_argument("--only", action="append", default=[])
    words.add_argument("--all", action="store_true")
    words.add_argument("--slow", action="store_true")
    words.add_argument("--record", action="store_true")
    asked = words.parse_args()
    must, not_applicable, not_yet = map(read_list, (MUST, NOT_APPLICABLE, NOT_YET))
    files, expression = wanted(asked.only)
    first.clean_own_environment()
    house = suite_house.SuiteHouse(asked.run, asked.binary, asked.tools)
    issuer = None
    try:
        sections = house.furnish()
        if "test_sts.py" in files:
            issuer = suite_house.Issuer()
            sections["webidentity"] = issuer.section()
        conf = Path(asked.run) / "s3tests.conf"
        suite_house.write_configuration(conf, sections)
        left_out = [] if asked.all else list(not_applicable)
        left_out += [] if asked.slow else SLOW
        found = run_suite(
            copied(asked.suite, Path(asked.run)), Path(asked.run), conf, files, expression, left_out
        )
        house.stop_server()
    finally:
        if issuer is not None:
            issuer.close()
        house.close()
    table(found, must, not_applicable, not_yet)
    newly = [n for n, (o, _) in found.items() if o == "passed" and n in {**not_yet, **not_applicable}]
    if newly and not asked.record:
        print(f"{len(newly)} test(s) pass that need not yet: run with --record")
    if asked.record:
        record(found, must, not_applicable, not_yet)
    wrong = judge(found, must, not_applicable, not_yet)
    for line in wrong[:SHOWN_MAX]:
        print(line)
    print(f"{len(found)} test(s) run, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main())
