"""A certified OpenID provider (npm `oidc-provider`) beside local users: people sign in with a browser
and with a code by the real command line, unmodified AWS clients use what it leaves, and whoever leaves
the provider loses what they got there.

Run by `cargo xtask conformance directories`.
"""

import json
import shutil
import stat
import subprocess
import sys
import time

from people import Person
from signing_in import Cli
from world import (
    HERE, Steps, World, check, free_port, open_house, quiet, same, stop, work_of,
)

sys.path.insert(0, str(HERE.parent / "first-request"))
from house import _first_line  # noqa: E402
from signin import id_token  # noqa: E402

CLIENT = "strongroom"


class Op:
    """The provider."""

    def __init__(self, house):
        self.house, self.port = house, free_port()
        self.issuer = f"http://127.0.0.1:{self.port}"
        self.process = None

    def start(self):
        tools = self.house.tools / "first-request"
        shutil.copy(HERE / "op.mjs", tools / "op.mjs")
        self.process = subprocess.Popen(
            ["node", "op.mjs", str(self.port), self.house.endpoint], cwd=tools,
            env=self.house.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=quiet(work_of(self.house, "op"), "op.log"))
        same(_first_line(self.process, "the provider"), f"ready {self.issuer}", "its first line")


def set_up(world, op):
    world.open("", op.issuer)
    s3 = world.house.client("s3", world.root)
    for bucket in ("readable", "closed"):
        s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket=bucket, Key="one", Body=b"1")
    policy = world.policy("readable", "readable")
    provider = world.issuer("main", op.issuer, CLIENT)
    iam = world.house.client("iam", world.root)
    iam.create_role(RoleName="Reader", AssumeRolePolicyDocument=world.trust(provider))
    iam.attach_role_policy(RoleName="Reader", PolicyArn=policy)
    world.rules("main", [{"name": "analysts", "when": [{"on": "group", "equals": "analysts"}],
                        "policies": [policy]}])
    # A local user beside everybody who comes from elsewhere.
    iam.create_user(UserName="local")
    iam.attach_user_policy(UserName="local", PolicyArn=policy)
    key = iam.create_access_key(UserName="local")["AccessKey"]
    return f"arn:aws:iam::{world.account()}:role/Reader", (key["AccessKeyId"], key["SecretAccessKey"])


def browser(world):
    ana = Cli(world, "ana")
    person = Person("ana", "not-asked")
    said = ana.with_browser(person, "--provider", "main")
    check(said["renewed"], "a refresh token was given")
    same(stat.S_IMODE(ana.kept().stat().st_mode), 0o600, "the mode of what is kept")
    same(world.reads(ana.credential(), "readable"), 200, "what her group gives")
    same(world.reads(ana.credential(), "closed"), "AccessDenied", "what it does not")
    return ana, person


def clients(ana):
    check("one" in ana.aws("s3", "ls", "s3://readable"), "the AWS command with the profile")
    same(ana.boto3("readable"), 1, "boto3 with the profile")
    check(ana.aws("s3", "ls", "s3://closed", expect=255) == "", "what is closed stays so")


def renewal(world, ana):
    before = ana.credential()
    same(ana.credential(), before, "what lives is not renewed")
    ana.wear_out()
    after = ana.credential()
    check(after[0] != before[0], "it was renewed")
    same(world.reads(after, "readable"), 200, "after the renewal")
    ana.wear_out()
    same(ana.boto3("readable"), 1, "boto3 renews it by itself")


def code(world):
    ana = Cli(world, "code")
    said = ana.with_code(Person("ana", "not-asked"), "--provider", "main")
    check(said["renewed"], "a refresh token was given")
    same(world.reads(ana.credential(), "readable"), 200, "what her group gives")


def environment(world, op, role):
    """Programs with a token in a file, as Kubernetes gives them."""
    file = work_of(world.house, "tokens") / "token"
    file.write_text(id_token(op.issuer, CLIENT, "ana"))
    ana = Cli(world, "file")
    more = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(file), "AWS_ROLE_ARN": role,
            "AWS_ROLE_SESSION_NAME": "pod", "AWS_ENDPOINT_URL": world.house.endpoint}
    same(ana.boto3("readable", **more), 1, "boto3")
    check("one" in ana.aws("s3", "ls", "s3://readable", **more), "the AWS command")
    file.write_text(id_token(op.issuer, CLIENT, "zoe"))
    zoe = Cli(world, "zoe")
    same(zoe.run("login", "--endpoint", world.house.endpoint, "--token-file", str(file),
                 expect=None).returncode, 4, "whom no rule lets in")


def left(world, op, ana, person, local):
    """She signs out at the provider, which tells the server: no interval is waited for."""
    credential = ana.credential()
    _, _, page = person.step(f"{op.issuer}/session/end")
    began = {}

    def act():
        person.visit(f"{op.issuer}/session/end", ended)

    def ended(url, status, body):
        return status == 200 and "session/end/success" in url

    del page, began
    world.until_dead({"session": credential}, "readable", act)
    same(world.reads(local, "readable"), 200, "a local user")
    ana.wear_out()
    said = ana.credential(expect=4)
    check("sign in again" in said, said)


def out(world):
    zed = Cli(world, "out")
    zed.with_browser(Person("ana", "not-asked"), "--provider", "main")
    kept = json.loads(zed.kept().read_text())
    zed.run("logout", "--profile", "out")
    check(not zed.kept().exists(), "nothing is kept")
    # Somebody who had copied the file has nothing that the provider takes.
    kept["credentials"]["expiration"] = "2020-01-01T00:00:00Z"
    zed.kept().write_text(json.dumps(kept))
    zed.kept().chmod(0o600)
    check("invalid_grant" in zed.credential(expect=4), "the refresh token was given back")


def refusals(world):
    """Nobody else's answer is taken, and a provider's no is said."""
    bad = Cli(world, "bad")
    person = Person("ana", "not-asked")

    def act(line):
        address = line.rsplit(" ", 1)[1]
        origin = address.split("/start/")[0]
        for path in ("/callback?code=x&state=y", "/", "/start/guessed"):
            status, _, _ = person.step(origin + path)
            check(status in (400, 404), f"{path}: {status}")
        return person.visit(address, lambda url, status, _: "/callback?" in url)

    bad.login(["--browser", "--no-open", "--provider", "main"], act)
    done = bad.run("login", "--browser", "--endpoint", world.house.endpoint, "--provider", "nobody",
                   expect=None)
    check(done.returncode != 0 and "nobody" in done.stderr, done.stderr)


def main():
    house, steps = open_house(), Steps()
    world, op = World(house), Op(house)
    try:
        steps.run("an OpenID provider starts", op.start)
        role, local = steps.run("a provider, a rule, a local user", set_up, world, op)
        ana, person = steps.run("a login with a browser: code, PKCE, loopback", browser, world)
        steps.attempt("the AWS command and boto3 use the profile", clients, ana)
        steps.attempt("credentials are renewed without anybody", renewal, world, ana)
        steps.attempt("a login with a code on another device", code, world)
        steps.attempt("AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN", environment, world, op, role)
        steps.attempt("strangers at the listener change nothing", refusals, world)
        steps.attempt("whoever signs out gives everything back", out, world)
        steps.attempt("she leaves the provider (back-channel logout)", left, world, op, ana, person, local)
    except Exception:  # noqa: BLE001 - it was printed and counted
        pass
    finally:
        stop(op.process)
        house.close()
    return steps.conclude()


if __name__ == "__main__":
    sys.exit(main())
