//! What the changes mean: who may more and who may less afterwards, and whether anybody is left who
//! can put it right.

use std::collections::BTreeSet;

use policy::case::{self, Case};
use policy::compare::{self, Comparison, Request};
use policy::decision::Verdict;
use serde_json::{Value, json};

use super::estate::{Entity, Estate, Kind};
use crate::exit::Failure;

/// Principals whose rights are compared; of more it is said that they are.
pub(super) const COMPARED_MAX: usize = 200;

/// Who asks for the changes.
pub(super) struct Caller {
    /// The user or role that the caller is; `None` for a root.
    pub(super) entity: Option<(Kind, String)>,
    /// Whether it stands for a person, who has what a provider's rules give.
    pub(super) signed_in: bool,
    /// The users and roles that its credential was made from, itself among them.
    pub(super) behind: BTreeSet<(Kind, String)>,
}

impl Caller {
    /// From the ARN of `whoami` and what it says that the credential stands on.
    pub(super) fn of(arn: &str, behind: &BTreeSet<String>) -> Self {
        let (form, rest) = resource_of(arn);
        let behind = behind.iter().filter_map(|arn| entity_of(arn)).collect();
        let signed_in = form == "user" && rest.starts_with("federated/");
        Self { entity: entity_of(arn), signed_in, behind }
    }
}

/// The kind and the rest of what an ARN names.
fn resource_of(arn: &str) -> (&str, &str) {
    let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
    resource.split_once('/').unwrap_or((resource, ""))
}

/// The user or role that an ARN names.
fn entity_of(arn: &str) -> Option<(Kind, String)> {
    let (form, rest) = resource_of(arn);
    let (kind, name) = match form {
        "user" => (Kind::User, rest.rsplit('/').next()),
        "role" => (Kind::Role, rest.rsplit('/').next()),
        "assumed-role" => (Kind::Role, rest.split('/').next()),
        _ => return None,
    };
    name.map(|name| (kind, name.to_owned()))
}

/// What becomes of the rights of one user or role.
pub(super) struct Effect {
    pub(super) who: String,
    /// `more`, `less`, `both` or `undecided`.
    pub(super) answer: &'static str,
    /// A request of each difference, in words.
    pub(super) gains: Vec<String>,
    pub(super) losses: Vec<String>,
}

impl Effect {
    pub(super) fn to_json(&self) -> Value {
        json!({ "effect": self.answer, "who": self.who, "gains": self.gains,
            "losses": self.losses })
    }

    pub(super) fn text(&self) -> String {
        let mut lines = vec![match self.answer {
            "more" => format!("{} may do more than before:", self.who),
            "less" => format!("{} may do less than before:", self.who),
            "both" => format!("{} may do other things than before:", self.who),
            _ => format!("{}: not every kind of request could be compared", self.who),
        }];
        lines.extend(self.gains.iter().map(|text| format!("  + {text}")));
        lines.extend(self.losses.iter().map(|text| format!("  - {text}")));
        lines.join("\n")
    }
}

/// The layers of a user or role that IAM's file decides about, as a policy case.
fn layers(estate: &Estate, key: &(Kind, String), ask: (&str, &str)) -> Result<Case, Failure> {
    let none = Entity::default();
    let entity = estate.entities.get(key).unwrap_or(&none);
    layers_of(estate, (key.0, &key.1), entity, ask)
}

fn layers_of(
    estate: &Estate,
    (kind, name): (Kind, &str),
    entity: &Entity,
    ask: (&str, &str),
) -> Result<Case, Failure> {
    let principal = match kind {
        Kind::Role => estate.arn("role", "/", name),
        Kind::User | Kind::Group => estate.arn("user", path(entity), name),
    };
    let policies = estate.policies_of(entity).into_iter();
    let policies = policies.map(|(name, text)| json!({ "name": name, "document": text }));
    let mut case = json!({
        "request": {
            "principal": principal,
            "action": ask.0,
            "resource": ask.1,
            "resource_account": estate.account,
        },
        "identity_policies": policies.collect::<Vec<_>>(),
    });
    let bound = entity.boundary.as_ref().and_then(|arn| Some((arn, estate.document(arn)?)));
    if let (Some((arn, text)), Some(members)) = (bound, case.as_object_mut()) {
        let boundary = json!([{ "name": arn, "document": text }]);
        members.insert("permissions_boundaries".to_owned(), boundary);
    }
    let mut cases =
        case::parse(&case.to_string()).map_err(|error| Failure::Broken(error.to_string()))?;
    cases.pop().ok_or_else(|| Failure::Broken("there is no case to compare".to_owned()))
}

fn path(entity: &Entity) -> &str {
    if entity.path.is_empty() { "/" } else { &entity.path }
}

/// Users and roles in either, whose own layers are not the same in both.
fn touched(found: &Estate, after: &Estate) -> Vec<(Kind, String)> {
    let keys: BTreeSet<&(Kind, String)> =
        found.entities.keys().chain(after.entities.keys()).collect();
    let none = Entity::default();
    let said = |estate: &Estate, key: &(Kind, String)| {
        let entity = estate.entities.get(key).unwrap_or(&none);
        let texts = estate.policies_of(entity).into_iter();
        let texts = texts.map(|(name, text)| (name, text.clone())).collect::<Vec<_>>();
        let bound = entity.boundary.as_ref();
        (texts, bound.map(|arn| (arn.clone(), estate.document(arn).cloned())))
    };
    let keys = keys.into_iter().filter(|(kind, _)| *kind != Kind::Group);
    keys.filter(|key| said(found, key) != said(after, key)).cloned().collect()
}

