//! Reads what is on the server, in as few requests as IAM has for it.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use serde_json::Value;
use wire::{Node, NodeRef};

use super::estate::{Bucket, Entity, Estate, Kind, Managed, Provider, SWITCHES};
use super::file::{self, File};
use super::plan::Leftovers;
use crate::client::Target;
use crate::exit::Failure;
use crate::verbs::account::public_access;

/// Entities in one answer: with five versions of 6 KiB each it stays within what is read.
const PAGE_ITEMS: &str = "50";
/// Where the policies are that every installation has.
const CANNED: &str = "arn:aws:iam::aws:policy/";

type Fields = Vec<(String, String)>;

pub(super) fn fields(pairs: &[(&str, &str)]) -> Fields {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn said<'a>(node: NodeRef<'a>, name: &str) -> Option<&'a str> {
    node.child(name).map(NodeRef::text).filter(|text| !text.is_empty())
}

pub(super) fn needed<'a>(node: NodeRef<'a>, name: &str) -> Result<&'a str, Failure> {
    let missing = || Failure::Broken(format!("the server's answer has no `{name}`"));
    said(node, name).ok_or_else(missing)
}

fn list<'a>(node: NodeRef<'a>, name: &str) -> impl Iterator<Item = NodeRef<'a>> {
    node.child(name).into_iter().flat_map(NodeRef::children)
}

/// What is not there is no failure here.
pub(super) fn unless_absent<T>(answer: Result<T, Failure>) -> Result<Option<T>, Failure> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(Failure::Absent { .. }) => Ok(None),
        Err(other) => Err(other),
    }
}

/// A policy document, which IAM writes percent-encoded.
fn document(node: NodeRef<'_>, name: &str) -> Result<Value, Failure> {
    let unreadable = || Failure::Broken(format!("the server's answer has an unreadable `{name}`"));
    let text = wire::percent_decode(needed(node, name)?.as_bytes()).ok_or_else(unreadable)?;
    serde_json::from_str(&text).map_err(|_| unreadable())
}

fn tags(node: NodeRef<'_>) -> Result<BTreeMap<String, String>, Failure> {
    let pair = |tag: NodeRef<'_>| {
        let value = tag.child("Value").map_or("", NodeRef::text);
        Ok((needed(tag, "Key")?.to_owned(), value.to_owned()))
    };
    list(node, "Tags").map(pair).collect()
}

/// Reads the account, and of roles, policies, providers and buckets what the file speaks of.
pub(super) fn read(target: &Target, account: &str, file: &File) -> Result<Estate, Failure> {
    let mut estate = Estate { account: account.to_owned(), ..Estate::default() };
    let mut marker = None;
    loop {
        let mut asked = fields(&[("MaxItems", PAGE_ITEMS)]);
        asked.extend(marker.map(|marker: String| ("Marker".to_owned(), marker)));
        let answer = target.query("iam", "GetAccountAuthorizationDetails", &asked)?;
        page(&mut estate, &answer)?;
        marker = answer.find("Marker").map(|found| found.text().to_owned());
        if marker.as_ref().is_none_or(String::is_empty) {
            break;
        }
    }
    for arn in named_canned(file) {
        if !estate.canned.contains_key(&arn)
            && let Some(text) = unless_absent(canned(target, &arn))?
        {
            estate.canned.insert(arn, text);
        }
    }
    roles(target, &mut estate, file)?;
    policy_tags(target, &mut estate, file)?;
    if file.oidc_providers.is_some() {
        providers(target, &mut estate)?;
        let said = file.oidc_providers.iter().flat_map(BTreeMap::values);
        if said.into_iter().any(|provider| provider.rules.is_some()) {
            rules(target, &mut estate)?;
        }
    }
    if file.account.as_ref().is_some_and(|own| own.public_access_block.is_some()) {
        estate.public_access_block = public_access::read(target)?;
    }
    for name in file.buckets.iter().flat_map(BTreeMap::keys) {
        if let Some(bucket) = bucket(target, name)? {
            estate.buckets.insert(name.clone(), bucket);
        }
    }
    Ok(estate)
}

