//! What a directory says of the people who signed in with it.

use names::Arn;
use policy::facts::FactMap;
use policy::operation::{Operation, Rule};

use super::RequestFacts;
use crate::provider::ExternalIdentity;
use crate::record::Absent;

/// Takes over what a directory says of people who signed in once: who is there, with what groups,
/// and who is not. The server's own work, which nobody else can ask for.
#[derive(Clone, Debug)]
pub struct SyncDirectory {
    /// The provider.
    pub provider: Arn,
    /// Those who are there.
    pub here: Vec<ExternalIdentity>,
    /// Those who are not, by their ids.
    pub absent: Vec<(String, Absent)>,
}

impl Operation for SyncDirectory {
    const NAME: &'static str = "SyncDirectory";
    const CHECKS: &'static [Rule<Self>] = &[];
}

impl RequestFacts for SyncDirectory {
    fn request_facts(&self, _: &mut FactMap) {}
}
