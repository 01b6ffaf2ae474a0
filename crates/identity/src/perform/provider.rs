//! What the operations on OpenID Connect providers do.

use std::collections::BTreeSet;
use std::sync::Arc;

use audit::ChainLink;
use names::{AccountId, Arn, ProviderName};

use super::role::trust;
use super::user::tags_page;
use super::{performs, within};
use crate::delta::Change;
use crate::error::{EntityKind, IdentityError};
use crate::identity::{Context, Performed};
use crate::mapping::{MAPPING_RULES_MAX, MappingRule};
use crate::ops::{
    AddProvider, CreateOpenIDConnectProvider, DeleteOpenIDConnectProvider, MapProvider, Page,
    SESSION_SECONDS_MAX, SESSION_SECONDS_MIN, Tags, provider_arn,
};
use crate::provider::{ClaimSettings, IssuerUrl, OidcProvider};

type Outcome<T> = Result<Performed<T>, IdentityError>;

/// Most audiences of one provider (IAM quotas).
pub(crate) const CLIENT_IDS_MAX: usize = 100;
/// Most characters of an audience.
const CLIENT_ID_CHARACTERS_MAX: usize = 255;
/// Most thumbprints of one provider.
const THUMBPRINTS_MAX: usize = 5;
/// Characters of a thumbprint, whatever they are (IAM API reference, CreateOpenIDConnectProvider:
/// "Length Constraints: Fixed length of 40"); nothing is decided on them.
const THUMBPRINT_CHARACTERS: usize = 40;

performs! {
    CreateOpenIDConnectProvider => Arc<OidcProvider>, Write, create;
    GetOpenIDConnectProvider => Arc<OidcProvider>, Read,
        |op, cx| Ok(Performed::read(Arc::clone(find(cx, &op.provider)?)));
    ListOpenIDConnectProviders => Vec<Arc<OidcProvider>>, Read, |op, cx| {
        let mut listed = list(cx, op.account)?;
        // IAM knows no directories.
        listed.output.retain(|provider| provider.issuer.directory().is_none());
        Ok(listed)
    };
    ListProviders => Vec<Arc<OidcProvider>>, Read, |op, cx| list(cx, op.account);
    UpdateOpenIDConnectProviderThumbprint => (), Write, |op, cx| {
        thumbprints(&op.thumbprints)?;
        change(cx, &op.provider, |provider| {
            provider.thumbprints.clone_from(&op.thumbprints);
            Ok(())
        })
    };
    AddClientIDToOpenIDConnectProvider => (), Write, |op, cx| {
        change(cx, &op.provider, |provider| {
            provider.client_ids.insert(op.client_id.clone());
            client_ids(provider.client_ids.iter())
        })
    };
    RemoveClientIDFromOpenIDConnectProvider => (), Write, |op, cx| {
        change(cx, &op.provider, |provider| {
            provider.client_ids.remove(&op.client_id);
            Ok(())
        })
    };
    DeleteOpenIDConnectProvider => (), Write, delete;
    TagOpenIDConnectProvider => (), Write, |op, cx| change(cx, &op.provider, |provider| {
        provider.tags = provider.tags.with(&op.tags)?;
        Ok(())
    });
    UntagOpenIDConnectProvider => (), Write, |op, cx| change(cx, &op.provider, |provider| {
        provider.tags = provider.tags.without(&op.keys);
        Ok(())
    });
    ListOpenIDConnectProviderTags => Page<(String, String)>, Read, |op, cx| {
        Ok(Performed::read(tags_page(&op.page, &find(cx, &op.provider)?.tags)))
    };
    AddProvider => Arc<OidcProvider>, Write, add;
    MapProvider => Arc<OidcProvider>, Write, map;
}

fn list(cx: &Context<'_>, account: AccountId) -> Outcome<Vec<Arc<OidcProvider>>> {
    cx.own(account)?;
    Ok(Performed::read(cx.state.providers(account).cloned().collect()))
}

fn find<'a>(cx: &'a Context<'_>, arn: &Arn) -> Result<&'a Arc<OidcProvider>, IdentityError> {
    let found = cx.state.provider(arn);
    found.ok_or_else(|| IdentityError::missing(EntityKind::Provider, arn))
}

