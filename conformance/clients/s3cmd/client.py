"""s3cmd, with its configuration in the file that it reads."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import job as j

job = j.Job()
job.version(job.run("s3cmd", "--version").split()[-1])
if job.kind == "web identity":
    job.lacks("all", "it brings the token to `https://sts.amazonaws.com` alone")
    raise SystemExit
host = urlsplit(job.endpoint).netloc
settings = {"host_base": host, "host_bucket": host, "use_https": "False", "bucket_location": "us-east-1",
            "access_key": os.environ["AWS_ACCESS_KEY_ID"],
            "secret_key": os.environ["AWS_SECRET_ACCESS_KEY"],
            "access_token": os.environ.get("AWS_SESSION_TOKEN", ""),
            "multipart_chunk_size_mb": "5"}
Path(os.environ["HOME"], ".s3cfg").write_text(
    "[default]\n" + "".join(f"{name} = {value}\n" for name, value in settings.items()))
bucket, back = f"s3://{job.bucket}", job.work / "back"


def read(key):
    """An object's bytes, by way of a file."""
    job.run("s3cmd", "get", "--force", f"{bucket}/{key}", back)
    return back.read_bytes()


def listed(*words):
    """The last word of each line of a listing."""
    return [line.split()[-1] for line in job.run("s3cmd", "ls", *words).splitlines()]


with job.does("make bucket"):
    job.run("s3cmd", "mb", bucket)
with job.does("put"):
    job.run("s3cmd", "put", job.small, f"{bucket}/{j.KEY}")
with job.does("multipart"):
    job.run("s3cmd", "put", job.large, f"{bucket}/{j.LARGE}")
with job.does("get"):
    j.same(read(j.KEY), job.small.read_bytes())
    j.same(read(j.LARGE), job.large.read_bytes())
with job.does("range", "`get --continue` reads from where a file ends"):
    back.write_bytes(job.large.read_bytes()[:j.RANGE[0]])
    job.run("s3cmd", "get", "--continue", f"{bucket}/{j.LARGE}", back)
    j.same(back.read_bytes(), job.large.read_bytes())
with job.does("list"):
    for key in (*j.LISTED, j.DEEP):
        job.run("s3cmd", "put", job.small, f"{bucket}/{key}")
    j.same(sorted(listed(f"{bucket}/list/")),
           [f"{bucket}/list/deep/", *(f"{bucket}/{key}" for key in j.LISTED)])
with job.does("pages"):
    j.same(len(set(listed("--recursive", f"s3://{j.THOUSANDS_BUCKET}"))), j.THOUSANDS)
for operation in ("presign get", "presign put"):
    job.lacks(operation, "`s3cmd signurl` signs by Signature Version 2, which the setting "
              "`signing.v2` refuses unless told otherwise, and links to read alone")
try:
    job.run("s3cmd", "cp", f"{bucket}/{j.KEY}", f"{bucket}/{j.COPY}")
except RuntimeError as refused:
    if "AccessControlListNotSupported" not in str(refused):
        with job.does("copy"):
            raise
    job.lacks("copy", "`s3cmd cp` sends a list with each copy, which a bucket refuses whose lists "
              "are off, as new ones are (`AccessControlListNotSupported`)")
else:
    with job.does("copy"):
        j.same(read(j.COPY), job.small.read_bytes())
with job.does("delete"):
    job.run("s3cmd", "rm", f"{bucket}/{j.KEY}")
    job.run("s3cmd", "rm", "--recursive", "--force", f"{bucket}/")
    job.run("s3cmd", "rb", bucket)
