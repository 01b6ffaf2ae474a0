"""The main job on real input: from an empty directory to requests that are decided and on record.

Run by `cargo xtask conformance first-request`. The people and the provider are in provider.mjs.
"""

import hashlib
import json
import re
import shutil
import stat
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import journal
from house import HERE, Failed, Steps, check, open_house, same

PARTNER = "222222222222"
PARTNER_KEY = ("AKIAPARTNERPARTNER23", "partner-secret-partner-secret-0123456789")
PARQUET_BYTES_MIN = 100_000_000
PARQUET_FILES = 4
PARQUET_ROWS = 3_500_000
DURATION_SECONDS = 900
LINK_SECONDS = 3
DECISION = re.compile(r"decision ([0-9A-Z]{26}-\d+)")


def document(*statements):
    """A policy's text."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def statement(effect, actions, resources, **more):
    """One statement of it."""
    return {"Effect": effect, "Action": actions, "Resource": resources, **more}


def objects(bucket, prefix="*"):
    """The ARN of a bucket's objects."""
    return f"arn:aws:s3:::{bucket}/{prefix}"


def digest(path):
    """SHA-256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Scenario:
    """What the steps hand to each other."""

    def __init__(self, house):
        self.house = house
        self.account = None
        self.lake = house.work / "lake"
        self.sources = house.work / "sources"
        self.downloads = house.work / "downloads"
        self.downloads.mkdir(exist_ok=True)
        self.logins = house.work / "logins"
        self.denials = []

    # Refusals.

    def refused(self, action, call, **arguments):
        """A boto3 call must be refused; the message must carry the decision's id."""
        error = self.error(call, **arguments)
        self._is_denial(action, error.response["Error"]["Code"], str(error))

    def error(self, call, **arguments):
        """The error that a boto3 call must end in."""
        from botocore.exceptions import ClientError

        try:
            call(**arguments)
        except ClientError as error:
            return error
        raise Failed(f"{call.__name__} was not refused: {arguments}")

    def aws_refused(self, action, profile, *words):
        """The `aws` command must be refused, and say the decision's id."""
        done = self.house.aws(profile, *words, expect=1)
        said = done.said
        code = re.search(r"\((\w+)\)", said)
        self._is_denial(action, code.group(1) if code else said[-300:], said)

    def _is_denial(self, action, code, said):
        same(code, "AccessDenied", f"the code of {action}")
        decision = DECISION.search(said)
        check(decision, f"the refusal of {action} names no decision: {said[-300:]}")
        self.denials.append((decision.group(1), action))

    # The beginning.

    def start(self):
        self.house.start_server()
        same(self.house.ready(), 200, "readiness")
        self.house.start_provider()

    def root_has_a_credential(self):
        house = self.house
        self.root = house.root_credential()
        self.write_profile("root", self.root)
        identity = house.aws_json("root", "sts", "get-caller-identity")
        self.account = identity["Account"]
        same(identity["Arn"], f"arn:aws:iam::{self.account}:root", "the root's ARN")
        self.iam = house.client("iam", self.root)
        self.s3 = house.client("s3", self.root)
        who = house.strongroom_json("GetCallerIdentity", "whoami")
        same(who["account"], self.account, "the account that `whoami` tells")

    def write_profile(self, name, credential):
        """A profile with fixed keys, as a person would write it."""
        directory = self.house.home / ".aws"
        directory.mkdir(exist_ok=True)
        file = directory / "credentials"
        before = file.read_text() if file.exists() else ""
        key, secret = credential[:2]
        lines = [f"[{name}]", f"aws_access_key_id = {key}", f"aws_secret_access_key = {secret}"]
        if len(credential) > 2:
            lines.append(f"aws_session_token = {credential[2]}")
        file.write_text(before + "\n".join(lines) + "\n\n")
        file.chmod(0o600)

    def policy(self, name):
        return f"arn:aws:iam::{self.account}:policy/{name}"

    def root_makes_buckets_groups_policies(self):
        house, iam = self.house, self.iam
        for bucket in ("lake", "sources"):
            house.aws("root", "s3", "mb", f"s3://{bucket}")
        for bucket in ("exchange", "site"):
            self.s3.create_bucket(Bucket=bucket)
        self._policy_by_file("LakeReaders", document(
            statement("Allow", "s3:ListBucket", "arn:aws:s3:::lake"),
            statement("Allow", "s3:GetObject", objects("lake")),
        ))
        iam.create_policy(PolicyName="Loaders", PolicyDocument=document(
            statement("Allow", ["s3:ListBucket", "s3:ListBucketMultipartUploads"],
                      ["arn:aws:s3:::lake", "arn:aws:s3:::sources"]),
            statement("Allow", ["s3:PutObject", "s3:GetObject", "s3:AbortMultipartUpload",
                                "s3:ListMultipartUploadParts"],
                      [objects("lake"), objects("sources")]),
        ))
        iam.create_group(GroupName="loaders")
        iam.attach_group_policy(GroupName="loaders", PolicyArn=self.policy("Loaders"))
        iam.create_user(UserName="loader")
        house.aws("root", "iam", "add-user-to-group", "--group-name", "loaders",
                  "--user-name", "loader")
        key = iam.create_access_key(UserName="loader")["AccessKey"]
        self.loader = (key["AccessKeyId"], key["SecretAccessKey"])
        self.write_profile("loader", self.loader)
        groups = house.aws_json("root", "iam", "list-groups-for-user", "--user-name", "loader")
        same([g["GroupName"] for g in groups["Groups"]], ["loaders"], "the loader's groups")
        version = house.aws_json("root", "iam", "get-policy-version", "--policy-arn",
                                 self.policy("LakeReaders"), "--version-id", "v1")
        same(version["PolicyVersion"]["Document"],
             json.loads((house.work / "LakeReaders.json").read_text()), "the policy read back")

    def _policy_by_file(self, name, text):
        file = self.house.work / f"{name}.json"
        file.write_text(text)
        self.house.aws("root", "iam", "create-policy", "--policy-name", name,
                       "--policy-document", f"file://{file}")

    # The provider, and what its people are worth.

    def root_adds_the_provider(self):
        house = self.house
        provider = f"arn:aws:iam::{self.account}:oidc-provider/{house.host}"
        trust = house.work / "provider-trust.json"
        trust.write_text(self.trust(provider, {f"{house.host}:aud": "strongroom"}))
        added = house.strongroom_json(
            "AddProvider", "idp", "add", "corp", "--issuer", house.issuer,
            "--client-id", "strongroom", "--groups-claim", "groups", "--display-claim", "name",
            "--trust-file", trust,
        )
        same(added["arn"], provider, "the provider's ARN")
        rules = house.work / "rules.json"
        rules.write_text(json.dumps([{
            "name": "analysts",
            "when": [{"on": "group", "equals": "analysts"}],
            "policies": [self.policy("LakeReaders")],
        }]))
        house.strongroom("MapProvider", "idp", "map", "corp", rules)
        listed = house.strongroom("ListProviders", "idp", "list").stdout
        check(provider in listed, f"`idp list` shows {listed}")
        house.aws_json("root", "iam", "list-open-id-connect-providers")
        self.provider = provider

    def trust(self, provider, equals):
        return json.dumps({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"Federated": provider},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": equals},
        }]})

    def root_makes_the_engineers_role(self):
        host = self.house.host
        equals = {f"{host}:aud": "strongroom", f"{host}:sub": "eli"}
        self.iam.create_role(
            RoleName="Engineer",
            AssumeRolePolicyDocument=self.trust(self.provider, equals),
        )
        self.iam.put_role_policy(
            RoleName="Engineer", PolicyName="Work", PolicyDocument=document(
                statement("Allow", ["s3:ListBucket", "s3:ListBucketMultipartUploads"],
                          ["arn:aws:s3:::lake", "arn:aws:s3:::sources"]),
                statement("Allow", ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload",
                                    "s3:ListMultipartUploadParts"], objects("lake")),
                statement("Allow", "s3:GetObject", objects("sources")),
                statement("Allow", "s3:DeleteObject", objects("lake", "scratch/*")),
            ),
        )
        self.engineer = f"arn:aws:iam::{self.account}:role/Engineer"

    def root_makes_the_partner(self):
        house = self.house
        file = house.work / "partner-key"
        file.write_text("\n".join(PARTNER_KEY) + "\n")
        file.chmod(0o600)
        made = house.strongroom_json(
            "CreateAccount", "account", "create", "partner", "--id", PARTNER,
            "--root-key-file", file,
        )
        same(made["id"], PARTNER, "the partner's account")
        listed = house.strongroom("ListAccounts", "account", "list").stdout
        check(PARTNER in listed and self.account in listed, f"`account list` shows {listed}")

    def the_partner_trusts_the_provider_too(self):
        house = self.house
        iam = house.client("iam", PARTNER_KEY)
        made = iam.create_open_id_connect_provider(
            Url=house.issuer, ClientIDList=["strongroom"], ThumbprintList=["0" * 40],
        )
        equals = {f"{house.host}:aud": "strongroom", f"{house.host}:sub": "pat"}
        iam.create_role(
            RoleName="Reader",
            AssumeRolePolicyDocument=self.trust(made["OpenIDConnectProviderArn"], equals),
        )
        iam.put_role_policy(
            RoleName="Reader", PolicyName="Exchange", PolicyDocument=document(
                statement("Allow", "s3:ListBucket", "arn:aws:s3:::exchange"),
                statement("Allow", "s3:GetObject", objects("exchange", "for-partner/*")),
                statement("Allow", "s3:PutObject", objects("exchange", "from-partner/*")),
            ),
        )
        self.reader = f"arn:aws:iam::{PARTNER}:role/Reader"

    # The data.

    def makes_parquet(self):
        import pyarrow
        import pyarrow.compute
        import pyarrow.parquet

        self.lake.mkdir(exist_ok=True)
        for year in range(PARQUET_FILES):
            table = pyarrow.table({
                "reading": pyarrow.compute.random(PARQUET_ROWS, initializer=year),
                "year": pyarrow.array([2023 + year] * PARQUET_ROWS, pyarrow.int16()),
            })
            pyarrow.parquet.write_table(table, self.lake / f"{2023 + year}.parquet")
        size = sum(file.stat().st_size for file in self.lake.iterdir())
        check(size >= PARQUET_BYTES_MIN, f"only {size} bytes of Parquet")

    def copies_the_sources(self):
        top = HERE.parent.parent
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=top, capture_output=True, check=True,
        ).stdout.decode().split("\0")
        for name in filter(None, listed):
            if (top / name).is_file():
                target = self.sources / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(top / name, target)

    def the_loader_loads_both(self):
        from boto3.s3.transfer import TransferConfig

        house = self.house
        house.aws("loader", "s3", "sync", self.sources, "s3://sources/tree", "--only-show-errors")
        s3 = house.client("s3", self.loader)
        self.lake_files = sorted(self.lake.iterdir())
        for file in self.lake_files:
            s3.upload_file(str(file), "lake", f"parquet/{file.name}", Config=TransferConfig())
        local = sorted(str(f.relative_to(self.sources)) for f in self.sources.rglob("*")
                       if f.is_file())
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket="sources", Prefix="tree/")
        stored = sorted(o["Key"].removeprefix("tree/") for p in pages for o in p["Contents"])
        same(stored, local, "the stored tree")
        self.refused("s3:ListBucket", s3.list_objects_v2, Bucket="exchange")

    # The people.

    def login(self, person, profile, role=None):
        """`strongroom login` with a command that signs in; it writes a profile that renews."""
        house = self.house
        python = house.tools / "venv/bin/python"
        command = (f"echo {person} >> {self.logins}; "
                   f"{python} {HERE / 'signin.py'} {house.issuer} strongroom {person}")
        words = ["login", "--token-command", command, "--profile", profile,
                 "--duration", str(DURATION_SECONDS), "--session-name", person]
        if role:
            words += ["--role", role]
        done = house.run([house.binary, *words, "--json", "--endpoint", house.endpoint])
        config = (house.home / ".aws/config").read_text()
        check("credential_process" in config, "the profile has no credential_process")
        said = json.loads(done.stdout)
        left = datetime.fromisoformat(said["expiration"]) - datetime.now(timezone.utc)
        check(timedelta(seconds=DURATION_SECONDS - 60) < left
              <= timedelta(seconds=DURATION_SECONDS + 1), f"the session lasts {left}")
        mode = stat.S_IMODE((house.home / ".aws/config").stat().st_mode)
        same(oct(mode), "0o600", "the mode of the profile file")

    def logins_made(self):
        """How often a profile's token was asked for, each time for one login."""
        return len(self.logins.read_text().split())

    def credentials(self, person, role):
        """Credentials of 900 s by boto3, for the steps that hold on to one session."""
        return self.assume(person, RoleArn=role)

    def assume(self, person, **more):
        from botocore import UNSIGNED
        from botocore.config import Config
        import boto3

        house = self.house
        session = boto3.Session(region_name="us-east-1")
        session.events.register("response-received", house._noted)
        sts = session.client("sts", endpoint_url=house.endpoint,
                             config=Config(signature_version=UNSIGNED,
                                           retries={"total_max_attempts": 1}))
        made = sts.assume_role_with_web_identity(
            RoleSessionName=person, WebIdentityToken=house.sign_in(person),
            DurationSeconds=DURATION_SECONDS, **more,
        )["Credentials"]
        return made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"]

    def ana_reads_what_her_group_may(self):
        house = self.house
        self.login("ana", "ana")
        listed = house.aws("ana", "s3", "ls", "s3://lake/parquet/").stdout
        same(len(listed.strip().splitlines()), PARQUET_FILES, "files that ana lists")
        first = self.lake_files[0]
        copy = self.downloads / f"ana-{first.name}"
        house.aws("ana", "s3api", "get-object", "--bucket", "lake",
                  "--key", f"parquet/{first.name}", copy)
        same(digest(copy), digest(first), "the digest of what ana read")
        import pyarrow.parquet

        same(pyarrow.parquet.read_metadata(copy).num_rows, PARQUET_ROWS, "rows that ana reads")

    def ana_is_refused_the_rest(self):
        for action, words in (
            ("s3:PutObject", ["s3api", "put-object", "--bucket", "lake", "--key", "x"]),
            ("s3:DeleteObject", ["s3api", "delete-object", "--bucket", "lake", "--key",
                                 "parquet/2023.parquet"]),
            ("s3:ListBucket", ["s3api", "list-objects-v2", "--bucket", "sources"]),
            ("s3:GetObject", ["s3api", "get-object", "--bucket", "sources", "--key",
                              "tree/Cargo.toml", str(self.downloads / "no")]),
            ("iam:ListUsers", ["iam", "list-users"]),
        ):
            self.aws_refused(action, "ana", *words)

    def zoe_is_worth_nothing(self):
        house = self.house
        token = house.work / "zoe.jwt"
        token.write_text(house.sign_in("zoe"))
        house.ledger.verb("AssumeRoleWithWebIdentity")
        house.run([house.binary, "login", "--token-file", token, "--profile", "zoe",
                   "--endpoint", house.endpoint], expect=4)
        house.ledger.verb("AssumeRoleWithWebIdentity")
        done = house.run([house.binary, "login", "--token-file", token, "--profile", "zoe",
                          "--role", self.engineer, "--endpoint", house.endpoint], expect=4)
        check("AccessDenied" in done.stderr, f"zoe was told {done.stderr}")

    def eli_writes_what_his_role_may(self):
        house = self.house
        self.login("eli", "eli", self.engineer)
        house.aws("eli", "s3", "cp", self.lake_files[1], "s3://lake/scratch/again.parquet",
                  "--only-show-errors")
        copy = self.downloads / "eli.parquet"
        house.aws("eli", "s3api", "get-object", "--bucket", "lake", "--key",
                  "scratch/again.parquet", copy)
        same(digest(copy), digest(self.lake_files[1]), "the digest of what eli wrote")
        house.aws("eli", "s3api", "copy-object", "--bucket", "lake", "--key", "scratch/copy",
                  "--copy-source", "sources/tree/Cargo.toml")
        house.aws("eli", "s3api", "delete-object", "--bucket", "lake", "--key", "scratch/copy")
        self.eli_keys = self.credentials("eli", self.engineer)
        s3 = house.client("s3", self.eli_keys)
        self._multipart(s3)

    def _multipart(self, s3):
        """Create, upload, list, upload by copy, complete; and another that is aborted."""
        where = {"Bucket": "lake", "Key": "scratch/parts"}
        upload = s3.create_multipart_upload(**where)["UploadId"]
        part = s3.upload_part(**where, UploadId=upload, PartNumber=1, Body=b"p" * (5 << 20))
        copied = s3.upload_part_copy(
            **where, UploadId=upload, PartNumber=2,
            CopySource={"Bucket": "sources", "Key": "tree/LICENSE"},
        )["CopyPartResult"]
        listed = s3.list_parts(**where, UploadId=upload)["Parts"]
        same([one["PartNumber"] for one in listed], [1, 2], "the listed parts")
        parts = [{"PartNumber": number, "ETag": one["ETag"]}
                 for number, one in ((1, part), (2, copied))]
        s3.complete_multipart_upload(**where, UploadId=upload, MultipartUpload={"Parts": parts})
        size = s3.head_object(**where)["ContentLength"]
        same(size, (5 << 20) + (self.sources / "LICENSE").stat().st_size, "the size of the parts")
        ranged = s3.get_object(**where, Range=f"bytes={(5 << 20) - 2}-{(5 << 20) + 3}")["Body"]
        same(ranged.read(), b"pp" + (self.sources / "LICENSE").read_bytes()[:4], "a range")
        other = s3.create_multipart_upload(**where)["UploadId"]
        s3.abort_multipart_upload(**where, UploadId=other)

    def eli_is_refused_the_rest(self):
        s3 = self.house.client("s3", self.eli_keys)
        lake = {"Bucket": "lake"}
        source = {"Bucket": "exchange", "Key": "for-partner/report"}
        self.refused("s3:PutObject", s3.put_object, Bucket="sources", Key="x", Body=b"x")
        self.refused("s3:DeleteObject", s3.delete_object, **lake, Key="parquet/2023.parquet")
        self.refused("s3:DeleteBucket", s3.delete_bucket, **lake)
        self.refused("s3:GetObject", s3.copy_object, **lake, Key="c", CopySource=source)
        self.refused("s3:PutObject", s3.copy_object, Bucket="sources", Key="c",
                     CopySource={"Bucket": "lake", "Key": "parquet/2023.parquet"})
        self.refused("s3:PutObject", s3.create_multipart_upload, Bucket="sources", Key="c")
        self.refused("s3:PutBucketPolicy", s3.put_bucket_policy, **lake,
                     Policy=document(statement("Allow", "s3:*", "*", Principal="*")))
        batch = {"Objects": [{"Key": "scratch/parts"}, {"Key": "parquet/2023.parquet"}]}
        result = s3.delete_objects(**lake, Delete=batch)
        same([d["Key"] for d in result["Deleted"]], ["scratch/parts"], "what eli's batch deleted")
        same([(e["Key"], e["Code"]) for e in result["Errors"]],
             [("parquet/2023.parquet", "AccessDenied")], "what eli's batch was refused")
        self.refused("iam:CreateUser", self.house.client("iam", self.eli_keys).create_user,
                     UserName="mallory")

    # The partner.

    def both_accounts_must_agree(self):
        house = self.house
        self.s3.put_object(Bucket="exchange", Key="for-partner/report", Body=b"for the partner")
        self.s3.put_object(Bucket="exchange", Key="internal/plan", Body=b"not for the partner")
        self.login("pat", "pat", self.reader)
        read = ["s3api", "get-object", "--bucket", "exchange", "--key"]
        target = self.downloads / "report"
        self.aws_refused("s3:GetObject", "pat", *read, "for-partner/report", target)
        self.s3.put_bucket_policy(Bucket="exchange", Policy=document(
            statement("Allow", "s3:GetObject", objects("exchange"),
                      Principal={"AWS": self.reader}),
            statement("Allow", "s3:PutObject", objects("exchange", "from-partner/*"),
                      Principal={"AWS": self.reader}),
        ))
        house.aws("pat", *read, "for-partner/report", target)
        same(target.read_bytes(), b"for the partner", "what pat reads")
        house.aws("pat", "s3", "cp", target, "s3://exchange/from-partner/answer",
                  "--only-show-errors")
        self.aws_refused("s3:GetObject", "pat", *read, "internal/plan", target)
        self.aws_refused("s3:ListBucket", "pat", "s3api", "list-objects-v2", "--bucket",
                         "exchange")
        self.aws_refused("s3:PutObject", "pat", "s3api", "put-object", "--bucket", "exchange",
                         "--key", "for-partner/report")
        self.aws_refused("s3:GetObject", "pat", "s3api", "get-object", "--bucket", "lake",
                         "--key", "parquet/2023.parquet", target)

    # Narrowing.

    def a_session_policy_narrows(self):
        now = datetime.now(timezone.utc)
        stamp = [(now + timedelta(minutes=m)).strftime("%Y-%m-%dT%H:%M:%SZ") for m in (-60, 60)]
        window = {"DateGreaterThan": {"aws:CurrentTime": stamp[0]},
                  "DateLessThan": {"aws:CurrentTime": stamp[1]}}
        here = {"IpAddress": {"aws:SourceIp": "127.0.0.1/32"}}
        key = {"Bucket": "lake", "Key": "parquet/2023.parquet"}

        def session(condition):
            policy = document(statement("Allow", "s3:GetObject", objects("lake", "parquet/*"),
                                        Condition=condition))
            made = self.assume("eli", RoleArn=self.engineer, Policy=policy)
            return self.house.client("s3", made)

        narrow = session({**here, **window})
        narrow.head_object(**key)
        self.refused("s3:PutObject", narrow.put_object, Bucket="lake", Key="scratch/x", Body=b"")
        self.refused("s3:GetObject", narrow.get_object, Bucket="lake", Key="scratch/again.parquet")
        elsewhere = session({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}, **window})
        self.refused("s3:GetObject", elsewhere.get_object, **key)
        past = session({**here, "DateLessThan": {"aws:CurrentTime": stamp[0]}})
        self.refused("s3:GetObject", past.get_object, **key)
        wide = document(statement("Allow", "*", "*"))
        never_wider = self.house.client("s3", self.assume(
            "eli", RoleArn=self.engineer, Policy=wide))
        never_wider.head_object(**key)
        self.refused("s3:PutObject", never_wider.put_object, Bucket="sources", Key="x", Body=b"")

    def a_presigned_link_works_and_expires(self):
        house = self.house
        where = {"Bucket": "exchange", "Key": "for-partner/report"}
        url = self.s3.generate_presigned_url("get_object", where, ExpiresIn=LINK_SECONDS)
        made = time.monotonic()
        status, _, body = house.plain(url)
        same((status, body), (200, b"for the partner"), "the link's answer")
        other = url.replace("for-partner/report", "internal/plan")
        status, _, body = house.plain(other)
        check(status == 403 and b"SignatureDoesNotMatch" in body, f"a bent link: {status} {body}")
        time.sleep(max(0, LINK_SECONDS + 2 - (time.monotonic() - made)))
        status, headers, body = house.plain(url)
        check(status == 403 and b"AccessDenied" in body, f"the old link: {status} {body}")
        self.expired_link = headers["x-amz-request-id"]
        mine = house.client("s3", self.eli_keys).generate_presigned_url(
            "get_object", where, ExpiresIn=60)
        status, _, body = house.plain(mine)
        check(status == 403 and DECISION.search(body.decode()), f"eli's link: {status} {body}")

    def one_prefix_is_open_to_anybody(self):
        house, s3 = self.house, self.s3
        s3.put_object(Bucket="site", Key="public/index.html", Body=b"hello")
        s3.put_object(Bucket="site", Key="draft/index.html", Body=b"not yet")
        policy = document(statement("Allow", "s3:GetObject", objects("site", "public/*"),
                                    Principal="*"))
        base = f"{house.endpoint}/site"
        same(house.plain(f"{base}/public/index.html")[0], 403, "the prefix before it is opened")
        blocked = self.error(s3.put_bucket_policy, Bucket="site", Policy=policy)
        same(blocked.response["Error"]["Code"], "AccessDenied", "a policy that is blocked")
        s3.put_public_access_block(Bucket="site", PublicAccessBlockConfiguration={
            "BlockPublicAcls": True, "IgnorePublicAcls": True,
            "BlockPublicPolicy": False, "RestrictPublicBuckets": False})
        s3.put_bucket_policy(Bucket="site", Policy=policy)
        status, _, body = house.plain(f"{base}/public/index.html")
        same((status, body), (200, b"hello"), "the open prefix")
        for url, method in (
            (f"{base}/draft/index.html", "GET"),
            (f"{base}/public/absent", "GET"),
            (f"{base}/public/index.html", "PUT"),
            (f"{base}/public/index.html", "DELETE"),
            (f"{base}?list-type=2", "GET"),
            (f"{base}?policy", "GET"),
            (f"{house.endpoint}/lake/parquet/2023.parquet", "GET"),
            (f"{house.endpoint}/", "GET"),
            (f"{house.endpoint}/?Action=ListUsers&Version=2010-05-08", "GET"),
            (f"{house.endpoint}/-/v1/accounts", "GET"),
        ):
            same(house.plain(url, method)[0], 403, f"anonymous {method} {url}")

    # Ending sessions.

    def a_revoked_session_ends_at_once(self):
        house = self.house
        key = {"Bucket": "lake", "Key": "parquet/2023.parquet"}
        mine = self.credentials("eli", self.engineer)
        s3, kept = house.client("s3", mine), house.client("s3", self.eli_keys)
        s3.head_object(**key)
        listed = house.strongroom("ListSessions", "sessions", "list").stdout.splitlines()
        live = [json.loads(line)["access_key_id"] for line in listed]
        check(mine[0] in live and self.eli_keys[0] in live, f"{mine[0]} is not among {live}")
        house.strongroom("RevokeSessions", "sessions", "revoke", "--session", mine[0])
        refusal = self.error(s3.get_object, **key).response
        same(refusal["Error"]["Code"], "ExpiredToken", "the code of a revoked session")
        self.revoked = refusal["ResponseMetadata"]["RequestId"]
        kept.head_object(**key)
        listed = house.strongroom("ListSessions", "sessions", "list").stdout
        check(mine[0] not in listed, "the revoked session is still listed")
        house.strongroom("RevokeSessions", "sessions", "revoke", "--principal", self.engineer)
        refusal = self.error(kept.get_object, **key).response
        same(refusal["Error"]["Code"], "ExpiredToken", "a session from before the revocation")
        # A provider's token tells whole seconds: one of the second of the revocation is not younger.
        time.sleep(1.1)
        self.old = self.credentials("eli", self.engineer)
        house.client("s3", self.old).head_object(**key)

    def tokens_are_explained(self):
        house = self.house
        now = int(time.time())
        claims = {"iss": house.issuer, "sub": "ana", "aud": "strongroom", "groups": ["analysts"]}
        old, = house.forge([
            {"claims": {**claims, "iat": now - 7200, "exp": now - 3600}, "by": "provider"}])
        cases = (
            (house.sign_in("ana"), 0, None),
            (old, 1, "expired"),
            (house.sign_in("ana", "another-application"), 1, "aud"),
        )
        for token, status, word in cases:
            file = house.work / "token.jwt"
            file.write_text(token)
            done = house.strongroom("CheckToken", "idp", "check", "--token-file", file,
                                    expect=status)
            report = json.loads(done.stdout)
            same(report["accepted"], status == 0, "whether the token is accepted")
            failed = [one for one in report["findings"] if one["outcome"] == "fail"]
            if word is None:
                check(not failed and "LakeReaders" in done.stdout, f"ana's rights: {report}")
                continue
            check(any(word in json.dumps(one).lower() for one in failed),
                  f"the report does not name `{word}`: {failed}")
            check(all(one.get("help") for one in failed), f"a failure without advice: {failed}")
        house.ledger.verb("CheckToken")
        told = house.run([house.binary, "idp", "check", "--token-file", file, "--endpoint",
                          house.endpoint], expect=1, AWS_PROFILE="root").stdout
        check("FAIL" in told and failed[0]["help"] in told, f"a person is told: {told}")

    def whoami_tells_the_person(self):
        # Its profile renews itself, so the verb signs in and then asks.
        who = self.house.strongroom_json("GetCallerIdentity", "whoami", profile="eli")
        check(who["arn"].startswith(f"arn:aws:sts::{self.account}:assumed-role/Engineer/"),
              f"eli is {who['arn']}")
        same((who["human"], who["provider"]), ("Eli Engineer", self.provider), "the person")

    def every_denial_is_explained(self):
        house = self.house
        for decision, action in self.denials:
            told = house.strongroom_json("ExplainDecision", "explain", decision)
            deciding = [c for c in told["checks"] if c["verdict"] != "allow"]
            check(deciding, f"{decision} ({action}) explains no refusal: {told}")
            same(deciding[0]["action"], action, f"the action of {decision}")
            grant = deciding[0].get("missing_grant")
            check(grant and action in json.dumps(grant),
                  f"{decision} names no missing grant for {action}: {deciding[0]}")

    # Another time.

    def an_old_session_has_expired(self):
        house = self.house
        house.stop_server()
        house.stop_provider()
        library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
        house.clock = {
            "LD_PRELOAD": str(library), "FAKETIME": "+3600s",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_NO_CACHE": "1",
        }
        house.start_provider()
        house.start_server()
        self.write_profile("old", self.old)
        head = ["s3api", "get-object", "--bucket", "lake", "--key", "parquet/2023.parquet",
                str(self.downloads / "late")]
        said = house.aws("old", *head, expect=1).said
        check("(ExpiredToken)" in said, f"the old session was told: {said[-300:]}")
        self._login_later()
        house.aws("later", *head)
        same(digest(self.downloads / "late"), digest(self.lake_files[0]), "the late read")

    def _login_later(self):
        house = self.house
        python = house.tools / "venv/bin/python"
        command = f"{python} {HERE / 'signin.py'} {house.issuer} strongroom eli"
        token = house.work / "later.jwt"
        token.write_text(house.run(["sh", "-c", command]).stdout)
        house.ledger.verb("AssumeRoleWithWebIdentity")
        house.run([house.binary, "login", "--token-file", "-", "--role", self.engineer,
                   "--profile", "later", "--endpoint", house.endpoint],
                  stdin=token.read_text())

    # The record.

    def the_running_server_tells_its_record(self):
        house = self.house
        found = house.strongroom("SearchAudit", "audit", "search", "--request-id",
                                 self.expired_link).stdout.splitlines()
        same(len(found), 1, "entries of the expired link")
        entry = json.loads(found[0])
        same(entry["reason"]["code"], "expired", "why the old link was refused")
        done = house.strongroom("SearchAudit", "audit", "verify")
        check(json.loads(done.stdout)["sound"], f"`audit verify` says {done.stdout}")

    def the_record_is_whole(self):
        house = self.house
        house.stop_server()
        house.stop_provider()
        house.clock = {}
        journal.checkpoint_holds(house.data)
        house.ledger.verbs += ["AssumeRoleWithWebIdentity"] * self.logins_made()
        every = journal.entries(house.data)
        count = journal.matches(every, house.ledger)
        same(every[self.revoked]["opened"]["reason"]["code"], "revoked", "the revoked session")
        print(f"             {count} requests, {count} entries, each told in full")

    def the_record_reads_offline(self):
        house = self.house
        done = house.run([house.binary, "audit", "verify", "--dir", house.data, "--json"])
        check(json.loads(done.stdout)["sound"], f"`audit verify --dir` says {done.stdout}")
        found = house.run([house.binary, "audit", "search", "--dir", house.data, "--json",
                           "--request-id", self.expired_link]).stdout.splitlines()
        same(json.loads(found[0])["id"], self.expired_link, "the entry found offline")
        torn = house.work / "tampered"
        shutil.copytree(house.data, torn)
        tail = next(torn.rglob("tail-*"))
        text = bytearray(tail.read_bytes())
        place = text.find(b'"verdict":"refused"')
        text[place + 11 : place + 18] = b"allowed"
        tail.write_bytes(text)
        house.run([house.binary, "audit", "verify", "--dir", torn, "--json"], expect=1)


def main():
    house = open_house()
    steps, scenario = Steps(), Scenario(house)
    try:
        for name in (
            "start", "root_has_a_credential", "root_makes_buckets_groups_policies",
            "root_adds_the_provider", "root_makes_the_engineers_role", "root_makes_the_partner",
            "the_partner_trusts_the_provider_too", "makes_parquet", "copies_the_sources",
            "the_loader_loads_both", "ana_reads_what_her_group_may", "ana_is_refused_the_rest",
            "zoe_is_worth_nothing", "eli_writes_what_his_role_may", "eli_is_refused_the_rest",
            "both_accounts_must_agree", "a_session_policy_narrows",
            "a_presigned_link_works_and_expires", "one_prefix_is_open_to_anybody",
            "a_revoked_session_ends_at_once", "tokens_are_explained", "whoami_tells_the_person",
            "every_denial_is_explained", "an_old_session_has_expired",
            "the_running_server_tells_its_record", "the_record_is_whole",
            "the_record_reads_offline",
        ):
            steps.run(name.replace("_", " "), getattr(scenario, name))
    except Exception:  # noqa: BLE001 - the step printed it
        pass
    finally:
        house.close()
    return steps.conclude()


if __name__ == "__main__":
    sys.exit(main())
