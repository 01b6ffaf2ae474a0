//! What an outside identity is worth here: typed rules from groups and claims to policies, a role
//! and session tags.

use std::collections::{BTreeMap, BTreeSet};

use names::{Arn, DistinguishedName};
use serde::{Deserialize, Serialize};

use crate::ops::ToldGroups;
use crate::provider::{ExternalGroup, ExternalIdentity, OidcProvider};

/// Most rules of one provider.
pub const MAPPING_RULES_MAX: usize = 1000;
/// How many groups an explanation shows.
const GROUPS_SHOWN_MAX: usize = 100;
/// Most policies that a policy claim may name.
pub const CLAIMED_POLICIES_MAX: usize = 50;

/// One rule: when all its tests hold, it gives what it grants.
///
/// ```
/// use strongroom_identity::MappingRule;
/// let rule: MappingRule = serde_json::from_str(r#"{
///     "name": "analysts",
///     "when": [{"on": "group", "equals": "analysts"}],
///     "policies": ["arn:aws:iam::111122223333:policy/Readers"]
/// }"#).unwrap();
/// assert_eq!(rule.policies.len(), 1);
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MappingRule {
    /// The rule's name, which explanations use.
    pub name: String,
    /// The tests, all of which must hold; without any, the rule never fires.
    pub when: Vec<Test>,
    /// Managed policies that the person gets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<Arn>,
    /// The role that a login that names none is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Arn>,
    /// Session tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// The longest session of whom it fires for, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_seconds_max: Option<u32>,
}

/// One test of a rule.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Test {
    /// What is looked at.
    #[serde(flatten)]
    pub on: Subject,
    /// What it is compared with.
    #[serde(flatten)]
    pub is: Comparison,
    /// The ids of the groups that a directory had under the names of `is` when the rule was made:
    /// they count from then on, so that a renamed group is still meant and a new one under an old
    /// name is not. Set by the server.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub bound: BTreeSet<String>,
}

impl Test {
    /// A test.
    #[must_use]
    pub fn new(on: Subject, is: Comparison) -> Self {
        Self { on, is, bound: BTreeSet::new() }
    }

    /// Whether it means a group: by its id if it was bound to one, else by id or name.
    fn means(&self, group: &ExternalGroup) -> bool {
        if !self.bound.is_empty() {
            return self.bound.contains(&group.id);
        }
        self.is.holds(&group.id) || group.name.as_ref().is_some_and(|name| self.is.holds(name))
    }

    /// The names of groups that it means literally.
    #[must_use]
    pub fn group_names(&self) -> &[String] {
        match (&self.on, &self.is) {
            (Subject::Group, Comparison::Equals(name)) => std::slice::from_ref(name),
            (Subject::Group, Comparison::In(names)) => names,
            _ => &[],
        }
    }
}

/// What a test looks at.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "on", rename_all = "kebab-case")]
pub enum Subject {
    /// Any of the groups.
    Group,
    /// Any value of a claim.
    Claim {
        /// The claim; `/` steps into objects.
        claim: String,
    },
}

/// How a test compares. Case counts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Comparison {
    /// The very text.
    Equals(String),
    /// A pattern with `*` and `?`.
    Like(String),
    /// One of several texts.
    In(Vec<String>),
}

impl Comparison {
    fn holds(&self, text: &str) -> bool {
        match self {
            Self::Equals(wanted) => same(wanted, text),
            Self::Like(pattern) => like(pattern, text),
            Self::In(wanted) => wanted.iter().any(|one| same(one, text)),
        }
    }
}

/// Whether two texts are one, or two ways to write one distinguished name.
fn same(wanted: &str, text: &str) -> bool {
    let name = |text: &str| text.parse::<DistinguishedName>().ok();
    wanted == text
        || (wanted.contains('=') && text.contains('=') && {
            let wanted = name(wanted);
            wanted.is_some() && wanted == name(text)
        })
}

/// Whether a text matches a pattern of `*` and `?`; linear in the product at worst, no recursion.
fn like(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0_usize, 0_usize);
    let mut retry: Option<(usize, usize)> = None;
    while let Some(&wanted) = text.get(t) {
        match pattern.get(p) {
            Some('*') => {
                retry = Some((p, t));
                p = p.saturating_add(1);
            }
            Some(&c) if c == '?' || c == wanted => {
                p = p.saturating_add(1);
                t = t.saturating_add(1);
            }
            _ => match retry {
                Some((star, from)) => {
                    let from = from.saturating_add(1);
                    retry = Some((star, from));
                    p = star.saturating_add(1);
                    t = from;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|&c| c == '*')
}

/// Why a rule did not fire.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Silent {
    /// The rule.
    pub rule: String,
    /// The first test that did not hold; `None` if the rule has no tests.
    pub test: Option<Test>,
    /// What the token has there.
    pub found: Vec<String>,
}

/// What a provider's rules make of an identity, and why.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct MappingOutcome {
    /// The rules that fired, in order.
    pub fired: Vec<String>,
    /// The rules that did not, and why.
    pub silent: Vec<Silent>,
    /// The policies of all rules that fired and of the policy claim.
    pub policies: BTreeSet<Arn>,
    /// The policies that were named but do not exist: they give nothing.
    pub missing: BTreeSet<Arn>,
    /// The role of the first rule that fired and names one.
    pub role: Option<Arn>,
    /// Session tags; of two rules that set one key the first wins.
    pub tags: BTreeMap<String, String>,
    /// The longest session, in seconds: the least that a rule that fired says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_seconds_max: Option<u32>,
}

