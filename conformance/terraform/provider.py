"""What Terraform's AWS provider asks for, call by call, for what people manage with it: users,
groups, roles, policies, attachments, keys, an OIDC provider, a bucket with its policy.

The provider itself cannot be had ready-made from a package registry (`real.py` runs one that is
given). Its calls are public: each resource is made, read back at once (a read that finds nothing is
asked again, so it must find what was just made), planned against what was asked for (a difference
would be a plan that never ends), changed, read again, and removed in the reverse order. Answers are
compared as the provider compares them.

Run by `cargo xtask conformance terraform`.
"""

import json
import sys
from pathlib import Path
from urllib.parse import unquote

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "first-request"))

from botocore.exceptions import ClientError  # noqa: E402

from house import Steps, check, open_house, same  # noqa: E402

BUCKET = "managed-by-terraform"
# What a read of a bucket asks for, and the codes that say that it has no such thing. A store that
# lacks the feature may say so: the provider goes on (`NotImplemented`).
BUCKET_READS = {
    "get_bucket_policy": ["NoSuchBucketPolicy"],
    "get_bucket_acl": [],
    "get_bucket_cors": ["NoSuchCORSConfiguration", "NotImplemented"],
    "get_bucket_website": ["NoSuchWebsiteConfiguration", "NotImplemented"],
    "get_bucket_versioning": [],
    "get_bucket_accelerate_configuration": ["NotImplemented"],
    "get_bucket_request_payment": ["NotImplemented"],
    "get_bucket_logging": ["NotImplemented"],
    "get_bucket_lifecycle_configuration": ["NoSuchLifecycleConfiguration", "NotImplemented"],
    "get_bucket_replication": ["ReplicationConfigurationNotFoundError", "NotImplemented"],
    "get_bucket_encryption": ["ServerSideEncryptionConfigurationNotFoundError", "NotImplemented"],
    "get_object_lock_configuration": ["ObjectLockConfigurationNotFoundError", "NotImplemented"],
    "get_bucket_location": [],
    "get_bucket_tagging": ["NoSuchTagSet"],
}


def text(*statements, **more):
    """A policy's text, spelt as a person spells it."""
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", **more, **statement} for statement in statements]})


def meaning(document):
    """A policy as the provider compares it: whatever the spelling of lists, order and escapes."""
    if isinstance(document, str):
        document = json.loads(unquote(document) if document.startswith("%") else document)
    if isinstance(document, dict):
        return {key: meaning_of_value(key, value) for key, value in document.items()}
    return document


def meaning_of_value(key, value):
    if isinstance(value, dict):
        return {inner: meaning_of_value(inner, one) for inner, one in value.items()}
    if key == "Statement":
        return [meaning(one) for one in (value if isinstance(value, list) else [value])]
    if isinstance(value, list):
        return sorted(value) if len(value) > 1 else value[0]
    return value


def tags(**pairs):
    """Tags in the form of the API."""
    return [{"Key": key, "Value": value} for key, value in pairs.items()]


