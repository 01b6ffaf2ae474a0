//! Whom a report on services last accessed is about, and which services it tells of: those that
//! policies grant (IAM API reference, "GenerateServiceLastAccessedDetails").
//!
//! When they were used is not the state's to say: the record knows.

use std::collections::{BTreeMap, BTreeSet};

use names::{AccountId, Arn, UniqueId};

use super::granting::{self, held};
use super::performs;
use crate::draw;
use crate::error::{EntityKind, IdentityError};
use crate::identity::{Context, Performed};
use crate::record::{Role, User};
use crate::state::{State, Use};

/// What a report is made of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Survey {
    /// The job's id: 36 characters, as RFC 9562 writes a random UUID.
    pub job: String,
    /// The users and roles whose requests count: the entity itself, a group's members, or whatever
    /// a policy is attached to, through groups too.
    pub entities: Vec<Surveyed>,
    /// The services that are granted, and the actions of each.
    pub services: BTreeMap<&'static str, BTreeSet<&'static str>>,
}

/// A user or role whose requests count.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Surveyed {
    /// Its unique id, which the record names it by.
    pub id: UniqueId,
    /// Its ARN.
    pub arn: Arn,
    /// Its name.
    pub name: String,
    /// `USER` or `ROLE`.
    pub kind: &'static str,
    /// Where it stands.
    pub path: String,
}

impl From<&User> for Surveyed {
    fn from(user: &User) -> Self {
        let (id, arn, name) = (user.id.clone(), user.arn(), user.name.to_string());
        Self { id, arn, name, kind: "USER", path: user.path.to_string() }
    }
}

impl From<&Role> for Surveyed {
    fn from(role: &Role) -> Self {
        let (id, arn, name) = (role.id.clone(), role.arn(), role.name.to_string());
        Self { id, arn, name, kind: "ROLE", path: role.path.to_string() }
    }
}

performs! {
    GenerateServiceLastAccessedDetails => Survey, Read, |op, cx| {
        let (entities, texts) = about(cx, op.account, &op.entity)?;
        let job = draw::uuid(cx.random);
        Ok(Performed::read(Survey { job, entities, services: granted(&texts) }))
    };
    GetServiceLastAccessedDetails => (), Read, |op, cx| {
        cx.own(op.account)?;
        Ok(Performed::read(()))
    };
    GetServiceLastAccessedDetailsWithEntities => (), Read, |op, cx| {
        cx.own(op.account)?;
        Ok(Performed::read(()))
    };
}

/// Whose requests count, and the texts of the policies that say what is granted.
fn about(
    cx: &Context<'_>,
    account: AccountId,
    entity: &Arn,
) -> Result<(Vec<Surveyed>, Vec<String>), IdentityError> {
    let state = cx.state;
    let texts = || -> Result<Vec<String>, IdentityError> {
        Ok(held(cx, entity)?.into_iter().map(|(_, text)| text).collect())
    };
    if let Some(user) = state.users.by_arn(entity) {
        return Ok((vec![Surveyed::from(&**user)], texts()?));
    }
    if let Some(role) = state.role_by_arn(entity) {
        return Ok((vec![Surveyed::from(&**role)], texts()?));
    }
    if let Some(group) = state.groups.by_arn(entity) {
        let members = state.members_of(&group.id).map(|user| Surveyed::from(&*user));
        return Ok((members.collect(), texts()?));
    }
    let policy = state.policy(entity).filter(|held| held.is_canned() || held.account == account);
    let policy = policy.ok_or_else(|| IdentityError::missing(EntityKind::Arn, entity))?;
    let text = policy.default_version().map(|version| version.document.text().to_owned());
    Ok((holders(state, entity, account).into_iter().collect(), text.into_iter().collect()))
}

/// The users and roles of an account that a policy is attached to, through groups too.
fn holders(state: &State, policy: &Arn, account: AccountId) -> BTreeSet<Surveyed> {
    let mut all = BTreeSet::new();
    for (kind, id) in state.uses_in(policy, account) {
        match kind {
            Use::User => all.extend(state.users.by_id(&id).map(|user| Surveyed::from(&**user))),
            Use::Role => all.extend(state.roles.by_id(&id).map(|role| Surveyed::from(&**role))),
            Use::Group => all.extend(state.members_of(&id).map(|user| Surveyed::from(&*user))),
            Use::Boundary => {}
        }
    }
    all
}

/// The actions that some statement of the texts allows, by service.
fn granted(texts: &[String]) -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let mut services: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    let granted = texts.iter().flat_map(|text| granting::granted(text));
    for (service, action) in granted.filter_map(|name| name.split_once(':')) {
        services.entry(service).or_default().insert(action);
    }
    services
}
