"""Bad input: each answered in its dialect's shape, the state unchanged, one audit entry with why.

Every refusal has a twin that differs from it in one fact and is accepted. Run by `cargo xtask
conformance first-request`.
"""

import base64
import hashlib
import json
import re
import sys
import time
import zlib
from datetime import timedelta
from urllib.parse import quote

import journal
from house import Steps, check, open_house, same
from raw import CHUNKED, TRAILER, Answer, Raw

BUCKET = "bad-input"
EVIL = "evil"
CHUNK = 64 * 1024
NESTED = 10_000
# Deep, and still not larger than a policy may be.
NESTED_POLICY = 2_000
MANY_KEYS = 100_000
KEYS_MAX = 1_000


def policy(*statements):
    """A policy's text."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


READ_ALL = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}


class BadInput:
    """The cases, and what the record must say of each."""

    def __init__(self, house):
        self.house = house
        self.expected = []
        self.agents = 0

    # The house of the cases.

    def start(self):
        house = self.house
        house.start_server()
        house.start_provider()
        self.root = house.root_credential()
        self.s3, self.iam = house.client("s3", self.root), house.client("iam", self.root)
        sts = house.client("sts", self.root)
        self.account = sts.get_caller_identity()["Account"]
        self.s3.create_bucket(Bucket=BUCKET)
        self.s3.put_object(Bucket=BUCKET, Key="kept", Body=b"kept")
        self.s3.put_object(Bucket=BUCKET, Key="secret/x", Body=b"secret")
        self.s3.put_object(Bucket=BUCKET, Key="open/x", Body=b"open")
        made = self.iam.create_open_id_connect_provider(
            Url=house.issuer, ClientIDList=["strongroom"], ThumbprintList=["0" * 40])
        self.iam.create_role(RoleName="Reader", AssumeRolePolicyDocument=policy({
            "Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": made["OpenIDConnectProviderArn"]},
            "Condition": {"StringEquals": {f"{house.host}:aud": "strongroom"}},
        }))
        self.iam.put_role_policy(RoleName="Reader", PolicyName="Read",
                                 PolicyDocument=policy(READ_ALL))
        self.role = f"arn:aws:iam::{self.account}:role/Reader"
        self.raw = Raw(house, self.root)

    def state(self):
        """A digest of all that a request could have changed."""
        s3, iam = self.s3, self.iam
        listed = s3.list_objects_v2(Bucket=BUCKET)
        seen = {
            "objects": [(o["Key"], o["ETag"], o["Size"]) for o in listed.get("Contents", [])],
            "uploads": [u["UploadId"] for u in
                        s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])],
            "buckets": [b["Name"] for b in s3.list_buckets()["Buckets"]],
            "users": [u["UserName"] for u in iam.list_users()["Users"]],
            "policies": [p["Arn"] for p in iam.list_policies(Scope="Local")["Policies"]],
            "roles": [r["RoleName"] for r in iam.list_roles()["Roles"]],
        }
        return hashlib.sha256(json.dumps(seen).encode()).hexdigest()

    def refuse(self, bad, status, code, reason, twin=None, twin_status=200):
        """`bad(agent)` must be refused so and change nothing; `twin(agent)` must be accepted.

        `reason` is the recorded reason, or `closed:CODE` where the operation had been permitted and
        its body then failed."""
        before = self.state()
        agent = self._agent()
        answer = bad({"user-agent": agent})
        same(self.state(), before, "the state after the refusal")
        check(answer.status in _options(status), f"answered {answer}, not {status} {code}")
        if answer.status and code is not None:
            check(answer.code in _options(code), f"answered {answer}, not {status} {code}")
            shape = b"<Error>" in answer.body or b"<ErrorResponse" in answer.body
            check(shape, f"not in the dialect's shape: {answer}")
        self.expected.append((agent, reason))
        if twin:
            accepted = twin({"user-agent": self._agent()})
            same(accepted.status, twin_status, f"the twin ({accepted})")

    def _agent(self):
        self.agents += 1
        return f"bad-input/{self.agents}"

    def put(self, key="made", body=b"body", headers=None, **bent):
        """A signed PutObject, as a function of its user agent."""
        return lambda agent: self.raw.send(
            "PUT", f"/{BUCKET}/{key}", body, {**agent, **(headers or {})}, **bent)

    def get(self, target, **bent):
        """A signed GET."""
        return lambda agent: self.raw.send("GET", target, headers=agent, **bent)

    # Signatures.

    def a_wrong_signature(self):
        def bad(agent):
            signed = self.raw.sign("GET", f"/{BUCKET}/kept", headers=agent)
            request = signed.bytes()
            last = request.index(b"Signature=") + 10 + 63
            flipped = b"0" if request[last:last + 1] != b"0" else b"1"
            return self.raw.deliver(request[:last] + flipped + request[last + 1:])

        self.refuse(bad, 403, "SignatureDoesNotMatch", "signature-mismatch",
                    self.get(f"/{BUCKET}/kept"))
        wrong = Raw(self.house, (self.root[0], "x" * 40))
        self.refuse(lambda agent: wrong.send("GET", f"/{BUCKET}/kept", headers=agent),
                    403, "SignatureDoesNotMatch", "signature-mismatch")
        nobody = Raw(self.house, ("AKIANOBODYNOBODYNOBO", self.root[1]))
        self.refuse(lambda agent: nobody.send("GET", f"/{BUCKET}/kept", headers=agent),
                    403, "InvalidAccessKeyId", "unknown-key")

    def a_skewed_clock(self):
        for sign in (-1, 1):
            self.refuse(
                self.get(f"/{BUCKET}/kept", skew=timedelta(minutes=sign * 15, seconds=sign * 20)),
                403, "RequestTimeTooSkewed", "skewed",
                self.get(f"/{BUCKET}/kept", skew=timedelta(minutes=sign * 14)))

    def an_unsigned_header(self):
        extra = {"x-amz-meta-role": "admin"}
        self.refuse(self.put(after=extra), 403, "AccessDenied", "unsigned-header",
                    self.put(headers=extra))
        self.s3.delete_object(Bucket=BUCKET, Key="made")

    def a_tampered_session_token(self):
        token = self.house.sign_in("ana")
        made = self._login(token)
        key, secret, session = (
            re.search(rf"<{name}>([^<]+)</{name}>", made.body.decode()).group(1)
            for name in ("AccessKeyId", "SecretAccessKey", "SessionToken"))
        middle = len(session) // 2
        bent = session[:middle] + ("A" if session[middle] != "A" else "B") + session[middle + 1:]
        target = f"/{BUCKET}/kept"

        def read(token):
            raw = Raw(self.house, (key, secret, token))
            return lambda agent: raw.send("GET", target, headers=agent)

        self.refuse(read(bent), 400, "InvalidToken", "invalid-token", read(session))
        self.refuse(read(None), 400, "InvalidToken", "invalid-token")
        other = Raw(self.house, (*self.root, session))
        self.refuse(lambda agent: other.send("GET", target, headers=agent),
                    400, "InvalidToken", "invalid-token")

    # Bodies.

    def chunked(self, pieces, bend=lambda chunks: chunks, decoded=None, **bent):
        """A signed aws-chunked PUT whose chunks may be bent."""
        def send(agent):
            size = sum(map(len, pieces)) if decoded is None else decoded
            headers = {**agent, "content-encoding": "aws-chunked",
                       "x-amz-decoded-content-length": str(size)}
            wire = 0
            for _ in range(2):  # the length of the body is signed nowhere: sign, measure, sign
                signed = self.raw.sign("PUT", f"/{BUCKET}/made", headers=headers,
                                       content=CHUNKED, length=wire)
                signed.body = b"".join(bend(signed.chunks(pieces)))
                wire = bent.get("length", len(signed.body))
            return self.raw.deliver(signed.bytes(), finish=bent.get("finish", False))
        return send

    def a_replayed_chunk(self):
        pieces = [b"a" * CHUNK, b"b" * CHUNK]
        self.refuse(self.chunked(pieces, lambda c: [c[0], c[0], c[2]]),
                    403, "SignatureDoesNotMatch", "closed:SignatureDoesNotMatch",
                    self.chunked(pieces))
        self.refuse(self.chunked(pieces, lambda c: [c[1], c[0], c[2]]),
                    403, "SignatureDoesNotMatch", "closed:SignatureDoesNotMatch")
        self.s3.delete_object(Bucket=BUCKET, Key="made")

    def a_truncated_or_oversized_body(self):
        def cut(agent):
            request = self.raw.sign("PUT", f"/{BUCKET}/made", b"x" * 1000, agent).bytes()
            return self.raw.deliver(request[:-500], finish=True)

        self.refuse(cut, (0, 400), ("IncompleteBody", "RequestTimeout", "InvalidRequest"),
                    "closed:any", self.put(body=b"x" * 1000))
        self.s3.delete_object(Bucket=BUCKET, Key="made")
        pieces = [b"a" * CHUNK, b"b" * 100]
        self.refuse(self.chunked(pieces, lambda c: c[:2]), 400, "IncompleteBody",
                    "closed:IncompleteBody", self.chunked(pieces))
        self.s3.delete_object(Bucket=BUCKET, Key="made")
        self.refuse(self.chunked(pieces, decoded=CHUNK + 99), 400, "IncompleteBody",
                    "closed:IncompleteBody")
        self.refuse(self.chunked(pieces, decoded=CHUNK + 101), 400, "IncompleteBody",
                    "closed:IncompleteBody")
        other = hashlib.sha256(b"another body").hexdigest()
        self.refuse(self.put(content=other), 400, "XAmzContentSHA256Mismatch",
                    "closed:XAmzContentSHA256Mismatch")

    def a_wrong_checksum(self):
        def crc(body):
            return base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()

        def md5(body):
            return base64.b64encode(hashlib.md5(body).digest()).decode()

        for header, of in (("x-amz-checksum-crc32", crc), ("content-md5", md5)):
            self.refuse(self.put(headers={header: of(b"other")}), 400, "BadDigest",
                        "closed:BadDigest", self.put(headers={header: of(b"body")}))
            self.s3.delete_object(Bucket=BUCKET, Key="made")

        def trailing(value):
            text = b"4\r\nbody\r\n0\r\nx-amz-checksum-crc32:" + value.encode() + b"\r\n\r\n"
            headers = {"content-encoding": "aws-chunked", "x-amz-decoded-content-length": "4",
                       "x-amz-trailer": "x-amz-checksum-crc32"}
            return self.put(body=text, headers=headers, content=TRAILER)

        self.refuse(trailing(crc(b"other")), 400, "BadDigest", "closed:BadDigest",
                    trailing(crc(b"body")))
        self.s3.delete_object(Bucket=BUCKET, Key="made")

    # Names.

    def a_bent_query(self):
        good = self.get(f"/{BUCKET}?list-type=2&prefix=a")
        self.refuse(self.get(f"/{BUCKET}?list-type=2&prefix=a&prefix=b"),
                    400, ("InvalidArgument", "InvalidURI"), "malformed", good)
        self.refuse(self.get(f"/{BUCKET}?list-type=2&prefix=%zz"), 400, "InvalidURI",
                    "malformed", good)
        self.refuse(self.get(f"/{BUCKET}?list-type=2&prefix=%ff"), 400, "InvalidURI",
                    "malformed", good)
        self.refuse(self.get(f"/{BUCKET}?list-type=2&max-keys=many"), 400, "InvalidArgument",
                    "malformed", self.get(f"/{BUCKET}?list-type=2&max-keys=7"))
        url = self.s3.generate_presigned_url("get_object", {"Bucket": BUCKET, "Key": "kept"})
        target = url.removeprefix(self.house.endpoint)

        def link(target):
            def send(agent):
                head = [f"GET {target} HTTP/1.1", f"host: {self.raw.host}",
                        f"user-agent: {agent['user-agent']}", "", ""]
                return self.raw.deliver("\r\n".join(head).encode())
            return send

        self.refuse(link(target + "&X-Amz-Expires=604800"), 400,
                    ("AuthorizationQueryParametersError", "InvalidArgument"), "malformed",
                    link(target))

    def bad_bucket_names(self):
        for name in ("ab", "Abc", "a..b", "192.168.5.4", "xn--abc", "a_b", "-ab", "a" * 64):
            self.refuse(lambda agent, name=name: self.raw.send("PUT", f"/{name}", headers=agent),
                        400, "InvalidBucketName", "malformed")
        for name in ("abc", "a" * 63):
            answer = self.raw.send("PUT", f"/{name}")
            same(answer.status, 200, f"the bucket `{name}` ({answer})")
            self.s3.delete_bucket(Bucket=name)

    def bad_keys(self):
        self.refuse(self.put("a%00b"), 400, "InvalidArgument", "malformed", self.put("a%01b"))
        self.refuse(self.put("k" * 1025), 400, "KeyTooLongError", "limit-exceeded",
                    self.put("k" * 1024))
        self.refuse(self.put("a%ffb"), 400, "InvalidURI", "malformed", self.put("a%C3%BFb"))
        for key in ("a\x01b", "k" * 1024, "a\u00ffb"):
            self.s3.delete_object(Bucket=BUCKET, Key=key)

    def keys_are_never_paths(self):
        """`..`, `//` and `%2F` are text: stored as sent, and nothing outside is touched."""
        for sent, key in (("../../escape", "../../escape"), ("a//b", "a//b"),
                          ("c%2Fd", "c/d"), ("./e", "./e"), ("..%2f..%2fescape2", "../../escape2")):
            answer = self.put(sent, body=key.encode())({})
            same(answer.status, 200, f"PUT of `{sent}` ({answer})")
            read = self.raw.send("GET", f"/{BUCKET}/{quote(key, safe='/.')}")
            same((read.status, read.body), (200, key.encode()), f"GET of `{key}`")
            listed = self.s3.list_objects_v2(Bucket=BUCKET, Prefix=key)["Contents"]
            same([o["Key"] for o in listed], [key], "the stored key")
            self.s3.delete_object(Bucket=BUCKET, Key=key)
        found = [p for p in self.house.work.rglob("*escape*")]
        same(found, [], "files that a key made")

    def a_refused_prefix_by_other_spellings(self):
        self.iam.create_user(UserName=EVIL)
        self.iam.put_user_policy(UserName=EVIL, PolicyName="p", PolicyDocument=policy(
            READ_ALL, {"Effect": "Deny", "Action": "s3:*",
                       "Resource": f"arn:aws:s3:::{BUCKET}/secret/*"}))
        made = self.iam.create_access_key(UserName=EVIL)["AccessKey"]
        evil = Raw(self.house, (made["AccessKeyId"], made["SecretAccessKey"]))

        def read(key):
            return lambda agent: evil.send("GET", f"/{BUCKET}/{key}", headers=agent)

        for key in ("secret/x", "secret%2Fx", "%73ecret/x", "secret%2fx"):
            self.refuse(read(key), 403, "AccessDenied", "denied", read("open/x"))
        for key in ("open/../secret/x", "open/..%2Fsecret/x", "/secret/x", "./secret/x"):
            answer = read(key)({})
            check(answer.status in (403, 404) and b"secret" != answer.body,
                  f"GET of `{key}` answered {answer}")

    # Documents.

    def bent_policies(self):
        iam = Raw(self.house, self.root, "iam")
        good = policy(READ_ALL)

        def create(name, text):
            def send(agent):
                iam.agent = agent
                return iam.form(Action="CreatePolicy", Version="2010-05-08", PolicyName=name,
                                PolicyDocument=text)
            return send

        doubled = good.replace('"Effect": "Allow"', '"Effect": "Deny", "Effect": "Allow"')
        deep = good.replace(f'"arn:aws:s3:::{BUCKET}/*"', "[" * NESTED_POLICY + "]" * NESTED_POLICY)
        unknown = policy({**READ_ALL, "Efect": "Deny"})
        for number, text in enumerate((doubled, deep, unknown, good[:-1], "[]", "")):
            self.refuse(create(f"p{number}", text), 400,
                        ("MalformedPolicyDocument", "ValidationError"), "malformed",
                        create(f"p{number}", good))

        def attach(text):
            return lambda agent: self.raw.send("PUT", f"/{BUCKET}?policy", text.encode(), agent)

        mine = policy({**READ_ALL, "Principal": {"AWS": f"arn:aws:iam::{self.account}:root"}})
        doubled = mine.replace('"Effect": "Allow"', '"Effect": "Allow", "Effect": "Allow"')
        self.refuse(attach(doubled), 400, "MalformedPolicy", "closed:MalformedPolicy",
                    attach(mine), 204)

    def xml_bombs(self):
        entities = "".join(
            f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha"}">' for n in range(10))
        inside = "<Delete><Object><Key>{}</Key></Object></Delete>"
        bomb = f'<?xml version="1.0"?><!DOCTYPE d [{entities}]>' + inside.format("&e9;")
        outside = ('<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
                   + inside.format("&x;"))
        deep = "<Delete>" + "<Object>" * NESTED + "</Object>" * NESTED + "</Delete>"
        for text in (bomb, outside, deep, "<Delete><Object>", "\0", ""):
            self.refuse(self.delete(text), 400, ("MalformedXML", "MissingRequestBodyError"),
                        "malformed", self.delete(inside.format("never-there")))

    def delete(self, text):
        """A signed DeleteObjects."""
        body = text.encode()
        md5 = base64.b64encode(hashlib.md5(body).digest()).decode()
        return lambda agent: self.raw.send("POST", f"/{BUCKET}?delete", body,
                                           {**agent, "content-md5": md5})

    def too_many_keys(self):
        def keys(count):
            return "<Delete>" + "".join(
                f"<Object><Key>n{n}</Key></Object>" for n in range(count)) + "</Delete>"

        self.refuse(self.delete(keys(MANY_KEYS)), (400, 413),
                    ("MalformedXML", "EntityTooLarge", "MaxMessageLengthExceeded"),
                    ("malformed", "limit-exceeded"), self.delete(keys(KEYS_MAX)))
        self.refuse(self.delete(keys(KEYS_MAX + 1)), 400, "MalformedXML",
                    ("malformed", "limit-exceeded"))

    # Tokens.

    def _login(self, token, agent=None):
        body = "&".join(f"{k}={quote(v, safe='')}" for k, v in {
            "Action": "AssumeRoleWithWebIdentity", "Version": "2011-06-15",
            "RoleArn": self.role, "RoleSessionName": "case", "WebIdentityToken": token}.items())
        head = ["POST / HTTP/1.1", f"host: {self.raw.host}",
                f"user-agent: {(agent or {'user-agent': 'login'})['user-agent']}",
                "content-type: application/x-www-form-urlencoded",
                f"content-length: {len(body)}", "", body]
        return self.raw.deliver("\r\n".join(head).encode())

    def bad_tokens(self):
        now = int(time.time())
        claims = {"iss": self.house.issuer, "sub": "ana", "aud": "strongroom",
                  "iat": now - 30, "exp": now + 600}
        good = {"claims": claims, "by": "provider"}
        cases = (
            ("forged", {"claims": claims, "by": "stranger"}, "InvalidIdentityToken"),
            ("expired", {**good, "claims": {**claims, "exp": now - 90}}, "ExpiredTokenException"),
            ("wrong audience", {**good, "claims": {**claims, "aud": "other"}},
             "InvalidIdentityToken"),
            ("alg none", {"claims": claims, "by": "nobody"}, "InvalidIdentityToken"),
            ("HS for RS", {"claims": claims, "by": "public-key"}, "InvalidIdentityToken"),
            ("unknown kid", {**good, "header": {"kid": "nobody-has-it"}}, "InvalidIdentityToken"),
            ("no expiry", {**good, "claims": {k: v for k, v in claims.items() if k != "exp"}},
             "InvalidIdentityToken"),
            ("not yet", {**good, "claims": {**claims, "nbf": now + 90}}, "InvalidIdentityToken"),
            ("another issuer", {**good, "claims": {**claims, "iss": "https://x.example"}},
             "InvalidIdentityToken"),
        )
        accepted, *tokens = self.house.forge([good, *(spec for _, spec, _ in cases)])
        for (_, _, code), token in zip(cases, tokens, strict=True):
            self.refuse(lambda agent, token=token: self._login(token, agent), 400, code,
                        "login-refused", lambda agent: self._login(accepted, agent))
        leeway, = self.house.forge([{**good, "claims": {**claims, "exp": int(time.time()) - 30}}])
        same(self._login(leeway).status, 200, "a token within the leeway")
        self.refuse(lambda agent: self._login("x" * 100_000, agent), 400,
                    ("InvalidIdentityToken", "ValidationError"), ("login-refused", "malformed"))
        real = self.house.sign_in("ana", "another-application")
        self.refuse(lambda agent: self._login(real, agent), 400, "InvalidIdentityToken",
                    "login-refused", lambda agent: self._login(self.house.sign_in("ana"), agent))

    # What is no request at all.

    def what_is_no_request(self):
        answers = [self.raw.deliver(text, finish=True) for text in (
            b"\0\0\0\0\r\n\r\n", b"GET\r\n\r\n",
            b"GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\nuser-agent: two-hosts\r\n\r\n",
            b"GET / HTTP/1.1\r\n" + b"x: " + b"y" * 1_000_000 + b"\r\n\r\n",
        )]
        for answer in answers:
            check(isinstance(answer, Answer) and answer.status in (0, 400, 431),
                  f"answered {answer}")
        same(self.get(f"/{BUCKET}/kept")({}).status, 200, "a request afterwards")

    # The record.

    def every_refusal_is_on_record(self):
        house = self.house
        house.stop_server()
        house.stop_provider()
        journal.checkpoint_holds(house.data)
        every = journal.of_requests(journal.entries(house.data))
        by_agent = {}
        for request_id, entry in every.items():
            journal.is_told_in_full(request_id, entry)
            by_agent.setdefault(entry["opened"]["source"].get("user_agent"), []).append(entry)
        wrong = []
        for agent, reason in self.expected:
            found = by_agent.get(agent, [])
            if len(found) != 1:
                wrong.append(f"{agent}: {len(found)} entries")
                continue
            told = self._why(found[0])
            if not any(self._agrees(told, option) for option in _options(reason)):
                wrong.append(f"{agent}: {told}, not {reason}")
        check(not wrong, "; ".join(wrong))
        house.run([house.binary, "audit", "verify", "--dir", house.data, "--json"])
        print(f"             {len(self.expected)} refusals, each with one entry that says why")

    @staticmethod
    def _why(entry):
        if entry["opened"]["verdict"] == "refused":
            return entry["opened"]["reason"]["code"]
        closed = entry["closed"]
        return f"closed:{closed.get('code') or closed['outcome']}"

    @staticmethod
    def _agrees(told, option):
        return told == option or (option == "closed:any" and told.startswith("closed:"))


def _options(value):
    return value if isinstance(value, tuple) else (value,)


def main():
    house = open_house()
    steps, cases = Steps(), BadInput(house)
    try:
        steps.run("start", cases.start)
        for name in (
            "a_wrong_signature", "a_skewed_clock", "an_unsigned_header", "a_replayed_chunk",
            "a_truncated_or_oversized_body", "a_wrong_checksum", "a_bent_query",
            "bad_bucket_names", "bad_keys", "keys_are_never_paths",
            "a_refused_prefix_by_other_spellings", "bent_policies", "xml_bombs",
            "too_many_keys", "bad_tokens", "a_tampered_session_token", "what_is_no_request",
            "every_refusal_is_on_record",
        ):
            steps.attempt(name.replace("_", " "), getattr(cases, name))
    except Exception:  # noqa: BLE001 - the step printed it
        pass
    finally:
        house.close()
    return steps.conclude()


if __name__ == "__main__":
    sys.exit(main())
