"""The S3 backend of OpenTofu (the one that Terraform has too) keeps its state here.

Run by `cargo xtask conformance terraform`, which has the `tofu` command built. The key that it uses
may do what the backend's documentation asks for and nothing else: list the bucket, read and write
the state and delete its lock.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "first-request"))

from house import Failed, Steps, check, open_house, same  # noqa: E402

BUCKET = "tofu-state"
KEY = "house/terraform.tfstate"
LOCK = f"{KEY}.tflock"
SLOW_SECONDS = 15
COMMAND_SECONDS_MAX = 300


class Backend:
    """A configuration, and what becomes of its state."""

    def __init__(self, house, tofu):
        self.house, self.tofu = house, tofu
        self.here = house.work / "configuration"
        self.here.mkdir(exist_ok=True)

    def start(self):
        house = self.house
        house.start_server()
        root = house.root_credential()
        self.s3, iam = house.client("s3", root), house.client("iam", root)
        self.s3.create_bucket(Bucket=BUCKET)
        iam.create_user(UserName="tofu")
        prefix = f"arn:aws:s3:::{BUCKET}"
        iam.put_user_policy(UserName="tofu", PolicyName="state", PolicyDocument=json.dumps({
            "Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": prefix},
                {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
                 "Resource": [f"{prefix}/{KEY}", f"{prefix}/env:/*/{KEY}",
                              f"{prefix}/{KEY}.tflock", f"{prefix}/env:/*/{KEY}.tflock"]}]}))
        made = iam.create_access_key(UserName="tofu")["AccessKey"]
        self.key = (made["AccessKeyId"], made["SecretAccessKey"])
        self.iam = iam
        self._configure("1")

    def _configure(self, value, seconds=0):
        (self.here / "main.tf").write_text(f"""
