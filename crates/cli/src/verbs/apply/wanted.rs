//! What the account is to be: what is there, with what the file says put over it. All that can be
//! known to be wrong is refused here, before anything is written.

use std::collections::{BTreeMap, BTreeSet};

use names::{EntityPath, GroupName, PolicyName, RoleName, UserName};
use policy::{Document, Kind as Language};
use serde_json::{Value, json};

use super::estate::{Bucket, Entity, Estate, Kind, Managed, Provider};
use super::file::{self, File};
use crate::exit::Failure;

/// What becomes of what the file does not name, in the kinds that it speaks of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Others {
    Stay,
    Go,
}

/// Users that a provider's logins make and keep: no file's to prune.
const FEDERATED_PATH: &str = "/federated/";
/// Most characters in a tag's key and in its value.
const TAG_KEY_CHARACTERS_MAX: usize = 128;
const TAG_VALUE_CHARACTERS_MAX: usize = 256;
/// Who can own what is written into a bucket.
const OWNERSHIPS: [&str; 3] = ["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"];
/// The path of what is not said to stand elsewhere.
const ROOT_PATH: &str = "/";

fn wrong(why: String) -> Failure {
    Failure::Input(why)
}

/// The account as the file wants it.
pub(super) fn wanted(found: &Estate, file: &File, others: Others) -> Result<Estate, Failure> {
    let mut after = found.clone();
    for (name, policy) in file.policies.iter().flatten() {
        let wanted = managed(name, policy, found.policies.get(name))?;
        unfolded("policy", name, found.policies.keys())?;
        after.policies.insert(name.clone(), wanted);
    }
    let kinds = [(Kind::Group, &file.groups), (Kind::User, &file.users), (Kind::Role, &file.roles)];
    if others == Others::Go {
        prune(&mut after, file, &kinds)?;
    }
    for (kind, entities) in &kinds {
        for (name, said) in entities.iter().flat_map(|entities| entities.iter()) {
            let of_kind = found.entities.keys().filter(|(other, _)| other == kind);
            unfolded(&kind.to_string(), name, of_kind.map(|(_, name)| name))?;
            let place = (*kind, name.clone());
            let wanted = entity(&after, (*kind, name), said, found.entities.get(&place))?;
            after.entities.insert(place, wanted);
        }
    }
    for (url, said) in file.oidc_providers.iter().flatten() {
        taggable(&format!("provider `{url}`"), said.tags.as_ref())?;
        let host = url.strip_prefix("https://").unwrap_or(url);
        let arn = format!("arn:aws:iam::{}:oidc-provider/{host}", found.account);
        let was = found.providers.get(&arn).cloned().unwrap_or_default();
        let client_ids = said.client_ids.clone().unwrap_or(was.client_ids);
        let tags = said.tags.clone().or(was.tags);
        let own = said.rules.as_ref().map(|rules| mapped(&after, url, rules)).transpose()?;
        after.providers.insert(arn, Provider { client_ids, tags, rules: own.or(was.rules) });
    }
    for (name, said) in file.buckets.iter().flatten() {
        let was = found.buckets.get(name).cloned().unwrap_or_else(Bucket::new);
        after.buckets.insert(name.clone(), bucket(name, said, was)?);
    }
    if let Some(block) = file.account.as_ref().and_then(|own| own.public_access_block.as_ref()) {
        after.public_access_block = block.as_ref().map(file::Block::switches);
    }
    Ok(after)
}

/// Rules in the server's words: policies and roles by their ARNs, and nothing that is empty.
fn mapped(after: &Estate, url: &str, rules: &[file::Rule]) -> Result<Vec<Value>, Failure> {
    let rule = |said: &file::Rule| {
        let place = format!("provider `{url}`, rule `{}`", said.name);
        let policy = |named: &String| {
            let arn = known_policy(after, named);
            arn.ok_or_else(|| wrong(format!("{place}: there is no policy `{named}`")))
        };
        let policies = said.policies.iter().flatten().map(policy).collect::<Result<Vec<_>, _>>()?;
        let role = said.role.as_ref().map(|named| {
            let own = after.entities.get(&(Kind::Role, named.clone()));
            let arn = own.map(|role| after.arn("role", &role.path, named));
            let arn = arn.or_else(|| named.starts_with("arn:").then(|| named.clone()));
            arn.ok_or_else(|| wrong(format!("{place}: there is no role `{named}`")))
        });
        let mut rule = json!({ "name": said.name, "when": said.when });
        if let Some(members) = rule.as_object_mut() {
            if !policies.is_empty() {
                members.insert("policies".to_owned(), policies.into());
            }
            if let Some(role) = role.transpose()? {
                members.insert("role".to_owned(), role.into());
            }
            if let Some(tags) = said.tags.as_ref().filter(|tags| !tags.is_empty()) {
                members.insert("tags".to_owned(), json!(tags));
            }
        }
        Ok(rule)
    };
    rules.iter().map(rule).collect()
}

