"""The calls whose answers AWS gave to LocalStack's recorder, made here in our own words.

Each function is named in `CASES` by the recording that it is compared with; `say` hands over one
answer under the label that the recording has for it. What a call is refused with is an answer too.
"""

import json
import secrets
from urllib.parse import quote_plus


def unique(kind):
    """A name that nobody has."""
    return f"{kind}-{secrets.token_hex(4)}"


def trust(principal, actions="sts:AssumeRole", **more):
    """A trust policy of one statement."""
    statement = {"Action": actions, "Principal": principal, "Effect": "Allow", **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def service(name):
    return {"Service": f"{name}.amazonaws.com"}


LAMBDAS = json.dumps({
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["lambda:ListFunctions"], "Resource": ["*"]}],
})


def malformed_trust(aws, say):
    text = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",}]}'
    say("invalid-json", aws.iam("CreateRole", RoleName=unique("r"), AssumeRolePolicyDocument=text))


def role_with_path(aws, say):
    name, path = unique("role"), f"/path{secrets.token_hex(4)}/"
    document = trust(service("lambda"))
    say("create-role-response", aws.iam(
        "CreateRole", RoleName=name, AssumeRolePolicyDocument=document, Path=path))
    say("get-role-response", aws.iam("GetRole", RoleName=name))
    say("delete-role-response", aws.iam("DeleteRole", RoleName=name))


def no_such_policy(aws, say):
    arn = f"arn:aws:iam::{aws.account}:policy/non-existent-policy"
    say("delete-non-existent-policy-exc", aws.iam("DeletePolicy", PolicyArn=arn))


def update_trust(aws, say):
    name = unique("role")
    document = trust({"Service": ["ec2.amazonaws.com"]}, ["sts:AssumeRole"])
    say("created_role", aws.iam("CreateRole", RoleName=name, AssumeRolePolicyDocument=document))
    say("updated_policy", aws.iam(
        "UpdateAssumeRolePolicy", RoleName=name, PolicyDocument=document))


def describe_role(aws, say):
    name, path = unique("role"), f"/{secrets.token_hex(4)}/"
    document = trust(service("ec2"))
    say("create_role_result", aws.iam(
        "CreateRole", RoleName=name, AssumeRolePolicyDocument=document, Path=path))
    say("get_role_result", aws.iam("GetRole", RoleName=name))
    say("list_roles_result", aws.iam("ListRoles", PathPrefix=path))


def bounded_role(aws, say):
    name, path = unique("role"), f"/{secrets.token_hex(4)}/"
    document = trust(service("ec2"))
    say("created_role", aws.iam(
        "CreateRole", RoleName=name, AssumeRolePolicyDocument=document, Path=path))
    policy = aws.iam("CreatePolicy", PolicyName=unique("p"), PolicyDocument=LAMBDAS)["Policy"]
    aws.iam("PutRolePermissionsBoundary", RoleName=name, PermissionsBoundary=policy["Arn"])
    say("list_roles_result", aws.iam("ListRoles", PathPrefix=path))


def attached(kind):
    """Policies attached to a user or role, under right and wrong names."""
    def case(aws, say):
        name, policy = unique("holder"), unique("attached-policy")
        of = {f"{kind}Name": name}
        more = {"AssumeRolePolicyDocument": trust(service("ec2"))} if kind == "Role" else {}
        aws.iam(f"Create{kind}", **of, **more)
        made = aws.iam("CreatePolicy", PolicyName=policy, PolicyDocument=LAMBDAS)
        say("create_policy_response", made)
        arn = made["Policy"]["Arn"]
        for label, asked in (
            ("non_existent_malformed_policy_arn", "longpolicynamebutnoarn"),
            ("existing_policy_name_provided", policy),
            ("valid_arn_not_existent", f"{arn}123"),
            ("valid_policy_arn", arn),
        ):
            say(label, aws.iam(f"Attach{kind}Policy", PolicyArn=asked, **of))
    return case


