"""polars: data frames written to and read from a bucket."""

import polars

import job as j

job = j.Job()
job.version(polars.__version__)
if job.kind == "web identity":
    job.lacks("all", "its object_store brings the token to an `https` address alone")
    raise SystemExit
options = {"aws_endpoint_url": job.endpoint, "aws_region": "us-east-1", "aws_allow_http": "true"}
bucket = f"s3://{job.bucket}"
few = polars.DataFrame({"n": range(100), "text": ["x"] * 100})
many = polars.DataFrame({"n": range(3_000_000)}).with_columns(h=polars.col("n").hash())

job.lacks("make bucket", "it uses buckets that are there")
with job.does("put"):
    few.write_parquet(f"{bucket}/few/a b+c.parquet", storage_options=options)
with job.does("multipart"):
    many.write_parquet(f"{bucket}/many.parquet", storage_options=options, compression="uncompressed")
with job.does("get"):
    for frame, key in ((few, "few/a b+c.parquet"), (many, "many.parquet")):
        back = polars.read_parquet(f"{bucket}/{key}", storage_options=options, glob=False)
        j.same(back.equals(frame), True, key)
with job.does("range", "one column, of some rows"):
    found = polars.scan_parquet(f"{bucket}/many.parquet", storage_options=options)
    j.same(found.select("n").slice(2_000_000, 3).collect()["n"].to_list(),
           [2_000_000, 2_000_001, 2_000_002])
with job.does("list", "a pattern"):
    few.write_parquet(f"{bucket}/few/two.parquet", storage_options=options)
    found = polars.scan_parquet(f"{bucket}/few/*.parquet", storage_options=options)
    j.same(found.select(polars.len()).collect().item(), 200)
for operation in ("pages", "presign get", "presign put", "copy", "delete"):
    job.lacks(operation, "it reads and writes frames alone")