terraform {{
  backend "s3" {{
    bucket                      = "{BUCKET}"
    key                         = "{KEY}"
    region                      = "us-east-1"
    endpoints                   = {{ s3 = "{self.house.endpoint}", sts = "{self.house.endpoint}",
                                     iam = "{self.house.endpoint}" }}
    use_path_style              = true
    use_lockfile                = true
    skip_metadata_api_check     = true
  }}
}}
resource "terraform_data" "one" {{
  input = "{value}"
  provisioner "local-exec" {{
    command = "sleep {seconds}"
  }}
  lifecycle {{
    replace_triggered_by = [terraform_data.turn]
  }}
}}
resource "terraform_data" "turn" {{
  input = "{value}"
}}
output "value" {{
  value = terraform_data.one.output
}}
""")

    def _environment(self, key=None):
        key = key or self.key
        return self.house.environment(
            AWS_ACCESS_KEY_ID=key[0], AWS_SECRET_ACCESS_KEY=key[1], TF_IN_AUTOMATION="1",
            CHECKPOINT_DISABLE="1", TF_CLI_CONFIG_FILE="/dev/null")

    def _run(self, *words, expect=0, key=None):
        done = subprocess.run(
            [self.tofu, *words, "-no-color"], cwd=self.here, env=self._environment(key),
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=COMMAND_SECONDS_MAX)
        if done.returncode != expect:
            said = (done.stderr or done.stdout)[-1500:]
            raise Failed(f"`{' '.join(words)}` ended {done.returncode}: {said}")
        return done.stdout + done.stderr

    def _state(self, workspace=None):
        key = KEY if workspace is None else f"env:/{workspace}/{KEY}"
        return json.loads(self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())

    def _keys(self):
        return sorted(o["Key"] for o in self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", []))

    def init_and_apply(self):
        self._run("init", "-input=false")
        self._run("apply", "-auto-approve", "-input=false")
        state = self._state()
        same(state["outputs"]["value"]["value"], "1", "the value in the state")
        same(self._keys(), [KEY], "the objects: a state, and no lock")
        self.serial = state["serial"]

    def plan_without_changes(self):
        self._run("plan", "-detailed-exitcode", "-input=false")
        same(self._state()["serial"], self.serial, "the serial after a plan")

    def apply_again(self):
        self._configure("2")
        self._run("apply", "-auto-approve", "-input=false")
        state = self._state()
        same(state["outputs"]["value"]["value"], "2", "the value in the state")
        check(state["serial"] > self.serial, "the serial does not grow")

    def one_lock_for_two(self):
        self._configure("3", SLOW_SECONDS)
        first = subprocess.Popen(
            [self.tofu, "apply", "-auto-approve", "-input=false", "-no-color"], cwd=self.here,
            env=self._environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        deadline = time.monotonic() + COMMAND_SECONDS_MAX
        while LOCK not in self._keys():
            check(first.poll() is None and time.monotonic() < deadline, "no lock is taken")
            time.sleep(0.1)
        said = self._run("apply", "-auto-approve", "-input=false", expect=1)
        check("Error acquiring the state lock" in said, f"the second said {said[-800:]}")
        check("PreconditionFailed" in said or "412" in said, f"the second said {said[-800:]}")
        said, _ = first.communicate(timeout=COMMAND_SECONDS_MAX)
        same(first.returncode, 0, f"the first's exit status: {said[-800:]}")
        same(self._keys(), [KEY], "the objects afterwards")
        same(self._state()["outputs"]["value"]["value"], "3", "the value in the state")

    def a_lock_that_is_left_is_broken_by_force(self):
        self._configure("4")
        info = {"ID": "6d0cbb0e-6e9f-4f6c-9d3f-6f6f6f6f6f6f", "Operation": "left", "Info": "",
                "Who": "somebody", "Version": "1", "Created": "2026-01-01T00:00:00Z", "Path": KEY}
        self.s3.put_object(Bucket=BUCKET, Key=LOCK, Body=json.dumps(info).encode())
        said = self._run("apply", "-auto-approve", "-input=false", expect=1)
        check(info["ID"] in said, f"whose lock it is was not told: {said[-800:]}")
        self._run("force-unlock", "-force", info["ID"])
        self._run("apply", "-auto-approve", "-input=false")
        same(self._keys(), [KEY], "the objects afterwards")

    def workspaces(self):
        self._run("workspace", "new", "other")
        self._run("apply", "-auto-approve", "-input=false")
        same(self._keys(), sorted([KEY, f"env:/other/{KEY}"]), "a state for each workspace")
        check("other" in self._run("workspace", "list"), "the workspace is not listed")
        self._run("destroy", "-auto-approve", "-input=false")
        same(self._state("other")["resources"], [], "what the workspace has left")
        self._run("workspace", "select", "default")
        self._run("workspace", "delete", "other")
        same(self._keys(), [KEY], "the objects afterwards")
        same(self._state()["outputs"]["value"]["value"], "4", "the first state")

    def whoever_may_not_is_told(self):
        self.iam.create_user(UserName="nobody")
        made = self.iam.create_access_key(UserName="nobody")["AccessKey"]
        other = (made["AccessKeyId"], made["SecretAccessKey"])
        said = self._run("plan", "-input=false", expect=1, key=other)
        check("AccessDenied" in said or "403" in said, f"it was told {said[-800:]}")
        self.house.stop_server()


def main():
    if len(sys.argv) != 5:
        sys.exit("usage: backend.py RUN_DIRECTORY BINARY TOOLS TOFU")
    tofu = sys.argv.pop()
    house = open_house()
    steps, backend = Steps(), Backend(house, tofu)
    try:
        for name in ("start", "init_and_apply", "plan_without_changes", "apply_again",
                     "one_lock_for_two", "a_lock_that_is_left_is_broken_by_force", "workspaces",
                     "whoever_may_not_is_told"):
            steps.run(name.replace("_", " "), getattr(backend, name))
    except Exception:  # noqa: BLE001 - the step printed it
        pass
    finally:
        house.close()
    return steps.conclude()


if __name__ == "__main__":
    sys.exit(main())
