"""A real Keycloak beside an OpenLDAP, a certified OpenID provider and local users: logins by the real
command line, and what becomes of people when its administrator acts by its admin API.

Run by `cargo xtask conformance directories`.
"""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

from openid import CLIENT, Op
from openldap import Slapd, named, tables
from people import Person
from signing_in import Cli
from world import (
    SYNC_SECONDS, Failed, Steps, World, check, free_port, open_house, quiet, same, stop, work_of,
)

START_SECONDS_MAX = 400
PASSWORD = "right-Password-1"
# A confidential client that may exchange, and a program whose tokens are for it.
EXCHANGER, SECRET, PROGRAM = "strongroom-exchange", "only-for-this-run", "program"
# The client by which the server asks who is still there.
PEOPLE, PEOPLE_SECRET = "strongroom-people", "the-secret-of-strongroom-people"
BILLED = ("mia", "stan")
ANALYSTS = ("ana", "bea", "cyd", "dan", "eva", "fay", "gil")


class Keycloak:
    """The server, and its administrator."""

    def __init__(self, house):
        self.house, self.port = house, free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.issuer = f"{self.base}/realms/corp"
        self.process = None

    def start(self):
        folder = work_of(self.house, "keycloak")
        home = self.house.tools / "keycloak" / "server"
        java = {"KC_BOOTSTRAP_ADMIN_USERNAME": "admin", "KC_BOOTSTRAP_ADMIN_PASSWORD": "admin",
                "KC_CACHE": "local", "JAVA_OPTS_APPEND": f"-Djava.io.tmpdir={folder}"}
        self.process = subprocess.Popen(
            [str(home / "bin" / "kc.sh"), "start-dev", "--http-host=127.0.0.1",
             f"--http-port={self.port}", "--db=dev-mem", "--log-level=warn"],
            stdin=subprocess.DEVNULL, stdout=quiet(folder, "keycloak.log"), stderr=subprocess.STDOUT,
            env={"PATH": os.environ["PATH"], "HOME": str(folder), **java})
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline:
            check(self.process.poll() is None, "Keycloak ended before it was ready")
            try:
                with urllib.request.urlopen(f"{self.base}/realms/master", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.5)
        raise Failed(f"Keycloak was not ready in {START_SECONDS_MAX} s")

    def call(self, method, path, body=None, form=None, token=None):
        """One request: (status, what it said)."""
        data = json.dumps(body).encode() if body is not None else None
        if form is not None:
            data = urllib.parse.urlencode(form).encode()
        kind = "application/json" if form is None else "application/x-www-form-urlencoded"
        headers = {"content-type": kind, **({"authorization": f"Bearer {token}"} if token else {})}
        request = urllib.request.Request(self.base + path, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                text = answer.read().decode()
                return answer.status, json.loads(text) if text else None
        except urllib.error.HTTPError as answer:
            return answer.code, answer.read().decode()

    def admin(self, method, path, body=None, expect=(200, 201, 204)):
        """One request of the administrator."""
        form = {"grant_type": "password", "client_id": "admin-cli", "username": "admin",
                "password": "admin"}
        _, said = self.call("POST", "/realms/master/protocol/openid-connect/token", form=form)
        status, said = self.call(method, f"/admin/realms{path}", body, token=said["access_token"])
        check(status in expect, f"{method} {path}: {status} {said}")
        return said

    def ready(self, method, path, body=None):
        """One request of the administrator, who is signed in already when it is made."""
        form = {"grant_type": "password", "client_id": "admin-cli", "username": "admin",
                "password": "admin"}
        _, said = self.call("POST", "/realms/master/protocol/openid-connect/token", form=form)

        def act():
            status, told = self.call(method, f"/admin/realms{path}", body, token=said["access_token"])
            check(status in (200, 201, 204), f"{method} {path}: {status} {told}")

        return act

    def let_people_be_asked_about(self, roles=("view-users",)):
        """A confidential client with a service account, as docs/providers/keycloak.md has it."""
        self.admin("POST", "/corp/clients", {
            "clientId": PEOPLE, "secret": PEOPLE_SECRET, "publicClient": False,
            "standardFlowEnabled": False, "serviceAccountsEnabled": True})
        own = self.admin("GET", f"/corp/clients?clientId={PEOPLE}")[0]["id"]
        account = self.admin("GET", f"/corp/clients/{own}/service-account-user")["id"]
        realm = self.admin("GET", "/corp/clients?clientId=realm-management")[0]["id"]
        given = [self.admin("GET", f"/corp/clients/{realm}/roles/{role}") for role in roles]
        self.admin("POST", f"/corp/users/{account}/role-mappings/clients/{realm}", given)

    def lookups(self):
        """The server's file of lookups."""
        folder = work_of(self.house, "lookups")
        secret, file = folder / "secret", folder / "lookups.toml"
        secret.write_text(PEOPLE_SECRET + "\n")
        file.write_text(f'[[lookup]]\nkind = "keycloak"\nissuer = "{self.issuer}"\n'
                        f'client_id = "{PEOPLE}"\nclient_secret_file = "{secret}"\n'
                        f"sync_seconds = {SYNC_SECONDS}\n")
        return {"STRONGROOM_OIDC_LOOKUPS_FILE": str(file)}

    def group(self, name):
        return next(one["id"] for one in self.admin("GET", "/corp/groups") if one["name"] == name)

    def tell(self):
        """The realm: a public client, groups in its tokens, people."""
        mapper = {"name": "groups", "protocol": "openid-connect",
                  "protocolMapper": "oidc-group-membership-mapper",
                  "config": {"claim.name": "groups", "full.path": "false", "id.token.claim": "true",
                             "access.token.claim": "true", "userinfo.token.claim": "true"}}
        client = {"clientId": CLIENT, "publicClient": True, "standardFlowEnabled": True,
                  "directAccessGrantsEnabled": True, "redirectUris": ["http://127.0.0.1/callback"],
                  "protocolMappers": [mapper],
                  "attributes": {"oauth2.device.authorization.grant.enabled": "true",
                                 "pkce.code.challenge.method": "S256",
                                 "backchannel.logout.url": f"{self.house.endpoint}/-/v1/logout",
                                 "backchannel.logout.session.required": "false"}}
        people = [{"username": name, "enabled": True, "firstName": name, "lastName": "Test",
                   "email": f"{name}@example.test", "emailVerified": True, "groups": groups,
                   "credentials": [{"type": "password", "value": PASSWORD, "temporary": False}]}
                  for name, groups in (*((name, ["analysts"]) for name in ANALYSTS), ("zoe", []),
                                       *((name, ["plain", "billing"]) for name in BILLED))]
        self.admin("POST", "", {"realm": "corp", "enabled": True, "sslRequired": "none",
                                "editUsernameAllowed": True,
                                "groups": [{"name": "analysts"}, {"name": "plain"},
                                           {"name": "billing"}],
                                "clients": [client, *exchanging(mapper)],
                                "users": people})
        self.let_people_be_asked_about()

    def id_of(self, name):
        return self.admin("GET", f"/corp/users?exact=true&username={name}")[0]["id"]

    def token(self, name, client=CLIENT, kind="id_token"):
        """A token by its password grant: (status, token)."""
        status, said = self.call(
            "POST", "/realms/corp/protocol/openid-connect/token",
            form={"grant_type": "password", "client_id": client, "scope": "openid",
                  "username": name, "password": PASSWORD})
        return status, said[kind] if status == 200 else said


def exchanging(groups):
    """A client that exchanges tokens by itself (standard token exchange), and a program that people
    sign in to, whose tokens are for that client too."""
    audience = {"name": "audience", "protocol": "openid-connect",
                "protocolMapper": "oidc-audience-mapper",
                "config": {"included.client.audience": EXCHANGER, "access.token.claim": "true"}}
    return [{"clientId": EXCHANGER, "publicClient": False, "secret": SECRET,
             "standardFlowEnabled": False, "protocolMappers": [groups],
             "attributes": {"standard.token.exchange.enabled": "true"}},
            {"clientId": PROGRAM, "publicClient": True, "directAccessGrantsEnabled": True,
             "standardFlowEnabled": False, "protocolMappers": [audience]}]


def set_up(world, keycloak, op, slapd):
    keycloak.tell()
    world.open(tables(slapd, free_port()), keycloak.issuer, op.issuer, **keycloak.lookups())
    s3 = world.house.client("s3", world.root)
    s3.create_bucket(Bucket="readable")
    s3.put_object(Bucket="readable", Key="one", Body=b"1")
    policy = world.policy("readable", "readable")
    iam = world.house.client("iam", world.root)
    arn = world.issuer("keycloak", keycloak.issuer, CLIENT, "--display-claim", "preferred_username")
    iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID=EXCHANGER)
    iam.create_role(RoleName="Reader", AssumeRolePolicyDocument=world.trust(arn))
    iam.attach_role_policy(RoleName="Reader", PolicyArn=policy)
    world.issuer("main", op.issuer, CLIENT)
    world.provider("corp")
    of_group = lambda group: [{"name": "r", "when": [{"on": "group", "equals": group}],  # noqa: E731
                               "policies": [policy]}]
    biller, billed = world.by_claim(arn, "groups", "billing")
    world.rules("keycloak", of_group("analysts") + [{"name": "billed", "policies": [billed], "when": [
        {"on": "claim", "claim": "preferred_username", "in": list(BILLED)}]}])
    world.rules("main", of_group("analysts"))
    world.rules("corp", of_group(named("readers")))
    iam.create_user(UserName="local")
    iam.attach_user_policy(UserName="local", PolicyArn=policy)
    key = iam.create_access_key(UserName="local")["AccessKey"]
    role = f"arn:aws:iam::{world.account()}:role/Reader"
    return role, biller, (key["AccessKeyId"], key["SecretAccessKey"])


