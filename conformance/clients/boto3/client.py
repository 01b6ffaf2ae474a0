"""boto3, with the credential that its own chain finds."""

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

import job as j

job = j.Job()
job.version(boto3.__version__)
s3 = boto3.client("s3")
links = boto3.client("s3", config=Config(signature_version="s3v4"))
parts = TransferConfig(multipart_threshold=j.PART_BYTES, multipart_chunksize=j.PART_BYTES)
here = {"Bucket": job.bucket}

with job.does("make bucket"):
    s3.create_bucket(**here)
    s3.get_waiter("bucket_exists").wait(**here)
with job.does("put"):
    s3.put_object(**here, Key=j.KEY, Body=job.small.read_bytes(), Metadata={"colour": "blue"})
    j.same(s3.head_object(**here, Key=j.KEY)["Metadata"], {"colour": "blue"})
with job.does("multipart"):
    s3.upload_file(str(job.large), job.bucket, j.LARGE, Config=parts)
    j.same(s3.head_object(**here, Key=j.LARGE)["ETag"][-3:], '-4"', "the parts")
with job.does("get"):
    j.same(s3.get_object(**here, Key=j.KEY)["Body"].read(), job.small.read_bytes())
    s3.download_file(job.bucket, j.LARGE, str(job.work / "back"), Config=parts)
    j.same((job.work / "back").read_bytes(), job.large.read_bytes())
with job.does("range"):
    part = s3.get_object(**here, Key=j.LARGE, Range="bytes={}-{}".format(*j.RANGE))
    j.same(part["Body"].read(), job.range_of_large())
with job.does("list"):
    for key in (*j.LISTED, j.DEEP):
        s3.put_object(**here, Key=key, Body=b"x")
    for call in (s3.list_objects_v2, s3.list_objects):
        found = call(**here, Prefix="list/", Delimiter="/")
        j.same([o["Key"] for o in found["Contents"]], list(j.LISTED))
        j.same([p["Prefix"] for p in found["CommonPrefixes"]], ["list/deep/"])
with job.does("pages"):
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=j.THOUSANDS_BUCKET)
    j.same(len({o["Key"] for page in pages for o in page["Contents"]}), j.THOUSANDS)
with job.does("presign get", j.LINKS_V4):
    url = links.generate_presigned_url("get_object", {**here, "Key": j.KEY}, ExpiresIn=60)
    j.same(j.fetch(url), job.small.read_bytes())
with job.does("presign put", j.LINKS_V4):
    url = links.generate_presigned_url("put_object", {**here, "Key": j.SENT}, ExpiresIn=60)
    j.send(url, b"by link")
    j.same(s3.get_object(**here, Key=j.SENT)["Body"].read(), b"by link")
with job.does("copy"):
    s3.copy_object(**here, Key=j.COPY, CopySource={**here, "Key": j.KEY})
    j.same(s3.get_object(**here, Key=j.COPY)["Body"].read(), job.small.read_bytes())
    s3.copy({**here, "Key": j.LARGE}, job.bucket, "copies/large", Config=parts)
    j.same(s3.get_object(**here, Key="copies/large")["Body"].read(), job.large.read_bytes())
with job.does("delete"):
    s3.delete_object(**here, Key=j.KEY)
    rest = [{"Key": o["Key"]} for o in s3.list_objects_v2(**here)["Contents"]]
    j.same("Errors" in s3.delete_objects(**here, Delete={"Objects": rest}), False)
    s3.delete_bucket(**here)