fn page(estate: &mut Estate, answer: &Node) -> Result<(), Failure> {
    let Some(result) = answer.find("GetAccountAuthorizationDetailsResult") else {
        return Err(Failure::Broken("the server's answer has no result".to_owned()));
    };
    let lists = [
        (Kind::User, "UserDetailList", "UserPolicyList"),
        (Kind::Group, "GroupDetailList", "GroupPolicyList"),
        (Kind::Role, "RoleDetailList", "RolePolicyList"),
    ];
    for (kind, name, inline) in lists {
        for detail in list(result, name) {
            let named = needed(detail, &format!("{}Name", kind.word()))?.to_owned();
            estate.entities.insert((kind, named), entity(kind, detail, inline)?);
        }
    }
    for detail in list(result, "Policies") {
        let arn = needed(detail, "Arn")?;
        let policy = managed(detail)?;
        if arn.starts_with(CANNED) {
            estate.canned.insert(arn.to_owned(), policy.document);
        } else {
            estate.policies.insert(needed(detail, "PolicyName")?.to_owned(), policy);
        }
    }
    Ok(())
}

fn entity(kind: Kind, detail: NodeRef<'_>, inline: &str) -> Result<Entity, Failure> {
    let attached = list(detail, "AttachedManagedPolicies");
    let attached = attached.map(|one| needed(one, "PolicyArn").map(str::to_owned));
    let inline = list(detail, inline).map(|one| {
        Ok::<_, Failure>((needed(one, "PolicyName")?.to_owned(), document(one, "PolicyDocument")?))
    });
    let boundary = detail.child("PermissionsBoundary");
    let trust = match kind {
        Kind::Role => Some(document(detail, "AssumeRolePolicyDocument")?),
        Kind::Group | Kind::User => None,
    };
    Ok(Entity {
        path: needed(detail, "Path")?.to_owned(),
        attached: attached.collect::<Result<_, _>>()?,
        inline: inline.collect::<Result<_, _>>()?,
        groups: list(detail, "GroupList").map(|group| group.text().to_owned()).collect(),
        boundary: boundary
            .and_then(|boundary| said(boundary, "PermissionsBoundaryArn"))
            .map(str::to_owned),
        tags: tags(detail)?,
        trust,
        description: None,
        session_seconds_max: None,
    })
}

fn managed(detail: NodeRef<'_>) -> Result<Managed, Failure> {
    let mut policy = Managed {
        path: needed(detail, "Path")?.to_owned(),
        description: said(detail, "Description").map(str::to_owned),
        ..Managed::default()
    };
    for version in list(detail, "PolicyVersionList") {
        let text = document(version, "Document")?;
        if needed(version, "IsDefaultVersion")? == "true" {
            policy.document = text;
        } else {
            policy.others.push((needed(version, "VersionId")?.to_owned(), text));
        }
    }
    Ok(policy)
}

/// The policies of every installation that the file names.
fn named_canned(file: &File) -> BTreeSet<String> {
    let entities = [&file.groups, &file.users, &file.roles].into_iter().flatten();
    let named = entities.flat_map(BTreeMap::values).flat_map(|entity: &file::Entity| {
        let boundary = entity.boundary.iter().flatten();
        entity.policies.iter().flatten().chain(boundary)
    });
    named.filter(|named| named.starts_with(CANNED)).cloned().collect()
}

fn canned(target: &Target, arn: &str) -> Result<Value, Failure> {
    let answer = target.query("iam", "GetPolicy", &fields(&[("PolicyArn", arn)]))?;
    let version = answer.find("DefaultVersionId").map_or("v1", NodeRef::text);
    let asked = fields(&[("PolicyArn", arn), ("VersionId", version)]);
    let answer = target.query("iam", "GetPolicyVersion", &asked)?;
    let version = answer.find("PolicyVersion");
    version.map_or(Ok(Value::Null), |version| document(version, "Document"))
}

/// What only `GetRole` tells.
fn roles(target: &Target, estate: &mut Estate, file: &File) -> Result<(), Failure> {
    for name in file.roles.iter().flat_map(BTreeMap::keys) {
        let Some(entity) = estate.entities.get_mut(&(Kind::Role, name.clone())) else { continue };
        let answer = target.query("iam", "GetRole", &fields(&[("RoleName", name)]))?;
        let Some(role) = answer.find("Role") else { continue };
        entity.description = said(role, "Description").map(str::to_owned);
        let seconds = said(role, "MaxSessionDuration");
        entity.session_seconds_max = seconds.and_then(|seconds| seconds.parse().ok());
    }
    Ok(())
}

