"""restic: a repository is made, filled, read back whole, and emptied."""

import os

import job as j

job = j.Job()
job.version(job.run("restic", "version").split()[1])
if job.kind == "web identity":
    job.lacks("all", "it brings the token to `https://sts.amazonaws.com` alone")
    raise SystemExit
os.environ["RESTIC_PASSWORD"] = "conformance"
os.environ["RESTIC_REPOSITORY"] = f"s3:{job.endpoint}/{job.bucket}/repository"

with job.does("make bucket", "`restic init` makes it"):
    job.run("restic", "init")
with job.does("put", "`restic backup`"):
    job.run("restic", "backup", job.small, job.large)
job.lacks("multipart", "its packs are smaller than that")
with job.does("get", "`restic restore`"):
    job.run("restic", "restore", "latest", "--target", job.work / "restored")
    for file in (job.small, job.large):
        j.same(next((job.work / "restored").rglob(file.name)).read_bytes(), file.read_bytes())
with job.does("range", "`restic check --read-data` and `dump` read blobs out of packs"):
    job.run("restic", "check", "--read-data")
    job.run("restic", "dump", "latest", job.small)
with job.does("list", "`restic snapshots` and `restic ls`"):
    j.same(job.run("restic", "snapshots", "--json").count('"short_id"'), 1)
    j.same(str(job.large) in job.run("restic", "ls", "latest"), True)
for operation in ("pages", "presign get", "presign put", "copy"):
    job.lacks(operation, "a backup program has no use for it")
with job.does("delete", "`restic forget --prune`; it leaves the bucket"):
    job.run("restic", "forget", "latest", "--prune")
    j.same(job.run("restic", "snapshots", "--json").count('"short_id"'), 0)
