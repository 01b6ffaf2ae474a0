"""A real Samba Active Directory: logins, nested groups by the directory's own rule, what happens
when `samba-tool` disables or removes somebody.

Run by `cargo xtask conformance directories`.
"""

import subprocess
import sys
import time

from world import (
    SYNC_SECONDS, Steps, World, certificates, check, environment, open_house, quiet, run, same,
    stop, wait_for, work_of,
)

HOST = "127.0.0.10"
BASE = "DC=ad,DC=example,DC=test"
USERS = f"CN=Users,{BASE}"
ADMIN_PASSWORD = "Passw0rd!x"
LEVELS = 100

GLOBAL = """
server services = ldap
bind interfaces only = yes
interfaces = {host}/8
disable netbios = yes
ldap server require strong auth = yes
tls enabled = yes
tls keyfile = {key}
tls certfile = {crt}
tls cafile = {ca}
pid directory = {run}
ncalrpc dir = {run}/ncalrpc
winbindd socket directory = {run}/winbindd
ntp signd socket directory = {run}/ntp
log file = {run}/samba.log
"""


# As `samba-tool group add` and `addmembers` do it, in one process.
CHAIN = """
import sys
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB
conf = LoadParm()
conf.load(sys.argv[1])
db = SamDB(session_info=system_session(), lp=conf)
levels = int(sys.argv[2])
for level in range(levels):
    db.newgroup(f"level{level}")
    below = "carol" if level == 0 else f"level{level - 1}"
    db.add_remove_group_members(f"level{level}", [below], add_members_operation=True)
db.add_remove_group_members("level0", [f"level{levels - 1}"], add_members_operation=True)
"""