impl MappingOutcome {
    /// Whether the identity is worth nothing here.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.policies.is_empty() && self.role.is_none()
    }
}

/// Applies a provider's rules and its policy claim. `exists` says which policies there are.
///
/// Pure: login, `idp check` and the dry run of `idp map` all ask here.
#[must_use]
pub(crate) fn map(
    provider: &OidcProvider,
    identity: &ExternalIdentity,
    exists: &dyn Fn(&Arn) -> bool,
) -> MappingOutcome {
    let mut outcome = MappingOutcome::default();
    let mut named = BTreeSet::new();
    for rule in &provider.rules {
        match first_failure(rule, identity) {
            Some(silent) => outcome.silent.push(silent),
            None => fire(rule, &mut outcome, &mut named),
        }
    }
    named.extend(claimed_policies(provider, identity));
    (outcome.policies, outcome.missing) = named.into_iter().partition(exists);
    outcome
}

/// Whether a rule about which only the groups are known anew fires still, or now. Of claims counts
/// what they were at the last sign-in: whoever has other groups has not got other claims by it, and
/// who got more by one that the provider does not tell here signs in again.
pub(crate) fn fires_still(rule: &MappingRule, fired: bool, told: &ToldGroups) -> bool {
    let (groups, may_begin) = match told {
        ToldGroups::Unasked => return fired,
        ToldGroups::Whole(groups) => (groups, true),
        ToldGroups::AtMost(groups) => (groups, false),
    };
    let of_groups = |test: &&Test| test.on == Subject::Group;
    let holds = |test: &Test| groups.iter().any(|group| test.means(group));
    let begins = may_begin && !rule.when.is_empty() && rule.when.iter().all(|t| of_groups(&t));
    (fired || begins) && rule.when.iter().filter(of_groups).all(holds)
}

fn fire(rule: &MappingRule, outcome: &mut MappingOutcome, named: &mut BTreeSet<Arn>) {
    outcome.fired.push(rule.name.clone());
    named.extend(rule.policies.iter().cloned());
    if outcome.role.is_none() {
        outcome.role.clone_from(&rule.role);
    }
    let least = [outcome.session_seconds_max, rule.session_seconds_max];
    outcome.session_seconds_max = least.into_iter().flatten().min();
    for (key, value) in &rule.tags {
        outcome.tags.entry(key.clone()).or_insert_with(|| value.clone());
    }
}

fn first_failure(rule: &MappingRule, identity: &ExternalIdentity) -> Option<Silent> {
    if rule.when.is_empty() {
        return Some(Silent { rule: rule.name.clone(), test: None, found: Vec::new() });
    }
    rule.when.iter().find_map(|test| {
        if test.on == Subject::Group {
            let holds = identity.groups.iter().any(|group| test.means(group));
            return (!holds).then(|| {
                let shown =
                    |group: &ExternalGroup| group.name.as_ref().unwrap_or(&group.id).clone();
                let found = identity.groups.iter().take(GROUPS_SHOWN_MAX).map(shown).collect();
                Silent { rule: rule.name.clone(), test: Some(test.clone()), found }
            });
        }
        let found: Vec<String> = match &test.on {
            Subject::Group => Vec::new(),
            Subject::Claim { claim } => identity.claim_texts(claim),
        };
        let holds = found.iter().any(|text| test.is.holds(text));
        (!holds).then(|| Silent { rule: rule.name.clone(), test: Some(test.clone()), found })
    })
}

/// The policies that the policy claim names: names of this account's policies, or ARNs within it.
pub(crate) fn claimed_policies(provider: &OidcProvider, identity: &ExternalIdentity) -> Vec<Arn> {
    let Some(claim) = &provider.claims.policy else {
        return Vec::new();
    };
    let texts = identity.claim_texts(claim);
    let names = texts.iter().flat_map(|text| text.split(',')).map(str::trim);
    let names = names.filter(|name| !name.is_empty()).take(CLAIMED_POLICIES_MAX);
    let account = provider.account.as_str();
    names
        .filter_map(|name| match name.parse::<Arn>() {
            Ok(arn) => (arn.account() == account).then_some(arn),
            Err(_) => format!("arn:aws:iam::{account}:policy/{name}").parse().ok(),
        })
        .collect()
}
