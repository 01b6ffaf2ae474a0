//! `strongroom org …`: units, control policies and where they are, through the API of AWS
//! Organizations.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use crate::client::Target;
use crate::exit::{Failure, Outcome};
use crate::print::{Printer, cell};

/// Organise accounts in units, and bound them by control policies.
#[derive(Subcommand)]
pub(crate) enum Org {
    /// Show the root, the units and the accounts, each with its service control policies.
    ///
    /// Example: strongroom org tree
    Tree(Tree),
    /// Make, rename and delete units.
    #[command(subcommand)]
    Unit(UnitVerb),
    /// Move an account to a unit, or to the root.
    ///
    /// Example: strongroom org move 444455556666 --to ou-a1b2-a1b2c3d4
    Move(Move),
    /// Make, change, show, list and delete control policies.
    #[command(subcommand)]
    Policy(PolicyVerb),
    /// Put a control policy on the root, a unit or an account.
    ///
    /// Example: strongroom org attach p-a1b2c3d4e5 ou-a1b2-a1b2c3d4
    Attach(OnTo),
    /// Take a control policy off the root, a unit or an account.
    ///
    /// Example: strongroom org detach p-a1b2c3d4e5 ou-a1b2-a1b2c3d4
    Detach(OnTo),
    /// Make a kind of control policy count.
    ///
    /// Example: strongroom org enable scp
    Enable(OfKind),
    /// Make a kind of control policy count no more.
    ///
    /// Example: strongroom org disable scp
    Disable(OfKind),
}

/// Make, rename and delete units.
#[derive(Subcommand)]
pub(crate) enum UnitVerb {
    /// Make a unit in the root or in another unit.
    ///
    /// Example: strongroom org unit create engineering --in ou-a1b2-a1b2c3d4
    Create(NewUnit),
    /// Rename a unit.
    ///
    /// Example: strongroom org unit rename ou-a1b2-a1b2c3d4 research
    Rename(Rename),
    /// Delete a unit in which nothing is.
    ///
    /// Example: strongroom org unit delete ou-a1b2-a1b2c3d4
    Delete(OneUnit),
}

/// Make, change, show, list and delete control policies.
#[derive(Subcommand)]
pub(crate) enum PolicyVerb {
    /// Make a control policy from a file; `-` is standard input.
    ///
    /// Example: strongroom org policy create no-iam --kind scp policy.json
    Create(NewPolicy),
    /// Replace what a control policy says.
    ///
    /// Example: strongroom org policy update p-a1b2c3d4e5 policy.json
    Update(NewText),
    /// Show what a control policy says.
    ///
    /// Example: strongroom org policy show p-a1b2c3d4e5
    Show(OnePolicy),
    /// List the control policies of a kind.
    ///
    /// Example: strongroom org policy list --kind scp
    List(ListPolicies),
    /// Delete a control policy that is nowhere attached.
    ///
    /// Example: strongroom org policy delete p-a1b2c3d4e5
    Delete(OnePolicy),
}

/// A kind of control policy.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Kind {
    /// Service control policies: what callers of accounts may do at most.
    Scp,
    /// Resource control policies: what anybody may do with what accounts own.
    Rcp,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Scp => "SERVICE_CONTROL_POLICY",
            Self::Rcp => "RESOURCE_CONTROL_POLICY",
        }
    }
}

#[derive(Args)]
pub(crate) struct Tree {
    #[command(flatten)]
    target: Target,
}

#[derive(Args)]
pub(crate) struct NewUnit {
    /// Its name.
    name: String,
    /// The unit that it is to be in; the root if none is given.
    #[arg(long = "in", value_name = "UNIT")]
    parent: Option<String>,
    #[command(flatten)]
    target: Target,
}

#[derive(Args)]
pub(crate) struct Rename {
    /// The unit's id.
    unit: String,
    /// Its new name.
    name: String,
    #[command(flatten)]
    target: Target,
}

#[derive(Args)]
pub(crate) struct OneUnit {
    /// The unit's id.
    unit: String,
    #[command(flatten)]
    target: Target,
}

