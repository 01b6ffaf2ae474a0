//! What a change gives: to whom it is made for, or to whoever gets its credential.

use std::sync::Arc;

use names::{AccountId, UniqueId};
use policy::{Attached, CallerPolicies, Document, Kind};

use super::compared::Maker;
use super::plain::EVERYTHING;
use super::{alone, bucket};
use crate::delta::Change;
use crate::password::SelfService;
use crate::provider::OidcProvider;
use crate::record::{AccessKey, Account, Group, KeyStatus, ManagedPolicy, Policies, Role, User};
use crate::signin::SignInSettings;
use crate::state::State;

/// Rights that somebody has by a change.
pub(super) struct Grant {
    /// What has them, for people.
    pub(super) what: String,
    /// The principal that has them, if it is one.
    pub(super) of: Option<UniqueId>,
    /// What may be done.
    pub(super) rights: CallerPolicies,
    /// What could be done before: no more than that is no grant.
    pub(super) before: Option<CallerPolicies>,
}

/// What a change gives.
pub(super) fn of(state: &State, next: &State, change: &Change, maker: &Maker) -> Vec<Grant> {
    match change {
        Change::User(user) => of_user(state, next, user),
        Change::Role(role) => of_role(state, next, role),
        Change::Group(group) => of_group(state, next, group),
        Change::Policy(policy) => of_policy(state, policy),
        Change::Key(key) => of_key(state, next, key, maker.account()),
        Change::LoginProfile(login) => {
            let user = next.user_by_id(&login.user);
            user.map(|user| of_taken(next, user)).into_iter().collect()
        }
        Change::Provider(provider) => of_provider(state, next, provider),
        Change::SignInSettings(settings) => of_settings(state, settings),
        Change::Account(account) => of_account(state, account, maker.account()),
        Change::Operator(_)
        | Change::Organization(_)
        | Change::Unit(_)
        | Change::UnitGone(_)
        | Change::ControlPolicy(_)
        | Change::ControlPolicyGone(_) => vec![everything("the organisation")],
        Change::Bucket(record) => bucket::grants(state, record),
        // What goes takes what it gave with it; what held it changes too, and is looked at there.
        Change::BucketGone(_)
        | Change::UserGone(_)
        | Change::GroupGone(_)
        | Change::RoleGone(_)
        | Change::PolicyGone(_)
        | Change::KeyGone(_)
        | Change::ProviderGone(_)
        | Change::LoginProfileGone(_)
        | Change::SamlProviderGone(_)
        | Change::MfaDeviceGone(_)
        | Change::SessionRevoked(_)
        | Change::IssuedBeforeRevoked(_)
        | Change::Ended { .. }
        // What proves who somebody is besides, what is only kept, and what a session carries.
        | Change::MfaDevice(_)
        | Change::SamlProvider(_)
        | Change::SessionBulk { .. }
        | Change::Epoch(_) => Vec::new(),
    }
}

/// Everything: for changes that nobody's rights can be compared with.
pub(super) fn everything(what: &str) -> Grant {
    let document = EVERYTHING.as_ref().map(|all| alone("everything", all));
    let mut rights = CallerPolicies::default();
    rights.identity.extend(document);
    Grant { what: what.to_owned(), of: None, rights, before: None }
}

fn of_user(state: &State, next: &State, user: &User) -> Vec<Grant> {
    let old = state.user_by_id(&user.id);
    // What depends on the name, the path or the tags may be another thing now.
    let same =
        old.filter(|old| old.name == user.name && old.path == user.path && old.tags == user.tags);
    let before = same.map(|_| rights_of(state, &user.id, user.account));
    let rights = rights_of(next, &user.id, user.account);
    let of = Some(user.id.clone());
    vec![Grant { what: format!("user {}", user.name), of, rights, before }]
}

fn of_role(state: &State, next: &State, role: &Role) -> Vec<Grant> {
    let old = state.role_by_id(&role.id);
    // Whoever is trusted now has what the role has.
    let same = old.filter(|old| {
        old.name == role.name
            && old.path == role.path
            && old.tags == role.tags
            && old.trust == role.trust
    });
    let before = same.map(|_| rights_of(state, &role.id, role.account));
    let rights = rights_of(next, &role.id, role.account);
    let of = Some(role.id.clone());
    vec![Grant { what: format!("role {}", role.name), of, rights, before }]
}

/// Somebody whose credential comes into other hands.
fn of_taken(next: &State, user: &User) -> Grant {
    let rights = rights_of(next, &user.id, user.account);
    Grant { what: format!("user {}", user.name), of: Some(user.id.clone()), rights, before: None }
}

/// What a user or role may do in a state, with what bounds its account.
fn rights_of(state: &State, id: &UniqueId, account: AccountId) -> CallerPolicies {
    let mut rights = state.policies_of_principal(id);
    rights.service_control = state.service_controls(account);
    rights
}

fn of_group(state: &State, next: &State, group: &Group) -> Vec<Grant> {
    let held = |state: &State, policies: &Policies| -> Vec<Attached> {
        let inline = policies.inline.values().map(|one| alone("inline", one.document()));
        let managed = policies.attached.iter().filter_map(|arn| {
            let version = state.policy(arn)?.default_version()?;
            Some(alone(arn.as_str(), version.document.document()))
        });
        inline.chain(managed).collect()
    };
    let old = state.groups.by_id(&group.id).map(|old| held(state, &old.policies));
    shared(&format!("group {}", group.name), held(next, &group.policies), old)
}

