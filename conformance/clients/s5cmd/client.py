"""s5cmd, with the credential that its own chain finds."""

import job as j

job = j.Job()
job.version(job.run("s5cmd", "version").split("-")[0].removeprefix("v").strip())
bucket, back = f"s3://{job.bucket}", job.work / "back"


def s5cmd(*words):
    """Runs the command against the server."""
    return job.run("s5cmd", "--endpoint-url", job.endpoint, *words)


def read(key):
    """An object's bytes, by way of a file."""
    s5cmd("cp", "--part-size", "5", f"{bucket}/{key}", back)
    return back.read_bytes()


with job.does("make bucket"):
    s5cmd("mb", bucket)
with job.does("put"):
    s5cmd("cp", job.small, f"{bucket}/{j.KEY}")
with job.does("multipart"):
    s5cmd("cp", "--part-size", "5", job.large, f"{bucket}/{j.LARGE}")
with job.does("get"):
    j.same(read(j.KEY), job.small.read_bytes())
    j.same(read(j.LARGE), job.large.read_bytes())
job.lacks("range", "no command reads a range (its downloads are ranges, one a part)")
with job.does("list"):
    for key in (*j.LISTED, j.DEEP):
        s5cmd("cp", job.small, f"{bucket}/{key}")
    found = [line.split()[-1] for line in s5cmd("ls", f"{bucket}/list/").splitlines()]
    j.same(sorted(found), ["deep/", "one", "two"])
with job.does("pages"):
    j.same(len(set(s5cmd("ls", f"s3://{j.THOUSANDS_BUCKET}/*").splitlines())), j.THOUSANDS)
with job.does("presign get"):
    url = s5cmd("presign", "--expire", "60s", f"{bucket}/{j.KEY}").strip()
    j.same(j.fetch(url), job.small.read_bytes())
job.lacks("presign put", "`s5cmd presign` makes links to read alone")
with job.does("copy"):
    s5cmd("cp", f"{bucket}/{j.KEY}", f"{bucket}/{j.COPY}")
    j.same(read(j.COPY), job.small.read_bytes())
with job.does("delete"):
    s5cmd("rm", f"{bucket}/{j.KEY}")
    s5cmd("rm", f"{bucket}/*")
    s5cmd("rb", bucket)
