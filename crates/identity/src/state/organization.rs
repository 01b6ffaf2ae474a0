//! Questions to the state about the organisation.

use std::sync::{Arc, LazyLock};

use names::AccountId;
use policy::{Attached, Document, Kind, ResourceSide};
use sha2::{Digest as _, Sha256};

use super::State;
use crate::ops::OrganizationRef;
use crate::organization::{
    AccountStatus, ControlKind, ControlPolicy, ControlPolicyId, ControlTarget, FULL_ACCESS,
    Organization, RESOURCE_FULL_ACCESS, UNIT_DEPTH_MAX, Unit, UnitId,
};
use crate::record::Account;

/// What a control policy that allows everything says.
pub const FULL_ACCESS_DOCUMENT: &str = concat!(
    r#"{"Version":"2012-10-17","Statement":"#,
    r#"[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#
);
/// The same for resources.
pub const RESOURCE_FULL_ACCESS_DOCUMENT: &str = concat!(
    r#"{"Version":"2012-10-17","Statement":"#,
    r#"[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#
);
/// What keeps everybody from what a suspended account owns.
const SUSPENDED_DOCUMENT: &str = concat!(
    r#"{"Version":"2012-10-17","Statement":[{"Sid":"Suspended","Effect":"Deny","#,
    r#""Principal":"*","Action":"*","Resource":"*"}]}"#
);

static FULL: LazyLock<Option<Arc<Document>>> =
    LazyLock::new(|| parsed(FULL_ACCESS_DOCUMENT, Kind::ServiceControl));
static RESOURCE_FULL: LazyLock<Option<Arc<Document>>> =
    LazyLock::new(|| parsed(RESOURCE_FULL_ACCESS_DOCUMENT, Kind::ResourceControl));
static SUSPENDED: LazyLock<Option<Arc<Document>>> =
    LazyLock::new(|| parsed(SUSPENDED_DOCUMENT, Kind::ResourceControl));

fn parsed(text: &str, kind: Kind) -> Option<Arc<Document>> {
    Document::parse(text, kind).ok().map(Arc::new)
}

impl State {
    /// The organisation: what it is as a whole.
    #[must_use]
    pub fn organization(&self) -> &Organization {
        &self.organization
    }

    /// The organisation's id: `o-` and ten characters that follow from the managing account.
    #[must_use]
    pub fn organization_id(&self) -> &str {
        &self.organization_ids.0
    }

    /// The id of its root: `r-` and four characters.
    #[must_use]
    pub fn root_id(&self) -> &str {
        &self.organization_ids.1
    }

    /// How operations speak of it; `None` before the first start is complete.
    #[must_use]
    pub fn organization_ref(&self) -> Option<OrganizationRef> {
        let operator = self.operator?;
        let (id, root) = (self.organization_id().to_owned(), self.root_id().to_owned());
        Some(OrganizationRef { operator, id, root })
    }

    /// A unit.
    #[must_use]
    pub fn unit(&self, id: &UnitId) -> Option<&Arc<Unit>> {
        self.units.get(id)
    }

    /// All units, by id.
    pub fn units(&self) -> impl Iterator<Item = &Arc<Unit>> {
        self.units.values()
    }

    /// A control policy that somebody made.
    #[must_use]
    pub fn control_policy(&self, id: &ControlPolicyId) -> Option<&Arc<ControlPolicy>> {
        self.controls.get(id)
    }

    /// All control policies that somebody made, by id.
    pub fn control_policies(&self) -> impl Iterator<Item = &Arc<ControlPolicy>> {
        self.controls.values()
    }

    /// The control policies on a level; `None` if there is no such level.
    #[must_use]
    pub fn controls_of(
        &self,
        target: &ControlTarget,
    ) -> Option<&std::collections::BTreeSet<ControlPolicyId>> {
        match target {
            ControlTarget::Root => Some(&self.organization.controls),
            ControlTarget::Unit(unit) => self.unit(unit).map(|unit| &unit.controls),
            ControlTarget::Account(account) => self.account(*account).map(|own| &own.controls),
        }
    }

    /// Every level: the root, the units, the accounts.
    pub fn control_targets(&self) -> impl Iterator<Item = ControlTarget> {
        let units = self.units.keys().cloned().map(ControlTarget::Unit);
        let accounts = self.accounts.keys().copied().map(ControlTarget::Account);
        std::iter::once(ControlTarget::Root).chain(units).chain(accounts)
    }

