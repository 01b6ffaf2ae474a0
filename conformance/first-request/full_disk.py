"""A full disk: writes are refused below the reserve; reads, deletes and revokes go on; nothing is
torn; space returns, writes return.

Run by `cargo xtask conformance first-request`. Needs root, to mount a tmpfs.
"""

import hashlib
import os
import subprocess
import sys
import time

import journal
from house import Steps, check, open_house, same

DISK_BYTES = 160 << 20
RESERVE_BYTES = 24 << 20
OBJECT_BYTES = 1 << 20
SETTLE_SECONDS_MAX = 30
BUCKET = "full"


class FullDisk:
    """One small disk, its server, and what was acknowledged."""

    def __init__(self, house):
        self.house = house
        self.kept = {}
        self.mounted = False

    def mount(self):
        check(os.geteuid() == 0, "a tmpfs cannot be mounted: run this as root")
        self.house.data.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=0700", "tmpfs",
                        str(self.house.data)], check=True)
        self.mounted = True

    def unmount(self):
        if self.mounted:
            subprocess.run(["umount", str(self.house.data)], check=True)
            self.mounted = False

    def start(self):
        house = self.house
        house.start_server(STRONGROOM_STORE_RESERVE_BYTES=str(RESERVE_BYTES))
        self.root = house.root_credential()
        self.s3, self.iam = house.client("s3", self.root), house.client("iam", self.root)
        self.sts = house.client("sts", self.root)
        account = self.sts.get_caller_identity()["Account"]
        self.s3.create_bucket(Bucket=BUCKET)
        self.iam.create_user(UserName="writer")
        self.iam.put_user_policy(
            UserName="writer", PolicyName="p", PolicyDocument=(
                '{"Version":"2012-10-17","Statement":{"Effect":"Allow",'
                '"Action":["s3:*","sts:*"],"Resource":"*"}}'))
        key = self.iam.create_access_key(UserName="writer")["AccessKey"]
        self.writer = (key["AccessKeyId"], key["SecretAccessKey"])
        made = house.client("sts", self.writer).get_session_token()["Credentials"]
        self.session = (made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])
        self.account = account
        directory = house.home / ".aws"
        directory.mkdir()
        file = directory / "credentials"
        file.write_text(f"[root]\naws_access_key_id = {self.root[0]}\n"
                        f"aws_secret_access_key = {self.root[1]}\n")
        file.chmod(0o600)

    def _put(self, number):
        """Writes one object; answers None, or the refusal's status and code."""
        from botocore.exceptions import ClientError

        body = hashlib.sha256(str(number).encode()).digest() * (OBJECT_BYTES // 32)
        try:
            self.s3.put_object(Bucket=BUCKET, Key=f"o{number:04}", Body=body)
        except ClientError as error:
            answer = error.response
            return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]
        self.kept[f"o{number:04}"] = hashlib.sha256(body).hexdigest()
        return None

    def fill(self):
        for number in range(DISK_BYTES // OBJECT_BYTES + 1):
            refusal = self._put(number)
            if refusal:
                same(refusal, (507, "InsufficientStorage"), "the refusal")
                check(len(self.kept) > 20, f"refused after {len(self.kept)} objects already")
                self._free_stays()
                return
        check(False, "the disk was filled past its size")

    def _free_stays(self):
        disk = os.statvfs(self.house.data)
        free = disk.f_bavail * disk.f_frsize
        check(free >= RESERVE_BYTES // 2, f"only {free} bytes are left of the reserve")

    def writes_stay_refused(self):
        from botocore.exceptions import ClientError

        same(self._put(9000), (507, "InsufficientStorage"), "another write")
        for call, arguments in (
            (self.iam.create_user, {"UserName": "nobody"}),
            (self.s3.create_bucket, {"Bucket": "another"}),
            (self.s3.create_multipart_upload, {"Bucket": BUCKET, "Key": "m"}),
        ):
            try:
                call(**arguments)
                check(False, f"{call.__name__} was not refused")
            except ClientError as error:
                status = error.response["ResponseMetadata"]["HTTPStatusCode"]
                same(status, 507, f"the status of {call.__name__}")

    def reads_deletes_and_revokes_go_on(self):
        self.everything_reads_back()
        victim = max(self.kept)
        self.s3.delete_object(Bucket=BUCKET, Key=victim)
        del self.kept[victim]
        self.everything_reads_back()
        house = self.house
        mine = house.client("s3", self.session)
        mine.head_object(Bucket=BUCKET, Key=min(self.kept))
        house.strongroom("RevokeSessions", "sessions", "revoke", "--session", self.session[0])
        same(self._status(mine.get_object, Bucket=BUCKET, Key=min(self.kept)), 400,
             "the status that the revoked session gets")
        self.iam.update_access_key(UserName="writer", AccessKeyId=self.writer[0],
                                   Status="Inactive")
        writer = house.client("s3", self.writer)
        same(self._status(writer.get_object, Bucket=BUCKET, Key=min(self.kept)), 403,
             "the status that the disabled key gets")

    @staticmethod
    def _status(call, **arguments):
        from botocore.exceptions import ClientError

        try:
            call(**arguments)
        except ClientError as error:
            return error.response["ResponseMetadata"]["HTTPStatusCode"]
        return 200

    def everything_reads_back(self):
        """Each acknowledged object is whole; no refused one is there."""
        listed = self.s3.list_objects_v2(Bucket=BUCKET)
        same(sorted(o["Key"] for o in listed.get("Contents", [])), sorted(self.kept),
             "the listed keys")
        for key, digest in self.kept.items():
            body = self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
            same(hashlib.sha256(body).hexdigest(), digest, f"the digest of {key}")

    def not_a_byte_is_left(self):
        """Somebody else takes what was left of the disk, the reserve's room included."""
        self.filler = self.house.data / "somebody-elses-file"
        with open(self.filler, "wb") as file:
            block = b"\0" * (1 << 20)
            try:
                while True:
                    file.write(block)
                    file.flush()
            except OSError:
                pass
        same(self._put(9001), (507, "InsufficientStorage"), "a write on a disk without a byte")
        self.everything_reads_back()
        victim = max(self.kept)
        self.s3.delete_object(Bucket=BUCKET, Key=victim)
        del self.kept[victim]
        self.everything_reads_back()

    def space_returns_and_writes_return(self):
        self.filler.unlink()
        for key in sorted(self.kept)[: len(self.kept) // 2]:
            self.s3.delete_object(Bucket=BUCKET, Key=key)
            del self.kept[key]
        deadline = time.monotonic() + SETTLE_SECONDS_MAX
        while (refusal := self._put(9002)) is not None:
            check(time.monotonic() < deadline, f"writes are still refused: {refusal}")
            time.sleep(0.5)
        self.iam.create_user(UserName="somebody")
        self.everything_reads_back()

    def nothing_is_torn(self):
        house = self.house
        house.stop_server()
        house.run([house.binary, "verify", house.data, "--json"])
        house.run([house.binary, "audit", "verify", "--dir", house.data, "--json"])
        every = journal.of_requests(journal.entries(house.data))
        for request_id, entry in every.items():
            journal.is_told_in_full(request_id, entry)
        refused = [e for e in every.values()
                   if e["opened"].get("reason", {}).get("code") == "no-space"
                   or e["closed"].get("code") == "InsufficientStorage"]
        check(len(refused) >= 6, f"{len(refused)} refusals for want of space are on record")
        house.start_server(STRONGROOM_STORE_RESERVE_BYTES=str(RESERVE_BYTES))
        self.everything_reads_back()
        house.stop_server()


def main():
    house = open_house()
    steps, disk = Steps(), FullDisk(house)
    try:
        for name in ("mount", "start", "fill", "writes_stay_refused",
                     "reads_deletes_and_revokes_go_on", "not_a_byte_is_left",
                     "space_returns_and_writes_return", "nothing_is_torn"):
            steps.run(name.replace("_", " "), getattr(disk, name))
    except Exception:  # noqa: BLE001 - the step printed it
        pass
    finally:
        house.close()
        disk.unmount()
    return steps.conclude()


if __name__ == "__main__":
    sys.exit(main())
