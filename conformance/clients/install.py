"""Installs clients from the registries, each once, below target/conformance/clients/.

A client that is there already for the very same list of versions is not installed again. What a client
needs is told by the file that its own ecosystem has for that, in the directory of its program.
"""

import os
import shutil
import subprocess
from pathlib import Path

from house import Failed

HERE = Path(__file__).resolve().parent
INSTALL_SECONDS_MAX = 1500
COPIED = shutil.ignore_patterns("__pycache__", "node_modules", "target")


class Shelf:
    """Where installed clients stand."""

    def __init__(self, tools, environment):
        self.tools, self.root = Path(tools), Path(tools) / "clients"
        self.environment = environment
        self.root.mkdir(exist_ok=True)

    def command(self, client):
        """Installs the client if it must; answers the command that does the job with it."""
        return getattr(self, f"_{client.runtime}")(client, HERE / client.directory)

    # One method a runtime.

    def _house(self, _, here):
        """What the harness itself has installed."""
        return [self.tools / "venv/bin/python", here / "client.py"]

    def _python(self, client, here):
        """Packages of PyPI, in an environment of their own."""
        own, list_ = self.root / client.name, here / "requirements.txt"
        with self._once(own, list_.read_text()) as needed:
            if needed:
                self._run(["python3", "-m", "venv", "--clear", own])
                self._run([own / "bin/python", "-m", "pip", "install", "--quiet", "--no-deps",
                           "--requirement", list_])
        return [own / "bin/python", here / "client.py"]

    def _node(self, client, here):
        """Packages of npm, as the lock file has them; a program imports from where it stands."""
        own = self.root / client.name
        with self._once(own, (here / "package-lock.json").read_text()) as needed:
            if needed:
                for file in ("package.json", "package-lock.json"):
                    shutil.copy(here / file, own)
                self._run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"],
                          cwd=own)
        for file in (here / "client.mjs", HERE / "job.mjs"):
            shutil.copy(file, own)
        return [shutil.which("node", path=self.environment["PATH"]), own / "client.mjs"]

    def _go(self, client, here):
        """A program built from Go modules, as go.sum has them."""
        own = self.root / client.name
        with self._once(own, (here / "go.sum").read_text() + (here / "main.go").read_text()) as needed:
            if needed:
                self._run(["go", "build", "-trimpath", "-o", own / "client", "."], cwd=here)
        return [own / "client"]

    def _cargo(self, client, here):
        """A program built from crates, as Cargo.lock has them: a workspace of its own."""
        own = self.root / client.name
        sources = [here / "Cargo.lock", here / "src/main.rs"]
        with self._once(own, "".join(file.read_text() for file in sources)) as needed:
            if needed:
                self._run(["cargo", "build", "--quiet", "--locked", "--target-dir", own],
                          cwd=here, CARGO_TARGET_DIR=str(own))
        return [own / "debug" / f"strongroom-conformance-{client.name}"]

    def _maven(self, client, here):
        """A program in Java, and what its pom.xml names of Maven Central."""
        self._have(client)
        own, pom, source = self.root / client.name, here / "pom.xml", here / "Client.java"
        with self._once(own, pom.read_text() + source.read_text()) as needed:
            if needed:
                shutil.rmtree(own / "jars", ignore_errors=True)
                self._run(["mvn", "--quiet", "--batch-mode", "--file", pom,
                           "dependency:copy-dependencies", f"-DoutputDirectory={own / 'jars'}"])
                self._run(["javac", "-encoding", "UTF-8", "-cp", own / "jars/*", "-d", own, source])
        java = shutil.which("java", path=self.environment["PATH"])
        return [java, "-cp", f"{own}:{own / 'jars/*'}", "Client"]

    def _debian(self, client, here):
        """Packages of Debian, driven by a script."""
        self._have(client)
        return self._house(client, here)

    # How.

    def _have(self, client):
        """Installs those of its packages of Debian that are not there."""
        for package, file in client.packages:
            if Path(file).exists():
                continue
            print(f"── installing {package}", flush=True)
            self._run(["apt-get", "update", "--quiet"])
            self._run(["apt-get", "install", "--quiet", "--yes", "--no-install-recommends", package])

    def _once(self, own, versions):
        return _Once(own, versions)

    def _run(self, command, cwd=None, **more):
        log = self.root / "install.log"
        with log.open("ab") as file:
            done = subprocess.run([str(word) for word in command], cwd=cwd, stdout=file,
                                  stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                  env={**self.environment, **more}, timeout=INSTALL_SECONDS_MAX)
        if done.returncode:
            raise Failed(f"`{' '.join(map(str, command))[:160]}` ended {done.returncode}: see {log}")


class _Once:
    """True to its block unless the mark says that this was installed; leaves the mark after it."""

    def __init__(self, own, versions):
        self._own, self._versions = own, versions
        self._mark = own.parent / f"{own.name}.installed"

    def __enter__(self):
        needed = not (self._mark.exists() and self._mark.read_text() == self._versions)
        if needed:
            print(f"── installing {self._own.name}", flush=True)
            self._mark.unlink(missing_ok=True)
            self._own.mkdir(exist_ok=True)
        return needed

    def __exit__(self, kind, *_):
        if kind is None:
            self._mark.write_text(self._versions)