def side_by_side(world, keycloak, op, local):
    """Everybody at the same time, each by their own directory; nobody by another's."""
    ana = Cli(world, "ana")
    ana.with_browser(Person("ana", PASSWORD), "--provider", "keycloak")
    other = Cli(world, "other")
    other.with_browser(Person("ana", "not-asked"), "--provider", "main")
    alice = Cli(world, "alice")
    alice.run("login", "--endpoint", world.house.endpoint, "--profile", "alice", "--provider", "corp",
              "--user", "alice", "--password-stdin", stdin="alice-pass\n")
    all_of_them = [ana.credential(), other.credential(), alice.credential(), local]
    for credential in all_of_them:
        same(world.reads(credential, "readable"), 200, "what their group gives")
    arns = {world.house.client("sts", one).get_caller_identity()["Arn"] for one in all_of_them}
    same(len(arns), 4, "four people, of whom two are called ana")
    check("one" in ana.aws("s3", "ls", "s3://readable"), "the AWS command with the profile")
    same(ana.boto3("readable"), 1, "boto3 with the profile")
    before = ana.credential()
    ana.wear_out()
    check(ana.credential()[0] != before[0], "Keycloak renews it")
    wrong = alice.run("login", "--endpoint", world.house.endpoint, "--provider", "corp", "--user",
                      "alice", "--password-stdin", stdin="wrong\n", expect=None)
    same(wrong.returncode, 4, "a wrong password")


