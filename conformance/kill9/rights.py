"""What the campaign writes and compares with `--iam`: nothing but changes of the authorization state.

Every writer owns a few entities and does one change at a time, so that after a death each of them
is either as it was acknowledged last or as the one change would have made it that was under way.
"""

import json

FIXED_GROUPS = 3
VERSIONS_MAX = 5
USERS_OF_A_WRITER = 8
KINDS = {"Filter.member.1": "User", "Filter.member.2": "Role",
         "Filter.member.3": "LocalManagedPolicy"}
PLACES = ("users", "members", "policies", "roles", "attached", "keys", "bounds")


def allow(resource):
    """A policy that allows to read one resource."""
    return json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": "s3:GetObject", "Resource": resource}})


def begin(iam, writers):
    """Whom the writers change; made once."""
    for number in range(FIXED_GROUPS):
        iam.create_group(GroupName=f"g{number}")
    trust = json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}})
    for writer in range(writers):
        iam.create_user(UserName=f"m{writer}")
        iam.create_role(RoleName=f"r{writer}", AssumeRolePolicyDocument=trust)
        iam.create_policy(PolicyName=f"p{writer}", PolicyDocument=allow("arn:aws:s3:::a/0"))


def change(writer):
    """One change by a writer."""
    kinds = (_user, _user, _member, _version, _role, _attach, _key, _bound, type(writer)._revoke)
    writer.dice.choice(kinds)(writer)


def _number(writer):
    return writer.dice.randrange(10**9)


def _account(campaign):
    if getattr(campaign, "account", None) is None:
        campaign.account = campaign.sts.get_caller_identity()["Account"]
    return campaign.account


def _policy(campaign, number):
    return f"arn:aws:iam::{_account(campaign)}:policy/p{number}"


def _user(writer):
    writer._user()


def _member(writer):
    iam, name = writer.campaign.iam, f"m{writer.number}"
    held = writer.campaign.model.rights["members"].get(name, "")
    now = set(held.split(",")) - {""}
    group = f"g{writer.dice.randrange(FIXED_GROUPS)}"
    act = iam.remove_user_from_group if group in now else iam.add_user_to_group
    value = ",".join(sorted(now ^ {group}))
    writer._commit("members", name, value, lambda: act(UserName=name, GroupName=group))


def _version(writer):
    iam, name = writer.campaign.iam, f"p{writer.number}"
    arn, resource = _policy(writer.campaign, writer.number), f"arn:aws:s3:::a/{_number(writer)}"
    versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    if len(versions) == VERSIONS_MAX:
        oldest = [v["VersionId"] for v in versions if not v["IsDefaultVersion"]][-1]
        iam.delete_policy_version(PolicyArn=arn, VersionId=oldest)
    writer._commit("policies", name, resource, lambda: iam.create_policy_version(
        PolicyArn=arn, PolicyDocument=allow(resource), SetAsDefault=True))


def _role(writer):
    iam, name, text = writer.campaign.iam, f"r{writer.number}", f"d{_number(writer)}"
    writer._commit("roles", name, text, lambda: iam.update_role(RoleName=name, Description=text))


def _attach(writer):
    iam, name = writer.campaign.iam, f"r{writer.number}"
    arn = _policy(writer.campaign, writer.number)
    there = writer.campaign.model.rights["attached"].get(name, "")
    act, value = (iam.detach_role_policy, "") if there else (iam.attach_role_policy, arn)
    writer._commit("attached", name, value, lambda: act(RoleName=name, PolicyArn=arn))


def _bound(writer):
    iam, name = writer.campaign.iam, f"m{writer.number}"
    arn = _policy(writer.campaign, writer.number)
    if writer.campaign.model.rights["bounds"].get(name):
        writer._commit("bounds", name, "", lambda: iam.delete_user_permissions_boundary(
            UserName=name))
    else:
        writer._commit("bounds", name, arn, lambda: iam.put_user_permissions_boundary(
            UserName=name, PermissionsBoundary=arn))


def _key(writer):
    iam, name = writer.campaign.iam, f"m{writer.number}"
    keys = iam.list_access_keys(UserName=name)["AccessKeyMetadata"]
    if not keys:
        writer._commit("keys", name, "Active", lambda: iam.create_access_key(UserName=name))
        return
    key, status = keys[0]["AccessKeyId"], keys[0]["Status"]
    if writer.dice.random() < 0.2:
        writer._commit("keys", name, "", lambda: iam.delete_access_key(
            UserName=name, AccessKeyId=key))
        return
    status = "Inactive" if status == "Active" else "Active"
    writer._commit("keys", name, status, lambda: iam.update_access_key(
        UserName=name, AccessKeyId=key, Status=status))


def there(campaign, writers):
    """What the server has, in the words of the model: from two lists, and the keys of each."""
    iam = campaign.iam
    found = {place: {} for place in PLACES}
    details = list(iam.pages("get_account_authorization_details", **KINDS))
    for user in _every(details, "UserDetailList"):
        name = user["UserName"]
        if name.startswith("w"):
            own = user.get("UserPolicyList") or []
            found["users"][name] = _reads(own[0]["PolicyDocument"]) if own else ""
        else:
            found["members"][name] = ",".join(sorted(user.get("GroupList") or []))
            bound = user.get("PermissionsBoundary") or {}
            found["bounds"][name] = bound.get("PermissionsBoundaryArn", "")
            keys = iam.list_access_keys(UserName=name)["AccessKeyMetadata"] or []
            found["keys"][name] = ",".join(key["Status"] for key in keys)
    for role in _every(details, "RoleDetailList"):
        attached = role.get("AttachedManagedPolicies") or []
        found["attached"][role["RoleName"]] = ",".join(a["PolicyArn"] for a in attached)
    for role in _every(list(iam.pages("list_roles")), "Roles"):
        found["roles"][role["RoleName"]] = role.get("Description", "")
    for policy in _every(details, "Policies"):
        (default,) = [v for v in policy["PolicyVersionList"] if v["IsDefaultVersion"]]
        found["policies"][policy["PolicyName"]] = _reads(default["Document"])
    return found


def _every(pages, name):
    return [item for page in pages for item in page.get(name) or []]


def _reads(document):
    return document["Statement"]["Resource"]
