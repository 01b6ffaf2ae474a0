"""Directories under test, each started and ended by hand on loopback, and a server that believes
them. Used by `openldap.py` and `samba.py`, which `cargo xtask conformance directories` runs.
"""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.parse
import xml.etree.ElementTree as Xml
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "first-request"))

from house import Failed, Steps, check, free_port, open_house, same  # noqa: E402, F401

STS = "{https://sts.amazonaws.com/doc/2011-06-15/}"
SYNC_SECONDS = 2
# What the issue promises: everything is gone within the interval and a second more.
GONE_SECONDS_MAX = SYNC_SECONDS + 1
# How long before the change each credential was proven alive, at most.
PROOF_SECONDS_MAX = 1
ACCOUNT_RULES = "directory-rules.json"


def run(*command, **more):
    """Runs one of the directory's own tools."""
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, timeout=240, **more)
    if done.returncode != 0:
        raise Failed(f"`{command[0]}` ended {done.returncode}: {(done.stderr or done.stdout)[-400:]}")
    return done.stdout


def certificates(folder, host="127.0.0.1"):
    """An authority and a server's certificate for that address."""
    folder.mkdir(parents=True, exist_ok=True)
    ca, key, crt = folder / "ca.crt", folder / "srv.key", folder / "srv.crt"
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
        "-nodes", "-days", "2", "-subj", "/CN=ca", "-keyout", folder / "ca.key", "-out", ca)
    run("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-subj", f"/CN={host}", "-keyout", key, "-out", folder / "srv.csr")
    (folder / "ext").write_text(f"subjectAltName=IP:{host}\nbasicConstraints=CA:FALSE\n")
    run("openssl", "x509", "-req", "-in", folder / "srv.csr", "-CA", ca, "-CAkey",
        folder / "ca.key", "-CAcreateserial", "-days", "2", "-extfile", folder / "ext", "-out", crt)
    key.chmod(0o600)
    return ca, key, crt


def wait_for(port, host="127.0.0.1", process=None):
    """Waits until somebody listens there."""
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex((host, port)) == 0:
                return
        if process is not None and process.poll() is not None:
            raise Failed(f"the directory ended {process.returncode} before it listened")
        time.sleep(0.05)
    raise Failed(f"nobody listens on {host}:{port}")


