"""minio-py, with its own credential providers."""

from datetime import timedelta
from urllib.parse import urlsplit

import minio
from minio.commonconfig import CopySource
from minio.credentials import EnvAWSProvider, IamAwsProvider
from minio.deleteobjects import DeleteObject

import job as j


def provider(job):
    """The library's provider for the kind of credential."""
    if job.kind == "web identity":
        return IamAwsProvider(custom_endpoint=job.endpoint)
    return EnvAWSProvider()


def read(key, **more):
    """An object's bytes."""
    answer = s3.get_object(job.bucket, key, **more)
    try:
        return answer.read()
    finally:
        answer.close()


job = j.Job()
job.version(minio.__version__)
s3 = minio.Minio(urlsplit(job.endpoint).netloc, secure=False, credentials=provider(job))

with job.does("make bucket"):
    s3.make_bucket(job.bucket)
    j.same(s3.bucket_exists(job.bucket), True)
with job.does("put"):
    s3.fput_object(job.bucket, j.KEY, str(job.small), metadata={"colour": "blue"})
    j.same(s3.stat_object(job.bucket, j.KEY).metadata["x-amz-meta-colour"], "blue")
with job.does("multipart"):
    s3.fput_object(job.bucket, j.LARGE, str(job.large), part_size=j.PART_BYTES)
    j.same(s3.stat_object(job.bucket, j.LARGE).etag[-2:], "-4", "the parts")
with job.does("get"):
    j.same(read(j.KEY), job.small.read_bytes())
    s3.fget_object(job.bucket, j.LARGE, str(job.work / "back"))
    j.same((job.work / "back").read_bytes(), job.large.read_bytes())
with job.does("range"):
    begin, end = j.RANGE
    j.same(read(j.LARGE, offset=begin, length=end - begin + 1), job.range_of_large())
with job.does("list"):
    for key in (*j.LISTED, j.DEEP):
        s3.fput_object(job.bucket, key, str(job.small))
    for first in (False, True):
        found = s3.list_objects(job.bucket, prefix="list/", use_api_v1=first)
        j.same(sorted(o.object_name for o in found), ["list/deep/", *j.LISTED])
with job.does("pages"):
    found = s3.list_objects(j.THOUSANDS_BUCKET, recursive=True)
    j.same(len({o.object_name for o in found}), j.THOUSANDS)
with job.does("presign get"):
    url = s3.presigned_get_object(job.bucket, j.KEY, expires=timedelta(minutes=1))
    j.same(j.fetch(url), job.small.read_bytes())
with job.does("presign put"):
    j.send(s3.presigned_put_object(job.bucket, j.SENT, expires=timedelta(minutes=1)), b"by link")
    j.same(read(j.SENT), b"by link")
with job.does("copy"):
    s3.copy_object(job.bucket, j.COPY, CopySource(job.bucket, j.KEY))
    j.same(read(j.COPY), job.small.read_bytes())
with job.does("delete"):
    s3.remove_object(job.bucket, j.KEY)
    rest = [DeleteObject(o.object_name) for o in s3.list_objects(job.bucket, recursive=True)]
    j.same(list(s3.remove_objects(job.bucket, rest)), [])
    s3.remove_bucket(job.bucket)
