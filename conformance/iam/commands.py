"""Each command group of `aws iam` and `aws sts`: every operation that the server has, called by the
real `aws` command, in the life of users, groups, roles, policies, keys, devices, providers and the
account.

Run by `cargo xtask conformance iam`. Which operations there are is read from the golden file of
routes; one that no line here calls fails the run.
"""

import base64
import hmac
import json
import re
import struct
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "first-request"))

from house import Steps, check, open_house, same  # noqa: E402

ROUTES = HERE.parent.parent / "crates/cli/tests/golden/routes.txt"
ROW = re.compile(r"POST / (iam|sts) Action=(\w+)")
# Asked for without credentials, by a token that a provider signs: `aws sts` cannot make one.
ELSEWHERE = {
    "sts:AssumeRoleWithWebIdentity": "conformance first-request",
    "sts:AssumeRoleWithLDAPIdentity": "conformance directories",
}
CODE_SECONDS = 30


def policy(*statements, **principal):
    """A policy's text."""
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", **principal, **statement} for statement in statements]})


READ = policy({"Action": "s3:GetObject", "Resource": "*"})
SAML = """<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example">
<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
Location="https://idp.example/sso"/></IDPSSODescriptor></EntityDescriptor>"""
SAML += "<!-- " + "x" * 1000 + " -->"


def served():
    """The operations of IAM and STS that the table has."""
    found = {f"{service}:{name}" for service, name in ROW.findall(ROUTES.read_text())}
    check(len(found) > 100, f"{len(found)} operations in {ROUTES.name}")
    return found


def dashed(name):
    """An operation as the command line spells it."""
    name = name.replace("OpenIDConnect", "OpenIdConnect")
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name).lower()