def code(world):
    cli = Cli(world, "code")
    cli.with_code(Person("bea", PASSWORD), "--provider", "keycloak")
    same(world.reads(cli.credential(), "readable"), 200, "what her group gives")
    return cli


def web_identity(world, keycloak, role):
    status, token = keycloak.token("bea")
    same(status, 200, "Keycloak's password grant")
    file = work_of(world.house, "tokens") / "token"
    file.write_text(token)
    cli = Cli(world, "file")
    more = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(file), "AWS_ROLE_ARN": role,
            "AWS_ROLE_SESSION_NAME": "pod", "AWS_ENDPOINT_URL": world.house.endpoint}
    same(cli.boto3("readable", **more), 1, "boto3")
    check("one" in cli.aws("s3", "ls", "s3://readable", **more), "the AWS command")
    file.write_text(keycloak.token("zoe")[1])
    zoe = cli.run("login", "--endpoint", world.house.endpoint, "--token-file", str(file), expect=None)
    same(zoe.returncode, 4, "whom no rule lets in")


def exchanged(world, keycloak):
    """A program's own token is no good here; what Keycloak gives in exchange is (RFC 8693)."""
    folder = work_of(world.house, "exchanged")
    token, secret = folder / "token", folder / "secret"
    secret.write_text(SECRET)
    words = ["login", "--endpoint", world.house.endpoint, "--token-file", str(token), "--profile"]
    more = ["--exchange", "--issuer", keycloak.issuer, "--client-id", EXCHANGER,
            "--client-secret-file", str(secret)]
    token.write_text(keycloak.token("bea", PROGRAM, "access_token")[1])
    cli = Cli(world, "exchanged")
    same(cli.run(*words, "none", expect=None).returncode, 4, "the program's token itself")
    cli.run(*words, cli.name, *more)
    same(cli.boto3("readable"), 1, "boto3 with the profile, which exchanges by itself")
    token.write_text(keycloak.token("bea", kind="access_token")[1])
    other = cli.run(*words, "none", *more, expect=None)
    same(other.returncode, 4, "a token that is not for the client that exchanges")
    check("token exchange must be switched on" in other.stderr, other.stderr)