/// The ARN of a policy that is named by its name or its ARN, if there is one.
fn known_policy(after: &Estate, named: &str) -> Option<String> {
    let is_arn = named.starts_with("arn:");
    let arn = if is_arn { Some(named.to_owned()) } else { after.policy_arn(named) };
    arn.filter(|arn| after.document(arn).is_some())
}

/// Names are unique whatever their case.
fn unfolded<'a>(
    kind: &str,
    name: &str,
    mut there: impl Iterator<Item = &'a String>,
) -> Result<(), Failure> {
    match there.find(|other| *other != name && other.eq_ignore_ascii_case(name)) {
        Some(other) => Err(wrong(format!("the {kind} `{name}` exists as `{other}`"))),
        None => Ok(()),
    }
}

fn path(place: &str, said: Option<&String>, was: Option<&String>) -> Result<String, Failure> {
    let path = said.or(was).map_or(ROOT_PATH, String::as_str);
    let checked = path.parse::<EntityPath>();
    checked.map_err(|error| wrong(format!("{place}: {error}")))?;
    Ok(path.to_owned())
}

/// Refuses tags that IAM does not take ("Tag naming limits").
fn taggable(place: &str, tags: Option<&BTreeMap<String, String>>) -> Result<(), Failure> {
    let plain = |text: &str| {
        text.chars().all(|c| c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c))
    };
    let fits = |key: &str, value: &str| {
        let (key_length, value_length) = (key.chars().count(), value.chars().count());
        (1..=TAG_KEY_CHARACTERS_MAX).contains(&key_length)
            && value_length <= TAG_VALUE_CHARACTERS_MAX
            && plain(key)
            && plain(value)
    };
    match tags.into_iter().flatten().find(|(key, value)| !fits(key, value)) {
        Some((key, _)) => Err(wrong(format!("{place}: the tag `{key}` is none that IAM takes"))),
        None => Ok(()),
    }
}

fn readable(place: &str, document: &Value, language: Language) -> Result<(), Failure> {
    let read = Document::parse(&document.to_string(), language);
    read.map(drop).map_err(|error| wrong(format!("{place}: {error}")))
}

fn managed(name: &str, said: &file::Managed, was: Option<&Managed>) -> Result<Managed, Failure> {
    let place = format!("policy `{name}`");
    name.parse::<PolicyName>().map_err(|error| wrong(format!("{place}: {error}")))?;
    readable(&place, &said.document, Language::Identity)?;
    taggable(&place, said.tags.as_ref())?;
    let path = path(&place, said.path.as_ref(), was.map(|was| &was.path))?;
    let fixed = |what: &str| wrong(format!("{place}: the {what} of a policy cannot be changed"));
    if was.is_some_and(|was| was.path != path) {
        return Err(fixed("path"));
    }
    if was.is_some_and(|was| said.description.is_some() && was.description != said.description) {
        return Err(fixed("description"));
    }
    Ok(Managed {
        path,
        description: was.map_or(said.description.clone(), |was| was.description.clone()),
        document: said.document.clone(),
        tags: said.tags.clone().or_else(|| was.and_then(|was| was.tags.clone())),
        others: was.map(|was| was.others.clone()).unwrap_or_default(),
    })
}

fn entity(
    after: &Estate,
    (kind, name): (Kind, &str),
    said: &file::Entity,
    was: Option<&Entity>,
) -> Result<Entity, Failure> {
    let place = format!("{kind} `{name}`");
    belongs(kind, name, said).map_err(|why| wrong(format!("{place}: {why}")))?;
    taggable(&place, said.tags.as_ref())?;
    let mut it = was.cloned().unwrap_or_default();
    it.path = path(&place, said.path.as_ref(), was.map(|was| &was.path))?;
    if kind == Kind::Role && was.is_some_and(|was| was.path != it.path) {
        return Err(wrong(format!("{place}: the path of a role cannot be changed")));
    }
    let arn = |named: &String| {
        let there = known_policy(after, named);
        there.ok_or_else(|| wrong(format!("{place}: there is no policy `{named}`")))
    };
    if let Some(policies) = &said.policies {
        it.attached = policies.iter().map(arn).collect::<Result<_, _>>()?;
    }
    if let Some(inline) = &said.inline {
        for (name, document) in inline {
            let place = format!("{place}, inline policy `{name}`");
            name.parse::<PolicyName>().map_err(|error| wrong(format!("{place}: {error}")))?;
            readable(&place, document, Language::Identity)?;
        }
        it.inline.clone_from(inline);
    }
    if let Some(groups) = &said.groups {
        let there = |group: &&String| after.entities.contains_key(&(Kind::Group, (*group).clone()));
        if let Some(group) = groups.iter().find(|group| !there(group)) {
            return Err(wrong(format!("{place}: there is no group `{group}`")));
        }
        it.groups.clone_from(groups);
    }
    if let Some(boundary) = &said.boundary {
        let boundary = boundary.as_ref().filter(|named| !named.is_empty());
        it.boundary = boundary.map(arn).transpose()?;
    }
    if let Some(tags) = &said.tags {
        it.tags.clone_from(tags);
    }
    if let Some(trust) = &said.trust {
        readable(&format!("{place}, trust"), trust, Language::RoleTrust)?;
        it.trust = Some(trust.clone());
    }
    it.description = said.description.clone().or(it.description);
    it.session_seconds_max = said.session_seconds_max.or(it.session_seconds_max);
    match kind {
        Kind::Role if it.trust.is_none() => Err(wrong(format!("{place}: a role needs `trust`"))),
        _ => Ok(it),
    }
}

