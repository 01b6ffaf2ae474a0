"""Terraform's AWS provider itself: a plan is made, read back without a difference, changed, taken
into another state, and removed.

The provider is what its makers publish, given by path: this script takes no part in having it.

Run by `cargo xtask conformance terraform --provider PATH`.
"""

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "first-request"))

from house import Failed, Steps, check, open_house, same  # noqa: E402

BUCKET = "kept-by-terraform"
COMMAND_SECONDS_MAX = 600
# What is made, by `turn`: 1, then 2.
PLAN = (HERE / "plan.tf").read_text()
# What is dropped from the state and taken in again: the address, and the id that the provider
# takes.
IMPORTED = {
    "aws_iam_user.one": "tf-user-{turn}",
    "aws_iam_group.one": "tf-group-{turn}",
    "aws_iam_role.one": "tf-role",
    "aws_iam_policy.one": "arn:aws:iam::{account}:policy/tf/tf-policy",
    "aws_iam_user_policy.own": "tf-user-{turn}:own",
    "aws_iam_role_policy_attachment.one":
        "tf-role/arn:aws:iam::{account}:policy/tf/tf-policy",
    "aws_iam_openid_connect_provider.one":
        "arn:aws:iam::{account}:oidc-provider/token.actions.example",
    "aws_s3_bucket.one": BUCKET,
    "aws_s3_bucket_policy.one": BUCKET,
}