class Samba:
    """A domain controller, with its own tool."""

    def __init__(self, folder):
        self.folder = folder
        self.ca, key, crt = certificates(folder / "tls", HOST)
        target = folder / "t"
        run("samba-tool", "domain", "provision", "--realm=AD.EXAMPLE.TEST", "--domain=AD",
            "--server-role=dc", "--dns-backend=NONE", "--use-rfc2307",
            f"--adminpass={ADMIN_PASSWORD}", f"--targetdir={target}", "--host-name=dc1",
            "--host-ip=127.0.0.1", "--option=interfaces=lo", "--option=bind interfaces only=yes",
            "--option=vfs objects=dfs_samba4 acl_xattr xattr_tdb", env=environment())
        running = folder / "run"
        running.mkdir()
        text = (target / "etc/smb.conf").read_text()
        own = GLOBAL.format(host=HOST, key=key, crt=crt, ca=self.ca, run=running)
        dropped = ("server services", "interfaces", "bind interfaces only")
        lines = [line for line in text.splitlines() if not line.strip().startswith(dropped)]
        at = next(i for i, line in enumerate(lines) if line.strip() == "[global]") + 1
        self.conf = folder / "smb.conf"
        self.conf.write_text("\n".join(lines[:at]) + own + "\n".join(lines[at:]) + "\n")
        self.process = None

    def start(self):
        log = quiet(self.folder, "samba.out")
        self.process = subprocess.Popen(
            ["samba", "-F", "-M", "single", "-s", str(self.conf)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment())
        wait_for(636, HOST, self.process)

    def stop(self):
        stop(self.process)
        self.process = None

    def tool(self, *words):
        return run("samba-tool", *words, "-s", self.conf, env=environment())


def fill(samba):
    for name in ("alice", "bob", "carol", "dora", "mia", "stan", "lookup"):
        samba.tool("user", "create", name, f"{name.title()}Pass1!")
    for name in ("readers", "staff", "plain", "billing"):
        samba.tool("group", "add", name)
    samba.tool("group", "addmembers", "readers", "alice,bob,dora")
    for name in ("plain", "billing"):
        samba.tool("group", "addmembers", name, "mia,stan")
    samba.tool("group", "addmembers", "staff", "readers")
    run("/usr/bin/python3", "-c", CHAIN, samba.conf, LEVELS, env=environment())


def tables(samba):
    secret = samba.folder / "lookup.secret"
    secret.write_text("LookupPass1!\n")
    common = f"""
product = "active-directory"
ca_file = "{samba.ca}"
bind_dn = "CN=lookup,{USERS}"
bind_password_file = "{secret}"
user_bases = ["{USERS}"]
group_bases = ["{BASE}"]
attributes = ["memberOf"]
sync_seconds = {SYNC_SECONDS}
"""
    return f"""
[[directory]]
name = "ad"
servers = ["ldaps://{HOST}"]
nesting = "token-groups"
{common}
[[directory]]
name = "chain"
servers = ["ldap://{HOST}"]
{common}
"""


def set_up(world, samba):
    world.open(tables(samba))
    s3 = world.house.client("s3", world.root)
    for bucket in ("readable", "deep"):
        s3.create_bucket(Bucket=bucket)
    arns = {bucket: world.policy(bucket, bucket) for bucket in ("readable", "deep")}
    provider = world.provider("ad")
    world.house.client("iam", world.root).create_role(
        RoleName="Reader", AssumeRolePolicyDocument=world.trust(provider))
    world.house.client("iam", world.root).attach_role_policy(
        RoleName="Reader", PolicyArn=arns["readable"])
    role = f"arn:aws:iam::{world.account()}:role/Reader"
    biller, billed = world.by_claim(provider, "memberOf", f"CN=billing,{USERS}")
    world.rules("ad", [
        {"name": "billed", "policies": [billed], "when": [
            {"on": "claim", "claim": "username", "in": ["mia", "stan"]}]},
        {"name": "readers", "when": [{"on": "group", "equals": f"CN=readers,{USERS}"}],
         "policies": [arns["readable"]]},
        {"name": "deep", "when": [{"on": "group", "equals": f"CN=level{LEVELS - 1},{USERS}"}],
         "policies": [arns["deep"]]},
    ])
    return role, biller


def holdings(world, role, name):
    password = f"{name.title()}Pass1!"
    session = world.signed_in(name, password)
    return {
        "session": session,
        "session of a role": world.signed_in(name, password, RoleArn=role),
        "service account": world.service_account(session, f"{name}-bot"),
    }


def logins(world):
    for name in ("alice", "ALICE", "alice@ad.example.test", "ad\\alice"):
        credential = world.signed_in(name, "AlicePass1!")
        same(world.reads(credential, "readable"), 200, name)
    for name, password in (("alice", "wrong"), ("nobody", "wrong"), ("*", "x")):
        same(world.refused(name, password), (403, "AccessDenied"), name)


def nested(world):
    began = time.monotonic()
    carol = world.signed_in("carol", "CarolPass1!")
    print(f"          login with {LEVELS} levels: {time.monotonic() - began:.2f} s", flush=True)
    same(world.reads(carol, "deep"), 200, f"a group {LEVELS} levels up, in a circle")


def in_chain(world):
    """The rule of the directory's own, on few levels: Samba takes seconds for many."""
    arn = world.provider("chain")
    world.rules("chain", [
        {"name": "staff", "when": [{"on": "group", "equals": f"CN=staff,{USERS}"}],
         "policies": [f"arn:aws:iam::{world.account()}:policy/deep"]}])
    bob = world.signed_in("bob", "BobPass1!", ProviderId="chain")
    same(world.reads(bob, "deep"), 200, "a group of a group")
    world.house.client("iam", world.root).delete_open_id_connect_provider(
        OpenIDConnectProviderArn=arn)


def renamed(world, samba, role):
    had = holdings(world, role, "bob")
    samba.tool("user", "rename", "bob", "--samaccountname=robert", "--force-new-cn=robert")
    samba.tool("group", "rename", "readers", "--samaccountname=lectors", "--force-new-cn=lectors")
    return had


def moved(world, samba, role):
    had = holdings(world, role, "dora")
    world.until_dead(had, "readable", lambda: samba.tool(
        "group", "removemembers", "lectors", "dora"))


def claimed(world, samba, biller):
    """A group that no rule asks for: a trust policy does, and a policy's condition."""
    def billed(name):
        password = f"{name.title()}Pass1!"
        return {"session": world.signed_in(name, password),
                "session of a role": world.signed_in(name, password, RoleArn=biller)}

    world.leaves(
        billed("mia"), billed("stan"),
        lambda: samba.tool("group", "rename", "billing", "--samaccountname=invoices",
                           "--force-new-cn=invoices"),
        lambda: samba.tool("group", "removemembers", "invoices", "mia"))


def disabled(world, samba, role):
    password = "BobPass1!"
    session = world.signed_in("robert", password)
    had = {
        "session": session,
        "session of a role": world.signed_in("robert", password, RoleArn=role),
        "service account": world.service_account(session, "robert-bot"),
    }
    world.until_dead(had, "readable", lambda: samba.tool("user", "disable", "robert"))
    same(world.refused("robert", password), (403, "AccessDenied"), "a login")
    samba.tool("user", "enable", "robert")
    time.sleep(2 * SYNC_SECONDS + 0.5)
    check(world.reads(session, "readable") != 200, "a session of before lives again")
    again = world.signed_in("robert", password)
    same(world.reads(again, "readable"), 200, "a session of after")


def removed(world, samba, role):
    had = holdings(world, role, "alice")
    world.until_dead(had, "readable", lambda: samba.tool("user", "delete", "alice"))
    samba.tool("user", "create", "alice", "AlicePass1!")
    time.sleep(2 * SYNC_SECONDS + 0.5)
    for name, credential in had.items():
        check(world.reads(credential, "readable") != 200, f"the {name} of somebody else lives")
    check(world.login("alice", "AlicePass1!")[0] != 200, "a namesake gets something")


def main():
    house, steps = open_house(), Steps()
    world, samba = World(house), None
    try:
        samba = steps.run("a Samba domain is made", Samba, work_of(house, "samba"))
        steps.run(f"people, and {LEVELS} levels of groups in a circle", fill, samba)
        steps.run("it starts", samba.start)
        role, biller = steps.run("a provider, rules bound to groups", set_up, world, samba)
        steps.attempt("who is let in, and who is not", logins, world)
        steps.attempt(f"{LEVELS} levels and a circle, by tokenGroups", nested, world)
        steps.attempt("a group of a group by the in-chain rule, and StartTLS", in_chain, world)
        had = steps.attempt("a person and a group are renamed", renamed, world, samba, role)
        if had:
            steps.attempt("and lose nothing", world.still_alive, had, "readable")
        steps.attempt("a person leaves a group", moved, world, samba, role)
        steps.attempt("a person leaves a group that only conditions ask for", claimed, world, samba,
                      biller)
        steps.attempt("a person is disabled, and enabled", disabled, world, samba, role)
        steps.attempt("a person is removed, and made anew", removed, world, samba, role)
    except Exception:  # noqa: BLE001 - it was printed and counted
        pass
    finally:
        if samba is not None:
            samba.stop()
        house.close()
    return steps.conclude()


if __name__ == "__main__":
    sys.exit(main())