    /// The units above something that is in `unit`, the outermost first.
    pub(crate) fn lineage_of(&self, unit: Option<&UnitId>) -> Vec<&Arc<Unit>> {
        let mut above = Vec::new();
        let mut at = unit;
        while let Some(unit) = at.and_then(|id| self.unit(id)) {
            above.push(unit);
            // The state is a tree of bounded depth; what would not be ends here.
            if above.len() > UNIT_DEPTH_MAX {
                break;
            }
            at = unit.parent.as_ref();
        }
        above.reverse();
        above
    }

    /// All units, each behind the one that it is in.
    pub(crate) fn units_from_the_root(&self) -> impl Iterator<Item = &Arc<Unit>> {
        let mut all: Vec<&Arc<Unit>> = self.units.values().collect();
        all.sort_by_key(|unit| self.lineage_of(unit.parent.as_ref()).len());
        all.into_iter()
    }

    /// Whether an account is bound by control policies of a kind.
    fn bound_by(&self, kind: ControlKind, account: AccountId) -> Option<&Arc<Account>> {
        if !self.organization.enabled.contains(&kind) || self.operator == Some(account) {
            return None;
        }
        self.account(account)
    }

    /// The service control policies of an account, level by level; none if they do not count.
    pub(crate) fn service_controls(&self, account: AccountId) -> Vec<Vec<Attached>> {
        self.levels(ControlKind::ServiceControl, account)
    }

    /// What bounds a resource of an account whoever asks, level by level: its resource control
    /// policies, and that it is suspended.
    #[must_use]
    pub fn resource_controls(&self, account: AccountId) -> Vec<Vec<Attached>> {
        let mut levels = self.levels(ControlKind::ResourceControl, account);
        if self.account(account).is_some_and(|own| own.status != AccountStatus::Active) {
            let document = SUSPENDED.as_ref().map(Arc::clone);
            let name = format!("account:{account}");
            let level = document.map(|document| Attached { name, document });
            levels.push(level.into_iter().collect());
        }
        levels
    }

    fn levels(&self, kind: ControlKind, account: AccountId) -> Vec<Vec<Attached>> {
        let Some(own) = self.bound_by(kind, account) else { return Vec::new() };
        let units = self.lineage_of(own.unit.as_ref());
        let units = units.into_iter().map(|unit| &unit.controls);
        let sets = std::iter::once(&self.organization.controls).chain(units);
        sets.chain(std::iter::once(&own.controls)).map(|set| self.level(kind, set)).collect()
    }

    /// The policies of a kind on one level.
    fn level(
        &self,
        kind: ControlKind,
        controls: &std::collections::BTreeSet<ControlPolicyId>,
    ) -> Vec<Attached> {
        let full = |id: &str, document: &LazyLock<Option<Arc<Document>>>| {
            let document = document.as_ref().map(Arc::clone)?;
            Some(Attached { name: format!("control:{id}"), document })
        };
        let own = controls.iter().filter_map(|id| match (kind, id.as_str()) {
            (ControlKind::ServiceControl, FULL_ACCESS) => full(FULL_ACCESS, &FULL),
            _ => {
                let policy = self.control_policy(id).filter(|policy| policy.kind == kind)?;
                let document = Arc::clone(policy.document.document());
                Some(Attached { name: format!("control:{}", policy.name), document })
            }
        });
        let always = match kind {
            ControlKind::ResourceControl => full(RESOURCE_FULL_ACCESS, &RESOURCE_FULL),
            ControlKind::ServiceControl => None,
        };
        own.chain(always).collect()
    }

    /// `aws:PrincipalOrgPaths` of an account: the organisation, its root and the units above.
    #[must_use]
    pub fn organization_path(&self, account: AccountId) -> String {
        let mut path = [self.organization_id(), "/", self.root_id(), "/"].concat();
        let unit = self.account(account).and_then(|account| account.unit.as_ref());
        for unit in self.lineage_of(unit) {
            path.push_str(unit.id.as_str());
            path.push('/');
        }
        path
    }

    /// The side with the control policies of the account that owns it.
    pub(crate) fn controlled(&self, side: ResourceSide) -> ResourceSide {
        let levels = side.account.map(|account| self.resource_controls(account));
        ResourceSide { resource_control: levels.unwrap_or_default(), ..side }
    }
}

/// The ids of the organisation and of its root, which follow from the managing account.
pub(super) fn ids(operator: AccountId) -> (String, String) {
    let derived = |what: &str, characters: usize| -> String {
        let digest = Sha256::digest(format!("strongroom {what} {operator}"));
        hex::encode(digest).chars().take(characters).collect()
    };
    (format!("o-{}", derived("organization", 10)), format!("r-{}", derived("root", 4)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policies_that_are_part_of_the_rules_parse() {
        assert!(FULL.is_some() && RESOURCE_FULL.is_some() && SUSPENDED.is_some());
    }
}
