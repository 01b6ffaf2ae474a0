"""The clients: what each is, what installs it, what runs it, and which are quick to have."""

from dataclasses import dataclass, field

STATIC, SESSION, WEB = KINDS = ("static", "session", "web identity")


@dataclass(frozen=True)
class Client:
    """A client, and where its program is below conformance/clients/."""

    name: str
    runtime: str
    """How it is installed and run: a name in install.py."""
    program: str = ""
    """The directory of its program, when another client shares it."""
    packages: tuple = ()
    """What it needs from Debian, or the Go command that it is."""
    quick: bool = False
    """Part of `--quick`."""
    about: str = ""
    """What the page says beside its name."""
    environment: dict = field(default_factory=dict)
    """Settings that its user would have to make."""

    @property
    def directory(self):
        """The directory of its program."""
        return self.program or self.name


CLIENTS = (
    Client("aws-cli", "house", quick=True, about="AWS's command line, version 1"),
    Client("boto3", "house", quick=True, about="AWS's SDK for Python"),
    Client("minio-py", "python", quick=True, about="MinIO's SDK for Python"),
)
