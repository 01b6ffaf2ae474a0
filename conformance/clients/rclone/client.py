"""rclone, with its remote and its options in the environment."""

import os

import job as j

job = j.Job()
version = job.run("rclone", "version").split()[1].removeprefix("v").removesuffix("-DEV")
job.version(version)
os.environ.update({
    "RCLONE_CONFIG_S3_TYPE": "s3", "RCLONE_CONFIG_S3_PROVIDER": "Other",
    "RCLONE_CONFIG_S3_ENV_AUTH": "true", "RCLONE_CONFIG_S3_ENDPOINT": job.endpoint,
    "RCLONE_CONFIG_S3_REGION": "us-east-1",
    "RCLONE_S3_CHUNK_SIZE": "5Mi", "RCLONE_S3_UPLOAD_CUTOFF": "5Mi", "RCLONE_RETRIES": "1",
})
if tuple(map(int, version.split(".")[:2])) < (1, 70):
    # Before its AWS SDK was of version 2, this named the endpoint that takes the token.
    os.environ["RCLONE_CONFIG_S3_STS_ENDPOINT"] = job.endpoint
REMARK = ""
if tuple(map(int, version.split(".")[:2])) < (1, 61):
    # It sends a list with every object, and buckets whose lists are off take this one alone.
    os.environ["RCLONE_CONFIG_S3_ACL"] = "bucket-owner-full-control"
    os.environ["RCLONE_CONFIG_S3_BUCKET_ACL"] = "private"
    REMARK = "with `acl = bucket-owner-full-control`: it sends a list with every object, and a " \
             "bucket whose lists are off, as new ones are, takes no other"
bucket, back = f"s3:{job.bucket}", job.work / "back"


def read(key):
    """An object's bytes, by way of a file."""
    job.run("rclone", "copyto", f"{bucket}/{key}", back)
    return back.read_bytes()


with job.does("make bucket"):
    job.run("rclone", "mkdir", bucket)
with job.does("put", REMARK):
    job.run("rclone", "copyto", job.small, f"{bucket}/{j.KEY}")
with job.does("multipart"):
    job.run("rclone", "copyto", job.large, f"{bucket}/{j.LARGE}")
with job.does("get"):
    j.same(read(j.KEY), job.small.read_bytes())
    j.same(read(j.LARGE), job.large.read_bytes())
    job.run("rclone", "check", "--one-way", job.work, bucket, "--include", j.LARGE)
with job.does("range"):
    begin, end = j.RANGE
    part = job.work / "part"
    job.run("sh", "-c", f"rclone cat --offset {begin} --count {end - begin + 1} "
            f"'{bucket}/{j.LARGE}' > '{part}'")
    j.same(part.read_bytes(), job.range_of_large())
with job.does("list"):
    for key in (*j.LISTED, j.DEEP):
        job.run("rclone", "copyto", job.small, f"{bucket}/{key}")
    j.same(job.run("rclone", "lsf", f"{bucket}/list").split(), ["deep/", "one", "two"])
with job.does("pages"):
    listed = job.run("rclone", "lsf", "--recursive", "--files-only", f"s3:{j.THOUSANDS_BUCKET}")
    j.same(len(set(listed.split())), j.THOUSANDS)
with job.does("presign get"):
    url = job.run("rclone", "link", "--expire", "60s", f"{bucket}/{j.KEY}").strip()
    j.same(j.fetch(url), job.small.read_bytes())
job.lacks("presign put", "`rclone link` makes links to read alone")
with job.does("copy"):
    for key, to, file in ((j.KEY, j.COPY, job.small), (j.LARGE, "copies/large", job.large)):
        job.run("rclone", "copyto", f"{bucket}/{key}", f"{bucket}/{to}")
        j.same(read(to), file.read_bytes())
with job.does("delete"):
    job.run("rclone", "deletefile", f"{bucket}/{j.KEY}")
    job.run("rclone", "purge", bucket)