fn change(
    cx: &Context<'_>,
    arn: &Arn,
    edit: impl FnOnce(&mut OidcProvider) -> Result<(), IdentityError>,
) -> Outcome<()> {
    let mut provider = (**find(cx, arn)?).clone();
    edit(&mut provider)?;
    Ok(Performed::write(vec![Change::Provider(Arc::new(provider))], ()))
}

fn client_ids<'a>(mut ids: impl ExactSizeIterator<Item = &'a String>) -> Result<(), IdentityError> {
    if ids.len() > CLIENT_IDS_MAX {
        let quota = "ClientIdsPerOpenIdConnectProvider";
        return Err(IdentityError::LimitExceeded { quota, max: CLIENT_IDS_MAX });
    }
    if ids.all(|id| (1..=CLIENT_ID_CHARACTERS_MAX).contains(&id.chars().count())) {
        Ok(())
    } else {
        let must = "1 to 255 characters";
        Err(IdentityError::Validation { parameter: "ClientID", must })
    }
}

fn thumbprints(thumbprints: &[String]) -> Result<(), IdentityError> {
    let fits = |text: &String| text.chars().count() == THUMBPRINT_CHARACTERS;
    if thumbprints.len() <= THUMBPRINTS_MAX && thumbprints.iter().all(fits) {
        Ok(())
    } else {
        let must = "at most 5 SHA-1 fingerprints of 40 characters";
        Err(IdentityError::Validation { parameter: "ThumbprintList", must })
    }
}

/// A short name from the issuer's host that no other provider of the account has.
fn name_for(
    cx: &Context<'_>,
    account: AccountId,
    issuer: &IssuerUrl,
) -> Result<ProviderName, IdentityError> {
    let plain = |c: char| if c.is_ascii_alphanumeric() || ".-_".contains(c) { c } else { '-' };
    let base: String = issuer.host_and_path().chars().map(plain).take(56).collect();
    let names = (1_usize..).map(|n| if n == 1 { base.clone() } else { format!("{base}-{n}") });
    let mut free = names.filter(|name| named(cx, account, name).is_none());
    let must = "an issuer whose host can be a name";
    let bad = IdentityError::Validation { parameter: "Url", must };
    free.next().and_then(|name| name.parse().ok()).ok_or(bad)
}

fn named<'a>(cx: &'a Context<'_>, account: AccountId, name: &str) -> Option<&'a Arc<OidcProvider>> {
    cx.state.providers(account).find(|p| p.name.as_str().eq_ignore_ascii_case(name))
}

fn fresh(
    cx: &Context<'_>,
    account: AccountId,
    issuer: &IssuerUrl,
    name: ProviderName,
) -> OidcProvider {
    OidcProvider {
        arn: provider_arn(account, issuer),
        account,
        issuer: issuer.clone(),
        client_ids: BTreeSet::new(),
        thumbprints: Vec::new(),
        name,
        claims: ClaimSettings::default(),
        rules: Vec::new(),
        trust: None,
        tags: Tags::default(),
        session_seconds_max: None,
        created: cx.now,
        incarnation: cx.state.revision().next(),
    }
}

fn create(op: &CreateOpenIDConnectProvider, cx: &Context<'_>) -> Outcome<Arc<OidcProvider>> {
    if op.issuer.directory().is_some() {
        let must = "an https URL";
        return Err(IdentityError::Validation { parameter: "Url", must });
    }
    let arn = provider_arn(op.account, &op.issuer);
    if cx.state.provider(&arn).is_some() {
        return Err(IdentityError::taken(EntityKind::Provider, op.issuer.as_str()));
    }
    within(
        "OpenIDConnectProvidersPerAccount",
        cx.state.providers(op.account).count(),
        cx.quotas.providers,
    )?;
    client_ids(op.client_ids.iter())?;
    thumbprints(&op.thumbprints)?;
    let name = name_for(cx, op.account, &op.issuer)?;
    let provider = Arc::new(OidcProvider {
        client_ids: op.client_ids.iter().cloned().collect(),
        thumbprints: op.thumbprints.clone(),
        tags: op.tags.clone(),
        ..fresh(cx, op.account, &op.issuer, name)
    });
    Ok(Performed::write(vec![Change::Provider(Arc::clone(&provider))], provider))
}