class Provider:
    """A directory with a plan, and what becomes of it."""

    def __init__(self, house, terraform, provider):
        self.house, self.terraform, self.provider = house, terraform, Path(provider).resolve()
        self.here = house.work / "plan"
        self.here.mkdir(exist_ok=True)

    def start(self):
        house = self.house
        house.start_server()
        root = house.root_credential()
        self.iam, self.s3 = house.client("iam", root), house.client("s3", root)
        self.account = house.client("sts", root).get_caller_identity()["Account"]
        check(self.provider.name.startswith("terraform-provider-aws"), f"{self.provider} is not it")
        (self.here / "main.tf").write_text(PLAN)
        (self.here / "terraform.rc").write_text(
            f'provider_installation {{\n  dev_overrides {{\n'
            f'    "hashicorp/aws" = "{self.provider.parent}"\n  }}\n}}\n')
        self.environment = house.environment(
            AWS_ACCESS_KEY_ID=root[0], AWS_SECRET_ACCESS_KEY=root[1], TF_IN_AUTOMATION="1",
            CHECKPOINT_DISABLE="1", TF_CLI_CONFIG_FILE=str(self.here / "terraform.rc"),
            TF_VAR_endpoint=house.endpoint)

    def _run(self, turn, *words, expect=0):
        done = subprocess.run(
            [self.terraform, *words, "-no-color"], cwd=self.here,
            env={**self.environment, "TF_VAR_turn": str(turn)},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=COMMAND_SECONDS_MAX)
        if done.returncode != expect:
            (self.here / "said.log").write_text(done.stdout + done.stderr)
            said = (done.stderr or done.stdout)[-3000:]
            raise Failed(f"`{' '.join(words)}` ended {done.returncode}: {said}")
        return done.stdout + done.stderr

    def _state(self):
        state = json.loads((self.here / "terraform.tfstate").read_text())
        return {f"{r['type']}.{r['name']}" for r in state["resources"] if r["mode"] == "managed"}

    def _without_a_difference(self, turn):
        said = self._run(turn, "plan", "-detailed-exitcode", "-input=false")
        check("No changes" in said, f"the plan says {said[-1500:]}")

    def _users_are(self, turn):
        one = self.iam.get_user(UserName=f"tf-user-{turn}")["User"]
        same((one["Path"], one["Tags"]), (f"/tf/{turn}/", [{"Key": "kept", "Value": "yes"}]), "one")
        same("PermissionsBoundary" in one, turn == 1, "whether it has a boundary")
        other = self.iam.get_user(UserName="tf-other")["User"]
        same(other["Tags"], [{"Key": "turn", "Value": str(turn)}], "the other's tags")

    def apply(self):
        said = self._run(1, "apply", "-auto-approve", "-input=false")
        self.kinds = self._state()
        added = f"Apply complete! Resources: {len(self.kinds)} added, 0 changed, 0 destroyed."
        check(added in said, f"not `{added}`: {said[-1500:]}")
        self._users_are(1)

    def a_plan_at_once_has_no_difference(self):
        self._without_a_difference(1)

    def change(self):
        said = self._run(2, "apply", "-auto-approve", "-input=false")
        check("Apply complete!" in said and " 0 changed" not in said, said[-1500:])
        same(self._state(), self.kinds, "the resources after the change")
        self._without_a_difference(2)
        self._users_are(2)
        own = self.iam.get_user_policy(UserName="tf-user-2", PolicyName="own")["PolicyDocument"]
        same(own["Statement"][0]["Resource"], f"arn:aws:s3:::{BUCKET}/2/*", "its policy")

    def what_another_hand_changed_is_seen_and_mended(self):
        self.iam.detach_role_policy(
            RoleName="tf-role", PolicyArn=f"arn:aws:iam::{self.account}:policy/tf/tf-policy")
        self.iam.remove_user_from_group(GroupName="tf-group-2", UserName="tf-user-2")
        self.s3.delete_bucket_policy(Bucket=BUCKET)
        said = self._run(2, "plan", "-detailed-exitcode", "-input=false", expect=2)
        for address in ("aws_iam_role_policy_attachment.one", "aws_iam_group_membership.one",
                        "aws_s3_bucket_policy.one"):
            check(address in said, f"`{address}` is not in the plan: {said[-1500:]}")
        self._run(2, "apply", "-auto-approve", "-input=false")
        self._without_a_difference(2)

    def taken_into_another_state(self):
        self._run(2, "state", "rm", *IMPORTED)
        for address, name in IMPORTED.items():
            self._run(2, "import", "-input=false", address,
                      name.format(turn=2, account=self.account))
        same(self._state(), self.kinds, "the resources after the import")
        # What the provider keeps for itself alone, as `force_destroy`, is told again.
        self._run(2, "apply", "-auto-approve", "-input=false")
        self._without_a_difference(2)

    def destroy(self):
        said = self._run(2, "destroy", "-auto-approve", "-input=false")
        check(f"Resources: {len(self.kinds)} destroyed." in said, said[-1500:])
        same([b["Name"] for b in self.s3.list_buckets()["Buckets"]], [], "the buckets")
        iam = self.iam
        for left, kind in ((iam.list_users()["Users"], "User"), (iam.list_roles()["Roles"], "Role"),
                           (iam.list_groups()["Groups"], "Group"),
                           (iam.list_policies(Scope="Local")["Policies"], "Policy")):
            names = [one[f"{kind}Name"] for one in left]
            same([name for name in names if name.startswith("tf-")], [], f"what is left ({kind})")
        self.house.stop_server()
        print(f"{len(self.kinds)} resources of {len({k.split('.')[0] for k in self.kinds})} kinds")


def main():
    if len(sys.argv) != 6:
        sys.exit("usage: real.py RUN_DIRECTORY BINARY TOOLS TERRAFORM PROVIDER")
    provider, terraform = sys.argv.pop(), sys.argv.pop()
    house = open_house()
    steps, provider = Steps(), Provider(house, terraform, provider)
    try:
        for name in ("start", "apply", "a_plan_at_once_has_no_difference", "change",
                     "what_another_hand_changed_is_seen_and_mended", "taken_into_another_state",
                     "destroy"):
            steps.run(name.replace("_", " "), getattr(provider, name))
    except Exception:  # noqa: BLE001 - the step printed it
        pass
    finally:
        house.close()
    return steps.conclude()


if __name__ == "__main__":
    sys.exit(main())
