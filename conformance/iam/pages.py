"""Every paginator and waiter that boto3 has for IAM: each finds everything there is, once, whatever
the size of a page; each waiter ends on what it waits for, and does not end on what is not there.

Run by `cargo xtask conformance iam`.
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "first-request"))

from botocore.exceptions import ClientError, WaiterError  # noqa: E402

from house import Steps, check, open_house, same  # noqa: E402

MANY = 7
PAGES = (1, 2, 3, 100)
TEXT = json.dumps({"Version": "2012-10-17", "Statement": {
    "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}})
# What IAM has and this server does not.
NOT_HERE = {"get_group_certificates", "list_instance_profiles", "list_server_certificates",
            "list_instance_profile_tags", "list_server_certificate_tags"}
NOT_HERE_WAITERS = {"instance_profile_exists"}


class Pages:
    """The paginators and waiters."""

    def __init__(self, house):
        self.house, self.used = house, set()

    def start(self):
        house = self.house
        house.start_server()
        self.iam = iam = house.client("iam", house.root_credential())
        self.account = house.client("sts", house.root_credential()).get_caller_identity()["Account"]
        trust = json.dumps({"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Principal": {"AWS": self.account}, "Action": "sts:AssumeRole"}})
        self.policies = []
        for n in range(MANY):
            iam.create_user(UserName=f"u{n}", Tags=[{"Key": "n", "Value": str(n)}])
            iam.create_group(GroupName=f"g{n}")
            iam.create_role(RoleName=f"r{n}", AssumeRolePolicyDocument=trust)
            made = iam.create_policy(PolicyName=f"p{n}", PolicyDocument=TEXT)
            self.policies.append(made["Policy"]["Arn"])
        for n in range(MANY):
            policy = self.policies[n]
            iam.add_user_to_group(UserName="u0", GroupName=f"g{n}")
            if n:
                iam.add_user_to_group(UserName=f"u{n}", GroupName="g0")
            for kind in ("User", "Group", "Role"):
                who = {f"{kind}Name": f"{kind[0].lower()}0"}
                one = kind.lower()
                getattr(iam, f"attach_{one}_policy")(**who, PolicyArn=policy)
                getattr(iam, f"put_{one}_policy")(
                    **who, PolicyName=f"own{n}", PolicyDocument=TEXT)
            iam.attach_user_policy(UserName=f"u{n}", PolicyArn=self.policies[0])
            iam.create_virtual_mfa_device(VirtualMFADeviceName=f"d{n}")
            tag = [{"Key": f"t{n}", "Value": "v"}]
            iam.tag_user(UserName="u0", Tags=tag)
            iam.tag_role(RoleName="r0", Tags=tag)
            iam.tag_policy(PolicyArn=self.policies[0], Tags=tag)
        for _ in range(4):
            iam.create_policy_version(PolicyArn=self.policies[0], PolicyDocument=TEXT)
        for _ in range(2):
            iam.create_access_key(UserName="u0")

    def every_paginator(self):
        user, role, group = {"UserName": "u0"}, {"RoleName": "r0"}, {"GroupName": "g0"}
        policy = {"PolicyArn": self.policies[0]}
        source = f"arn:aws:iam::{self.account}:user/u0"
        actions = ["s3:GetObject", "s3:PutObject", "s3:ListBucket", "iam:GetUser"]
        known = {
            "list_users": ({}, MANY), "list_groups": ({}, MANY), "list_roles": ({}, MANY),
            "list_policies": ({"Scope": "Local"}, MANY),
            "list_groups_for_user": (user, MANY), "get_group": (group, MANY),
            "list_attached_user_policies": (user, MANY),
            "list_attached_group_policies": (group, MANY),
            "list_attached_role_policies": (role, MANY),
            "list_user_policies": (user, MANY), "list_group_policies": (group, MANY),
            "list_role_policies": (role, MANY),
            "list_policy_versions": (policy, 5), "list_access_keys": (user, 2),
            # Of the first policy: all users, and the first group and role.
            "list_entities_for_policy": (policy, MANY + 2),
            "list_virtual_mfa_devices": ({}, MANY), "list_mfa_devices": (user, 0),
            "list_mfa_device_tags": (None, 0), "list_open_id_connect_provider_tags": (None, 0),
            "list_saml_provider_tags": (None, 0),
            "list_user_tags": (user, MANY + 1), "list_role_tags": (role, MANY),
            "list_policy_tags": (policy, MANY),
            "list_signing_certificates": (user, 0), "list_ssh_public_keys": (user, 0),
            "list_account_aliases": ({}, 0), "list_instance_profiles_for_role": (role, 0),
            "get_account_authorization_details": ({"Filter": ["User", "Role", "Group"]}, 3 * MANY),
            "simulate_custom_policy": (
                {"PolicyInputList": [TEXT], "ActionNames": actions}, len(actions)),
            "simulate_principal_policy": (
                {"PolicySourceArn": source, "ActionNames": actions}, len(actions)),
        }
        every = self.iam.meta.method_to_api_mapping
        names = {name for name in every if self.iam.can_paginate(name)}
        unknown = sorted(names - set(known) - NOT_HERE)
        check(not unknown, f"paginators that are not tried: {unknown}")
        for name, (parameters, expected) in known.items():
            if parameters is None or name not in names:
                continue
            for size in PAGES:
                self._joins(name, parameters, expected, size)
        for name in sorted(names & NOT_HERE):
            self._is_not_here(name)
        print(f"{len(self.used)} paginators, in pages of {', '.join(map(str, PAGES))}; "
              f"{len(names & NOT_HERE)} are of what is not here and answer NotImplemented")

    def _joins(self, name, parameters, expected, size):
        pages = self.iam.get_paginator(name).paginate(
            **parameters, PaginationConfig={"PageSize": size})
        keys = [expression.expression for expression in pages.result_keys]
        found = []
        for page in pages:
            lists = [page.get(key, []) for key in keys]
            count = sum(map(len, lists))
            check(count <= size, f"{name}: {count} on a page of {size}")
            found += [json.dumps(item, default=str, sort_keys=True) for one in lists for item in one]
        same(len(found), expected, f"{name} in pages of {size}")
        if not name.startswith("simulate"):
            same(len(set(found)), len(found), f"{name} in pages of {size}, each once")
        self.used.add(name)

    def _is_not_here(self, name):
        model = self.iam.meta.method_to_api_mapping[name]
        shape = self.iam.meta.service_model.operation_model(model).input_shape
        values = {"UserName": "u0", "InstanceProfileName": "i", "ServerCertificateName": "c"}
        parameters = {member: values[member] for member in shape.required_members}
        try:
            getattr(self.iam, name)(**parameters)
        except ClientError as error:
            told = error.response["Error"]["Code"]
            check(told in ("NotImplemented", "InvalidAction"), f"{name} was answered {told}")
            return
        check(False, f"{name} is answered: try it as a paginator")

    def every_waiter(self):
        waits = {
            "user_exists": {"UserName": "u1"}, "role_exists": {"RoleName": "r1"},
            "policy_exists": {"PolicyArn": self.policies[1]},
        }
        names = set(self.iam.waiter_names)
        same(names - set(waits), NOT_HERE_WAITERS & names, "waiters that are not tried")
        once = {"WaiterConfig": {"Delay": 1, "MaxAttempts": 1}}
        for name, there in waits.items():
            waiter = self.iam.get_waiter(name)
            waiter.wait(**there, **once)
            absent = {key: value + "absent" for key, value in there.items()}
            try:
                waiter.wait(**absent, **once)
            except WaiterError as error:
                check("Max attempts" in str(error), f"{name}: {error}")
            else:
                check(False, f"{name} found what is not there")
        print(f"{len(waits)} waiters")


def main():
    house = open_house()
    steps, pages = Steps(), Pages(house)
    try:
        for name in ("start", "every_paginator", "every_waiter"):
            steps.run(name.replace("_", " "), getattr(pages, name))
    except Exception:  # noqa: BLE001 - the step printed it
        pass
    finally:
        house.close()
    return steps.conclude()


if __name__ == "__main__":
    sys.exit(main())