fn add(op: &AddProvider, cx: &Context<'_>) -> Outcome<Arc<OidcProvider>> {
    let arn = provider_arn(op.account, &op.issuer);
    if named(cx, op.account, op.name.as_str()).is_some_and(|other| other.arn != arn) {
        return Err(IdentityError::taken(EntityKind::Provider, &op.name));
    }
    client_ids(op.client_ids.iter())?;
    session_seconds(op.session_seconds_max)?;
    let old = cx.state.provider(&arn).map(|old| (**old).clone());
    if old.is_none() {
        let count = cx.state.providers(op.account).count();
        within("OpenIDConnectProvidersPerAccount", count, cx.quotas.providers)?;
    }
    // Another issuer under the same ARN (`https://h` and `https://h/`) is another provider.
    let same = old.filter(|old| old.issuer == op.issuer);
    let base = same.unwrap_or_else(|| fresh(cx, op.account, &op.issuer, op.name.clone()));
    let provider = Arc::new(OidcProvider {
        name: op.name.clone(),
        client_ids: op.client_ids.iter().cloned().collect(),
        claims: op.claims.clone(),
        session_seconds_max: op.session_seconds_max,
        trust: op.trust.as_ref().map(|policy| trust(cx, policy)).transpose()?,
        ..base
    });
    Ok(Performed::write(vec![Change::Provider(Arc::clone(&provider))], provider))
}

/// A longest session that can be one.
fn session_seconds(seconds: Option<u32>) -> Result<(), IdentityError> {
    if seconds.is_none_or(|own| (SESSION_SECONDS_MIN..=SESSION_SECONDS_MAX).contains(&own)) {
        return Ok(());
    }
    let must = "between 900 and 31536000";
    Err(IdentityError::Validation { parameter: "session_seconds_max", must })
}

fn delete(op: &DeleteOpenIDConnectProvider, cx: &Context<'_>) -> Outcome<()> {
    find(cx, &op.provider)?;
    let gone = Performed::write(vec![Change::ProviderGone(op.provider.clone())], ());
    Ok(gone.cutting(vec![ChainLink::Provider(op.provider.clone())]))
}

/// Rules may name only what exists: a name that somebody could make later would be theirs to fill.
fn map(op: &MapProvider, cx: &Context<'_>) -> Outcome<Arc<OidcProvider>> {
    let mut provider = (**find(cx, &op.provider)?).clone();
    if op.rules.len() > MAPPING_RULES_MAX {
        return Err(IdentityError::LimitExceeded { quota: "MappingRules", max: MAPPING_RULES_MAX });
    }
    let mut names = BTreeSet::new();
    for rule in &op.rules {
        check_rule(cx, provider.account, rule)?;
        if !names.insert(rule.name.as_str()) {
            let must = "names that differ";
            return Err(IdentityError::Validation { parameter: "Rules", must });
        }
    }
    provider.rules.clone_from(&op.rules);
    let provider = Arc::new(provider);
    Ok(Performed::write(vec![Change::Provider(Arc::clone(&provider))], provider))
}

fn check_rule(
    cx: &Context<'_>,
    account: AccountId,
    rule: &MappingRule,
) -> Result<(), IdentityError> {
    rule.policies.iter().try_for_each(|arn| cx.attachable(account, arn))?;
    if let Some(arn) = &rule.role {
        let role = cx.state.role_by_arn(arn).filter(|role| role.account == account);
        role.ok_or_else(|| IdentityError::missing(EntityKind::Role, arn))?;
    }
    session_seconds(rule.session_seconds_max)?;
    Tags::new(rule.tags.iter().map(|(key, value)| (key.clone(), value.clone())))?;
    if rule.when.is_empty() || rule.name.is_empty() {
        let must = "a name and at least one test";
        return Err(IdentityError::Validation { parameter: "Rules", must });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thumbprint_is_forty_characters_and_there_are_at_most_five() {
        let of = |length: usize, count: usize| thumbprints(&vec!["X".repeat(length); count]);
        assert!(of(40, 0).is_ok());
        assert!(of(40, THUMBPRINTS_MAX).is_ok());
        for (length, count) in [(39, 1), (41, 1), (0, 1), (40, THUMBPRINTS_MAX + 1)] {
            assert!(of(length, count).is_err(), "{count} of {length}");
        }
    }
}
