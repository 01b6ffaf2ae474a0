"""s3fs, the file system of fsspec, with the credential that its own chain finds."""

import s3fs

import job as j

job = j.Job()
job.version(s3fs.__version__)
fs = s3fs.S3FileSystem(config_kwargs={"signature_version": "s3v4"}, use_listings_cache=False)
bucket = job.bucket

with job.does("make bucket"):
    fs.mkdir(bucket)
with job.does("put"):
    fs.pipe_file(f"{bucket}/{j.KEY}", job.small.read_bytes())
with job.does("multipart"):
    with fs.open(f"{bucket}/{j.LARGE}", "wb", block_size=j.PART_BYTES) as file:
        file.write(job.large.read_bytes())
    j.same("-" in fs.info(f"{bucket}/{j.LARGE}")["ETag"], True, "the parts")
with job.does("get"):
    j.same(fs.cat_file(f"{bucket}/{j.KEY}"), job.small.read_bytes())
    fs.get_file(f"{bucket}/{j.LARGE}", str(job.work / "back"))
    j.same((job.work / "back").read_bytes(), job.large.read_bytes())
with job.does("range"):
    j.same(fs.cat_file(f"{bucket}/{j.LARGE}", start=j.RANGE[0], end=j.RANGE[1] + 1),
           job.range_of_large())
with job.does("list"):
    for key in (*j.LISTED, j.DEEP):
        fs.pipe_file(f"{bucket}/{key}", b"x")
    j.same(sorted(fs.ls(f"{bucket}/list", detail=False)),
           [f"{bucket}/{key}" for key in ("list/deep", *j.LISTED)])
with job.does("pages"):
    j.same(len(fs.find(j.THOUSANDS_BUCKET)), j.THOUSANDS)
with job.does("presign get", j.LINKS_V4):
    j.same(j.fetch(fs.sign(f"{bucket}/{j.KEY}", expiration=60)), job.small.read_bytes())
job.lacks("presign put", "`sign` makes links to read alone")
with job.does("copy"):
    fs.copy(f"{bucket}/{j.KEY}", f"{bucket}/{j.COPY}")
    j.same(fs.cat_file(f"{bucket}/{j.COPY}"), job.small.read_bytes())
with job.does("delete"):
    fs.rm_file(f"{bucket}/{j.KEY}")
    fs.rm(bucket, recursive=True)
    j.same(fs.exists(bucket), False)
