"""`kill -9` under mixed load, at seeded write steps: nothing that was acknowledged may be lost.

Run by `cargo xtask campaign kill9 --seed N --rounds N`; goes on where it was stopped.

A round starts the server, lets several writers work, and kills the server on entry to a seeded
one of its write steps (the N-th write, sync, rename or allocation that one of its threads asks
the system for, by strace's fault injection), then reads the record's bytes: every acknowledged
write is there. The server is then started again, with no repair step between, and must agree with
the model: for what was acknowledged exactly, for what was under way when it died with either side
of the change.

With `--iam` the writers change nothing but the authorization state (see `rights.py`).
"""

import hashlib
import json
import random
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "first-request"))

import journal  # noqa: E402
import rights  # noqa: E402
from light import Light  # noqa: E402
from house import Failed, House, check, clean_own_environment, same  # noqa: E402
from raw import Raw  # noqa: E402

BUCKET = "campaign"
WRITERS = 4
WRITERS_OF_RIGHTS = 8
STEP_MAX = 400
STEP_MAX_OF_RIGHTS = 150
STEPS = "write,writev,pwrite64,fsync,fdatasync,rename,renameat2,ftruncate,fallocate,unlink"
DEATH_SECONDS_MAX = 60
LOAD_SECONDS_MAX = 120
KEYS_OF_A_WRITER = 40
USERS_OF_A_WRITER = 8
PART_BYTES = 300_000
WHOLE_CHECK_EVERY_ROUNDS = 25
REVOKED_KEPT = 20
_ID = re.compile(rb'"entry":"opened","id":"([0-9A-Z]{26})"')


class Model:
    """What must be there; of what was under way when the server died, what may be there."""

    def __init__(self, file):
        self.file = file
        read = json.loads(file.read_text()) if file.exists() else {}
        self.round = read.get("round", 0)
        self.root = read.get("root")
        self.objects = read.get("objects", {})
        self.users = read.get("users", {})
        self.policy = read.get("policy")
        self.revoked = read.get("revoked", [])
        self.acknowledged = read.get("acknowledged", 0)
        self.rights = read.get("rights", {place: {} for place in rights.PLACES})
        self.interrupted = read.get("interrupted", False)

    def save(self):
        """Keeps the model for the next round, or the next run."""
        kept = {k: v for k, v in vars(self).items() if k != "file"}
        temporary = self.file.with_suffix(".new")
        temporary.write_text(json.dumps(kept))
        temporary.rename(self.file)


