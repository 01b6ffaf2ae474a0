"""What ceph/s3-tests finds when it runs: a server with its accounts, the suite's configuration, and
an identity provider under the one address that the suite knows.

Everything listens on loopback. The suite names its parts `[s3 main]`, `[s3 alt]`, …; here they are:

- `s3 main`: the root of account 1;
- `s3 alt`: a user of account 2 who may do everything, named like the account's canonical id, because
  the suite writes grants and user policies with the same word; `iam` is the root of that account;
- `s3 tenant`: the root of account 3 (there are no tenants; the suite only needs it to exist);
- `iam root` and `iam alt root`: the roots of accounts 4 and 5.
"""

import base64
import configparser
import json
import secrets
import socketserver
import string
import threading
import time
from http.server import BaseHTTPRequestHandler

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

import house as first

MAIN, ALT, TENANT, ROOT, ALT_ROOT = (f"{digit}" * 12 for digit in "12345")
REALM = "strongroom"
ISSUER_PORT = 8080
ISSUER = f"http://localhost:{ISSUER_PORT}/auth/realms/{REALM}"
AUDIENCE = "account"
TOKEN_SECONDS = 6 * 3600
THUMBPRINT = "9e99a48a9960b14926bb7f3b02e22da2b0ab7280"
EVERYTHING = json.dumps({
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
})


def drawn_key():
    """An access key: id and secret."""
    letters = string.ascii_uppercase + "234567"
    return "AKIA" + "".join(secrets.choice(letters) for _ in range(16)), secrets.token_hex(20)


class SuiteHouse(first.House):
    """The first request's house, furnished for the suite."""

    def furnish(self):
        """Starts the server and makes the accounts; answers what the suite is configured with."""
        main = drawn_key()
        self.start_server(
            STRONGROOM_SIGNING_V2="allow",
            STRONGROOM_S3_NEW_BUCKETS="open",
            STRONGROOM_OIDC_HTTP_ORIGINS=f"http://localhost:{ISSUER_PORT}",
            STRONGROOM_ACCOUNT_ID=MAIN,
            STRONGROOM_ROOT_ACCESS_KEY=main[0],
            STRONGROOM_ROOT_SECRET_KEY=main[1],
        )
        roots = {MAIN: main}
        for account in (ALT, TENANT, ROOT, ALT_ROOT):
            roots[account] = self.make_account(account, main)
        owners = {account: self.owner(root) for account, root in roots.items()}
        alt = self.make_user(roots[ALT], owners[ALT]["ID"])
        return self.configured(roots, owners, alt)

    def make_account(self, account, main):
        """An account and its root's key."""
        aws = self.home / ".aws"
        aws.mkdir(exist_ok=True)
        (aws / "credentials").write_text(
            f"[root]\naws_access_key_id = {main[0]}\naws_secret_access_key = {main[1]}\n"
        )
        words = ["account", "create", f"account-{account[0]}", "--id", account]
        made = self.strongroom_json("CreateAccount", *words)
        return made["root"]["access_key_id"], made["root"]["secret_access_key"]

    def owner(self, credential):
        """How S3 calls the account."""
        return self.client("s3", credential).list_buckets()["Owner"]

    def make_user(self, root, name):
        """A user who may do everything, and a key of theirs."""
        iam = self.client("iam", root)
        iam.create_user(UserName=name)
        iam.put_user_policy(UserName=name, PolicyName="everything", PolicyDocument=EVERYTHING)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return key["AccessKeyId"], key["SecretAccessKey"]

    def configured(self, roots, owners, alt):
        """The sections of the suite's configuration."""

        def part(credential, account, user_id, **more):
            return {
                "access_key": credential[0],
                "secret_key": credential[1],
                "user_id": user_id,
                "display_name": owners[account].get("DisplayName", ""),
                "email": f"account-{account[0]}@example.test",
                **more,
            }

        def owned(account, **more):
            return part(roots[account], account, owners[account]["ID"], **more)

        return {
            "DEFAULT": {
                "host": "127.0.0.1",
                "port": str(self.api),
                "is_secure": "False",
                "ssl_verify": "False",
            },
            "fixtures": {
                "bucket prefix": "s3-tests-{random}-",
                "iam name prefix": "s3-tests-",
                "iam path prefix": "/s3-tests/",
            },
            "s3 main": owned(MAIN, api_name=""),
            "s3 alt": part(alt, ALT, owners[ALT]["ID"]),
            "s3 tenant": owned(TENANT, tenant=""),
            "iam": owned(ALT),
            "iam root": part(roots[ROOT], ROOT, ROOT),
            "iam alt root": owned(ALT_ROOT),
        }


def write_configuration(file, sections):
    """Writes the suite's configuration."""
    written = configparser.RawConfigParser()
    for name, members in sections.items():
        if name != "DEFAULT":
            written.add_section(name)
        for member, value in members.items():
            written.set(name, member, value)
    with open(file, "w") as out:
        written.write(out)


def _b64(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Issuer:
    """An OpenID provider that has signed two tokens and shows its key."""

    def __init__(self):
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        answers = {
            "/.well-known/openid-configuration": {
                "issuer": ISSUER,
                "jwks_uri": f"{ISSUER}/certs",
                "id_token_signing_alg_values_supported": ["RS256"],
                "response_types_supported": ["id_token"],
                "subject_types_supported": ["public"],
            },
            "/certs": {"keys": [self.shown_key()]},
        }
        answers = {f"/auth/realms/{REALM}{path}": a for path, a in answers.items()}

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):  # noqa: N802 - the name is the base class's
                answer = answers.get(self.path)
                body = json.dumps(answer or {}).encode()
                self.send_response(200 if answer else 404)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        socketserver.ThreadingTCPServer.allow_reuse_address = True
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", ISSUER_PORT), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def shown_key(self):
        """The public key as a JWK."""
        numbers = self.key.public_key().public_numbers()

        def number(value):
            return _b64(value.to_bytes((value.bit_length() + 7) // 8, "big"))

        return {"kty": "RSA", "kid": "1", "use": "sig", "alg": "RS256",
                "n": number(numbers.n), "e": number(numbers.e)}

    def token(self, **claims):
        """A token that will last for the whole run."""
        now = int(time.time())
        said = {"iss": ISSUER, "iat": now, "exp": now + TOKEN_SECONDS, "aud": AUDIENCE, **claims}
        head = {"alg": "RS256", "typ": "JWT", "kid": "1"}
        signed = ".".join(_b64(json.dumps(part).encode()) for part in (head, said))
        signature = self.key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{_b64(signature)}"

    def section(self):
        """What the suite is told of it. Keycloak, for which the suite was written, says `app_id`."""
        sub = "6d4e1f2a-person"
        common = {"sub": sub, "azp": AUDIENCE, "app_id": AUDIENCE}
        # One value a key, as AWS asks: a session tag has one.
        tags = {"principal_tags": {"Department": ["Engineering"]},
                "transitive_tag_keys": ["Department"]}
        return {
            "token": self.token(**common),
            "aud": AUDIENCE,
            "sub": sub,
            "azp": AUDIENCE,
            "user_token": self.token(**common, **{"https://aws.amazon.com/tags": tags}),
            "thumbprint": THUMBPRINT,
            "kc_realm": REALM,
        }

    def close(self):
        """Ends it."""
        self.server.shutdown()
        self.server.server_close()