class Commands:
    """The commands, in the order of a life."""

    def __init__(self, house):
        self.house = house
        self.called = set()

    def aws(self, operation, *words, profile="root", expect=0):
        """`aws SERVICE OPERATION …`; what it prints, read."""
        service, name = operation.split(":")
        self.called.add(operation)
        spelt = dashed(name)
        done = self.house.aws(profile, service, spelt, *words, "--output", "json", expect=expect)
        return json.loads(done.stdout) if done.stdout.strip() else {}

    def iam(self, name, *words, **more):
        """An operation of IAM."""
        return self.aws(f"iam:{name}", *words, **more)

    def start(self):
        house = self.house
        house.start_server()
        key, secret = house.root_credential()
        self.profile("root", key, secret)
        self.account = self.aws("sts:GetCallerIdentity")["Account"]
        self.arn = f"arn:aws:iam::{self.account}"

    def profile(self, name, key, secret, token=None):
        """Writes a profile of the command line."""
        file = self.house.home / ".aws/credentials"
        file.parent.mkdir(exist_ok=True)
        lines = [f"[{name}]", f"aws_access_key_id = {key}", f"aws_secret_access_key = {secret}"]
        lines += [f"aws_session_token = {token}"] if token else []
        with file.open("a") as out:
            out.write("\n".join(lines) + "\n")

    def users(self):
        iam = self.iam
        made = iam("CreateUser", "--user-name", "ann", "--path", "/team/", "--tags",
                   "Key=team,Value=a b")
        same(made["User"]["Arn"], f"{self.arn}:user/team/ann", "the ARN")
        same(iam("GetUser", "--user-name", "ann")["User"]["Tags"],
             [{"Key": "team", "Value": "a b"}], "the tags")
        iam("UpdateUser", "--user-name", "ann", "--new-user-name", "anna", "--new-path", "/")
        names = [u["UserName"] for u in iam("ListUsers", "--path-prefix", "/")["Users"]]
        same(names, ["anna"], "the users")
        iam("TagUser", "--user-name", "anna", "--tags", "Key=floor,Value=2")
        iam("UntagUser", "--user-name", "anna", "--tag-keys", "team")
        same(iam("ListUserTags", "--user-name", "anna")["Tags"],
             [{"Key": "floor", "Value": "2"}], "the tags that are left")
        iam("PutUserPolicy", "--user-name", "anna", "--policy-name", "own", "--policy-document",
            policy({"Action": ["iam:*", "sts:*", "s3:*"], "Resource": "*"}))
        same(iam("ListUserPolicies", "--user-name", "anna")["PolicyNames"], ["own"], "its own")
        got = iam("GetUserPolicy", "--user-name", "anna", "--policy-name", "own")
        same(got["PolicyDocument"]["Version"], "2012-10-17", "the document")

    def keys(self):
        iam = self.iam
        made = iam("CreateAccessKey", "--user-name", "anna")["AccessKey"]
        self.key = made["AccessKeyId"]
        self.profile("anna", self.key, made["SecretAccessKey"])
        same(self.aws("sts:GetCallerIdentity", profile="anna")["Arn"],
             f"{self.arn}:user/anna", "who she is")
        listed = iam("ListAccessKeys", "--user-name", "anna")["AccessKeyMetadata"]
        same([k["AccessKeyId"] for k in listed], [self.key], "her keys")
        for action, member in (("ListSSHPublicKeys", "SSHPublicKeys"),
                               ("ListSigningCertificates", "Certificates"),
                               ("ListServiceSpecificCredentials", "ServiceSpecificCredentials")):
            same(iam(action, "--user-name", "anna")[member], [], "what she has none of")
        used = iam("GetAccessKeyLastUsed", "--access-key-id", self.key)
        same(used["UserName"], "anna", "whose it is")
        same(self.aws("sts:GetAccessKeyInfo", "--access-key-id", self.key)["Account"],
             self.account, "whose account it is")
        other = iam("CreateAccessKey", "--user-name", "anna")["AccessKey"]["AccessKeyId"]
        iam("UpdateAccessKey", "--user-name", "anna", "--access-key-id", other, "--status",
            "Inactive")
        iam("DeleteAccessKey", "--user-name", "anna", "--access-key-id", other)

    def groups(self):
        iam = self.iam
        iam("CreateGroup", "--group-name", "crew", "--path", "/team/")
        iam("UpdateGroup", "--group-name", "crew", "--new-group-name", "staff")
        iam("AddUserToGroup", "--group-name", "staff", "--user-name", "anna")
        same([u["UserName"] for u in iam("GetGroup", "--group-name", "staff")["Users"]],
             ["anna"], "who is in it")
        same(len(iam("ListGroupsForUser", "--user-name", "anna")["Groups"]), 1, "her groups")
        same(len(iam("ListGroups")["Groups"]), 1, "the groups")
        iam("PutGroupPolicy", "--group-name", "staff", "--policy-name", "own",
            "--policy-document", READ)
        same(iam("ListGroupPolicies", "--group-name", "staff")["PolicyNames"], ["own"], "its own")
        iam("GetGroupPolicy", "--group-name", "staff", "--policy-name", "own")
        iam("DeleteGroupPolicy", "--group-name", "staff", "--policy-name", "own")

    def policies(self):
        iam = self.iam
        made = iam("CreatePolicy", "--policy-name", "read", "--policy-document", READ,
                   "--description", "reads", "--tags", "Key=a,Value=b")["Policy"]
        self.policy = made["Arn"]
        arn = ("--policy-arn", self.policy)
        same(iam("GetPolicy", *arn)["Policy"]["DefaultVersionId"], "v1", "the default")
        new = iam("CreatePolicyVersion", *arn, "--policy-document", READ, "--set-as-default")
        same(new["PolicyVersion"]["VersionId"], "v2", "the new version")
        iam("SetDefaultPolicyVersion", *arn, "--version-id", "v1")
        iam("GetPolicyVersion", *arn, "--version-id", "v2")
        iam("DeletePolicyVersion", *arn, "--version-id", "v2")
        same(len(iam("ListPolicyVersions", *arn)["Versions"]), 1, "the versions")
        same(len(iam("ListPolicies", "--scope", "Local")["Policies"]), 1, "the policies")
        iam("TagPolicy", *arn, "--tags", "Key=c,Value=d")
        iam("UntagPolicy", *arn, "--tag-keys", "a")
        same(iam("ListPolicyTags", *arn)["Tags"], [{"Key": "c", "Value": "d"}], "the tags")
        for kind, name in (("User", "anna"), ("Group", "staff")):
            who = (f"--{kind.lower()}-name", name)
            iam(f"Attach{kind}Policy", *who, *arn)
            listed = iam(f"ListAttached{kind}Policies", *who)["AttachedPolicies"]
            same([p["PolicyArn"] for p in listed], [self.policy], f"what {name} has")
        found = iam("ListEntitiesForPolicy", *arn)
        same((len(found["PolicyUsers"]), len(found["PolicyGroups"])), (1, 1), "who has it")
        granting = iam("ListPoliciesGrantingServiceAccess", "--arn", f"{self.arn}:user/anna",
                       "--service-namespaces", "s3")
        check(granting["PoliciesGrantingServiceAccess"][0]["Policies"], "no policy grants s3")
        iam("PutUserPermissionsBoundary", "--user-name", "anna", "--permissions-boundary",
            self.policy)
        bound = iam("GetUser", "--user-name", "anna")["User"]["PermissionsBoundary"]
        same(bound["PermissionsBoundaryArn"], self.policy, "the boundary")
        iam("DeleteUserPermissionsBoundary", "--user-name", "anna")

    def roles(self):
        iam, arn = self.iam, ("--policy-arn", self.policy)
        trust = policy({"Action": ["sts:AssumeRole", "sts:TagSession"]},
                       Principal={"AWS": self.account})
        iam("CreateRole", "--role-name", "hat", "--assume-role-policy-document", trust,
            "--max-session-duration", "7200")
        who = ("--role-name", "hat")
        iam("UpdateAssumeRolePolicy", *who, "--policy-document", trust)
        iam("UpdateRole", *who, "--description", "a hat", "--max-session-duration", "3600")
        iam("UpdateRoleDescription", *who, "--description", "another hat")
        same(iam("GetRole", *who)["Role"]["Description"], "another hat", "the description")
        same(len(iam("ListRoles")["Roles"]), 1, "the roles")
        iam("TagRole", *who, "--tags", "Key=a,Value=b")
        same(len(iam("ListRoleTags", *who)["Tags"]), 1, "the tags")
        iam("UntagRole", *who, "--tag-keys", "a")
        iam("PutRolePolicy", *who, "--policy-name", "own", "--policy-document", READ)
        same(iam("ListRolePolicies", *who)["PolicyNames"], ["own"], "its own")
        iam("GetRolePolicy", *who, "--policy-name", "own")
        iam("AttachRolePolicy", *who, *arn)
        same(len(iam("ListAttachedRolePolicies", *who)["AttachedPolicies"]), 1, "what it has")
        iam("PutRolePermissionsBoundary", *who, "--permissions-boundary", self.policy)
        iam("DeleteRolePermissionsBoundary", *who)
        same(iam("ListInstanceProfilesForRole", *who)["InstanceProfiles"], [], "its profiles")

    def sessions(self):
        role = f"{self.arn}:role/hat"
        made = self.aws("sts:AssumeRole", "--role-arn", role, "--role-session-name", "session",
                        "--tags", "Key=team,Value=a", profile="anna")
        self._is(made["Credentials"], "worn", f"arn:aws:sts::{self.account}:assumed-role/hat/session")
        made = self.aws("sts:GetSessionToken", "--duration-seconds", "900", profile="anna")
        self._is(made["Credentials"], "own", f"{self.arn}:user/anna")
        made = self.aws("sts:GetFederationToken", "--name", "guest", "--policy", READ,
                        profile="anna")
        self._is(made["Credentials"], "guest",
                 f"arn:aws:sts::{self.account}:federated-user/guest")
        denied = self.house.aws("guest", "iam", "list-users", expect=254)
        check("AccessDenied" in denied.said, f"the guest was told {denied.said}")
        _, headers, _ = self.house.plain(f"{self.house.endpoint}/nothing-here")
        refused = headers.get("x-strongroom-decision-id")
        if refused:
            self.aws("sts:DecodeAuthorizationMessage", "--encoded-message", refused)
        else:
            words = ("--encoded-message", "nothing")
            self.aws("sts:DecodeAuthorizationMessage", *words, expect=254)

    def _is(self, made, profile, arn):
        self.profile(profile, made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])
        same(self.aws("sts:GetCallerIdentity", profile=profile)["Arn"], arn, "who that is")

    def passwords(self):
        iam = self.iam
        iam("UpdateAccountPasswordPolicy", "--minimum-password-length", "12",
            "--allow-users-to-change-password")
        found = iam("GetAccountPasswordPolicy")["PasswordPolicy"]
        same(found["MinimumPasswordLength"], 12, "the length")
        iam("CreateLoginProfile", "--user-name", "anna", "--password", "Once-upon-a-time-1")
        iam("GetLoginProfile", "--user-name", "anna")
        iam("UpdateLoginProfile", "--user-name", "anna", "--password", "Once-upon-a-time-2")
        iam("ChangePassword", "--old-password", "Once-upon-a-time-2", "--new-password",
            "Once-upon-a-time-3", profile="anna")
        iam("DeleteLoginProfile", "--user-name", "anna")
        iam("DeleteAccountPasswordPolicy")

    def devices(self):
        iam, seed = self.iam, self.house.work / "seed"
        made = iam("CreateVirtualMFADevice", "--virtual-mfa-device-name", "phone", "--outfile",
                   seed, "--bootstrap-method", "Base32StringSeed")
        serial = made["VirtualMFADevice"]["SerialNumber"]
        device, secret = ("--serial-number", serial), base64.b32decode(seed.read_text())
        who = ("--user-name", "anna", *device)
        iam("EnableMFADevice", *who, *_codes(secret, -1))
        same(len(iam("ListMFADevices", "--user-name", "anna")["MFADevices"]), 1, "her devices")
        iam("GetMFADevice", "--user-name", "anna", *device)
        same(len(iam("ListVirtualMFADevices")["VirtualMFADevices"]), 1, "all devices")
        iam("ResyncMFADevice", *who, *_codes(secret, 1))
        iam("TagMFADevice", *device, "--tags", "Key=a,Value=b")
        same(len(iam("ListMFADeviceTags", *device)["Tags"]), 1, "its tags")
        iam("UntagMFADevice", *device, "--tag-keys", "a")
        iam("DeactivateMFADevice", *who)
        iam("DeleteVirtualMFADevice", *device)

    def providers(self):
        iam = self.iam
        made = iam("CreateOpenIDConnectProvider", "--url", "https://idp.example", "--client-id-list",
                   "one", "--thumbprint-list", "0" * 40)
        arn = ("--open-id-connect-provider-arn", made["OpenIDConnectProviderArn"])
        iam("AddClientIDToOpenIDConnectProvider", *arn, "--client-id", "two")
        same(sorted(iam("GetOpenIDConnectProvider", *arn)["ClientIDList"]), ["one", "two"],
             "its clients")
        iam("RemoveClientIDFromOpenIDConnectProvider", *arn, "--client-id", "two")
        iam("UpdateOpenIDConnectProviderThumbprint", *arn, "--thumbprint-list", "1" * 40)
        same(len(iam("ListOpenIDConnectProviders")["OpenIDConnectProviderList"]), 1, "them all")
        iam("TagOpenIDConnectProvider", *arn, "--tags", "Key=a,Value=b")
        same(len(iam("ListOpenIDConnectProviderTags", *arn)["Tags"]), 1, "its tags")
        iam("UntagOpenIDConnectProvider", *arn, "--tag-keys", "a")
        iam("DeleteOpenIDConnectProvider", *arn)
        made = iam("CreateSAMLProvider", "--name", "idp", "--saml-metadata-document", SAML)
        arn = ("--saml-provider-arn", made["SAMLProviderArn"])
        iam("GetSAMLProvider", *arn)
        iam("UpdateSAMLProvider", *arn, "--saml-metadata-document", SAML)
        same(len(iam("ListSAMLProviders")["SAMLProviderList"]), 1, "them all")
        iam("TagSAMLProvider", *arn, "--tags", "Key=a,Value=b")
        same(len(iam("ListSAMLProviderTags", *arn)["Tags"]), 1, "its tags")
        iam("UntagSAMLProvider", *arn, "--tag-keys", "a")
        iam("DeleteSAMLProvider", *arn)

    def questions(self):
        iam = self.iam
        iam("CreateAccountAlias", "--account-alias", "the-house")
        same(iam("ListAccountAliases")["AccountAliases"], ["the-house"], "the alias")
        iam("DeleteAccountAlias", "--account-alias", "the-house")
        same(iam("GetAccountSummary")["SummaryMap"]["Users"], 1, "how many users")
        details = iam("GetAccountAuthorizationDetails")
        same(len(details["UserDetailList"]), 1, "the details")
        asked = iam("GenerateServiceLastAccessedDetails", "--arn", f"{self.arn}:user/anna")
        job = ("--job-id", asked["JobId"])
        same(iam("GetServiceLastAccessedDetails", *job)["JobStatus"], "COMPLETED", "the job")
        iam("GetServiceLastAccessedDetailsWithEntities", *job, "--service-namespace", "s3")
        iam("GenerateCredentialReport")
        content = iam("GetCredentialReport")["Content"]
        check("anna" in base64.b64decode(content).decode(), "the report has no anna")
        asked = ("--action-names", "s3:GetObject", "s3:PutObject")
        said = iam("SimulateCustomPolicy", "--policy-input-list", READ, *asked)
        same([r["EvalDecision"] for r in said["EvaluationResults"]],
             ["allowed", "implicitDeny"], "the simulation")
        said = iam("SimulatePrincipalPolicy", "--policy-source-arn", f"{self.arn}:role/hat", *asked)
        same([r["EvalDecision"] for r in said["EvaluationResults"]],
             ["allowed", "implicitDeny"], "the simulation of the role")
        conditioned = policy({"Action": "*", "Resource": "*",
                              "Condition": {"StringEquals": {"aws:username": "a"}}})
        said = iam("GetContextKeysForCustomPolicy", "--policy-input-list", conditioned)
        same(said["ContextKeyNames"], ["aws:username"], "the keys")
        iam("GetContextKeysForPrincipalPolicy", "--policy-source-arn", f"{self.arn}:role/hat")

    def ends(self):
        iam, arn = self.iam, ("--policy-arn", self.policy)
        iam("DetachUserPolicy", "--user-name", "anna", *arn)
        iam("DetachGroupPolicy", "--group-name", "staff", *arn)
        iam("DetachRolePolicy", "--role-name", "hat", *arn)
        iam("DeletePolicy", *arn)
        iam("DeleteRolePolicy", "--role-name", "hat", "--policy-name", "own")
        iam("DeleteRole", "--role-name", "hat")
        iam("RemoveUserFromGroup", "--group-name", "staff", "--user-name", "anna")
        iam("DeleteGroup", "--group-name", "staff")
        iam("DeleteUserPolicy", "--user-name", "anna", "--policy-name", "own")
        iam("DeleteAccessKey", "--user-name", "anna", "--access-key-id", self.key)
        iam("DeleteUser", "--user-name", "anna")
        same(iam("ListUsers")["Users"], [], "the users that are left")

    def every_operation_was_called(self):
        every = served()
        left = sorted(every - self.called - set(ELSEWHERE))
        check(not left, f"no command calls {', '.join(left)}")
        print(f"{len(self.called & every)} of {len(every)} operations of IAM and STS by the aws "
              f"command; {', '.join(f'{name}: {where}' for name, where in ELSEWHERE.items())}")


def _codes(seed, ahead):
    """Two codes in a row (RFC 6238), the first of them so many steps from now."""
    step = int(time.time()) // CODE_SECONDS + ahead

    def code(step):
        digest = hmac.digest(seed, struct.pack(">Q", step), "sha1")
        place = digest[-1] & 15
        (number,) = struct.unpack_from(">I", digest, place)
        return f"{(number & 0x7FFFFFFF) % 10**6:06}"

    return ("--authentication-code1", code(step), "--authentication-code2", code(step + 1))


def main():
    house = open_house()
    steps, commands = Steps(), Commands(house)
    try:
        for name in ("start", "users", "keys", "groups", "policies", "roles", "sessions",
                     "passwords", "devices", "providers", "questions", "ends",
                     "every_operation_was_called"):
            steps.run(name.replace("_", " "), getattr(commands, name))
    except Exception:  # noqa: BLE001 - the step printed it
        pass
    finally:
        house.close()
    return steps.conclude()


if __name__ == "__main__":
    sys.exit(main())