def credentials(world, keycloak, role, name):
    """What somebody has: a session, and a role's session of another sign-in."""
    cli = Cli(world, f"{name}-own")
    cli.with_browser(Person(name, PASSWORD), "--provider", "keycloak")
    with_role = Cli(world, f"{name}-role")
    with_role.with_browser(Person(name, PASSWORD), "--provider", "keycloak", "--role", role)
    return cli, {"session": cli.credential(), "role": with_role.credential()}


def signed_out(world, keycloak, role, local):
    """The administrator signs her out: Keycloak says so, and nothing is waited for."""
    cli, had = credentials(world, keycloak, role, "bea")
    who = keycloak.id_of("bea")
    world.until_dead(had, "readable", lambda: keycloak.admin("POST", f"/corp/users/{who}/logout"))
    same(world.reads(local, "readable"), 200, "a local user")
    cli.wear_out()
    check("sign in again" in cli.credential(expect=4), "nothing is renewed")


def disabled(world, keycloak, role):
    """The administrator disables somebody and signs them out, as Keycloak's console has it."""
    cli, had = credentials(world, keycloak, role, "cyd")
    who = keycloak.id_of("cyd")

    def act():
        keycloak.admin("PUT", f"/corp/users/{who}", {"enabled": False})
        keycloak.admin("POST", f"/corp/users/{who}/logout")

    world.until_dead(had, "readable", act)
    cli.wear_out()
    cli.credential(expect=4)
    check(keycloak.token("cyd")[0] != 200, "Keycloak lets them in no more")


def all_credentials(world, keycloak, role, name):
    """What somebody can have: a session, a role's session, a service account."""
    cli, had = credentials(world, keycloak, role, name)
    had["service account"] = world.service_account(had["session"], f"{name}-job")
    return cli, had


