"""The `aws` command, with the credential that its own chain finds."""

import json

import job as j

job = j.Job()
version = job.run("aws", "--version").split()[0].removeprefix("aws-cli/")
job.version(version)
# Version 2.13 began to read AWS_ENDPOINT_URL_STS; Debian's is older.
older = [2, 0] <= [int(part) for part in version.split(".")[:2]] < [2, 13]
if older and job.kind == "web identity":
    job.lacks("all", "it brings the token to `https://sts.REGION.amazonaws.com` alone")
    raise SystemExit
bucket = f"s3://{job.bucket}"
back = job.work / "back"
job.run("aws", "configure", "set", "default.s3.multipart_threshold", j.PART_BYTES)
job.run("aws", "configure", "set", "default.s3.multipart_chunksize", j.PART_BYTES)


def aws(*words):
    """Runs the command against the server; reads what it prints, if that is JSON."""
    said = job.run("aws", "--endpoint-url", job.endpoint, *words)
    return json.loads(said) if said.startswith(("{", "[")) else said


def api(operation, *words):
    """An `s3api` command on the bucket."""
    return aws("s3api", operation, "--bucket", job.bucket, *words, "--output", "json")


with job.does("make bucket"):
    aws("s3", "mb", bucket)
with job.does("put"):
    aws("s3", "cp", job.small, f"{bucket}/{j.KEY}", "--metadata", "colour=blue")
    j.same(api("head-object", "--key", j.KEY)["Metadata"], {"colour": "blue"})
with job.does("multipart"):
    aws("s3", "cp", job.large, f"{bucket}/{j.LARGE}")
    j.same(api("head-object", "--key", j.LARGE)["ETag"][-3:], '-4"', "the parts")
with job.does("get"):
    for key, file in ((j.KEY, job.small), (j.LARGE, job.large)):
        aws("s3", "cp", f"{bucket}/{key}", back)
        j.same(back.read_bytes(), file.read_bytes())
with job.does("range"):
    api("get-object", "--key", j.LARGE, "--range", "bytes={}-{}".format(*j.RANGE), back)
    j.same(back.read_bytes(), job.range_of_large())
with job.does("list"):
    for key in (*j.LISTED, j.DEEP):
        api("put-object", "--key", key, "--body", job.small)
    found = api("list-objects-v2", "--prefix", "list/", "--delimiter", "/")
    j.same([o["Key"] for o in found["Contents"]], list(j.LISTED))
    j.same([p["Prefix"] for p in found["CommonPrefixes"]], ["list/deep/"])
    j.same([line.split()[-1] for line in aws("s3", "ls", f"{bucket}/list/").splitlines()],
           ["deep/", "one", "two"])
with job.does("pages"):
    listed = aws("s3", "ls", "--recursive", f"s3://{j.THOUSANDS_BUCKET}").splitlines()
    j.same(len(set(listed)), j.THOUSANDS)
with job.does("presign get", j.LINKS_V4):
    job.run("aws", "configure", "set", "default.s3.signature_version", "s3v4")
    url = aws("s3", "presign", f"{bucket}/{j.KEY}", "--expires-in", "60").strip()
    j.same(j.fetch(url), job.small.read_bytes())
job.lacks("presign put", "`aws s3 presign` makes links to read alone")
with job.does("copy"):
    aws("s3", "cp", f"{bucket}/{j.KEY}", f"{bucket}/{j.COPY}")
    aws("s3", "cp", f"{bucket}/{j.LARGE}", f"{bucket}/copies/large")
    for key, file in ((j.COPY, job.small), ("copies/large", job.large)):
        api("get-object", "--key", key, back)
        j.same(back.read_bytes(), file.read_bytes())
with job.does("delete"):
    aws("s3", "rm", f"{bucket}/{j.KEY}")
    aws("s3", "rb", "--force", bucket)
