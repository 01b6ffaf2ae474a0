"""A LemonLDAP::NG portal as an OpenID provider: a second implementation, independent of the others.
People sign in with a browser and with tokens of theirs; its tokens list several audiences.

Its back channel is the browser's (front-channel logout), so that it tells nobody who has left:
sessions live to their end.

Run by `cargo xtask conformance directories`.
"""

import base64
import json
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from people import Person
from signing_in import Cli
from world import (
    Steps, World, check, environment, free_port, open_house, quiet, run, same, stop, wait_for,
    work_of,
)

PACKAGED = Path("/var/lib/lemonldap-ng/conf/lmConf-1.json")
CLIENT, BROWSER, OTHER, SECRET = "store", "browser", "other", "a secret of the client"
PSGI = """use Lemonldap::NG::Portal::Main;
Lemonldap::NG::Portal::Main->run({configStorage => {type => 'File', dirName => '%s'},
  localSessionStorage => '', protection => 'none'});
"""


class Portal:
    """The portal, with a folder of its own. Its people's passwords are their names."""

    def __init__(self, house):
        self.folder, self.port, self.back = work_of(house, "llng"), free_port(), free_port()
        self.address = f"http://127.0.0.1:{self.port}/"
        self.process, self.issuer = None, None

    def configure(self):
        for name in ("conf", "sessions/lock", "psessions/lock"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        key, public = self.folder / "key.pem", self.folder / "public.pem"
        run("openssl", "genrsa", "-out", key, "2048")
        run("openssl", "rsa", "-in", key, "-pubout", "-out", public)
        told = json.loads(PACKAGED.read_text())

        def storage(name):
            place = self.folder / name
            return {"Directory": str(place), "LockDirectory": str(place / "lock"),
                    "generateModule": "Lemonldap::NG::Common::Apache::Session::Generate::SHA256"}

        def client(name, **more):
            options = {"ClientID": name, "ClientSecret": SECRET, "IDTokenSignAlg": "RS256",
                       "AllowPasswordGrant": 1, "IDTokenForceClaims": 1, "BypassConsent": 1,
                       "AdditionalAudiences": "elsewhere", **more}
            return {f"oidcRPMetaDataOptions{key}": value for key, value in options.items()}

        clients = {
            CLIENT: client(CLIENT), OTHER: client(OTHER),
            BROWSER: client(BROWSER, Public=1, RequirePKCE=1,
                            RedirectUris=f"http://127.0.0.1:{self.back}/callback")}
        told.update({
            "portal": self.address, "domain": "127.0.0.1", "requireToken": 0, "cspFormAction": "*",
            "captcha_login_enabled": 0, "captcha_mail_enabled": 0, "captcha_register_enabled": 0,
            "globalStorageOptions": storage("sessions"),
            "persistentStorage": "Apache::Session::File",
            "persistentStorageOptions": storage("psessions"),
            "groups": {"analysts": "$uid eq 'dwho'", "everybody": "1"},
            "issuerDBOpenIDConnectActivation": 1,
            "oidcServiceMetaDataIssuer": self.address.rstrip("/"),
            "portalDisplayRegister": 0, "portalDisplayResetPassword": 0,
            "oidcServicePrivateKeySig": key.read_text(),
            "oidcServicePublicKeySig": public.read_text(), "oidcServiceKeyIdSig": "one",
            "oidcRPMetaDataOptions": clients,
            "oidcRPMetaDataExportedVars": {
                name: {"groups": "groups;array;always", "email": "mail"} for name in clients},
            "oidcRPMetaDataOptionsExtraClaims": {name: {"openid": "groups"} for name in clients},
        })
        (self.folder / "conf/lmConf-1.json").write_text(json.dumps(told))
        (self.folder / "portal.psgi").write_text(PSGI % (self.folder / "conf"))

    def start(self):
        log = quiet(self.folder, "portal.log")
        self.process = subprocess.Popen(
            ["starman", "--listen", f"127.0.0.1:{self.port}", "--workers", "2",
             str(self.folder / "portal.psgi")],
            cwd=self.folder, env=environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_for(self.port, process=self.process)
        with self.asked(".well-known/openid-configuration") as answer:
            self.issuer = json.load(answer)["issuer"]

    def asked(self, path, form=None, client=None):
        head = {}
        if client:
            pair = base64.b64encode(f"{client}:{SECRET}".encode()).decode()
            head["authorization"] = f"Basic {pair}"
        body = urllib.parse.urlencode(form).encode() if form else None
        request = urllib.request.Request(self.address + path, body, head)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        return opener.open(request, timeout=60)

    def token(self, person, password=None, client=CLIENT):
        form = {"grant_type": "password", "username": person, "password": password or person,
                "scope": "openid email"}
        with self.asked("oauth2/token", form, client) as answer:
            return json.load(answer)["id_token"]


def claims(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def set_up(world, portal):
    world.open("", portal.issuer)
    s3 = world.house.client("s3", world.root)
    for bucket in ("readable", "closed"):
        s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket=bucket, Key="one", Body=b"1")
    policy = world.policy("readable", "readable")
    world.issuer("portal", portal.issuer, CLIENT, "--client-id", BROWSER)
    world.rules("portal", [{"name": "analysts", "when": [{"on": "group", "equals": "analysts"}],
                            "policies": [policy]}])
    world.admin("idp", "doctor", "portal")


def signed(world, token, name):
    """A login of the command line with a token: its exit status, and the credential or the error."""
    file = work_of(world.house, "tokens") / name
    file.write_text(token)
    done = Cli(world, name).run(
        "login", "--endpoint", world.house.endpoint, "--token-file", str(file), "--provider", "portal",
        "--credential-process", expect=None)
    if done.returncode != 0:
        return done.returncode, done.stderr[-300:]
    said = json.loads(done.stdout)
    return 0, (said["AccessKeyId"], said["SecretAccessKey"], said["SessionToken"])


def tokens(world, portal):
    token = portal.token("dwho")
    told = claims(token)
    check(isinstance(told["aud"], list) and set(told["aud"]) == {CLIENT, "elsewhere"}, told)
    check("analysts" in told["groups"], told)
    status, session = signed(world, token, "dwho")
    same(status, 0, f"the login of dwho ({session})")
    same(world.reads(session, "readable"), 200, "what their group gives")
    same(world.reads(session, "closed"), "AccessDenied", "what it does not")
    return session


def refusals(world, portal):
    try:
        portal.token("dwho", "wrong")
        raise AssertionError("a wrong password was taken")
    except urllib.error.HTTPError:
        pass
    check(signed(world, portal.token("rtyler"), "rtyler")[0] != 0, "nobody's group lets in")
    check(signed(world, portal.token("dwho", client=OTHER), "other")[0] != 0, "another client's")
    good = portal.token("dwho")
    head, body, signature = good.split(".")
    forged = base64.urlsafe_b64encode(json.dumps({**claims(good), "sub": "x"}).encode())
    bad = [f"{head}.{forged.rstrip(b'=').decode()}.{signature}", f"{head}.{body}."]
    for number, token in enumerate(bad):
        check(signed(world, token, f"bad{number}")[0] != 0, "a changed token")


def browser(world, portal):
    cli = Cli(world, "browser")
    cli.with_browser(Person("dwho", "dwho"), "--issuer", portal.issuer, "--client-id", BROWSER,
                     "--redirect-port", str(portal.back))
    same(world.reads(cli.credential(), "readable"), 200, "what her group gives")


def down(world, portal, session):
    token = portal.token("dwho")
    stop(portal.process)
    same(world.reads(session, "readable"), 200, "a session lives on")
    # Its keys are known here: a token that it has signed is as good as before.
    same(signed(world, token, "later")[0], 0, "a token of before")
    other = token.split(".")
    head = base64.urlsafe_b64encode(b'{"alg":"RS256","kid":"two","typ":"JWT"}').rstrip(b"=").decode()
    check(signed(world, ".".join([head, *other[1:]]), "unknown")[0] != 0, "an unknown key")


def main():
    house, steps = open_house(), Steps()
    world, portal = World(house), Portal(house)
    try:
        steps.run("a LemonLDAP::NG portal is configured", portal.configure)
        steps.run("it starts", portal.start)
        steps.run("a provider, a rule", set_up, world, portal)
        session = steps.run("a token with groups and two audiences", tokens, world, portal)
        steps.attempt("whom it does not vouch for is refused", refusals, world, portal)
        steps.attempt("a login with a browser: code, PKCE, loopback", browser, world, portal)
        steps.attempt("it is down", down, world, portal, session)
    except Exception:  # noqa: BLE001 - it was printed and counted
        pass
    finally:
        stop(portal.process)
        house.close()
    return steps.conclude()


if __name__ == "__main__":
    sys.exit(main())