def deleted(world, keycloak, role, local):
    """Deleted alone, of which Keycloak tells nobody; then a namesake comes."""
    cli, had = all_credentials(world, keycloak, role, "dan")
    token = keycloak.token("dan")[1]
    act = keycloak.ready("DELETE", f"/corp/users/{keycloak.id_of('dan')}")
    world.until_dead(had, "readable", act)
    same(world.reads(local, "readable"), 200, "a local user")
    cli.wear_out()
    cli.credential(expect=4)
    file = work_of(world.house, "tokens") / "dan"
    file.write_text(token)
    before = cli.run("login", "--endpoint", world.house.endpoint, "--token-file", str(file), expect=None)
    same(before.returncode, 4, "a token of before")
    keycloak.admin("POST", "/corp/users", {
        "username": "dan", "enabled": True, "firstName": "dan", "lastName": "Test",
        "email": "dan@example.test", "emailVerified": True,
        "credentials": [{"type": "password", "value": PASSWORD, "temporary": False}]})
    file.write_text(keycloak.token("dan")[1])
    namesake = cli.run("login", "--endpoint", world.house.endpoint, "--token-file", str(file), expect=None)
    same(namesake.returncode, 4, "a namesake in no group")
    time.sleep(2 * SYNC_SECONDS)
    for name, one in had.items():
        check(world.reads(one, "readable") != 200, f"{name} came back with a namesake")


def disabled_alone(world, keycloak, role):
    """Disabled and not signed out; enabled again it is the service account that counts again."""
    _, had = all_credentials(world, keycloak, role, "eva")
    path = f"/corp/users/{keycloak.id_of('eva')}"
    world.until_dead(had, "readable", keycloak.ready("PUT", path, {"enabled": False}))
    keycloak.admin("PUT", path, {"enabled": True})
    time.sleep(2 * SYNC_SECONDS)
    same(world.reads(had["service account"], "readable"), 200, "the service account of who is back")
    for name in ("session", "role"):
        check(world.reads(had[name], "readable") != 200, f"{name} came back")


def moved(world, keycloak, role):
    """Out of the group that gave it: everything is gone, and the token that lists the group too."""
    _, had = all_credentials(world, keycloak, role, "fay")
    token = keycloak.token("fay")[1]
    path = f"/corp/users/{keycloak.id_of('fay')}/groups/{keycloak.group('analysts')}"
    world.until_dead(had, "readable", keycloak.ready("DELETE", path))
    file = work_of(world.house, "tokens") / "fay"
    file.write_text(token)
    cli = Cli(world, "fay-again")
    again = cli.run("login", "--endpoint", world.house.endpoint, "--token-file", str(file), expect=None)
    same(again.returncode, 4, "a token that lists the group")


def claimed(world, keycloak, biller):
    """A group that no rule asks for: a trust policy does, and a policy's condition."""
    had, stays = (credentials(world, keycloak, biller, name)[1] for name in BILLED)
    token, group = keycloak.token("mia")[1], keycloak.group("billing")
    member = f"/corp/users/{keycloak.id_of('mia')}/groups/{group}"
    world.leaves(had, stays,
                 lambda: keycloak.admin("PUT", f"/corp/groups/{group}", {"name": "invoices"}),
                 keycloak.ready("DELETE", member))
    file = work_of(world.house, "tokens") / "mia"
    file.write_text(token)
    cli = Cli(world, "mia-again")
    again = cli.run("login", "--endpoint", world.house.endpoint, "--token-file", str(file), "--role",
                    biller, expect=None)
    same(again.returncode, 4, "a token that lists the group")


def renamed(world, keycloak, role):
    """Another name of a person, and of the group: nothing is lost, and new ones gain nothing."""
    _, had = all_credentials(world, keycloak, role, "gil")
    who, group = keycloak.id_of("gil"), keycloak.group("analysts")
    keycloak.admin("PUT", f"/corp/users/{who}", {
        "username": "gilda", "firstName": "gil", "lastName": "Test", "email": "gil@example.test"})
    keycloak.admin("PUT", f"/corp/groups/{group}", {"name": "researchers"})
    world.still_alive(had, "readable")
    check(keycloak.token("gil")[0] != 200 and keycloak.token("gilda")[0] == 200, "who is called what")
    file = work_of(world.house, "tokens") / "gilda"
    file.write_text(keycloak.token("gilda")[1])
    cli = Cli(world, "gilda")
    login = ("login", "--endpoint", world.house.endpoint, "--token-file", str(file))
    cli.run(*login)
    keycloak.admin("POST", "/corp/groups", {"name": "analysts"})
    zoe = keycloak.id_of("zoe")
    keycloak.admin("PUT", f"/corp/users/{zoe}/groups/{keycloak.group('analysts')}")
    file.write_text(keycloak.token("zoe")[1])
    same(cli.run(*login, expect=None).returncode, 4, "a new group under the old name")
    return had