/// What the changes mean for each user and role; and of how many more it was not looked at.
pub(super) fn effects(found: &Estate, after: &Estate) -> Result<(Vec<Effect>, usize), Failure> {
    let touched = touched(found, after);
    let left = touched.len().saturating_sub(COMPARED_MAX);
    let mut effects = Vec::new();
    for key in touched.iter().take(COMPARED_MAX) {
        let ask = ("s3:GetObject", "arn:aws:s3:::bucket/key");
        // Who moves is asked about under one name, and what the name alone decides is left out.
        let (mut old, new) = (layers(found, key, ask)?, layers(after, key, ask)?);
        old.principal = new.principal.clone();
        let compared = compare::cases(&old, &new);
        let compared = compared.map_err(|error| Failure::Broken(error.to_string()))?;
        effects.extend(effect(format!("{} {}", key.0, key.1), &compared));
    }
    Ok((effects, left))
}

fn effect(who: String, compared: &Comparison) -> Option<Effect> {
    let (mut gains, mut losses) = (Vec::new(), Vec::new());
    for difference in &compared.differences {
        match (difference.old.verdict, difference.new.verdict) {
            (_, Verdict::Allow) => gains.push(asked(&difference.request)),
            (Verdict::Allow, _) => losses.push(asked(&difference.request)),
            _ => {}
        }
    }
    let answer = match (gains.is_empty(), losses.is_empty()) {
        (false, true) => "more",
        (true, false) => "less",
        (false, false) => "both",
        (true, true) if compared.undecided.is_empty() => return None,
        (true, true) => "undecided",
    };
    Some(Effect { who, answer, gains, losses })
}

/// A request without who asks, which is said already.
fn asked(request: &Request) -> String {
    let mut request = request.clone();
    request.context.retain(|(key, _)| !WHO.contains(&key.as_str()));
    request.to_string()
}

/// Keys that say who asks.
const WHO: [&str; 2] = ["aws:userid", "aws:username"];

/// What an administrator may do: give rights to somebody whom no policy knows yet.
const ADMINISTERS: [&str; 4] =
    ["iam:PutUserPolicy", "iam:AttachUserPolicy", "iam:PutRolePolicy", "iam:CreatePolicyVersion"];

fn administers(estate: &Estate, key: &(Kind, String)) -> Result<bool, Failure> {
    match estate.entities.get(key) {
        Some(entity) => administers_as(estate, (key.0, &key.1), entity),
        None => Ok(false),
    }
}

/// Whether a rule of a provider gives somebody who signs in the right to administer. A rule that
/// names a role gives what the role has, which is counted as the role's own.
fn rules_administer(estate: &Estate) -> Result<bool, Failure> {
    for rule in estate.providers.values().filter_map(|one| one.rules.as_ref()).flatten() {
        let policies = rule.get("policies").and_then(Value::as_array).into_iter().flatten();
        let attached = policies.filter_map(Value::as_str).map(str::to_owned).collect();
        let person = Entity { attached, ..Entity::default() };
        if administers_as(estate, (Kind::User, "whoever-signs-in"), &person)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn administers_as(estate: &Estate, who: (Kind, &str), entity: &Entity) -> Result<bool, Failure> {
    for action in ADMINISTERS {
        let form = match action {
            "iam:PutRolePolicy" => "role",
            "iam:CreatePolicyVersion" => "policy",
            _ => "user",
        };
        let resource = estate.arn(form, "/", "whom-no-policy-knows");
        let asked = (action, resource.as_str());
        if layers_of(estate, who, entity, asked)?.decide().verdict() != Verdict::Allow {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Refuses what would leave the caller, or the account but for its root, without anybody who can
/// take it back.
pub(super) fn guard(found: &Estate, after: &Estate, caller: &Caller) -> Result<(), Failure> {
    let locked = |why: String| Err(Failure::Input(format!("nothing was changed: {why}")));
    let gone = |own: &&(Kind, String)| {
        found.entities.contains_key(*own) && !after.entities.contains_key(*own)
    };
    if let Some(own) = caller.behind.iter().find(gone) {
        let why =
            format!("the {} `{}`, whose session asks for this, would be removed", own.0, own.1);
        return locked(why);
    }
    if let Some(own) = &caller.entity {
        let name = format!("the {} `{}`, which asks for this,", own.0, own.1);
        if found.entities.contains_key(own) && !after.entities.contains_key(own) {
            return locked(format!("{name} would be removed"));
        }
        if administers(found, own)? && !administers(after, own)? {
            return locked(format!("{name} could not administer the account any more"));
        }
    }
    if caller.signed_in && rules_administer(found)? && !rules_administer(after)? {
        return locked("nobody who signs in could administer the account any more".to_owned());
    }
    let anybody = |estate: &Estate| {
        let keys = estate.entities.keys().filter(|(kind, _)| *kind != Kind::Group);
        let found = keys.map(|key| administers(estate, key)).find(|one| !matches!(one, Ok(false)));
        found.unwrap_or_else(|| rules_administer(estate))
    };
    if anybody(found)? && !anybody(after)? {
        return locked("no user and no role could administer the account any more".to_owned());
    }
    Ok(())
}
