"""Requests as bytes: a small SigV4 signer and a socket, so that every byte can be bent."""

import hashlib
import hmac
import re
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qsl, quote, unquote_to_bytes

EMPTY = hashlib.sha256(b"").hexdigest()
UNSIGNED = "UNSIGNED-PAYLOAD"
CHUNKED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
REGION = "us-east-1"
ANSWER_SECONDS_MAX = 60


def hexhmac(key, text):
    """HMAC-SHA-256 in hex."""
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


@dataclass
class Answer:
    """What came back; status 0 if nothing did."""

    status: int
    headers: dict
    body: bytes

    @property
    def code(self):
        """The dialect's error code."""
        found = re.search(rb"<Code>([^<]*)</Code>", self.body)
        found = found or re.search(rb'"code"\s*:\s*"([^"]*)"', self.body)
        return found.group(1).decode() if found else None

    def __str__(self):
        return f"{self.status} {self.code} {self.body[:300]!r}"


@dataclass
class Signed:
    """A signed request and what its chunks are signed with."""

    head: list
    body: bytes
    key: bytes
    scope: str
    stamp: str
    signature: str

    def bytes(self):
        """The request as it goes on the wire."""
        return "\r\n".join([*self.head, "", ""]).encode("latin-1") + self.body

    def chunks(self, pieces):
        """The pieces as signed aws-chunks, the empty last one included (AWS SigV4, streaming)."""
        previous, made = self.signature, []
        for piece in [*pieces, b""]:
            text = "\n".join([
                "AWS4-HMAC-SHA256-PAYLOAD", self.stamp, self.scope, previous, EMPTY,
                hashlib.sha256(piece).hexdigest(),
            ])
            previous = hexhmac(self.key, text)
            made.append(f"{len(piece):x};chunk-signature={previous}\r\n".encode() + piece + b"\r\n")
        return made


class Raw:
    """Signs as one credential, for one service."""

    def __init__(self, house, credential, service="s3"):
        self.house, self.service = house, service
        self.key, self.secret, *token = credential
        self.token = token[0] if token else None
        self.host = f"127.0.0.1:{house.api}"

    def sign(self, method, target, body=b"", headers=None, **bent):
        """A signed request. `bent`: `skew` (timedelta), `after` (headers added unsigned),
        `content` (what x-amz-content-sha256 says), `length` (what content-length says)."""
        now = datetime.now(timezone.utc) + bent.get("skew", timedelta())
        stamp, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
        path, _, query = target.partition("?")
        content = bent.get("content") or hashlib.sha256(body).hexdigest()
        signed = {k.lower(): v for k, v in (headers or {}).items()}
        signed.update({"host": self.host, "x-amz-date": stamp, "x-amz-content-sha256": content})
        if self.token:
            signed["x-amz-security-token"] = self.token
        names = ";".join(sorted(signed))
        canonical = "\n".join([
            method, quote(unquote_to_bytes(path), safe="/-_.~"), _canonical_query(query),
            *(f"{name}:{' '.join(signed[name].split())}" for name in sorted(signed)), "",
            names, content,
        ])
        scope = f"{day}/{REGION}/{self.service}/aws4_request"
        key = f"AWS4{self.secret}".encode()
        for part in (day, REGION, self.service, "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        signature = hexhmac(key, "\n".join(["AWS4-HMAC-SHA256", stamp, scope, digest]))
        signed["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={self.key}/{scope}, SignedHeaders={names}, "
            f"Signature={signature}"
        )
        length = bent.get("length", len(body))
        sent = {**signed, **bent.get("after", {}), "content-length": str(length)}
        head = [f"{method} {target} HTTP/1.1", *(f"{k}: {v}" for k, v in sent.items())]
        return Signed(head, body, key, scope, stamp, signature)

    def send(self, method, target, body=b"", headers=None, **bent):
        """Signs and sends."""
        return self.deliver(self.sign(method, target, body, headers, **bent).bytes())

    def form(self, **parameters):
        """A signed form of the query protocol."""
        body = "&".join(f"{k}={quote(v, safe='-_.~')}" for k, v in parameters.items()).encode()
        headers = {"content-type": "application/x-www-form-urlencoded", **self.agent}
        return self.send("POST", "/", body, headers)

    agent = {}

    def deliver(self, request, finish=False):
        """Sends bytes, perhaps ends our side, and reads one answer."""
        with socket.create_connection(("127.0.0.1", self.house.api), ANSWER_SECONDS_MAX) as wire:
            try:
                wire.sendall(request)
                if finish:
                    wire.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # refused before all was sent: the answer is there all the same
            return _read(wire, request.startswith(b"HEAD "))


def _canonical_query(query):
    pairs = parse_qsl(query, keep_blank_values=True) if query else []
    coded = sorted((quote(k, safe="-_.~"), quote(v, safe="-_.~")) for k, v in pairs)
    return "&".join(f"{k}={v}" for k, v in coded)


def _read(wire, head_only):
    text = b""
    while b"\r\n\r\n" not in text:
        try:
            more = wire.recv(65536)
        except ConnectionResetError:
            more = b""
        if not more:
            return Answer(0, {}, text)
        text += more
    head, _, body = text.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:])}
    length = 0 if head_only else int(headers.get("content-length", "0"))
    while len(body) < length:
        try:
            more = wire.recv(65536)
        except ConnectionResetError:
            more = b""
        if not more:
            break
        body += more
    return Answer(int(lines[0].split()[1]), headers, body)
