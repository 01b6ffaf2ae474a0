"""The README's five minutes, pasted: its commands are taken from the page and run as they stand.

Only the ports and the place of the binary are changed. Run by `cargo xtask conformance
first-request`.
"""

import os
import re
import shutil
import signal
import subprocess
import sys

from house import HERE, Steps, check, free_port, open_house

SECONDS_MAX = 120
TOP = HERE.parent.parent


def commands():
    """The shell blocks of the tour, in order."""
    page = (TOP / "README.md").read_text()
    section = re.search(r"^## Five minutes\n(.*?)^## ", page, re.MULTILINE | re.DOTALL).group(1)
    return re.findall(r"```sh\n(.*?)```", section, re.DOTALL)


def paste(house):
    """Runs the blocks in a copy of what the tour touches; answers all that they said."""
    place = house.work / "clone"
    (place / "conformance").mkdir(parents=True)
    shutil.copytree(HERE, place / "conformance/first-request",
                    ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
    for name in ("README.md", "LICENSE"):
        shutil.copy(TOP / name, place)
    (place / "target/release").mkdir(parents=True)
    (place / "target/release/strongroom").symlink_to(house.binary)
    text = "\n".join(commands())
    api, ops = house.api, house.ops
    started = "strongroom server target/tour/data"
    check(started in text, f"the tour has no `{started}`")
    text = text.replace(
        started, f"{started} --listen 127.0.0.1:{api} --ops-listen 127.0.0.1:{ops}")
    for written, used in (("9000", api), ("9002", ops), ("4000", free_port())):
        text = re.sub(rf"(127\.0\.0\.1:|provider\.mjs ){written}\b", rf"\g<1>{used}", text)
    environment = house.environment(PATH=f"{house.tools / 'venv/bin'}:{os.environ['PATH']}")
    environment["STRONGROOM_ENDPOINT"] = house.endpoint
    for name in ("AWS_DEFAULT_REGION", "AWS_PAGER"):
        del environment[name]
    shell = subprocess.Popen(
        ["bash", "-c", text + "\nkill %1 %2\nwait\n"], cwd=place, env=environment,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    )
    try:
        said, _ = shell.communicate(timeout=SECONDS_MAX)
    except subprocess.TimeoutExpired:
        os.killpg(shell.pid, signal.SIGTERM)
        said, _ = shell.communicate()
        said += "\n(the tour did not end)"
    (house.work / "tour.log").write_text(said)
    return said


def tells(said, *wanted):
    """What a reader of the tour must see."""
    for text in wanted:
        check(text in said, f"the tour does not show `{text}`; it ended: {said[-500:]}")


def main():
    house = open_house()
    steps = Steps()
    try:
        said = steps.run("the README is pasted", paste, house)
        for what, wanted in (
            ("ana is who she is", ("federated/", "Ana Analyst", "ETag")),
            ("payroll is refused, with an id", ("(AccessDenied)", "(decision ")),
            ("the administrator learns the missing grant",
             ("missing    attach to", '"Resource": "arn:aws:s3:::lake/payroll/LICENSE"')),
            ("the record shows it", ("deny s3:GetObject", "allow s3:GetObject", "the record proves itself")),
            ("the token is explained", ("analysts", "ReportReaders")),
        ):
            steps.attempt(what, tells, said, *wanted)
        steps.attempt("nothing else went wrong", lambda: check(
            "error:" not in said and "command not found" not in said and "did not end" not in said,
            f"the tour said: {[x for x in said.splitlines() if 'rror' in x or 'command not found' in x]}"))
    except Exception:  # noqa: BLE001 - the step printed it
        pass
    finally:
        house.close()
    return steps.conclude()


if __name__ == "__main__":
    sys.exit(main())
