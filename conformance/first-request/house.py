"""The house under test: the server, the provider and the clients, each started and ended by hand.

Everything listens on loopback and lives in one directory of the run. Clients get an environment of
their own: nothing of the machine's AWS, proxy or certificate settings reaches them.
"""

import json
import os
import re
import select
import shlex
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
READY_SECONDS_MAX = 120
STOP_SECONDS_MAX = 120
COMMAND_SECONDS_MAX = 240
REQUEST_ID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")
ID_HEADERS = ("x-amz-request-id", "x-amzn-requestid", "x-strongroom-request-id")
_HEADER_IN_LOG = re.compile(
    r"(?:%s)'?: '?([0-9A-Z]{26})" % "|".join(ID_HEADERS), re.IGNORECASE
)


class Failed(Exception):
    """What was asserted does not hold."""


def check(holds, said):
    """Fails the step with what was seen, unless `holds`."""
    if not holds:
        raise Failed(said)


def same(actual, expected, what):
    """Fails the step unless both are equal."""
    if actual != expected:
        raise Failed(f"{what}: {actual!r}, not {expected!r}")


def free_port():
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Steps:
    """Runs steps in order and prints one line for each; the first failure of a chain ends it."""

    def __init__(self):
        self.failures = []
        self.began = time.monotonic()

    def run(self, name, step, *arguments):
        """Runs one step; answers what it returns. A failure is printed and raised."""
        began = time.monotonic()
        try:
            result = step(*arguments)
        except Exception as error:  # noqa: BLE001 - every failure is one line, whatever it is
            self._line("FAIL", began, f"{name}: {_told(error)}")
            self.failures.append(name)
            raise
        self._line("ok", began, name)
        return result

    def attempt(self, name, step, *arguments):
        """As `run`, but the next step is tried all the same."""
        try:
            return self.run(name, step, *arguments)
        except Exception:  # noqa: BLE001 - it was printed and counted
            return None

    def _line(self, mark, began, text):
        seconds = time.monotonic() - began
        print(f"{mark:4} {seconds:6.2f} s  {text}", flush=True)

    def conclude(self):
        """Prints the sum; answers the exit status."""
        seconds = time.monotonic() - self.began
        if self.failures:
            print(f"{len(self.failures)} step(s) failed in {seconds:.0f} s", flush=True)
            return 1
        print(f"all steps passed in {seconds:.0f} s", flush=True)
        return 0


def _told(error):
    if isinstance(error, Failed):
        return str(error)
    if os.environ.get("CONFORMANCE_TRACE"):
        import traceback

        traceback.print_exception(error)
    return f"{type(error).__name__}: {error}"


class Ledger:
    """What the clients know of their own requests: ids where the client shows them, else counts."""

    def __init__(self):
        self.ids = {}
        self.verbs = []
        self.silent = []

    def saw(self, request_id, tool):
        """An answer carried this id."""
        check(REQUEST_ID.fullmatch(request_id or ""), f"{tool} got no request id: {request_id!r}")
        check(self.ids.get(request_id) in (None, tool), f"{request_id} was answered twice")
        self.ids[request_id] = tool

    def verb(self, operation):
        """A verb of the command line made one request, whose id it does not show."""
        self.verbs.append(operation)

    def without_answer(self, what):
        """A request was sent whose answer was never seen."""
        self.silent.append(what)


