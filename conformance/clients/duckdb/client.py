"""DuckDB with its httpfs extension: tables written to and read from a bucket."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import duckdb

import job as j

job = j.Job()
job.version(duckdb.__version__)
if job.kind == "web identity":
    job.lacks("all", "its httpfs extension knows keys and tokens of a session alone")
    raise SystemExit
extension = next(Path(duckdb.__file__).parent.parent.glob("duckdb_ext/**/httpfs.duckdb_extension"))
db = duckdb.connect(config={"allow_unsigned_extensions": "true"})
db.execute(f"LOAD '{extension}'")
env, host = os.environ, urlsplit(job.endpoint).netloc
db.execute(f"""CREATE SECRET (TYPE s3, KEY_ID '{env["AWS_ACCESS_KEY_ID"]}',
    SECRET '{env["AWS_SECRET_ACCESS_KEY"]}', SESSION_TOKEN '{env.get("AWS_SESSION_TOKEN", "")}',
    REGION 'us-east-1', ENDPOINT '{host}', URL_STYLE 'path', USE_SSL false)""")
bucket = f"s3://{job.bucket}"


def ask(query):
    """The rows that a query gives."""
    return db.execute(query).fetchall()


job.lacks("make bucket", "it uses buckets that are there")
with job.does("put"):
    ask(f"COPY (SELECT range AS n FROM range(100)) TO '{bucket}/few/a b+ü.parquet'")
with job.does("multipart", "it writes nothing in one piece"):
    ask(f"COPY (SELECT range AS n, hash(range) AS h FROM range(3000000)) TO '{bucket}/many.parquet'")
with job.does("get"):
    j.same(ask(f"SELECT count(*), sum(n) FROM '{bucket}/few/a b+ü.parquet'"), [(100, 4950)])
    j.same(ask(f"SELECT count(*) FROM '{bucket}/many.parquet' WHERE h = hash(n)"), [(3_000_000,)])
with job.does("range", "one column, of some rows"):
    j.same(ask(f"SELECT n FROM '{bucket}/many.parquet' WHERE n = 2000000"), [(2_000_000,)])
with job.does("list", "a pattern"):
    ask(f"COPY (SELECT 100 AS n) TO '{bucket}/few/two.parquet'")
    j.same(ask(f"SELECT count(*) FROM '{bucket}/few/*.parquet'"), [(101,)])
with job.does("pages", "a pattern"):
    j.same(ask(f"SELECT count(*) FROM glob('s3://{j.THOUSANDS_BUCKET}/pages/*')"), [(j.THOUSANDS,)])
for operation in ("presign get", "presign put", "copy", "delete"):
    job.lacks(operation, "it reads and writes tables alone")