/// Refuses a name that is none, and members that the kind does not have.
fn belongs(kind: Kind, name: &str, said: &file::Entity) -> Result<(), String> {
    let named = match kind {
        Kind::Group => name.parse::<GroupName>().map(drop),
        Kind::User => name.parse::<UserName>().map(drop),
        Kind::Role => name.parse::<RoleName>().map(drop),
    };
    named.map_err(|error| error.to_string())?;
    let role = kind == Kind::Role;
    let members = [
        ("groups", said.groups.is_some(), kind == Kind::User),
        ("boundary", said.boundary.is_some(), kind != Kind::Group),
        ("tags", said.tags.is_some(), kind != Kind::Group),
        ("trust", said.trust.is_some(), role),
        ("description", said.description.is_some(), role),
        ("session_seconds_max", said.session_seconds_max.is_some(), role),
        ("keys", said.keys.is_some(), kind == Kind::User),
        ("password", said.password.is_some(), kind == Kind::User),
    ];
    match members.into_iter().find(|(_, said, has)| *said && !has) {
        Some((member, ..)) => Err(format!("a {kind} has no `{member}`")),
        None => Ok(()),
    }
}

fn bucket(name: &str, said: &file::Bucket, was: Bucket) -> Result<Bucket, Failure> {
    let place = format!("bucket `{name}`");
    name.parse::<names::BucketName>().map_err(|error| wrong(format!("{place}: {error}")))?;
    if let Some(Some(document)) = &said.policy {
        readable(&place, document, Language::Bucket)?;
    }
    let block =
        said.public_access_block.as_ref().map(|block| block.as_ref().map(file::Block::switches));
    if let Some(Some(ownership)) = &said.ownership
        && !OWNERSHIPS.contains(&ownership.as_str())
    {
        let words = OWNERSHIPS.join("`, `");
        return Err(wrong(format!("{place}: `ownership` is one of `{words}`")));
    }
    Ok(Bucket {
        policy: said.policy.clone().unwrap_or(was.policy),
        public_access_block: block.unwrap_or(was.public_access_block),
        ownership: said.ownership.clone().unwrap_or(was.ownership),
    })
}

type Said<'a> = (Kind, &'a Option<BTreeMap<String, file::Entity>>);

/// Takes away what the file does not name, of the kinds that it speaks of. Buckets stay: there are
/// objects in them.
fn prune(after: &mut Estate, file: &File, kinds: &[Said<'_>]) -> Result<(), Failure> {
    for (kind, said) in kinds {
        let Some(said) = said else { continue };
        after.entities.retain(|(other, name), entity| {
            let federated = *kind == Kind::User && entity.path.starts_with(FEDERATED_PATH);
            other != kind || said.contains_key(name) || federated
        });
    }
    if let Some(said) = &file.oidc_providers {
        let hosts: BTreeSet<&str> =
            said.keys().map(|url| url.strip_prefix("https://").unwrap_or(url)).collect();
        after.providers.retain(|arn, _| {
            arn.split_once("oidc-provider/").is_some_and(|(_, host)| hosts.contains(host))
        });
    }
    let mut gone = BTreeSet::new();
    if let Some(said) = &file.policies {
        let unnamed = after.policies.iter().filter(|(name, _)| !said.contains_key(*name));
        gone = unnamed.map(|(name, it)| after.arn("policy", &it.path, name)).collect();
        after.policies.retain(|name, _| said.contains_key(name));
    }
    let groups: BTreeSet<String> = after
        .entities
        .keys()
        .filter(|(kind, _)| *kind == Kind::Group)
        .map(|(_, name)| name.clone())
        .collect();
    for ((kind, name), entity) in &mut after.entities {
        entity.attached.retain(|arn| !gone.contains(arn));
        entity.groups.retain(|group| groups.contains(group));
        let speaks = kinds.iter().any(|(other, said)| {
            let own = said.as_ref().and_then(|said| said.get(name));
            other == kind && own.is_some_and(|own| own.boundary.is_some())
        });
        if let Some(arn) = entity.boundary.as_ref().filter(|arn| gone.contains(*arn) && !speaks) {
            let why =
                format!("`{arn}` is the boundary of the {kind} `{name}`: it cannot be pruned");
            return Err(wrong(why));
        }
    }
    Ok(())
}
