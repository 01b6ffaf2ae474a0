"""The command line as people use it: `strongroom login` with a browser and with a code, and what
unmodified AWS clients make of the profile that it leaves."""

import json
import os
import pty
import select
import subprocess
import time

from world import Failed, check, same

LINE_SECONDS_MAX = 60
# What unmodified boto3 runs: nothing of ours but the settings.
BOTO3 = ("import boto3,sys; s=boto3.Session(profile_name=sys.argv[2] or None); "
         "print(s.client('s3').list_objects_v2(Bucket=sys.argv[1])['KeyCount'])")


class Cli:
    """The command line of one person."""

    def __init__(self, world, name):
        self.world, self.house, self.name = world, world.house, name
        self.home = self.house.work / f"home-{name}"
        self.home.mkdir(exist_ok=True)

    def environment(self, **more):
        return self.house.environment(HOME=str(self.home), **more)

    def run(self, *words, expect=0, stdin=None):
        done = subprocess.run(
            [str(self.house.binary), *words], env=self.environment(), input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True, text=True, timeout=120)
        if expect is not None and done.returncode != expect:
            raise Failed(f"`strongroom {' '.join(words)}` ended {done.returncode}: {done.stderr[-400:]}")
        return done

    def login(self, words, act):
        """Starts a login, gives its first line to `act`, and answers what it printed."""
        command = [str(self.house.binary), "login", "--json", "--endpoint", self.house.endpoint,
                   "--profile", self.name, *words]
        process = subprocess.Popen(
            command, env=self.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        try:
            line = first_line(process)
            page = act(line)
            out, err = process.communicate(timeout=120)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if process.returncode != 0:
            raise Failed(f"login ended {process.returncode}: {err.decode()[-400:]}")
        return json.loads(out), page

    def with_browser(self, person, *words):
        """Signs in with a browser in which that person sits."""
        def act(line):
            address = line.rsplit(" ", 1)[1]
            check(address.startswith("http://127.0.0.1:"), line)
            return person.visit(address, lambda url, status, _: "/callback?" in url)
        said, page = self.login(["--browser", "--no-open", *words], act)
        same(page, "Go on in the terminal. This page can be closed.", "the last page")
        return said

    def with_code(self, person, *words):
        """Signs in with a code that the person types elsewhere."""
        def act(line):
            address, code = line.split("open ", 1)[1].split(" and agree to the code ")
            ended = lambda url, status, body: status == 200 and (  # noqa: E731
                "Success" in body or "success" in body.lower() and "<form" not in body)
            return person.visit(address, ended, code)
        return self.login(["--device", *words], act)[0]

    def with_terminal(self, user, password, *words, expect=0):
        """Signs in with a password that is typed on a terminal, which does not show it."""
        command = [str(self.house.binary), "login", "--endpoint", self.house.endpoint, "--profile",
                   self.name, "--user", user, *words]
        process, terminal = pty.fork()
        if process == 0:
            os.execve(command[0], command, self.environment())
        shown, typed = b"", False
        while True:
            check(select.select([terminal], [], [], LINE_SECONDS_MAX)[0], "nothing is asked")
            try:
                some = os.read(terminal, 4096)
            except OSError:
                some = b""
            if not some:
                break
            shown += some
            if not typed and f"password of {user}".encode() in shown:
                os.write(terminal, password.encode() + b"\n")
                typed = True
        os.close(terminal)
        same(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), expect, shown.decode())
        check(typed and password.encode() not in shown, "the terminal shows the password")

    def kept(self):
        return self.home / ".config" / "strongroom" / "logins" / f"{self.name}.json"

    def credential(self, expect=0):
        """What the profile's `credential_process` prints, as a credential."""
        done = self.run("credential-process", "--profile", self.name, expect=expect)
        if expect != 0:
            return done.stderr
        said = json.loads(done.stdout)
        same(sorted(said), ["AccessKeyId", "Expiration", "SecretAccessKey", "SessionToken", "Version"],
             "what `credential_process` prints")
        same(said["Version"], 1, "its version")
        return said["AccessKeyId"], said["SecretAccessKey"], said["SessionToken"]

    def wear_out(self):
        """Makes what is kept look as old as it will be."""
        kept = json.loads(self.kept().read_text())
        kept["credentials"]["expiration"] = "2020-01-01T00:00:00Z"
        self.kept().write_text(json.dumps(kept))

    def aws(self, *words, expect=0, **more):
        """The AWS command line, unmodified, with the profile."""
        command = ["aws", *words, *([] if more else ["--profile", self.name])]
        done = subprocess.run(command, env=self.environment(**more), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=120)
        if done.returncode != expect:
            raise Failed(f"`{' '.join(command)}` ended {done.returncode}: {done.stderr[-400:]}")
        return done.stdout

    def boto3(self, bucket, **more):
        """boto3, unmodified, with the profile or with the environment alone."""
        python = str(self.house.tools / "venv/bin/python")
        command = [python, "-c", BOTO3, bucket, "" if more else self.name]
        done = subprocess.run(command, env=self.environment(**more), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise Failed(f"boto3 ended {done.returncode}: {done.stderr[-400:]}")
        return int(done.stdout)


def first_line(process):
    """The first line that a program says on standard error."""
    deadline, text = time.monotonic() + LINE_SECONDS_MAX, b""
    while b"\n" not in text:
        left = deadline - time.monotonic()
        check(left > 0, "the command said nothing")
        if select.select([process.stderr], [], [], left)[0]:
            more = os.read(process.stderr.fileno(), 4096)
            check(more, f"the command ended: {text.decode()}")
            text += more
    line = text.split(b"\n")[0].decode()
    check(not line.startswith("error"), text.decode())
    return line
