"""Signs cases with botocore, as boto3 and the `aws` command do: CASES on stdin, one JSON a line."""

import datetime
import json
import sys
from urllib.parse import urlsplit

import botocore.auth
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials
from botocore.utils import percent_encode, percent_encode_sequence


class Context:
    """What a client's configuration says of payloads."""

    def __init__(self, signed):
        self.s3 = {"payload_signing_enabled": signed}


def signed(case):
    when = datetime.datetime.strptime(case["time"], "%Y%m%dT%H%M%SZ")
    botocore.auth.get_current_datetime = lambda *_, **__: when
    headers = HTTPHeaders()
    for name, value in case["headers"]:
        headers.add_header(name, value)
    url = f"https://{case['host']}{percent_encode(case['path'], safe='/~')}"
    if case["query"]:
        url += "?" + percent_encode_sequence(case["query"])
    request = AWSRequest(case["method"], url, headers=headers, data=bytes.fromhex(case["body"]))
    request.context["client_config"] = Context(case["payload"] == "signed")
    credentials = Credentials(case["access"], case["secret"], case["token"])
    if case["service"] != "s3":
        signer = SigV4Auth(credentials, case["service"], case["region"])
    elif case["form"] == "query":
        request.data = b""
        signer = S3SigV4QueryAuth(credentials, "s3", case["region"], expires=case["expires"])
    else:
        signer = S3SigV4Auth(credentials, "s3", case["region"])
    signer.add_auth(request)
    parts = urlsplit(request.url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    sent = [(name, value) for name, value in request.headers.items()]
    if not any(name.lower() == "host" for name, _ in sent):
        sent.append(("host", case["host"]))
    return {"id": case["id"], "method": case["method"], "target": target, "headers": sent}


for line in sys.stdin:
    print(json.dumps(signed(json.loads(line))))