def encoded(kind):
    """What was percent-encoded in a document comes back as it was sent."""
    def case(aws, say):
        target = quote_plus(f"arn:aws:apigateway:{aws.region}::/restapis/aaeeieije")
        document = json.dumps({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Action": ["apigatway:PUT"],
                "Resource": [f"arn:aws:apigateway:{aws.region}::/tags/{target}"],
            }],
        })
        of, path, more = {f"{kind}Name": unique("holder")}, f"/{secrets.token_hex(4)}/", {}
        if kind == "Role":
            condition = {"StringEquals": {"aws:SourceArn": target}}
            text = trust(service("lambda"), Condition=condition)
            more = {"AssumeRolePolicyDocument": text, "Path": path}
        made = aws.iam(f"Create{kind}", **of, **more)
        policy = {"PolicyName": unique("policy"), **of}
        aws.iam(f"Put{kind}Policy", PolicyDocument=document, **policy)
        found = aws.iam(f"Get{kind}Policy", **policy)
        if kind == "Role":
            say("create-role-response", made)
            say("get-role-response", aws.iam("GetRole", **of))
            say("list-roles-response", aws.iam("ListRoles", PathPrefix=path))
        say("get-policy-response", found)
    return case


def tagged_role(aws, say):
    name, path = unique("role"), "/role-with-tags/"
    say("create-role-response", aws.iam(
        "CreateRole", RoleName=name, AssumeRolePolicyDocument=trust(service("ec2")), Path=path,
        Tags=[{"Key": "test", "Value": "value"}]))
    say("get-role-response", aws.iam("GetRole", RoleName=name))
    say("list-role-response", aws.iam("ListRoles", PathPrefix=path))


def simulated(kind):
    """What a simulation says of one policy."""
    def case(aws, say):
        document = json.dumps({
            "Version": "2012-10-17",
            "Statement": {
                "Sid": "", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "*",
            },
        })
        policy = aws.iam("CreatePolicy", PolicyName=unique("p"), PolicyDocument=document)
        of, more = {f"{kind}Name": unique("holder")}, {}
        if kind == "Role":
            more = {"AssumeRolePolicyDocument": trust(service("apigateway"))}
        made = aws.iam(f"Create{kind}", **of, **more)[kind]
        aws.iam(f"Attach{kind}Policy", PolicyArn=policy["Policy"]["Arn"], **of)
        say("response", aws.iam(
            "SimulatePrincipalPolicy", PolicySourceArn=made["Arn"],
            ActionNames=["s3:PutObject", "s3:GetObjectVersion"],
            ResourceArns=["arn:aws:s3:::bucket"]))
    return case


def federation(aws, say):
    name = f"TestName{secrets.token_hex(4)}"
    say("get-federation-token", aws.sts("GetFederationToken", Name=name, DurationSeconds=900))


def assume(aws, say):
    role, session = unique("role"), unique("session")
    say("role-session-name", {"RoleSessionName": session})
    made = aws.iam("CreateRole", RoleName=role,
                   AssumeRolePolicyDocument=trust({"AWS": aws.account}))
    say("create-role", made)
    say("assume-role", aws.sts(
        "AssumeRole", RoleArn=made["Role"]["Arn"], RoleSessionName=session))


def bad_arns(aws, say):
    for label, arn, session in (
        ("malformed-arn", "nothing-valid-in-here", "Session1"),
        ("no-partition", "arn::b:::something/test-role", "Session1"),
        ("no-service", "arn:a::::something/test-role", "Session1"),
        ("not-enough-colons", "arn:a:::something/test-role", "Session1"),
        ("no-resource", "arn:a:a::aaaaaaaaaa:", "Session1"),
        ("invalid-session-name", "arn:a:b:::something/test-role", "Session1:2"),
    ):
        say(label, aws.sts("AssumeRole", RoleArn=arn, RoleSessionName=session))


