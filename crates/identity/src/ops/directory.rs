//! What a directory says of the people who signed in with it.

use std::collections::BTreeMap;

use names::Arn;
use policy::facts::FactMap;
use policy::operation::{Operation, Rule};

use super::RequestFacts;
use crate::membership::{GroupIds, MemberOf};
use crate::provider::{ExternalGroup, ExternalIdentity};
use crate::record::Absent;

/// Takes over what a directory, or the interface of an OpenID provider, says of people who signed
/// in once: who is there, with what groups, and who is not. The server's own work, which nobody
/// else can ask for.
#[derive(Clone, Debug)]
pub struct SyncDirectory {
    /// The provider.
    pub provider: Arn,
    /// Those of a directory who are there.
    pub here: Vec<ExternalIdentity>,
    /// Those of an OpenID provider who are there.
    pub told: Vec<Told>,
    /// Those who are not, by their ids.
    pub absent: Vec<(String, Absent)>,
    /// Whose groups were known when it was asked, and which: what a sign-in has added since is
    /// newer than the answer. Of others the answer is newer than all that is known.
    pub known: BTreeMap<String, GroupIds>,
}

/// What an OpenID provider's own interface says of somebody who is there and may sign in. Their
/// claims are those of their last token: no interface tells what a token would have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told {
    /// Who, as tokens call them.
    pub subject: String,
    /// Their groups, as rules see them.
    pub groups: ToldGroups,
    /// All their groups, by ids.
    pub member_of: MemberOf,
}

/// The groups of somebody, as an interface tells them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ToldGroups {
    /// No rule asks for groups, or the interface does not tell them: what was, is.
    Unasked,
    /// Exactly what a sign-in would be given: rules about groups alone begin to fire, too.
    Whole(Vec<ExternalGroup>),
    /// All that they can be in, of which a token may list a part: rules only cease to fire.
    AtMost(Vec<ExternalGroup>),
}

impl SyncDirectory {
    /// Says nothing of anybody yet.
    #[must_use]
    pub fn of(provider: Arn) -> Self {
        let (here, told, absent) = (Vec::new(), Vec::new(), Vec::new());
        Self { provider, here, told, absent, known: BTreeMap::new() }
    }
}

impl Operation for SyncDirectory {
    const NAME: &'static str = "SyncDirectory";
    const CHECKS: &'static [Rule<Self>] = &[];
}

impl RequestFacts for SyncDirectory {
    fn request_facts(&self, _: &mut FactMap) {}
}