fn of_policy(state: &State, policy: &ManagedPolicy) -> Vec<Grant> {
    let old = state.policies.by_id(&policy.id);
    let what = format!("policy {}", policy.name);
    let document = |one: &Arc<Document>| vec![alone(policy.name.as_str(), one)];
    let was =
        old.and_then(|old| old.default_version()).map(|old| document(old.document.document()));
    let is = policy.default_version().map(|new| document(new.document.document()));
    let mut all = shared(&what, is.unwrap_or_default(), was);
    let known = |version| old.is_some_and(|old| old.versions.contains_key(version));
    for (version, made) in policy.versions.iter().filter(|(version, _)| !known(*version)) {
        let what = format!("{what}, version {version}");
        all.push(plainly(&what, document(made.document.document()), None));
    }
    all
}

/// Policies that many may hold beside others: neither do they allow more than the maker may, nor
/// do they deny less than they did, unless the maker may all that they leave.
fn shared(what: &str, new: Vec<Attached>, old: Option<Vec<Attached>>) -> Vec<Grant> {
    let beside = |policies: &[Attached]| -> Vec<Attached> {
        let all = EVERYTHING.as_ref().map(|all| alone("everything", all));
        policies.iter().cloned().chain(all).collect()
    };
    let mut grants = Vec::new();
    let denied = |all: &[Attached]| all.iter().any(|one| one.document.text().contains("Deny"));
    if let Some(old) = old.as_ref().filter(|old| denied(old)) {
        grants.push(plainly(what, beside(&new), Some(beside(old))));
    }
    grants.push(plainly(what, new, old));
    grants
}

fn plainly(what: &str, new: Vec<Attached>, old: Option<Vec<Attached>>) -> Grant {
    let held = |policies: Vec<Attached>| CallerPolicies {
        identity: policies.into_iter().collect(),
        ..CallerPolicies::default()
    };
    Grant { what: what.to_owned(), of: None, rights: held(new), before: old.map(held) }
}

fn of_key(state: &State, next: &State, key: &AccessKey, own: AccountId) -> Vec<Grant> {
    let old = state.key(&key.id);
    // A secret that is sealed anew is the same secret.
    let worked =
        old.is_some_and(|old| old.status == KeyStatus::Active && old.service == key.service);
    if worked || key.status != KeyStatus::Active {
        return Vec::new();
    }
    let what = format!("access key {}", key.id);
    if key.account != own {
        return vec![everything(&what)];
    }
    let mut grant = match next.user_by_id(&key.owner) {
        Some(user) => of_taken(next, user),
        None if next.role_by_id(&key.owner).is_some() => Grant {
            rights: rights_of(next, &key.owner, key.account),
            of: Some(key.owner.clone()),
            ..everything(&what)
        },
        None => {
            let mut root = everything(&what);
            root.rights.service_control = next.service_controls(key.account);
            root
        }
    };
    let narrowed = key.service.as_ref().and_then(|service| service.policy.as_ref());
    let gate = narrowed.map(|policy| vec![alone("service-account", policy.document())]);
    grant.rights.service_control.extend(gate);
    grant.what = what;
    vec![grant]
}

/// A provider gives what its rules say, and the roles that trust it.
fn of_provider(state: &State, next: &State, provider: &OidcProvider) -> Vec<Grant> {
    let same = state.provider(&provider.arn).is_some_and(|old| {
        old.rules == provider.rules
            && old.trust == provider.trust
            && old.client_ids == provider.client_ids
            && old.claims == provider.claims
            && old.issuer == provider.issuer
    });
    if same {
        return Vec::new();
    }
    let mut grants = Vec::new();
    let given = provider.rules.iter().flat_map(|rule| &rule.policies);
    for policy in given.filter_map(|arn| next.policy(arn)) {
        let document = policy.default_version().map(|new| alone("rule", new.document.document()));
        let what = format!("provider {}, policy {}", provider.name, policy.name);
        grants.push(plainly(&what, document.into_iter().collect(), None));
    }
    let ruled = provider.rules.iter().filter_map(|rule| rule.role.as_ref());
    let ruled = ruled.filter_map(|arn| next.role_by_arn(arn).cloned());
    let trusting = next.roles.of(provider.account, None);
    let trusting = trusting.filter(|role| role.trust.text().contains(provider.arn.as_str()));
    for role in ruled.chain(trusting) {
        grants.push(Grant {
            what: format!("provider {}, role {}", provider.name, role.name),
            of: None,
            rights: rights_of(next, &role.id, role.account),
            before: None,
        });
    }
    grants
}

/// What an account lets each of its users do.
fn of_settings(state: &State, settings: &SignInSettings) -> Vec<Grant> {
    let lets = |rules: Option<&crate::PasswordRules>| {
        rules.is_some_and(|rules| rules.self_service == SelfService::Allowed)
    };
    if !lets(settings.passwords.as_ref()) || lets(state.password_rules(settings.account)) {
        return Vec::new();
    }
    let text = crate::rights::CHANGES_OWN_PASSWORD;
    let document = Document::parse(text, Kind::Identity).ok().map(Arc::new);
    let document = document.map(|document| alone("AllowUsersToChangePassword", &document));
    vec![plainly("every user", document.into_iter().collect(), None)]
}

/// Another account is nothing that rights in this one can be compared with.
fn of_account(state: &State, account: &Account, own: AccountId) -> Vec<Grant> {
    let Some(old) = state.account(account.id).filter(|_| account.id == own) else {
        return vec![everything(&format!("account {}", account.id))];
    };
    let block = |of: &Account| of.public_access.unwrap_or(crate::PublicAccessBlock::NONE);
    let opened = block(old).and(block(account)) != block(account);
    let moved = old.unit != account.unit
        || old.controls != account.controls
        || old.status != account.status
        || old.session_seconds_max != account.session_seconds_max;
    match (moved, opened) {
        (true, _) => vec![everything(&format!("account {}", account.id))],
        (false, true) => vec![bucket::all_of("*", "the account's public-access block")],
        (false, false) => Vec::new(),
    }
}
