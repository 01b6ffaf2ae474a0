//! The organisation: its units, its control policies and what they are attached to, and where
//! accounts are. Only the account that manages the installation may speak of it.
//!
//! A unit is named by the names on its way from the root (`engineering/data`), a policy by its
//! name: ids are the server's. A step that needs the id of what an earlier one makes names it by a
//! placeholder, which the answer fills.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::file;
use super::plan::{Call, Step};
use super::wanted::Others;
use crate::client::Target;
use crate::exit::Failure;
use crate::verbs::org::{all, root};

/// What the root is called.
const ROOT: &str = "root";
/// The kinds of control policies, as AWS Organizations has them.
const SERVICE: &str = "SERVICE_CONTROL_POLICY";
const RESOURCE: &str = "RESOURCE_CONTROL_POLICY";
/// The policies that every organisation has.
const STANDARD: &[&str] = &["FullAWSAccess", "RCPFullAWSAccess"];

/// What is there.
#[derive(Default, Debug)]
struct Found {
    /// The ids of the root and of units, by the names on the way to them.
    units: BTreeMap<String, String>,
    /// The units that accounts are in, by id.
    accounts: BTreeMap<String, String>,
    policies: BTreeMap<String, Policy>,
    /// The kinds of control policies that count.
    enabled: BTreeSet<String>,
}

#[derive(Default, Debug)]
struct Policy {
    id: String,
    kind: String,
    description: String,
    document: Value,
    /// Ids.
    targets: BTreeSet<String>,
}

/// The steps to what the file says.
pub(super) fn steps(
    target: &Target,
    file: &file::File,
    others: Others,
) -> Result<Vec<Step>, Failure> {
    let moves: BTreeMap<&String, &String> = file
        .accounts
        .iter()
        .flatten()
        .filter_map(|(id, account)| Some((id, account.unit.as_ref()?)))
        .collect();
    let own = file.organization.as_ref();
    if own.is_none() && moves.is_empty() {
        return Ok(Vec::new());
    }
    let nothing = file::Organization::default();
    let own = own.unwrap_or(&nothing);
    let found = read(target, own)?;
    let mut steps = Vec::new();
    let wanted = units(&found, own, &mut steps)?;
    for (id, unit) in moves {
        let to = wanted.get(unit).ok_or_else(|| missing(unit))?;
        let from = found.accounts.get(id).or_else(|| found.units.get(ROOT));
        if from != Some(to) {
            let ask = json!({ "AccountId": id, "SourceParentId": from, "DestinationParentId": to });
            let subject = format!("account {id}");
            steps.push(step("change", (subject, format!("move to {unit}")), "MoveAccount", ask));
        }
    }
    let mut gone = Vec::new();
    enable(&found, own, &mut steps);
    for (name, said) in own.policies.iter().flatten() {
        policy((name, said), &found, &wanted, (&mut steps, &mut gone))?;
    }
    if others == Others::Go {
        prune(&found, own, &mut gone);
    }
    steps.extend(gone);
    Ok(steps)
}

fn missing(unit: &str) -> Failure {
    Failure::Input(format!("there is no unit `{unit}`"))
}