class House:
    """One data directory, one server, one provider, and clients of both."""

    def __init__(self, work, binary, tools):
        self.work = Path(work)
        self.binary = Path(binary)
        self.tools = Path(tools)
        self.data = self.work / "data"
        self.home = self.work / "home"
        self.home.mkdir(parents=True, exist_ok=True)
        self.api, self.ops, self.provider_port = free_port(), free_port(), free_port()
        self.endpoint = f"http://127.0.0.1:{self.api}"
        self.issuer = f"http://127.0.0.1:{self.provider_port}"
        self.host = f"127.0.0.1:{self.provider_port}"
        self.keys = self.work / "provider-keys.json"
        self.ledger = Ledger()
        self.clock = {}
        self.server = None
        self.provider = None
        self.log = open(self.work / "server.log", "ab")  # noqa: SIM115 - for the whole run

    # Environments.

    def environment(self, **more):
        """What a client sees of the world, and nothing else."""
        own = {
            "PATH": f"{self.tools / 'venv/bin'}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PAGER": "",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_MAX_ATTEMPTS": "1",
        }
        return {**own, **self.clock, **more}

    # The server.

    def start_server(self, **more):
        """Starts the README's command and waits for its ready line."""
        command = [str(self.binary), "server", str(self.data)]
        command += ["--listen", f"127.0.0.1:{self.api}", "--ops-listen", f"127.0.0.1:{self.ops}"]
        environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.home),
            "STRONGROOM_OIDC_HTTP_ORIGINS": self.issuer,
            **self.clock,
            **more,
        }
        self.server = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self.log,
        )
        line = _first_line(self.server, "the server")
        check(line.startswith("ready ") and self.endpoint in line, f"the server said `{line}`")
        return line

    def stop_server(self):
        """Ends the server as an operator would; it must end by itself and cleanly."""
        status = _stop(self.server)
        self.server = None
        same(status, 0, "the server's exit status")

    def kill_server(self):
        """Ends the server as a crash would."""
        self.server.kill()
        self.server.wait()
        self.server = None

    def ready(self):
        """The status of the readiness probe."""
        return self.plain(f"http://127.0.0.1:{self.ops}/health/ready")[0]

    # The provider.

    def start_provider(self):
        """Starts the OpenID provider with fresh keys."""
        command = ["node", "provider.mjs", str(self.provider_port), str(self.keys)]
        self.provider = subprocess.Popen(
            command,
            cwd=self.tools / "first-request",
            env=self.environment(PATH=os.environ["PATH"]),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        line = _first_line(self.provider, "the provider")
        same(line, f"ready {self.issuer}", "the provider's first line")

    def stop_provider(self):
        """Ends the provider."""
        _stop(self.provider)
        self.provider = None

    def close(self):
        """Ends whatever still runs."""
        for process in (self.server, self.provider):
            if process is not None and process.poll() is None:
                process.terminate()
                try:
                    process.wait(STOP_SECONDS_MAX)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        self.log.close()

    def sign_in(self, person, client="strongroom"):
        """A real id_token of the provider, by its authorization-code flow."""
        script = [str(self.tools / "venv/bin/python"), str(HERE / "signin.py")]
        return self.run([*script, self.issuer, client, person]).stdout.strip()

    def forge(self, specifications):
        """Tokens that no provider would make."""
        done = subprocess.run(
            ["node", "forge.mjs", str(self.keys)],
            cwd=self.tools / "first-request",
            env=self.environment(PATH=os.environ["PATH"]),
            input=json.dumps(specifications),
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS_MAX,
            check=True,
        )
        return json.loads(done.stdout)

    # Clients.

    def root_credential(self):
        """The root's credential, from the file that the first start left."""
        files = [f for f in self.data.iterdir() if "root" in f.name and f.is_file()]
        same(len(files), 1, f"files with the root credential in {self.data}")
        mode = stat.S_IMODE(files[0].stat().st_mode)
        same(oct(mode), "0o600", f"the mode of {files[0].name}")
        key, secret = files[0].read_text().split()
        return key, secret

    def run(self, command, expect=0, stdin=None, **more):
        """Runs a client; its exit status must be the expected one."""
        done = subprocess.run(
            [str(word) for word in command],
            env=self.environment(**more),
            cwd=self.work,
            input=stdin,
            stdin=None if stdin is not None else subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS_MAX,
        )
        if expect is not None and done.returncode != expect:
            said = (done.stderr.strip() or done.stdout.strip())[-600:]
            raise Failed(f"`{shlex.join(map(str, command))[:300]}` ended {done.returncode}: {said}")
        return done

    def aws(self, profile, *words, expect=0):
        """The real `aws` command; every answer's request id goes to the ledger."""
        words = [str(word) for word in words]
        command = ["aws", "--profile", profile, "--endpoint-url", self.endpoint, "--debug", *words]
        done = self.run(command, expect=None)
        (self.work / "aws.log").write_text(done.stderr)
        for line in done.stderr.splitlines():
            if "Response headers" in line:
                for found in _HEADER_IN_LOG.findall(line):
                    self.ledger.saw(found, "aws")
        said = re.findall(r"(?:An error occurred|\w+ failed:|rror:) .*", done.stderr)
        done.said = said[-1] if said else ""
        refused = done.returncode != 0
        if refused != (expect != 0):
            raise Failed(
                f"`aws {shlex.join(words)}` ended {done.returncode}: {done.said[-600:]}"
            )
        return done

    def aws_json(self, profile, *words):
        """What `aws` prints, read."""
        text = self.aws(profile, *words, "--output", "json").stdout
        return json.loads(text) if text.strip() else {}

    def strongroom(self, operation, *words, profile="root", expect=0, stdin=None):
        """A verb of the command line that makes one request, of the named operation."""
        self.ledger.verb(operation)
        command = [str(self.binary), *words, "--json", "--endpoint", self.endpoint]
        more = {"AWS_PROFILE": profile} if profile else {}
        done = self.run(command, expect=expect, stdin=stdin, **more)
        return done

    def strongroom_json(self, operation, *words, **more):
        """What the verb prints, read: one document."""
        return json.loads(self.strongroom(operation, *words, **more).stdout)

    def plain(self, url, method="GET", headers=None, body=None):
        """An unsigned request: (status, headers, body)."""
        request = urllib.request.Request(url, data=body, headers=headers or {}, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60) as answer:
                status, got, read = answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as answer:
            status, got, read = answer.code, answer.headers, answer.read()
        if url.startswith(self.endpoint):
            self.ledger.saw(next((got[h] for h in ID_HEADERS if got[h]), None), "plain")
        return status, got, read

    def client(self, service, credential, agent="boto3"):
        """A boto3 client that makes each request once and notes every answer's id."""
        import boto3
        from botocore.config import Config

        key, secret, *token = credential
        session = boto3.Session(
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token[0] if token else None,
            region_name="us-east-1",
        )
        session.events.register("response-received", self._noted)
        return session.client(
            service,
            endpoint_url=self.endpoint,
            config=Config(
                retries={"total_max_attempts": 1},
                signature_version="s3v4" if service == "s3" else None,
                s3={"addressing_style": "path"},
                user_agent_extra=f"conformance/{agent}",
                proxies={},
            ),
        )

    def _noted(self, response_dict=None, exception=None, **_):
        if response_dict is None:
            self.ledger.without_answer(str(exception))
            return
        headers = {k.lower(): v for k, v in response_dict["headers"].items()}
        self.ledger.saw(next((headers[h] for h in ID_HEADERS if h in headers), None), "boto3")


def _first_line(process, who):
    deadline = time.monotonic() + READY_SECONDS_MAX
    text = b""
    while b"\n" not in text:
        left = deadline - time.monotonic()
        check(left > 0, f"{who} was not ready in {READY_SECONDS_MAX} s")
        if select.select([process.stdout], [], [], left)[0]:
            more = os.read(process.stdout.fileno(), 4096)
            check(more, f"{who} ended before it was ready; see its log")
            text += more
    return text.split(b"\n")[0].decode()


def _stop(process):
    process.terminate()
    try:
        return process.wait(STOP_SECONDS_MAX)
    except subprocess.TimeoutExpired as slow:
        process.kill()
        process.wait()
        raise Failed(f"it did not end within {STOP_SECONDS_MAX} s of SIGTERM") from slow


def clean_own_environment():
    """This process is a client too: it forgets the machine's AWS, proxy and certificate settings."""
    for name in list(os.environ):
        upper = name.upper()
        if upper.startswith(("AWS_", "STRONGROOM_")) or upper.endswith(
            ("_PROXY", "_CA_BUNDLE", "_CERT_FILE", "_CERT_DIR")
        ):
            del os.environ[name]
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    # Whoever ends this process must not leave its servers behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def open_house():
    """The house of `RUN_DIRECTORY BINARY TOOLS`, the three arguments that the harness gives."""
    if len(sys.argv) != 4:
        sys.exit("usage: SCRIPT RUN_DIRECTORY BINARY TOOLS (run `cargo xtask conformance`)")
    clean_own_environment()
    return House(*sys.argv[1:4])
