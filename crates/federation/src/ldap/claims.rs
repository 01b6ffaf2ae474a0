//! From an entry to one external identity: the only file here that makes one.

use identity::{ExternalGroup, ExternalIdentity, GroupIds, MemberOf, OidcProvider, Vouched};
use names::{DistinguishedName, Timestamp};
use serde_json::{Map, Value};

use super::config::DirectorySettings;
use super::port::Entry;
use super::refusal::LdapRefusal;
use super::verify::EntryId;
use crate::oidc::excerpt;

/// How long a proof by password is taken for one: longer than any session.
const PROOF_SECONDS: i64 = 31_536_000;

/// Who an entry is, once its password was right (or it was found again by its id).
///
/// The identity is the directory and the entry's own id; its name and label are for people. Rules
/// see the login name as the claim `username`, the canonical name of the entry as `dn`, and the
/// configured attributes, each a list.
///
/// # Errors
/// The entry's name is not a distinguished name.
pub fn external_identity(
    provider: &OidcProvider,
    settings: &DirectorySettings,
    (id, entry): (&EntryId, &Entry),
    groups: Vec<ExternalGroup>,
    now: Timestamp,
) -> Result<ExternalIdentity, LdapRefusal> {
    let dn: DistinguishedName = entry.dn.parse().map_err(|_| LdapRefusal::EntryName)?;
    let name = entry.text(&settings.name_attribute).map(excerpt);
    let display = entry.text(&settings.display_attribute).map(excerpt);
    // Where no groups are looked for, none were told.
    let member_of = match settings.group_bases.is_empty() {
        true => MemberOf::Untold,
        false => MemberOf::Whole(GroupIds::of(groups.iter().map(|group| group.id.as_str()))),
    };
    let mut claims = Map::new();
    for attribute in &settings.attributes {
        let texts: Vec<Value> = entry.texts(attribute).map(Value::from).collect();
        if !texts.is_empty() {
            claims.insert(attribute.clone(), texts.into());
        }
    }
    claims.insert("dn".to_owned(), dn.as_str().into());
    // What sessions of theirs are ended by, once the directory has them no more.
    claims.insert("sid".to_owned(), id.as_str().into());
    claims.insert("iat".to_owned(), now.seconds().into());
    if let Some(name) = &name {
        claims.insert("username".to_owned(), name.as_str().into());
    }
    Ok(ExternalIdentity::vouched(Vouched {
        provider: provider.arn.clone(),
        issuer: provider.issuer.as_str().to_owned(),
        subject: id.as_str().to_owned(),
        audience: Vec::new(),
        authorized_party: None,
        display: name.or(display),
        groups,
        member_of,
        claims,
        expires: now.plus_seconds(PROOF_SECONDS),
        authenticated_at: Some(now),
        known_as: None,
    }))
}
