"""Signs cases with minio-py: CASES on stdin, one JSON a line."""

import datetime
import hashlib
import json
import sys
from urllib.parse import urlsplit

from minio.credentials import Credentials
from minio.helpers import queryencode, quote
from minio.signer import presign_v4, sign_v4_s3, sign_v4_sts


def skipped(case):
    """Why this signer has no way to say the case."""
    if case["service"] not in ("s3", "sts"):
        return "signs for s3 and sts alone"
    if case["service"] == "sts" and case["path"] != "/":
        return "does not encode a path twice"
    if case["form"] == "query" and case["headers"]:
        return "presigns no header but host"
    return None


def signed(case):
    reason = skipped(case)
    if reason:
        return {"id": case["id"], "skip": reason}
    when = datetime.datetime.strptime(case["time"], "%Y%m%dT%H%M%SZ")
    when = when.replace(tzinfo=datetime.timezone.utc)
    credentials = Credentials(case["access"], case["secret"], case["token"])
    query = [f"{queryencode(name)}={queryencode(value)}" for name, value in case["query"]]
    if case["form"] == "query" and case["token"]:
        query.append(f"X-Amz-Security-Token={queryencode(case['token'])}")
    url = f"https://{case['host']}{quote(case['path'])}"
    url = urlsplit(url + ("?" + "&".join(query) if query else ""))
    sent = []
    if case["form"] == "query":
        url = presign_v4(
            method=case["method"],
            url=url,
            region=case["region"],
            credentials=credentials,
            date=when,
            expires=case["expires"],
        )
        sent.append(("host", case["host"]))
    else:
        body = bytes.fromhex(case["body"])
        digest = hashlib.sha256(body).hexdigest()
        if case["payload"] == "unsigned":
            digest = "UNSIGNED-PAYLOAD"
        headers = {"Host": case["host"], "x-amz-date": case["time"]}
        if case["service"] == "s3":
            headers["x-amz-content-sha256"] = digest
        if case["token"]:
            headers["X-Amz-Security-Token"] = case["token"]
        for name, value in case["headers"]:
            many = headers.get(name)
            headers[name] = value if many is None else [*([many] if isinstance(many, str) else many), value]
        sign = sign_v4_s3 if case["service"] == "s3" else sign_v4_sts
        headers = sign(
            method=case["method"],
            url=url,
            region=case["region"],
            headers=headers,
            credentials=credentials,
            content_sha256=digest,
            date=when,
        )
        for name, values in headers.items():
            for value in values if isinstance(values, list) else [values]:
                sent.append((name, value))
    target = url.path + (f"?{url.query}" if url.query else "")
    return {"id": case["id"], "method": case["method"], "target": target, "headers": sent}


for line in sys.stdin:
    print(json.dumps(signed(json.loads(line))))
