"""S3 for the tests of the sink that is a bucket: requests signed by AWS Signature Version 4, with the
standard library alone."""

import datetime
import hashlib
import hmac
import http.client
import urllib.parse
import xml.etree.ElementTree as tree

KEY, SECRET = "AKIASINKSINKSINKSINK", "a-secret-of-at-least-thirty-two-characters"
ENVIRONMENT = {"STRONGROOM_ROOT_ACCESS_KEY": KEY, "STRONGROOM_ROOT_SECRET_KEY": SECRET}


def send(endpoint, method, path, query=""):
    host, payload = endpoint.removeprefix("http://"), hashlib.sha256(b"").hexdigest()
    time = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{time[:8]}/us-east-1/s3/aws4_request"
    headers = {"host": host, "x-amz-content-sha256": payload, "x-amz-date": time}
    names = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    canonical = f"{method}\n{path}\n{query}\n{lines}\n{names}\n{payload}"
    text = f"AWS4-HMAC-SHA256\n{time}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = b"AWS4" + SECRET.encode()
    for word in scope.split("/"):
        key = hmac.digest(key, word.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    headers["authorization"] = (f"AWS4-HMAC-SHA256 Credential={KEY}/{scope}, "
                                f"SignedHeaders={names}, Signature={signature}")
    connection = http.client.HTTPConnection(host, timeout=60)
    connection.request(method, path + ("?" + query if query else ""), headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, (method, path, answer.status, body)
    return body


def keys(endpoint, bucket):
    """All keys, in order."""
    found, after = [], ""
    while True:
        query = "list-type=2" + (f"&start-after={urllib.parse.quote(after, safe='')}" if after else "")
        query = "&".join(sorted(query.split("&")))
        listed = tree.fromstring(send(endpoint, "GET", f"/{bucket}", query))
        space = listed.tag.removesuffix("ListBucketResult")
        some = [entry.text for entry in listed.iter(f"{space}Key")]
        if not some:
            return found
        found += some
        after = some[-1]