def tagging_role(aws):
    return aws.iam("CreateRole", RoleName=unique("role"), AssumeRolePolicyDocument=trust(
        {"AWS": aws.account}, ["sts:AssumeRole", "sts:TagSession"]))


def tag(key, value="SessionValue1"):
    return {"Key": key, "Value": value}


def bad_tags(aws, say):
    role = tagging_role(aws)
    say("role-1", role)
    asked = {"RoleArn": role["Role"]["Arn"], "RoleSessionName": "Session"}
    say("invalid-transitive-tag-keys", aws.sts(
        "AssumeRole", **asked, Tags=[tag("SessionTag1")], TransitiveTagKeys=["InvalidKey"]))
    aws.sts("AssumeRole", **asked, Tags=[tag("SessionTag1")], TransitiveTagKeys=["sessiontag1"])
    say("duplicate-tag-keys-different-casing", aws.sts(
        "AssumeRole", **asked, Tags=[tag("SessionTag1"), tag("sessiontag1", "SessionValue2")],
        TransitiveTagKeys=["sessiontag1"]))


def overriding_tags(aws, say):
    one, two = tagging_role(aws), tagging_role(aws)
    say("role-1", one)
    say("role-2", two)
    chain = json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Resource": [two["Role"]["Arn"]]}]})
    aws.iam("PutRolePolicy", RoleName=one["Role"]["RoleName"], PolicyName=unique("policy"),
            PolicyDocument=chain)
    first = aws.sts("AssumeRole", RoleArn=one["Role"]["Arn"], RoleSessionName="Session1",
                    Tags=[tag("SessionTag1")], TransitiveTagKeys=["SessionTag1"])
    session = aws.with_key(first["Credentials"])
    for label, key in (
        ("override-transitive-tag-error", "SessionTag1"),
        ("override-transitive-tag-case-ignore-error", "sessiontag1"),
    ):
        say(label, session.sts("AssumeRole", RoleArn=two["Role"]["Arn"], RoleSessionName="Two",
                               Tags=[tag(key, "SessionValue2")]))


CASES = {
    "TestIAMExtensions::test_create_role_with_malformed_assume_role_policy_document":
        malformed_trust,
    "TestIAMExtensions::test_role_with_path_lifecycle": role_with_path,
    "TestIAMIntegrations::test_delete_non_existent_policy_returns_no_such_entity": no_such_policy,
    "TestIAMIntegrations::test_update_assume_role_policy": update_trust,
    "TestIAMIntegrations::test_create_describe_role": describe_role,
    "TestIAMIntegrations::test_list_roles_with_permission_boundary": bounded_role,
    "TestIAMIntegrations::test_role_attach_policy": attached("Role"),
    "TestIAMIntegrations::test_user_attach_policy": attached("User"),
    "TestIAMIntegrations::test_simulate_principle_policy[role]": simulated("Role"),
    "TestIAMIntegrations::test_simulate_principle_policy[group]": simulated("Group"),
    "TestIAMIntegrations::test_simulate_principle_policy[user]": simulated("User"),
    "TestIAMPolicyEncoding::test_put_user_policy_encoding": encoded("User"),
    "TestIAMPolicyEncoding::test_put_role_policy_encoding": encoded("Role"),
    "TestIAMPolicyEncoding::test_put_group_policy_encoding": encoded("Group"),
    "TestRoles::test_role_with_tags": tagged_role,
    "TestSTSIntegrations::test_get_federation_token": federation,
    "TestSTSIntegrations::test_assume_role": assume,
    "TestSTSIntegrations::test_sts_invalid_parameters": bad_arns,
    "TestSTSAssumeRoleTagging::test_assume_role_tag_validation": bad_tags,
    "TestSTSAssumeRoleTagging::test_iam_role_chaining_override_transitive_tags": overriding_tags,
}
