"""The three kinds of credential that clients come with, as they find them in their environment."""

import json

from catalogue import SESSION, STATIC, WEB

class Credentials:
    """A user, a role that it assumes, and a role for the provider's people; all may use S3."""

    def __init__(self, house):
        self.house, root = house, house.root_credential()
        self.iam, self.s3 = house.client("iam", root), house.client("s3", root)
        self.account = house.client("sts", root).get_caller_identity()["Account"]
        self._makers = {STATIC: self._static, SESSION: self._session, WEB: self._web}
        self._make()

    def environment(self, kind, directory):
        """The `AWS_…` variables of a credential of this kind; files go to the directory."""
        return self._makers[kind](directory)

    def principal(self, kind):
        """The ARN, or how it begins, that the record must show for requests with this kind."""
        role = f"arn:aws:sts::{self.account}:assumed-role/"
        return {STATIC: f"arn:aws:iam::{self.account}:user/tester",
                SESSION: f"{role}Worker/", WEB: f"{role}Signer/"}[kind]

    def _make(self):
        house, iam = self.house, self.iam
        rights = _document({"Action": "s3:*", "Resource": "*"})
        user = iam.create_user(UserName="tester")["User"]
        iam.put_user_policy(UserName="tester", PolicyName="S3", PolicyDocument=rights)
        key = iam.create_access_key(UserName="tester")["AccessKey"]
        self.key = (key["AccessKeyId"], key["SecretAccessKey"])
        provider = iam.create_open_id_connect_provider(
            Url=house.issuer, ClientIDList=["strongroom"], ThumbprintList=["0" * 40])
        self.roles = {}
        for name, trust in (
            ("Worker", {"Action": "sts:AssumeRole", "Principal": {"AWS": user["Arn"]}}),
            ("Signer", {"Action": "sts:AssumeRoleWithWebIdentity",
                        "Principal": {"Federated": provider["OpenIDConnectProviderArn"]},
                        "Condition": {"StringEquals": {f"{house.host}:aud": "strongroom"}}}),
        ):
            role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document(trust))
            iam.put_role_policy(RoleName=name, PolicyName="S3", PolicyDocument=rights)
            self.roles[name] = role["Role"]["Arn"]

    def _static(self, _):
        return {"AWS_ACCESS_KEY_ID": self.key[0], "AWS_SECRET_ACCESS_KEY": self.key[1]}

    def _session(self, _):
        sts = self.house.client("sts", self.key)
        made = sts.assume_role(RoleArn=self.roles["Worker"], RoleSessionName="work")["Credentials"]
        return {"AWS_ACCESS_KEY_ID": made["AccessKeyId"],
                "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"],
                "AWS_SESSION_TOKEN": made["SessionToken"]}

    def _web(self, directory):
        token = directory / "token"
        token.write_text(self.house.sign_in("ana"))
        return {"AWS_WEB_IDENTITY_TOKEN_FILE": str(token), "AWS_ROLE_ARN": self.roles["Signer"],
                "AWS_ROLE_SESSION_NAME": "ana"}

def _document(statement):
    return json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", **statement}})
