"""pyarrow's S3 file system, with the credential that the AWS SDK for C++ finds."""

from urllib.parse import urlsplit

import pyarrow
from pyarrow import fs as arrow

import job as j

job = j.Job()
job.version(pyarrow.__version__)
if job.kind == "web identity":
    job.lacks("all", "the AWS SDK for C++ in it brings the token to `https://sts.REGION.amazonaws.com` alone")
    raise SystemExit
fs = arrow.S3FileSystem(endpoint_override=urlsplit(job.endpoint).netloc, scheme="http",
                        region="us-east-1", allow_bucket_creation=True, allow_bucket_deletion=True)
bucket = job.bucket


def write(key, body):
    """Stores an object."""
    with fs.open_output_stream(f"{bucket}/{key}") as file:
        file.write(body)


def read(key):
    """An object's bytes."""
    with fs.open_input_stream(f"{bucket}/{key}") as file:
        return file.read()


with job.does("make bucket"):
    fs.create_dir(bucket)
with job.does("put"):
    write(j.KEY, job.small.read_bytes())
with job.does("multipart"):
    write(j.LARGE, job.large.read_bytes())
with job.does("get"):
    j.same(read(j.KEY), job.small.read_bytes())
    j.same(read(j.LARGE), job.large.read_bytes())
with job.does("range"):
    with fs.open_input_file(f"{bucket}/{j.LARGE}") as file:
        j.same(file.read_at(j.RANGE[1] - j.RANGE[0] + 1, j.RANGE[0]), job.range_of_large())
with job.does("list"):
    for key in (*j.LISTED, j.DEEP):
        write(key, b"x")
    found = fs.get_file_info(arrow.FileSelector(f"{bucket}/list"))
    j.same(sorted(one.path for one in found),
           [f"{bucket}/{key}" for key in ("list/deep", *j.LISTED)])
with job.does("pages"):
    found = fs.get_file_info(arrow.FileSelector(j.THOUSANDS_BUCKET, recursive=True))
    j.same(sum(one.type == arrow.FileType.File for one in found), j.THOUSANDS)
for operation in ("presign get", "presign put"):
    job.lacks(operation, "a file system has no links of that kind")
with job.does("copy"):
    fs.copy_file(f"{bucket}/{j.KEY}", f"{bucket}/{j.COPY}")
    j.same(read(j.COPY), job.small.read_bytes())
with job.does("delete"):
    fs.delete_file(f"{bucket}/{j.KEY}")
    fs.delete_dir(bucket)