class Provider:
    """The resources, as the provider makes, reads, changes and removes them."""

    def __init__(self, house):
        self.house, self.calls, self.lacking = house, 0, set()

    def start(self):
        house = self.house
        house.start_server()
        root = house.root_credential()
        self.iam, self.s3 = house.client("iam", root), house.client("s3", root)
        self.sts = house.client("sts", root)
        for client in (self.iam, self.s3, self.sts):
            client.meta.events.register("before-call", self._counted)
        self.account = self.sts.get_caller_identity()["Account"]
        self.arn = f"arn:aws:iam::{self.account}"

    def _counted(self, **_):
        self.calls += 1

    def absent(self, call, code, **parameters):
        """A read of what is not there, which is how the provider sees that a removal is done."""
        try:
            call(**parameters)
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            same((error.response["Error"]["Code"], status), (code, 404), "what is not there")
            return
        check(False, f"{parameters} is still there")

    # aws_iam_policy

    def policy(self):
        iam = self.iam
        first = text({"Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "*"})
        made = iam.create_policy(PolicyName="tf-policy", Path="/tf/", PolicyDocument=first,
                                 Description="made by a plan", Tags=tags(owner="tf"))["Policy"]
        self.policy_arn = made["Arn"]
        self._policy_is(first, tags(owner="tf"))
        # A change prunes the oldest version when there are five.
        for n in range(6):
            versions = iam.list_policy_versions(PolicyArn=self.policy_arn)["Versions"]
            if len(versions) >= 5:
                others = [v for v in versions if not v["IsDefaultVersion"]]
                oldest = min(others, key=lambda version: version["CreateDate"])
                iam.delete_policy_version(PolicyArn=self.policy_arn,
                                          VersionId=oldest["VersionId"])
            document = text({"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::tf/{n}"})
            iam.create_policy_version(PolicyArn=self.policy_arn, PolicyDocument=document,
                                      SetAsDefault=True)
            self._policy_is(document, tags(owner="tf"))
        iam.untag_policy(PolicyArn=self.policy_arn, TagKeys=["owner"])
        iam.tag_policy(PolicyArn=self.policy_arn, Tags=tags(team="tf", note="a b+c"))
        self._policy_is(document, tags(note="a b+c", team="tf"))

    def _policy_is(self, document, expected):
        got = self.iam.get_policy(PolicyArn=self.policy_arn)["Policy"]
        version = self.iam.get_policy_version(
            PolicyArn=self.policy_arn, VersionId=got["DefaultVersionId"])["PolicyVersion"]
        same(meaning(version["Document"]), meaning(document), "the policy's document")
        same(sorted(got.get("Tags", []), key=str), sorted(expected, key=str), "the policy's tags")
        same((got["Path"], got["Description"]), ("/tf/", "made by a plan"), "the policy")

    # aws_iam_user, _user_policy, _user_policy_attachment, _access_key, _user_login_profile

    def user(self):
        iam = self.iam
        iam.create_user(UserName="tf-user", Path="/tf/", PermissionsBoundary=self.policy_arn,
                        Tags=tags(owner="tf"))
        got = iam.get_user(UserName="tf-user")["User"]
        same(got["PermissionsBoundary"]["PermissionsBoundaryArn"], self.policy_arn, "the boundary")
        same(got["Tags"], tags(owner="tf"), "the user's tags")
        iam.delete_user_permissions_boundary(UserName="tf-user")
        iam.update_user(UserName="tf-user", NewUserName="tf-renamed", NewPath="/")
        iam.untag_user(UserName="tf-renamed", TagKeys=["owner"])
        got = iam.get_user(UserName="tf-renamed")["User"]
        check("PermissionsBoundary" not in got and not got.get("Tags"), f"left over: {got}")
        same((got["Arn"], got["Path"]), (f"{self.arn}:user/tf-renamed", "/"), "the user")

        document = text({"Action": "s3:*", "Resource": [f"arn:aws:s3:::{BUCKET}/*"]})
        iam.put_user_policy(UserName="tf-renamed", PolicyName="own", PolicyDocument=document)
        got = iam.get_user_policy(UserName="tf-renamed", PolicyName="own")
        same(meaning(got["PolicyDocument"]), meaning(document), "the user's own policy")
        iam.attach_user_policy(UserName="tf-renamed", PolicyArn=self.policy_arn)
        same(self._attached("user", UserName="tf-renamed"), [self.policy_arn], "what it has")

        key = iam.create_access_key(UserName="tf-renamed")["AccessKey"]
        self.key = key["AccessKeyId"]
        listed = iam.list_access_keys(UserName="tf-renamed")["AccessKeyMetadata"]
        same([(k["AccessKeyId"], k["Status"]) for k in listed], [(self.key, "Active")], "its keys")
        iam.update_access_key(UserName="tf-renamed", AccessKeyId=self.key, Status="Inactive")
        iam.update_access_key(UserName="tf-renamed", AccessKeyId=self.key, Status="Active")
        used = iam.get_access_key_last_used(AccessKeyId=self.key)
        same(used["UserName"], "tf-renamed", "whose key it is")

        self.absent(iam.get_login_profile, "NoSuchEntity", UserName="tf-renamed")
        iam.create_login_profile(UserName="tf-renamed", Password="Planned-and-applied-1",
                                 PasswordResetRequired=True)
        same(iam.get_login_profile(UserName="tf-renamed")["LoginProfile"]["PasswordResetRequired"],
             True, "the login profile")
        iam.delete_login_profile(UserName="tf-renamed")

    def _attached(self, kind, **who):
        pages = self.iam.get_paginator(f"list_attached_{kind}_policies").paginate(**who)
        return [p["PolicyArn"] for page in pages for p in page["AttachedPolicies"]]

    # aws_iam_group, _group_policy, _group_policy_attachment, _group_membership,
    # _user_group_membership

    def group(self):
        iam = self.iam
        iam.create_group(GroupName="tf-group", Path="/tf/")
        same(iam.get_group(GroupName="tf-group")["Group"]["Path"], "/tf/", "the group")
        iam.update_group(GroupName="tf-group", NewGroupName="tf-group-2", NewPath="/")
        iam.add_user_to_group(GroupName="tf-group-2", UserName="tf-renamed")
        iam.add_user_to_group(GroupName="tf-group-2", UserName="tf-renamed")
        pages = iam.get_paginator("get_group").paginate(GroupName="tf-group-2")
        same([u["UserName"] for p in pages for u in p["Users"]], ["tf-renamed"], "the members")
        pages = iam.get_paginator("list_groups_for_user").paginate(UserName="tf-renamed")
        same([g["GroupName"] for p in pages for g in p["Groups"]], ["tf-group-2"], "its groups")
        document = text({"Action": ["s3:GetObject"], "Resource": ["*"]})
        iam.put_group_policy(GroupName="tf-group-2", PolicyName="own", PolicyDocument=document)
        got = iam.get_group_policy(GroupName="tf-group-2", PolicyName="own")
        same(meaning(got["PolicyDocument"]), meaning(document), "the group's own policy")
        iam.attach_group_policy(GroupName="tf-group-2", PolicyArn=self.policy_arn)
        same(self._attached("group", GroupName="tf-group-2"), [self.policy_arn], "what it has")

    # aws_iam_role, _role_policy, _role_policy_attachment

    def role(self):
        iam = self.iam
        # A role is often planned with a user that is made in the same run: the provider asks again
        # while the answer has this text.
        nobody = text({"Action": "sts:AssumeRole"}, Principal={"AWS": f"{self.arn}:user/tf-nobody"})
        try:
            iam.create_role(RoleName="tf-role", AssumeRolePolicyDocument=nobody)
            check(False, "a role was made that trusts nobody")
        except ClientError as error:
            told = error.response["Error"]
            same(told["Code"], "MalformedPolicyDocument", "the code")
            check("Invalid principal in policy" in told["Message"], told["Message"])
        trust = text({"Action": "sts:AssumeRole"},
                     Principal={"AWS": f"{self.arn}:user/tf-renamed"})
        iam.create_role(RoleName="tf-role", Path="/tf/", AssumeRolePolicyDocument=trust,
                        Description="a role", MaxSessionDuration=7200,
                        PermissionsBoundary=self.policy_arn, Tags=tags(owner="tf"))
        got = self._role_is(trust)
        same((got["Description"], got["MaxSessionDuration"]), ("a role", 7200), "the role")
        same(got["PermissionsBoundary"]["PermissionsBoundaryArn"], self.policy_arn, "the boundary")
        check(got["Arn"].startswith("arn:"), f"the role's ARN is {got['Arn']}")
        trust = text({"Action": ["sts:AssumeRole", "sts:TagSession"]},
                     Principal={"AWS": self.account})
        iam.update_assume_role_policy(RoleName="tf-role", PolicyDocument=trust)
        iam.update_role_description(RoleName="tf-role", Description="another")
        iam.update_role(RoleName="tf-role", MaxSessionDuration=3600)
        iam.delete_role_permissions_boundary(RoleName="tf-role")
        iam.tag_role(RoleName="tf-role", Tags=tags(team="tf"))
        iam.untag_role(RoleName="tf-role", TagKeys=["owner"])
        got = self._role_is(trust)
        same((got.get("Description"), got["MaxSessionDuration"]), ("another", 3600), "the role")
        same(got["Tags"], tags(team="tf"), "the role's tags")
        document = text({"Action": "s3:GetObject", "Resource": "*"})
        iam.put_role_policy(RoleName="tf-role", PolicyName="own", PolicyDocument=document)
        got = iam.get_role_policy(RoleName="tf-role", PolicyName="own")
        same(meaning(got["PolicyDocument"]), meaning(document), "the role's own policy")
        iam.attach_role_policy(RoleName="tf-role", PolicyArn=self.policy_arn)
        same(self._attached("role", RoleName="tf-role"), [self.policy_arn], "what it has")

    def _role_is(self, trust):
        got = self.iam.get_role(RoleName="tf-role")["Role"]
        document = meaning(got["AssumeRolePolicyDocument"])
        wanted = meaning(trust)
        # The account's number is read back as its root, which the provider knows to be the same.
        root = f"{self.arn}:root"
        for statement in wanted["Statement"]:
            if statement["Principal"]["AWS"] == self.account:
                statement["Principal"]["AWS"] = root
        for statement in document["Statement"]:
            if statement["Principal"]["AWS"] == self.account:
                statement["Principal"]["AWS"] = root
        same(document, wanted, "the trust policy")
        pages = self.iam.get_paginator("list_role_policies").paginate(RoleName="tf-role")
        same([n for p in pages for n in p["PolicyNames"]], [], "the role's own policies")
        same(self._attached("role", RoleName="tf-role"), [], "what it has")
        return got

    # aws_iam_openid_connect_provider, aws_iam_saml_provider

    def identity_providers(self):
        iam = self.iam
        made = iam.create_open_id_connect_provider(
            Url="https://token.actions.example", ClientIDList=["sts.amazonaws.com"],
            ThumbprintList=["6938fd4d98bab03faadb97b34396831e3780aea1"], Tags=tags(owner="tf"))
        self.oidc = made["OpenIDConnectProviderArn"]
        got = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=self.oidc)
        # Planned with the scheme, read back without it.
        same(got["Url"], "token.actions.example", "the provider's address")
        same((got["ClientIDList"], got["Tags"]), (["sts.amazonaws.com"], tags(owner="tf")), "it")
        iam.update_open_id_connect_provider_thumbprint(
            OpenIDConnectProviderArn=self.oidc, ThumbprintList=["1" * 40])
        iam.add_client_id_to_open_id_connect_provider(
            OpenIDConnectProviderArn=self.oidc, ClientID="another")
        iam.remove_client_id_from_open_id_connect_provider(
            OpenIDConnectProviderArn=self.oidc, ClientID="sts.amazonaws.com")
        iam.tag_open_id_connect_provider(
            OpenIDConnectProviderArn=self.oidc, Tags=tags(team="tf"))
        iam.untag_open_id_connect_provider(OpenIDConnectProviderArn=self.oidc, TagKeys=["owner"])
        got = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=self.oidc)
        same((got["ClientIDList"], got["ThumbprintList"], got["Tags"]),
             (["another"], ["1" * 40], tags(team="tf")), "the provider after the change")

    # aws_iam_account_alias, aws_iam_account_password_policy

    def account_settings(self):
        iam = self.iam
        iam.create_account_alias(AccountAlias="tf-alias")
        same(iam.list_account_aliases()["AccountAliases"], ["tf-alias"], "the alias")
        iam.delete_account_alias(AccountAlias="tf-alias")
        self.absent(iam.get_account_password_policy, "NoSuchEntity")
        iam.update_account_password_policy(MinimumPasswordLength=14, RequireNumbers=True)
        same(iam.get_account_password_policy()["PasswordPolicy"]["MinimumPasswordLength"], 14,
             "the password policy")
        iam.delete_account_password_policy()

    # aws_s3_bucket, _policy, _public_access_block, _ownership_controls, _tagging

    def bucket(self):
        s3 = self.s3
        self.absent(s3.head_bucket, "404", Bucket=BUCKET)
        s3.create_bucket(Bucket=BUCKET)
        s3.get_waiter("bucket_exists").wait(Bucket=BUCKET)
        s3.put_bucket_tagging(Bucket=BUCKET, Tagging={"TagSet": tags(owner="tf")})
        for operation, missing in BUCKET_READS.items():
            try:
                getattr(s3, operation)(Bucket=BUCKET)
            except ClientError as error:
                code = error.response["Error"]["Code"]
                check(code in missing, f"{operation} was answered {code}, not one of {missing}")
                if code == "NotImplemented":
                    self.lacking.add(operation)
        same(s3.get_bucket_tagging(Bucket=BUCKET)["TagSet"], tags(owner="tf"), "its tags")
        s3.delete_bucket_tagging(Bucket=BUCKET)

        s3.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration={
            "BlockPublicAcls": True, "BlockPublicPolicy": False, "IgnorePublicAcls": True,
            "RestrictPublicBuckets": False})
        got = s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"]
        same((got["BlockPublicAcls"], got["BlockPublicPolicy"]), (True, False), "the block")
        rules = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
        s3.put_bucket_ownership_controls(Bucket=BUCKET, OwnershipControls=rules)
        same(s3.get_bucket_ownership_controls(Bucket=BUCKET)["OwnershipControls"], rules,
             "the ownership")

        document = text(
            {"Sid": "Role", "Action": ["s3:GetObject", "s3:PutObject"],
             "Principal": {"AWS": f"{self.arn}:role/tf/tf-role"},
             "Resource": f"arn:aws:s3:::{BUCKET}/*"},
            {"Sid": "Tls", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
             "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"],
             "Condition": {"StringEquals": {"aws:username": "nobody"}}})
        s3.put_bucket_policy(Bucket=BUCKET, Policy=document)
        got = s3.get_bucket_policy(Bucket=BUCKET)["Policy"]
        same(meaning(got), meaning(document), "the bucket's policy")
        s3.get_bucket_policy_status(Bucket=BUCKET)

    # Everything goes, in the reverse order.

    def removal(self):
        iam, s3 = self.iam, self.s3
        s3.delete_bucket_policy(Bucket=BUCKET)
        s3.delete_public_access_block(Bucket=BUCKET)
        s3.delete_bucket_ownership_controls(Bucket=BUCKET)
        s3.delete_bucket(Bucket=BUCKET)
        s3.get_waiter("bucket_not_exists").wait(Bucket=BUCKET)
        iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=self.oidc)
        self.absent(iam.get_open_id_connect_provider, "NoSuchEntity",
                    OpenIDConnectProviderArn=self.oidc)
        # A role's profiles are asked for before it goes, and a refusal that it is in use is waited
        # for, so it must have that code.
        iam.list_instance_profiles_for_role(RoleName="tf-role")
        try:
            iam.delete_role(RoleName="tf-role")
            check(False, "a role that has policies went")
        except ClientError as error:
            same(error.response["Error"]["Code"], "DeleteConflict", "the code")
        iam.delete_role_policy(RoleName="tf-role", PolicyName="own")
        iam.detach_role_policy(RoleName="tf-role", PolicyArn=self.policy_arn)
        iam.delete_role(RoleName="tf-role")
        self.absent(iam.get_role, "NoSuchEntity", RoleName="tf-role")
        iam.delete_group_policy(GroupName="tf-group-2", PolicyName="own")
        iam.detach_group_policy(GroupName="tf-group-2", PolicyArn=self.policy_arn)
        iam.remove_user_from_group(GroupName="tf-group-2", UserName="tf-renamed")
        iam.delete_group(GroupName="tf-group-2")
        self.absent(iam.get_group, "NoSuchEntity", GroupName="tf-group-2")
        iam.delete_user_policy(UserName="tf-renamed", PolicyName="own")
        self.absent(iam.get_user_policy, "NoSuchEntity", UserName="tf-renamed", PolicyName="own")
        iam.detach_user_policy(UserName="tf-renamed", PolicyArn=self.policy_arn)
        iam.delete_access_key(UserName="tf-renamed", AccessKeyId=self.key)
        iam.list_groups_for_user(UserName="tf-renamed")
        self._forced()
        iam.delete_user(UserName="tf-renamed")
        self.absent(iam.get_user, "NoSuchEntity", UserName="tf-renamed")
        for version in iam.list_policy_versions(PolicyArn=self.policy_arn)["Versions"]:
            if not version["IsDefaultVersion"]:
                iam.delete_policy_version(PolicyArn=self.policy_arn,
                                          VersionId=version["VersionId"])
        iam.delete_policy(PolicyArn=self.policy_arn)
        self.absent(iam.get_policy, "NoSuchEntity", PolicyArn=self.policy_arn)
        self.house.stop_server()
        print(f"{self.calls} calls; a bucket's read finds {len(self.lacking)} features that are not "
              f"here and say so: {', '.join(sorted(self.lacking))}")

    def _forced(self):
        """What `force_destroy` of a user looks for."""
        who = {"UserName": "tf-renamed"}
        same(self.iam.list_access_keys(**who)["AccessKeyMetadata"], [], "its keys")
        same(self.iam.list_mfa_devices(**who)["MFADevices"], [], "its devices")
        self.iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")
        self.absent(self.iam.delete_login_profile, "NoSuchEntity", **who)
        same(self.iam.list_ssh_public_keys(**who)["SSHPublicKeys"], [], "its SSH keys")
        same(self.iam.list_signing_certificates(**who)["Certificates"], [], "its certificates")
        found = self.iam.list_service_specific_credentials(**who)["ServiceSpecificCredentials"]
        same(found, [], "its credentials for one service")


def main():
    house = open_house()
    steps, provider = Steps(), Provider(house)
    try:
        for name in ("start", "policy", "user", "group", "role", "identity_providers",
                     "account_settings", "bucket", "removal"):
            steps.run(name.replace("_", " "), getattr(provider, name))
    except Exception:  # noqa: BLE001 - the step printed it
        pass
    finally:
        house.close()
    return steps.conclude()


if __name__ == "__main__":
    sys.exit(main())