fn read(target: &Target, own: &file::Organization) -> Result<Found, Failure> {
    let mut found = Found::default();
    let text = |value: &Value, name: &str| {
        value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let mut open = vec![(String::new(), root(target)?)];
    while let Some((way, id)) = open.pop() {
        let inside = json!({ "ParentId": id });
        let units = "OrganizationalUnits";
        for one in all(target, "ListOrganizationalUnitsForParent", units, inside.clone())? {
            let name = text(&one, "Name");
            let below = if way.is_empty() { name } else { format!("{way}/{name}") };
            open.push((below, text(&one, "Id")));
        }
        for one in all(target, "ListAccountsForParent", "Accounts", inside)? {
            found.accounts.insert(text(&one, "Id"), id.clone());
        }
        found.units.insert(if way.is_empty() { ROOT.to_owned() } else { way }, id);
    }
    if own.policies.is_none() {
        return Ok(found);
    }
    let roots = target.organizations("ListRoots", &json!({}))?;
    let kinds = roots.pointer("/Roots/0/PolicyTypes").and_then(Value::as_array);
    let enabled = kinds.into_iter().flatten().filter(|kind| text(kind, "Status") == "ENABLED");
    found.enabled = enabled.map(|kind| text(kind, "Type")).collect();
    for kind in [SERVICE, RESOURCE] {
        for one in all(target, "ListPolicies", "Policies", json!({ "Filter": kind }))? {
            let (name, id) = (text(&one, "Name"), text(&one, "Id"));
            if STANDARD.contains(&name.as_str()) {
                continue;
            }
            let ask = json!({ "PolicyId": id });
            let whole = target.organizations("DescribePolicy", &ask)?;
            let content = whole.pointer("/Policy/Content").and_then(Value::as_str);
            let unreadable = |_| Failure::Broken(format!("policy `{name}` is no JSON"));
            let document = serde_json::from_str(content.unwrap_or("null")).map_err(unreadable)?;
            let targets = all(target, "ListTargetsForPolicy", "Targets", ask)?;
            let targets = targets.iter().map(|one| text(one, "TargetId")).collect();
            let (kind, description) = (kind.to_owned(), text(&one, "Description"));
            found.policies.insert(name, Policy { id, kind, description, document, targets });
        }
    }
    Ok(found)
}

/// Kinds of which a policy is to be attached count from here on.
fn enable(found: &Found, own: &file::Organization, steps: &mut Vec<Step>) {
    let attaches = |said: &&file::Control| said.attach.as_ref().is_some_and(|all| !all.is_empty());
    let said: Vec<_> = own.policies.iter().flat_map(BTreeMap::values).filter(attaches).collect();
    for (word, kind) in [("scp", SERVICE), ("rcp", RESOURCE)] {
        if said.iter().any(|one| one.kind == word) && !found.enabled.contains(kind) {
            let ask = json!({ "RootId": found.units.get(ROOT), "PolicyType": kind });
            let what = ("organisation".to_owned(), format!("enable {word}"));
            steps.push(step("change", what, "EnablePolicyType", ask));
        }
    }
}

/// The ids of all units that there will be; those that are new, by placeholder.
fn units(
    found: &Found,
    own: &file::Organization,
    steps: &mut Vec<Step>,
) -> Result<BTreeMap<String, String>, Failure> {
    let mut wanted = found.units.clone();
    // In order of their names, so that each comes after the one it is in.
    for way in own.units.iter().flatten() {
        if wanted.contains_key(way) {
            continue;
        }
        let (parent, name) = way.rsplit_once('/').unwrap_or((ROOT, way));
        let parent = wanted.get(parent).ok_or_else(|| missing(parent))?;
        let ask = json!({ "ParentId": parent, "Name": name });
        let subject = (format!("unit {way}"), "create".to_owned());
        let mut step = step("create", subject, "CreateOrganizationalUnit", ask);
        let id = placeholder("unit", way);
        step.keeps(&id, "/OrganizationalUnit/Id");
        steps.push(step);
        wanted.insert(way.clone(), id);
    }
    Ok(wanted)
}

/// What stands for an id that is not known yet.
fn placeholder(kind: &str, name: &str) -> String {
    format!("<{kind} {name}>")
}

fn policy(
    (name, said): (&String, &file::Control),
    found: &Found,
    units: &BTreeMap<String, String>,
    (steps, gone): (&mut Vec<Step>, &mut Vec<Step>),
) -> Result<(), Failure> {
    let subject = || format!("control policy {name}");
    let wrong = |why: String| Failure::Input(format!("{}: {why}", subject()));
    if STANDARD.contains(&name.as_str()) {
        return Err(wrong("nobody changes it".to_owned()));
    }
    let (kind, language) = match said.kind.as_str() {
        "scp" => (SERVICE, policy::Kind::ServiceControl),
        "rcp" => (RESOURCE, policy::Kind::ResourceControl),
        other => return Err(wrong(format!("`{other}` is neither `scp` nor `rcp`"))),
    };
    let content = said.document.to_string();
    policy::Document::parse(&content, language).map_err(|error| wrong(error.to_string()))?;
    let was = found.policies.get(name);
    if was.is_some_and(|was| was.kind != kind) {
        return Err(wrong("its kind cannot be changed".to_owned()));
    }
    let description = said.description.as_ref();
    let id = match was {
        Some(was) => {
            let described = description.is_none_or(|text| *text == was.description);
            if was.document != said.document || !described {
                let ask = json!({ "PolicyId": was.id, "Content": content,
                    "Description": description.unwrap_or(&was.description) });
                let what = (subject(), "change what it says".to_owned());
                steps.push(step("change", what, "UpdatePolicy", ask));
            }
            was.id.clone()
        }
        None => {
            let ask = json!({ "Name": name, "Type": kind, "Content": content,
                "Description": description.map_or("", String::as_str) });
            let mut made = step("create", (subject(), "create".to_owned()), "CreatePolicy", ask);
            let id = placeholder("policy", name);
            made.keeps(&id, "/Policy/PolicySummary/Id");
            steps.push(made);
            id
        }
    };
    let there = was.map(|was| &was.targets);
    attached((name, &id), said.attach.as_ref(), there, (units, steps, gone))
}

/// The steps to what a policy is to be attached to.
fn attached(
    (name, id): (&str, &str),
    said: Option<&BTreeSet<String>>,
    there: Option<&BTreeSet<String>>,
    (units, steps, gone): (&BTreeMap<String, String>, &mut Vec<Step>, &mut Vec<Step>),
) -> Result<(), Failure> {
    let Some(attach) = said else { return Ok(()) };
    let subject = || format!("control policy {name}");
    let mut targets = BTreeMap::new();
    for named in attach {
        let account = named.parse::<names::AccountId>().is_ok();
        let target = if account { Some(named) } else { units.get(named) };
        targets.insert(target.ok_or_else(|| missing(named))?.clone(), named);
    }
    let none = BTreeSet::new();
    let there = there.unwrap_or(&none);
    for (target, named) in targets.iter().filter(|(target, _)| !there.contains(*target)) {
        let ask = json!({ "PolicyId": id, "TargetId": target });
        steps.push(step("change", (subject(), format!("attach to {named}")), "AttachPolicy", ask));
    }
    for target in there.iter().filter(|target| !targets.contains_key(*target)) {
        let ask = json!({ "PolicyId": id, "TargetId": target });
        let what = (subject(), format!("detach from {target}"));
        gone.push(step("change", what, "DetachPolicy", ask));
    }
    Ok(())
}

/// Takes away units and policies that the file does not name, if it speaks of them.
fn prune(found: &Found, own: &file::Organization, gone: &mut Vec<Step>) {
    if let Some(said) = &own.policies {
        for (name, policy) in found.policies.iter().filter(|(name, _)| !said.contains_key(*name)) {
            let subject = format!("control policy {name}");
            for target in &policy.targets {
                let ask = json!({ "PolicyId": policy.id, "TargetId": target });
                let what = (subject.clone(), format!("detach from {target}"));
                gone.push(step("change", what, "DetachPolicy", ask));
            }
            let ask = json!({ "PolicyId": policy.id });
            gone.push(step("remove", (subject, "delete".to_owned()), "DeletePolicy", ask));
        }
    }
    let Some(said) = &own.units else { return };
    // The inner ones first.
    for (way, id) in found.units.iter().rev().filter(|(way, _)| *way != ROOT) {
        let inner = format!("{way}/");
        if !said.contains(way) && !said.iter().any(|other| other.starts_with(&inner)) {
            let ask = json!({ "OrganizationalUnitId": id });
            let what = (format!("unit {way}"), "delete".to_owned());
            gone.push(step("remove", what, "DeleteOrganizationalUnit", ask));
        }
    }
}

fn step(
    change: &'static str,
    (subject, what): (String, String),
    action: &'static str,
    ask: Value,
) -> Step {
    Step { change, subject, what, call: Call::Organizations { action, ask, keeps: None } }
}

impl Step {
    /// The answer's member at `pointer` is what `placeholder` stands for from here on.
    fn keeps(&mut self, placeholder: &str, pointer: &'static str) {
        if let Call::Organizations { keeps, .. } = &mut self.call {
            *keeps = Some((placeholder.to_owned(), pointer));
        }
    }
}

/// The message with the ids that are known by now.
pub(super) fn filled(ask: &Value, known: &BTreeMap<String, Value>) -> Value {
    let Some(members) = ask.as_object() else { return ask.clone() };
    let fill = |value: &Value| {
        let known = value.as_str().and_then(|text| known.get(text));
        known.unwrap_or(value).clone()
    };
    members.iter().map(|(name, value)| (name.clone(), fill(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn organization(text: &str) -> file::Organization {
        file::strictly::<file::File>(text).unwrap().organization.unwrap()
    }

    fn found() -> Found {
        let units = BTreeMap::from([
            (ROOT.to_owned(), "r-a1b2".to_owned()),
            ("eng".to_owned(), "ou-1".to_owned()),
        ]);
        Found { units, ..Found::default() }
    }

    #[test]
    fn new_units_come_after_the_ones_they_are_in_and_are_named_by_placeholder() {
        let own =
            organization(r#"{"organization": {"units": ["eng/data/raw", "eng/data", "hr"]}}"#);
        let mut steps = Vec::new();
        let wanted = units(&found(), &own, &mut steps).unwrap();
        let made: Vec<&str> = steps.iter().map(|step| step.subject.as_str()).collect();
        assert_eq!(made, ["unit eng/data", "unit eng/data/raw", "unit hr"]);
        assert_eq!(wanted["eng/data"], "<unit eng/data>");
        let Call::Organizations { ask, .. } = &steps[1].call else { panic!() };
        let known = BTreeMap::from([("<unit eng/data>".to_owned(), json!("ou-9"))]);
        assert_eq!(filled(ask, &known), json!({ "ParentId": "ou-9", "Name": "raw" }));
        let orphan = organization(r#"{"organization": {"units": ["no/way"]}}"#);
        assert!(units(&found(), &orphan, &mut Vec::new()).is_err());
    }

    #[test]
    fn a_policy_is_made_attached_and_detached_and_one_that_is_right_is_left_alone() {
        let text = r#"{"organization": {"policies": {"no-iam": {"kind": "scp", "attach": ["eng"],
            "document": {"Version": "2012-10-17", "Statement":
                {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}}}}}}"#;
        let own = organization(text);
        let said = own.policies.as_ref().unwrap();
        let run = |found: &Found| {
            let (mut steps, mut gone) = (Vec::new(), Vec::new());
            for one in said {
                policy(one, found, &found.units, (&mut steps, &mut gone)).unwrap();
            }
            let what = |step: &Step| step.what.clone();
            steps.iter().map(what).chain(gone.iter().map(what)).collect::<Vec<_>>()
        };
        assert_eq!(run(&found()), ["create", "attach to eng"]);
        let mut there = found();
        let one = Policy {
            id: "p-1".to_owned(),
            kind: "SERVICE_CONTROL_POLICY".to_owned(),
            description: String::new(),
            document: said["no-iam"].document.clone(),
            targets: BTreeSet::from(["ou-1".to_owned()]),
        };
        there.policies.insert("no-iam".to_owned(), one);
        assert!(run(&there).is_empty());
        there.policies.get_mut("no-iam").unwrap().targets.insert("r-a1b2".to_owned());
        assert_eq!(run(&there), ["detach from r-a1b2"]);
        let mut gone = Vec::new();
        let nothing = organization(r#"{"organization": {"policies": {}, "units": []}}"#);
        prune(&there, &nothing, &mut gone);
        let what: Vec<String> =
            gone.iter().map(|step| step.to_json()["what"].to_string()).collect();
        assert_eq!(what.len(), 4, "{what:?}");
    }
}
