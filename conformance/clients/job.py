"""The job that every client does, and how a Python one tells of it: one line an operation.

A client program is started with `BUCKET`, `WORK`, `KIND` and `ENDPOINT` in its environment, beside
the `AWS_…` variables of the credential, and prints lines of fields with tabs between them:

    version   TEXT                  which client it is
    ok        OPERATION   [REMARK]  it did that, and compared what it got
    lacks     OPERATION   REASON    the client does not offer that (`all`: nothing with this credential)
    failed    OPERATION   WHAT      anything else

The operations: `make bucket` makes BUCKET; `put` stores WORK/small under KEY; `multipart` stores
WORK/large under LARGE in several parts; `get` reads both back and compares; `range` reads RANGE of
LARGE; `list` sees, below `list/` with the delimiter `/`, the keys LISTED and the prefix `list/deep/`;
`pages` finds all THOUSANDS keys in the bucket `thousands`, more than a page holds; `presign get` and
`presign put` make links that work without a credential; `copy` copies KEY; `delete` empties the bucket
and removes it.
"""

import contextlib
import os
import subprocess
import urllib.request
from pathlib import Path

OPERATIONS = ("make bucket", "put", "multipart", "get", "range", "list", "pages", "presign get",
              "presign put", "copy", "delete")
KEY = "a b/ü+&=%41#'.bin"
LARGE = "large.bin"
COPY = "copies/the copy (1).bin"
SENT = "sent/by link.bin"
LISTED = ("list/one", "list/two")
DEEP = "list/deep/three"
THOUSANDS = 1100
THOUSANDS_BUCKET = "thousands"
PART_BYTES = 5 * 1024 * 1024
LARGE_BYTES = 3 * PART_BYTES + 12345
RANGE = (5_242_000, 5_243_999)
COMMAND_SECONDS_MAX = 120
LINKS_V4 = ("with `signature_version` set to `s3v4`: left alone, botocore signs links for us-east-1 by "
            "Signature Version 2, which the setting `signing.v2` refuses unless told otherwise")


class Job:
    """One client's job with one credential."""

    def __init__(self):
        self.bucket, self.kind, self.endpoint = (os.environ[n] for n in ("BUCKET", "KIND", "ENDPOINT"))
        self.work = Path(os.environ["WORK"])
        self.small, self.large = self.work / "small", self.work / "large"

    def version(self, text):
        """Tells which client this is."""
        _tell("version", text)

    @contextlib.contextmanager
    def does(self, operation, remark=""):
        """An operation: ok if the block ends, failed if it raises; the remark goes to the page."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever it is, the client failed
            _tell("failed", operation, f"{type(error).__name__}: {error}")
        else:
            _tell("ok", operation, remark)

    def lacks(self, operation, reason):
        """The client does not offer this."""
        _tell("lacks", operation, reason)

    def run(self, *command, **more):
        """Runs a command of the client's; answers what it prints."""
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                              env={**os.environ, **more}, stdin=subprocess.DEVNULL,
                              timeout=COMMAND_SECONDS_MAX)
        if done.returncode:
            said = (done.stderr.strip() or done.stdout.strip())[-500:]
            raise RuntimeError(f"`{' '.join(map(str, command))[:200]}` ended {done.returncode}: {said}")
        return done.stdout

    def range_of_large(self):
        """The bytes that a read of RANGE must give."""
        return self.large.read_bytes()[RANGE[0]:RANGE[1] + 1]


def same(actual, expected, what="what came back"):
    """Raises unless both are equal."""
    if actual != expected:
        raise AssertionError(f"{what}: {str(actual)[:200]}, not {str(expected)[:200]}")


def fetch(url):
    """Reads a link without a credential."""
    with _plain().open(url, timeout=60) as answer:
        return answer.read()


def send(url, body):
    """Writes to a link without a credential."""
    request = urllib.request.Request(url, data=body, method="PUT",
                                     headers={"Content-Type": "application/octet-stream"})
    with _plain().open(request, timeout=60) as answer:
        answer.read()


def _plain():
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _tell(*fields):
    print("\t".join(" ".join(str(field).split()) for field in fields), flush=True)