def doctor(world, keycloak):
    """What the doctor says of the lookup."""
    said = json.loads(world.admin("idp", "doctor", "keycloak"))
    finding = next(one for one in said["findings"] if one["check"] == "people")
    same(finding["outcome"], "pass", "people can be asked about")


def forbidden(world, keycloak, had):
    """The client that asks is gone: nobody loses anything, nobody signs in, the doctor says why."""
    own = keycloak.admin("GET", f"/corp/clients?clientId={PEOPLE}")[0]["id"]
    keycloak.admin("DELETE", f"/corp/clients/{own}")
    world.still_alive(had, "readable")
    said = json.loads(world.admin("idp", "doctor", "keycloak", expect=None))
    finding = next(one for one in said["findings"] if one["check"] == "people")
    same(finding["outcome"], "fail", "people cannot be asked about")
    check("`client_id`" in finding["help"], finding["help"])


def down(world, keycloak, had):
    """Keycloak is away: sessions live on, and nobody signs in."""
    file = work_of(world.house, "tokens") / "down"
    file.write_text(keycloak.token("gilda")[1])
    stop(keycloak.process)
    world.still_alive(had, "readable")
    cli = Cli(world, "down")
    began = time.monotonic()
    refused = cli.run("login", "--endpoint", world.house.endpoint, "--token-file", str(file), expect=None)
    check(refused.returncode != 0, "somebody signed in while Keycloak was away")
    check(time.monotonic() - began < 7, "the refusal took too long")


def main():
    house, steps = open_house(), Steps()
    world, keycloak, op, slapd = World(house), Keycloak(house), Op(house), None
    try:
        steps.run("a Keycloak starts", keycloak.start)
        steps.run("an OpenID provider starts", op.start)
        slapd = steps.run("an OpenLDAP", Slapd, work_of(house, "slapd"))
        steps.run("it starts", slapd.start)
        role, biller, local = steps.run("three providers and a local user", set_up, world, keycloak, op, slapd)
        steps.attempt("everybody signs in, side by side", side_by_side, world, keycloak, op, local)
        steps.attempt("a login with a code on another device", code, world)
        steps.attempt("AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN", web_identity, world, keycloak, role)
        steps.attempt("a token of another program is exchanged", exchanged, world, keycloak)
        steps.attempt("an administrator signs somebody out", signed_out, world, keycloak, role, local)
        steps.attempt("somebody is disabled and signed out", disabled, world, keycloak, role)
        steps.attempt("the doctor looks at the lookup", doctor, world, keycloak)
        steps.attempt("somebody is deleted alone, and a namesake comes", deleted, world, keycloak, role,
                      local)
        steps.attempt("somebody is disabled alone, and comes back", disabled_alone, world, keycloak, role)
        steps.attempt("somebody leaves a group", moved, world, keycloak, role)
        steps.attempt("somebody leaves a group that only conditions ask for", claimed, world, keycloak,
                      biller)
        had = steps.attempt("a person and a group are renamed", renamed, world, keycloak, role)
        steps.attempt("people may not be asked about any more", forbidden, world, keycloak, had)
        steps.attempt("Keycloak is away", down, world, keycloak, had)
    except Exception:  # noqa: BLE001 - it was printed and counted
        pass
    finally:
        for process in (keycloak.process, op.process):
            stop(process)
        if slapd is not None:
            slapd.stop()
        house.close()
    return steps.conclude()


if __name__ == "__main__":
    sys.exit(main())