class World:
    """The server, and what people of its directories can do."""

    def __init__(self, house):
        self.house = house
        self.root = None
        self.readers = {}

    def open(self, tables, *issuers, **settings):
        """Starts the server with these directories, and these issuers on loopback."""
        file = self.house.work / "directories.toml"
        file.write_text(tables)
        origins = ",".join("/".join(issuer.split("/")[:3]) for issuer in issuers)
        more = {**({"STRONGROOM_OIDC_HTTP_ORIGINS": origins} if issuers else {}), **settings}
        self.house.start_server(STRONGROOM_DIRECTORIES_FILE=str(file), **more)
        self.root = self.house.root_credential()
        home = self.house.home / ".aws"
        home.mkdir(exist_ok=True)
        (home / "credentials").write_text(
            f"[root]\naws_access_key_id={self.root[0]}\naws_secret_access_key={self.root[1]}\n")

    def admin(self, *words, expect=0):
        """A verb of the command line, as the root."""
        return self.house.strongroom(words[0], *words, expect=expect).stdout

    def account(self):
        return self.house.client("sts", self.root).get_caller_identity()["Account"]

    def policy(self, name, bucket, condition=None):
        """A policy that reads one bucket, on a condition if there is one."""
        document = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "s3:*",
             "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
             **({"Condition": condition} if condition else {})},
            {"Effect": "Allow", "Action": "strongroom:CreateServiceAccount",
             "Resource": "arn:aws:iam::*:user/federated/*"}]}
        made = self.house.client("iam", self.root).create_policy(
            PolicyName=name, PolicyDocument=json.dumps(document))
        return made["Policy"]["Arn"]

    def trust(self, provider, condition=None):
        """Whoever the provider vouches for, on a condition if there is one."""
        return json.dumps({"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Principal": {"Federated": provider},
            "Action": "sts:AssumeRoleWithWebIdentity",
            **({"Condition": condition} if condition else {})}})

    def by_claim(self, provider, claim, group):
        """What asks for a group without any rule's doing so: a role whose trust policy has it as a
        condition on a claim, and a policy that has. Their ARNs."""
        key = provider.split(":oidc-provider/", 1)[1] + ":" + claim
        condition = {"ForAnyValue:StringEquals": {key: group}}
        iam = self.house.client("iam", self.root)
        role = iam.create_role(
            RoleName="Biller", AssumeRolePolicyDocument=self.trust(provider, condition))["Role"]["Arn"]
        plain = self.policy("billed-by-trust", "readable")
        iam.attach_role_policy(RoleName="Biller", PolicyArn=plain)
        return role, self.policy("billed-by-condition", "readable", condition)

    def leaves(self, had, stays, rename, move):
        """Somebody whose group was renamed lost nothing; out of it, at once. Who is in it still
        keeps theirs."""
        rename()
        self.still_alive(had, "readable")
        worst = self.until_dead(had, "readable", move)
        self.still_alive(stays, "readable")
        return worst

    def provider(self, name):
        """Adds a directory as a provider that everybody may sign in through."""
        arn = f"arn:aws:iam::{self.account()}:oidc-provider/ldap/{name}"
        trust = self.house.work / "trust.json"
        trust.write_text(self.trust(arn))
        self.admin("idp", "add", name, "--directory", name, "--trust-file", str(trust))
        return arn

    def issuer(self, name, issuer, client, *more):
        """Adds an issuer of tokens as a provider that everybody may sign in through."""
        host = issuer.split("://", 1)[1]
        arn = f"arn:aws:iam::{self.account()}:oidc-provider/{host}"
        trust = self.house.work / f"trust-{name}.json"
        trust.write_text(self.trust(arn))
        self.admin("idp", "add", name, "--issuer", issuer, "--client-id", client, "--groups-claim",
                   "groups", "--trust-file", str(trust), *more)
        return arn

    def rules(self, name, rules, expect=0):
        """Replaces the mapping rules."""
        file = self.house.work / ACCOUNT_RULES
        file.write_text(json.dumps(rules))
        return self.admin("idp", "map", name, str(file), expect=expect)

    def login(self, name, password, **more):
        """(status, credential or code, seconds)."""
        form = {"Action": "AssumeRoleWithLDAPIdentity", "Version": "2011-06-15",
                "LDAPUsername": name, "LDAPPassword": password, **more}
        began = time.monotonic()
        status, _, body = self.house.plain(
            self.house.endpoint + "/", "POST",
            {"content-type": "application/x-www-form-urlencoded"},
            urllib.parse.urlencode(form).encode())
        took = time.monotonic() - began
        self.said = body.decode()
        tree = Xml.fromstring(body)
        if status != 200:
            return status, next(e.text for e in tree.iter() if e.tag.endswith("Code")), took
        text = {e.tag.split("}")[1]: e.text for e in tree.iter()}
        check(tree.tag == f"{STS}AssumeRoleWithLDAPIdentityResponse", tree.tag)
        credential = (text["AccessKeyId"], text["SecretAccessKey"], text["SessionToken"])
        return status, credential, took

    def signed_in(self, name, password, **more):
        """The credential of a login that must succeed."""
        status, credential, _ = self.login(name, password, **more)
        same(status, 200, f"the login of {name} ({self.said[:300]})")
        return credential

    def refused(self, name, password, **more):
        """The status and code of a login that must not succeed."""
        status, code, _ = self.login(name, password, **more)
        check(status != 200, f"{name} was let in")
        return status, code

    def reads(self, credential, bucket):
        """Whether a credential lists the bucket: 200, or the error's code."""
        import botocore.exceptions

        if credential not in self.readers:
            self.readers[credential] = self.house.client("s3", credential)
        try:
            self.readers[credential].list_objects_v2(Bucket=bucket)
        except botocore.exceptions.ClientError as error:
            return error.response["Error"]["Code"]
        return 200

    def service_account(self, credential, name):
        """A service account of whoever has that credential."""
        key, secret, token = credential
        done = self.house.run(
            [self.house.binary, "service-account", "create", name, "--json",
             "--endpoint", self.house.endpoint],
            AWS_ACCESS_KEY_ID=key, AWS_SECRET_ACCESS_KEY=secret, AWS_SESSION_TOKEN=token)
        made = json.loads(done.stdout)
        return made["access_key_id"], made["secret_access_key"]

    def until_dead(self, credentials, bucket, act):
        """Every credential works, `act` is done, and all are dead within the promise: how long."""
        for credential in credentials.values():
            self.reads(credential, bucket)
        proven = time.monotonic()
        for name, credential in credentials.items():
            same(self.reads(credential, bucket), 200, f"{name} before")
        proof_age = time.monotonic() - proven
        check(proof_age <= PROOF_SECONDS_MAX, f"they were proven alive {proof_age:.2f} s before")
        act()
        began = time.monotonic()
        dead = {}
        while len(dead) < len(credentials):
            for name, credential in credentials.items():
                if name not in dead and self.reads(credential, bucket) != 200:
                    dead[name] = time.monotonic() - began
            if time.monotonic() - began > GONE_SECONDS_MAX + 5:
                break
            time.sleep(0.02)
        left = set(credentials) - set(dead)
        check(not left, f"still alive: {sorted(left)}")
        worst = max(dead.values())
        check(worst <= GONE_SECONDS_MAX, f"dead after {worst:.2f} s: {dead}")
        print("          " + ", ".join(f"{n} {s:.2f} s" for n, s in dead.items()), flush=True)
        return worst

    def still_alive(self, credentials, bucket):
        """After two rounds of the sync every credential works."""
        time.sleep(2 * SYNC_SECONDS + 0.5)
        for name, credential in credentials.items():
            same(self.reads(credential, bucket), 200, f"{name} after")


def median(times):
    """The one in the middle."""
    return sorted(times)[len(times) // 2]


def environment(**more):
    """What a directory's tool sees of the world."""
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/tmp", "LANG": "C.UTF-8", **more}


def stop(process):
    """Ends a process that we started."""
    if process is not None and process.poll() is None:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def work_of(house, name):
    """A folder of the run."""
    folder = Path(house.work) / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def quiet(folder, name):
    """A file for what a process says."""
    return open(folder / name, "ab")  # noqa: SIM115 - for the whole run


def uid():
    """Who runs this."""
    return os.getuid()