fn policy_tags(target: &Target, estate: &mut Estate, file: &File) -> Result<(), Failure> {
    let told = file.policies.iter().flatten().filter(|(_, said)| said.tags.is_some());
    for (name, _) in told {
        let Some(arn) = estate.policy_arn(name) else { continue };
        let found = target.query("iam", "ListPolicyTags", &fields(&[("PolicyArn", &arn)]))?;
        let found = found.find("ListPolicyTagsResult").map_or(Ok(BTreeMap::new()), tags)?;
        if let Some(policy) = estate.policies.get_mut(name) {
            policy.tags = Some(found);
        }
    }
    Ok(())
}

fn providers(target: &Target, estate: &mut Estate) -> Result<(), Failure> {
    let answer = target.query("iam", "ListOpenIDConnectProviders", &[])?;
    let arns = answer.find("OpenIDConnectProviderList").into_iter().flat_map(NodeRef::children);
    for one in arns {
        let arn = needed(one, "Arn")?;
        let asked = fields(&[("OpenIDConnectProviderArn", arn)]);
        let answer = target.query("iam", "GetOpenIDConnectProvider", &asked)?;
        let Some(found) = answer.find("GetOpenIDConnectProviderResult") else { continue };
        let client_ids = list(found, "ClientIDList").map(|id| id.text().to_owned()).collect();
        let provider = Provider { client_ids, tags: Some(tags(found)?), rules: None };
        estate.providers.insert(arn.to_owned(), provider);
    }
    Ok(())
}

/// What logins are worth, which our own API alone tells.
fn rules(target: &Target, estate: &mut Estate) -> Result<(), Failure> {
    let answer = target.admin(&Method::GET, super::PROVIDERS, None)?;
    for one in answer.get("providers").and_then(Value::as_array).into_iter().flatten() {
        let arn = one.get("arn").and_then(Value::as_str).unwrap_or_default();
        if let Some(provider) = estate.providers.get_mut(arn) {
            provider.rules = one.get("rules").and_then(Value::as_array).cloned();
        }
    }
    Ok(())
}

fn bucket(target: &Target, name: &str) -> Result<Option<Bucket>, Failure> {
    let get = |query: &str| target.s3(&Method::GET, &format!("/{name}{query}"), "");
    if unless_absent(get("?location"))?.is_none() {
        return Ok(None);
    }
    let unreadable = |_| Failure::Broken(format!("the rights of bucket `{name}` are unreadable"));
    let policy = unless_absent(get("?policy"))?;
    let policy = policy
        .map(|text| serde_json::from_str(&text))
        .transpose()
        .map_err(|_| Failure::Broken(format!("the policy of bucket `{name}` is unreadable")))?;
    let block = unless_absent(get("?publicAccessBlock"))?;
    let block = block.map(|text| Node::parse(&text)).transpose().map_err(unreadable)?;
    let public_access_block = block.map(|block| {
        SWITCHES.map(|name| block.find(name).is_some_and(|switch| switch.text() == "true"))
    });
    let ownership = unless_absent(get("?ownershipControls"))?;
    let ownership = ownership.map(|text| Node::parse(&text)).transpose().map_err(unreadable)?;
    let ownership = ownership
        .and_then(|tree| tree.find("ObjectOwnership").map(|found| found.text().to_owned()));
    Ok(Some(Bucket { policy, public_access_block, ownership }))
}

/// What hangs on the users that are to go.
pub(super) fn leftovers(
    target: &Target,
    found: &Estate,
    after: &Estate,
) -> Result<BTreeMap<String, Leftovers>, Failure> {
    let mut all = BTreeMap::new();
    for key @ (kind, name) in found.entities.keys() {
        if *kind != Kind::User || after.entities.contains_key(key) {
            continue;
        }
        let asked = fields(&[("UserName", name)]);
        let texts = |action: &str, list: &str, member: &str| {
            let answer = target.query("iam", action, &asked)?;
            let members = answer.find(list).into_iter().flat_map(NodeRef::children);
            members.map(|one| needed(one, member).map(str::to_owned)).collect::<Result<_, _>>()
        };
        let keys = texts("ListAccessKeys", "AccessKeyMetadata", "AccessKeyId")?;
        let devices = texts("ListMFADevices", "MFADevices", "SerialNumber")?;
        let password = unless_absent(target.query("iam", "GetLoginProfile", &asked))?.is_some();
        all.insert(name.clone(), Leftovers { keys, devices, password });
    }
    Ok(all)
}