#[derive(Args)]
pub(crate) struct Move {
    /// The account's twelve digits.
    account: String,
    /// The unit to move it to; the root if none is given.
    #[arg(long, value_name = "UNIT")]
    to: Option<String>,
    #[command(flatten)]
    target: Target,
}

#[derive(Args)]
pub(crate) struct NewPolicy {
    /// Its name.
    name: String,
    /// The file with its text.
    file: PathBuf,
    /// Whom it bounds.
    #[arg(long)]
    kind: Kind,
    /// What it is for.
    #[arg(long, default_value = "")]
    description: String,
    #[command(flatten)]
    target: Target,
}

#[derive(Args)]
pub(crate) struct NewText {
    /// The policy's id.
    policy: String,
    /// The file with its text.
    file: PathBuf,
    #[command(flatten)]
    target: Target,
}

#[derive(Args)]
pub(crate) struct OnePolicy {
    /// The policy's id.
    policy: String,
    #[command(flatten)]
    target: Target,
}

#[derive(Args)]
pub(crate) struct ListPolicies {
    /// Whom they bound.
    #[arg(long)]
    kind: Kind,
    #[command(flatten)]
    target: Target,
}

#[derive(Args)]
pub(crate) struct OnTo {
    /// The policy's id.
    policy: String,
    /// The root's, a unit's or an account's id.
    level: String,
    #[command(flatten)]
    target: Target,
}

#[derive(Args)]
pub(crate) struct OfKind {
    /// Which kind.
    kind: Kind,
    #[command(flatten)]
    target: Target,
}

impl Org {
    pub(crate) fn run(self, printer: &Printer) -> Outcome {
        match self {
            Self::Tree(tree) => show_tree(&tree.target, printer),
            Self::Unit(verb) => verb.run(printer),
            Self::Move(own) => own.run(printer),
            Self::Policy(verb) => verb.run(printer),
            Self::Attach(own) => own.run("AttachPolicy", printer),
            Self::Detach(own) => own.run("DetachPolicy", printer),
            Self::Enable(own) => own.run("EnablePolicyType", printer),
            Self::Disable(own) => own.run("DisablePolicyType", printer),
        }
    }
}

/// The root's id.
pub(super) fn root(target: &Target) -> Result<String, Failure> {
    let answer = target.organizations("ListRoots", &json!({}))?;
    let id = answer.pointer("/Roots/0/Id").and_then(Value::as_str).map(str::to_owned);
    id.ok_or_else(|| Failure::Broken("the server names no root".to_owned()))
}

/// Every item of a list, part by part.
pub(super) fn all(
    target: &Target,
    action: &str,
    name: &str,
    mut ask: Value,
) -> Result<Vec<Value>, Failure> {
    let mut items = Vec::new();
    loop {
        let answer = target.organizations(action, &ask)?;
        items.extend(answer.get(name).and_then(Value::as_array).cloned().unwrap_or_default());
        let Some(next) = answer.get("NextToken").cloned() else { return Ok(items) };
        if let Some(members) = ask.as_object_mut() {
            members.insert("NextToken".to_owned(), next);
        }
    }
}

fn show_tree(target: &Target, printer: &Printer) -> Outcome {
    let mut rows = Vec::new();
    let mut open = vec![(root(target)?, "Root".to_owned(), "root", 0_usize)];
    while let Some((id, name, kind, depth)) = open.pop() {
        let filter = json!({ "TargetId": id, "Filter": Kind::Scp.word() });
        let policies = all(target, "ListPoliciesForTarget", "Policies", filter)?;
        let names: Vec<String> = policies.iter().map(|policy| cell(policy, "Name")).collect();
        rows.push(json!({
            "id": id,
            "name": format!("{}{name}", "  ".repeat(depth)),
            "kind": kind,
            "policies": names.join(", "),
        }));
        if kind == "account" {
            continue;
        }
        let below = depth.saturating_add(1);
        let inside = json!({ "ParentId": id });
        for (action, list, kind) in [
            ("ListOrganizationalUnitsForParent", "OrganizationalUnits", "unit"),
            ("ListAccountsForParent", "Accounts", "account"),
        ] {
            for one in all(target, action, list, inside.clone())? {
                open.push((cell(&one, "Id"), cell(&one, "Name"), kind, below));
            }
        }
    }
    printer.rows(&rows, &["name", "kind", "id", "policies"]);
    Ok(())
}