class Writer(threading.Thread):
    """Changes what is its own, one change at a time, until the server is gone."""

    def __init__(self, campaign, number, dice):
        super().__init__(daemon=True)
        self.campaign, self.number, self.dice = campaign, number, dice
        self.doubt = None
        self.wrong = None

    def run(self):
        while not self.campaign.over.is_set():
            try:
                self._change()
            except Exception as error:  # noqa: BLE001 - told to the round
                if not self.campaign.dies():
                    self.wrong = error
                    self.campaign.over.set()
                return

    def _change(self):
        if self.campaign.iam_only:
            rights.change(self)
            return
        kinds = [self._put, self._put, self._put_large, self._remove, self._multipart,
                 self._user, self._user, self._revoke]
        if self.number == 0:
            kinds.append(self._bucket_policy)
        self.dice.choice(kinds)()

    def _commit(self, place, name, value, change):
        """Does one change; in doubt until it is acknowledged."""
        self.doubt = (place, name, value)
        answer = change()
        model = self.campaign.model
        if place == "policy":
            model.policy = value
        elif place == "revoked":
            model.revoked.append(name)
        elif self.campaign.iam_only:
            model.rights[place][name] = value
        else:
            getattr(model, place)[name] = value
        self.doubt = None
        if answer is not None:
            self.campaign.acknowledge(answer["ResponseMetadata"]["RequestId"])

    def _key(self):
        return f"w{self.number}/k{self.dice.randrange(KEYS_OF_A_WRITER)}"

    def _put(self, size=None):
        size = self.dice.randrange(5000) if size is None else size
        body = self.dice.randbytes(size)
        key = self._key()
        s3 = self.campaign.s3
        self._commit("objects", key, hashlib.md5(body).hexdigest(),
                     lambda: s3.put_object(Bucket=BUCKET, Key=key, Body=body))

    def _put_large(self):
        self._put(self.dice.randrange(100_000, 600_000))

    def _remove(self):
        key = self._key()
        s3 = self.campaign.s3
        self._commit("objects", key, None, lambda: s3.delete_object(Bucket=BUCKET, Key=key))

    def _multipart(self):
        s3, key = self.campaign.s3, self._key()
        body = self.dice.randbytes(PART_BYTES)
        upload = s3.create_multipart_upload(Bucket=BUCKET, Key=key)["UploadId"]
        part = s3.upload_part(Bucket=BUCKET, Key=key, UploadId=upload, PartNumber=1, Body=body)
        digest = hashlib.md5(hashlib.md5(body).digest()).hexdigest() + "-1"
        parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
        self._commit("objects", key, digest, lambda: s3.complete_multipart_upload(
            Bucket=BUCKET, Key=key, UploadId=upload, MultipartUpload=parts))

    def _user(self):
        iam, model = self.campaign.iam, self.campaign.model
        users = model.rights["users"] if self.campaign.iam_only else model.users
        name = f"w{self.number}-u{self.dice.randrange(USERS_OF_A_WRITER)}"
        had = users.get(name)
        if had is None:
            self._commit("users", name, "", lambda: iam.create_user(UserName=name))
        elif had == "" and self.dice.random() < 0.3:
            self._commit("users", name, None, lambda: iam.delete_user(UserName=name))
        elif had and self.dice.random() < 0.4:
            self._commit("users", name, "", lambda: iam.delete_user_policy(
                UserName=name, PolicyName="p"))
        else:
            resource = f"arn:aws:s3:::{BUCKET}/{self.dice.randrange(10**9)}"
            self._commit("users", name, resource, lambda: iam.put_user_policy(
                UserName=name, PolicyName="p", PolicyDocument=_allow(resource)))

    def _bucket_policy(self):
        sid = f"s{self.dice.randrange(10**9)}"
        text = json.dumps({"Version": "2012-10-17", "Statement": {
            "Sid": sid, "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{BUCKET}/never/*"}})
        s3 = self.campaign.s3
        self._commit("policy", None, sid,
                     lambda: s3.put_bucket_policy(Bucket=BUCKET, Policy=text))

    def _revoke(self):
        made = self.campaign.sts.get_session_token()["Credentials"]
        session = [made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"]]

        def revoke():
            body = json.dumps({"session": session[0], "principal": None}).encode()
            answer = self.campaign.admin.send("POST", "/-/v1/sessions/revoke", body,
                                              {"content-type": "application/json"})
            if answer.status != 200:
                raise ConnectionError(str(answer))

        self._commit("revoked", session, None, revoke)


def _allow(resource):
    return json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": "s3:GetObject", "Resource": resource}})


class Campaign:
    """The rounds, on one data directory."""

    def __init__(self, house, model, seed, iam_only):
        self.house, self.model, self.seed, self.iam_only = house, model, seed, iam_only
        self.writers = WRITERS_OF_RIGHTS if iam_only else WRITERS
        self.read = set()

    def begin(self):
        """The first start ever, or the next start of a run that goes on."""
        self.house.start_server()
        if self.model.root is None:
            self.model.root = self.house.root_credential()
        root = tuple(self.model.root)
        if self.iam_only:
            self.iam, self.sts = (Light(self.house, root, name) for name in ("iam", "sts"))
        else:
            self.iam, self.sts = (self.house.client(name, root) for name in ("iam", "sts"))
        self.s3 = self.house.client("s3", root)
        self.admin = Raw(self.house, root, "strongroom")
        if self.model.round == 0 and not self.model.interrupted:
            self.s3.create_bucket(Bucket=BUCKET)
            if self.iam_only:
                rights.begin(self.iam, self.writers)
                self._agrees([], whatever=True)
        if self.model.interrupted:
            print("     the last run ended within a round: what it left is taken as it is")
            self._agrees([], whatever=True)
        self.model.interrupted = False
        self.model.save()
        self.house.stop_server()

    def acknowledge(self, request_id):
        """A writer got its answer."""
        with self.lock:
            self.ids.append(request_id)

    def dies(self):
        """Whether the server is dead, or about to be."""
        try:
            self.house.server.wait(DEATH_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _kill_at(self, step):
        """Has the server killed on entry to the step; comes back when that is in force."""
        pid = self.house.server.pid
        inject = f"inject={STEPS}:signal=SIGKILL:when={step}"
        tracer = subprocess.Popen(
            ["strace", "-f", "-qq", "-o", "/dev/null", "-p", str(pid),
             "-e", f"trace={STEPS}", "-e", inject],
            stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + DEATH_SECONDS_MAX
        while "TracerPid:\t0\n" in Path(f"/proc/{pid}/status").read_text():
            check(time.monotonic() < deadline, "strace does not attach to the server")
            time.sleep(0.005)
        return tracer

    def round(self):
        """Load, death, and what is left."""
        number = self.model.round
        dice = random.Random(f"{self.seed}/{number}")
        self.lock, self.ids = threading.Lock(), []
        self.over = threading.Event()
        step = dice.randint(1, STEP_MAX_OF_RIGHTS if self.iam_only else STEP_MAX)
        self.model.interrupted = True
        self.model.save()
        self.house.start_server()
        tracer = self._kill_at(step)
        writers = [Writer(self, n, random.Random(f"{self.seed}/{number}/{n}"))
                   for n in range(self.writers)]
        for writer in writers:
            writer.start()
        deadline = time.monotonic() + LOAD_SECONDS_MAX
        while self.house.server.poll() is None and not self.over.is_set():
            check(time.monotonic() < deadline,
                  f"step {step} was not reached in {LOAD_SECONDS_MAX} s")
            time.sleep(0.005)
        self.over.set()
        for writer in writers:
            writer.join(LOAD_SECONDS_MAX)
        wrong = [writer.wrong for writer in writers if writer.wrong is not None]
        check(not wrong, f"a writer failed before the kill: {wrong[:1]}")
        self.house.kill_server()
        tracer.wait(DEATH_SECONDS_MAX)
        self._every_acknowledgement_is_on_record()
        began = time.monotonic()
        self.house.start_server()
        started = time.monotonic() - began
        self._agrees([writer.doubt for writer in writers if writer.doubt])
        self.model.acknowledged += len(self.ids)
        if (number + 1) % WHOLE_CHECK_EVERY_ROUNDS == 0:
            self._whole()
        else:
            self.house.kill_server()
        self.model.round += 1
        self.model.interrupted = False
        self.model.save()
        return step, len(self.ids), started

    def _every_acknowledgement_is_on_record(self):
        """In the bytes of the dead server's record, before anything else touches them."""
        opened = set()
        for leaf in journal.fresh(self.house.data, self.read):
            found = _ID.search(leaf)
            if found:
                opened.add(found.group(1).decode())
        lost = [i for i in self.ids if i not in opened]
        check(not lost, f"{len(lost)} acknowledged writes are not on record: {lost[:3]}")

    def _agrees(self, doubts, whatever=False):
        """The started server has what was acknowledged, and either side of what was in doubt.

        With `whatever`, the model learns what is there instead."""
        self._check = (lambda *_: None) if whatever else check
        doubt = {(place, str(name)): value for place, name, value in doubts}
        if self.iam_only:
            self._rights_agree(doubt)
            return
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
        there = {o["Key"]: o["ETag"].strip('"') for p in pages for o in p.get("Contents", [])}
        for key in {*there, *self.model.objects}:
            self._settle(doubt, "objects", key, there.get(key))
        for key, etag in self._sample(there):
            body = self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
            plain = hashlib.md5(body)
            digest = hashlib.md5(plain.digest()).hexdigest() + "-1" if "-" in etag else (
                plain.hexdigest())
            same(digest, etag, f"the digest of {key}")
        pages = self.iam.get_paginator("list_users").paginate()
        users = {u["UserName"] for p in pages for u in p["Users"]}
        for name in {*users, *self.model.users}:
            self._settle(doubt, "users", name, self._policy_of(name) if name in users else None)
        self._bucket_policy_agrees(doubt)
        self._revoked_stay_revoked()

    def _rights_agree(self, doubt):
        found = rights.there(self, self.writers)
        for place in rights.PLACES:
            held = self.model.rights[place]
            for name in {*found[place], *held}:
                self._settle(doubt, place, name, found[place].get(name), held)
        self._revoked_stay_revoked()

    def _settle(self, doubt, place, name, actual, held=None):
        held = getattr(self.model, place) if held is None else held
        allowed = [held.get(name)]
        if (place, name) in doubt:
            allowed.append(doubt[place, name])
        self._check(actual in allowed, f"{place} {name}: {actual!r} is there, not {allowed}")
        held[name] = actual
        if actual is None:
            del held[name]

    def _sample(self, there):
        dice = random.Random(f"{self.seed}/{self.model.round}/sample")
        return dice.sample(sorted(there.items()), min(20, len(there)))

    def _policy_of(self, name):
        names = self.iam.list_user_policies(UserName=name)["PolicyNames"]
        if not names:
            return ""
        got = self.iam.get_user_policy(UserName=name, PolicyName="p")["PolicyDocument"]
        return got["Statement"]["Resource"]

    def _bucket_policy_agrees(self, doubt):
        allowed = {self.model.policy}
        allowed |= {value for (place, _), value in doubt.items() if place == "policy"}
        try:
            text = self.s3.get_bucket_policy(Bucket=BUCKET)["Policy"]
            statement = json.loads(text)["Statement"]
            actual = (statement[0] if isinstance(statement, list) else statement)["Sid"]
        except self.s3.exceptions.ClientError as error:
            same(error.response["Error"]["Code"], "NoSuchBucketPolicy", "the policy's absence")
            actual = None
        self._check(actual in allowed, f"the bucket's policy: {actual!r} is there, not {allowed}")
        self.model.policy = actual

    def _revoked_stay_revoked(self):
        self.model.revoked = self.model.revoked[-REVOKED_KEPT:]
        for session in self.model.revoked:
            answer = Raw(self.house, tuple(session)).send("GET", f"/{BUCKET}?list-type=2")
            same((answer.status, answer.code), (400, "ExpiredToken"), "a revoked session")

    def _whole(self):
        """Everything on disk, offline: objects, state and record."""
        house = self.house
        house.stop_server()
        house.run([house.binary, "verify", house.data, "--json"])
        house.run([house.binary, "audit", "verify", "--dir", house.data, "--json"])
        journal.checkpoint_holds(house.data)
        for request_id, entry in journal.of_requests(journal.entries(house.data)).items():
            journal.is_told_in_full(request_id, entry)


def main():
    if len(sys.argv) != 8:
        sys.exit("usage: campaign.py RUN_DIRECTORY BINARY TOOLS SEED ROUNDS COMMIT all|iam")
    clean_own_environment()
    run, binary, tools, seed, rounds, commit, writes = sys.argv[1:]
    house = House(run, binary, tools)
    model = Model(Path(run) / "model.json")
    campaign = Campaign(house, model, seed, writes == "iam")
    print(f"kill9 ({writes}): seed {seed}, commit {commit}, from round {model.round} to {rounds}",
          flush=True)
    began = time.monotonic()
    try:
        campaign.begin()
        slowest = 0.0
        while model.round < int(rounds):
            number = model.round
            step, writes, started = campaign.round()
            slowest = max(slowest, started)
            print(f"ok   round {number:4}  killed at step {step:3}, "
                  f"{writes:4} writes acknowledged, started again in {started:.2f} s", flush=True)
        if house.server is not None:
            house.kill_server()
        house.start_server()
        campaign._whole()
    except Exception as error:  # noqa: BLE001 - whatever it is ends the campaign
        told = error if isinstance(error, Failed) else f"{type(error).__name__}: {error}"
        print(f"FAIL round {model.round}: {told}\n     seed {seed}, commit {commit}; {run} is kept")
        return 1
    finally:
        house.close()
    print(f"passed: {rounds} kills, {model.acknowledged} acknowledged writes, none lost; the "
          f"slowest start took {slowest:.2f} s; {time.monotonic() - began:.0f} s; "
          f"seed {seed}, commit {commit}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
