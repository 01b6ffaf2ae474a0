"""s3fs-fuse: the bucket is mounted, and files are used as files."""

import os
import shutil

import job as j

job = j.Job()
job.version(job.run("s3fs", "--version").split("V", 1)[1].split()[0])
if not os.path.exists("/dev/fuse"):
    job.lacks("all", "this machine has no FUSE")
    raise SystemExit
if job.kind == "web identity":
    job.lacks("all", "it knows roles of EC2 and ECS, and no token of a provider")
    raise SystemExit
if job.kind == "session":
    os.environ["AWSSESSIONTOKEN"] = os.environ["AWS_SESSION_TOKEN"]
for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
    os.environ[name.replace("_", "").removesuffix("ID") + ("ID" if "ID" in name else "")] = os.environ[name]
mounted, thousands = job.work / "mounted", job.work / "thousands"


def mount(bucket, place):
    """Mounts a bucket at a directory."""
    place.mkdir()
    job.run("s3fs", bucket, place, "-o", f"url={job.endpoint}", "-o", "use_path_request_style",
            "-o", "endpoint=us-east-1", "-o", "multipart_size=5", "-o", "sigv4")


job.lacks("make bucket", "it mounts buckets that are there")
with job.does("put"):
    mount(job.bucket, mounted)
    (mounted / "a b").mkdir()
    shutil.copyfile(job.small, mounted / j.KEY)
with job.does("multipart"):
    shutil.copyfile(job.large, mounted / j.LARGE)
with job.does("get"):
    j.same((mounted / j.KEY).read_bytes(), job.small.read_bytes())
    j.same((mounted / j.LARGE).read_bytes(), job.large.read_bytes())
with job.does("range"):
    with (mounted / j.LARGE).open("rb") as file:
        file.seek(j.RANGE[0])
        j.same(file.read(j.RANGE[1] - j.RANGE[0] + 1), job.range_of_large())
with job.does("list"):
    (mounted / "list/deep").mkdir(parents=True)
    for key in (*j.LISTED, j.DEEP):
        (mounted / key).write_bytes(b"x")
    j.same(sorted(os.listdir(mounted / "list")), ["deep", "one", "two"])
with job.does("pages"):
    mount(j.THOUSANDS_BUCKET, thousands)
    j.same(len(os.listdir(thousands / "pages")), j.THOUSANDS)
for operation in ("presign get", "presign put"):
    job.lacks(operation, "a file system has no links of that kind")
with job.does("copy", "by renaming, which is a copy and a removal"):
    (mounted / "copies").mkdir()
    os.rename(mounted / j.KEY, mounted / j.COPY)
    j.same((mounted / j.COPY).read_bytes(), job.small.read_bytes())
with job.does("delete", "it leaves the bucket"):
    for name in os.listdir(mounted):
        path = mounted / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    j.same(os.listdir(mounted), [])
for place in (mounted, thousands):
    job.run("sh", "-c", f"fusermount -u '{place}' || true")