/// Says in a word that something was done.
fn done(printer: &Printer, answer: &Value, text: &str) -> Outcome {
    printer.one(answer, |_| text.to_owned());
    Ok(())
}

impl UnitVerb {
    fn run(self, printer: &Printer) -> Outcome {
        match self {
            Self::Create(NewUnit { name, parent, target }) => {
                let parent = parent.map_or_else(|| root(&target), Ok)?;
                let ask = json!({ "ParentId": parent, "Name": name });
                let answer = target.organizations("CreateOrganizationalUnit", &ask)?;
                printer.one(&answer, |answer| cell(answer, "OrganizationalUnit/Id"));
                Ok(())
            }
            Self::Rename(Rename { unit, name, target }) => {
                let ask = json!({ "OrganizationalUnitId": unit, "Name": name });
                let answer = target.organizations("UpdateOrganizationalUnit", &ask)?;
                done(printer, &answer, "renamed")
            }
            Self::Delete(OneUnit { unit, target }) => {
                let ask = json!({ "OrganizationalUnitId": unit });
                let answer = target.organizations("DeleteOrganizationalUnit", &ask)?;
                done(printer, &answer, "deleted")
            }
        }
    }
}

impl Move {
    fn run(self, printer: &Printer) -> Outcome {
        let Self { account, to, target } = self;
        let parents = target.organizations("ListParents", &json!({ "ChildId": account }))?;
        let from = parents.pointer("/Parents/0/Id").cloned().unwrap_or_default();
        let to = to.map_or_else(|| root(&target), Ok)?;
        let ask =
            json!({ "AccountId": account, "SourceParentId": from, "DestinationParentId": to });
        let answer = target.organizations("MoveAccount", &ask)?;
        done(printer, &answer, "moved")
    }
}

impl PolicyVerb {
    fn run(self, printer: &Printer) -> Outcome {
        match self {
            Self::Create(NewPolicy { name, file, kind, description, target }) => {
                let content = super::read(&file)?;
                let ask = json!({
                    "Name": name,
                    "Description": description,
                    "Type": kind.word(),
                    "Content": content,
                });
                let answer = target.organizations("CreatePolicy", &ask)?;
                printer.one(&answer, |answer| cell(answer, "Policy/PolicySummary/Id"));
                Ok(())
            }
            Self::Update(NewText { policy, file, target }) => {
                let ask = json!({ "PolicyId": policy, "Content": super::read(&file)? });
                let answer = target.organizations("UpdatePolicy", &ask)?;
                done(printer, &answer, "updated")
            }
            Self::Show(OnePolicy { policy, target }) => {
                let answer =
                    target.organizations("DescribePolicy", &json!({ "PolicyId": policy }))?;
                printer.one(&answer, |answer| cell(answer, "Policy/Content"));
                Ok(())
            }
            Self::List(ListPolicies { kind, target }) => {
                let filter = json!({ "Filter": kind.word() });
                let rows = all(&target, "ListPolicies", "Policies", filter)?;
                printer.rows(&rows, &["Id", "Name", "Description"]);
                Ok(())
            }
            Self::Delete(OnePolicy { policy, target }) => {
                let answer =
                    target.organizations("DeletePolicy", &json!({ "PolicyId": policy }))?;
                done(printer, &answer, "deleted")
            }
        }
    }
}

impl OnTo {
    fn run(self, action: &str, printer: &Printer) -> Outcome {
        let ask = json!({ "PolicyId": self.policy, "TargetId": self.level });
        let answer = self.target.organizations(action, &ask)?;
        let text = if action == "AttachPolicy" { "attached" } else { "detached" };
        done(printer, &answer, text)
    }
}

impl OfKind {
    fn run(self, action: &str, printer: &Printer) -> Outcome {
        let ask = json!({ "RootId": root(&self.target)?, "PolicyType": self.kind.word() });
        let answer = self.target.organizations(action, &ask)?;
        let text = if action == "EnablePolicyType" { "enabled" } else { "disabled" };
        done(printer, &answer, text)
    }
}
