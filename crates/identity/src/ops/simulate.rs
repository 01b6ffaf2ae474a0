//! What would policies answer: simulations, and the context keys that policies read.

use names::{AccountId, Action, Arn};
use policy::facts::FactMap;

use super::{PageRequest, operations};
use crate::stored_policy::StoredPolicy;

/// What a simulation is asked with.
#[derive(Clone, Debug)]
pub struct Simulation {
    /// Further identity policies.
    pub policies: Vec<StoredPolicy>,
    /// The boundary, instead of the one that the principal has.
    pub boundary: Option<StoredPolicy>,
    /// The actions.
    pub actions: Vec<Action>,
    /// The resources; every one if there is none.
    pub resources: Vec<Arn>,
    /// The policy of the resources.
    pub resource_policy: Option<StoredPolicy>,
    /// Whose the resources are; the caller's account's if it is not said.
    pub resource_owner: Option<AccountId>,
    /// Who asks.
    pub caller: Option<Arn>,
    /// What is known of the request.
    pub context: FactMap,
    /// Which of the actions are told.
    pub page: PageRequest,
}

operations! {
    /// Decides as policies would that are given.
    SimulateCustomPolicy: "iam:SimulateCustomPolicy" on |_| Some(Arn::any());
    { account: AccountId, simulation: Simulation }

    /// Decides as the policies of a user, group or role would, together with those that are given.
    SimulatePrincipalPolicy: "iam:SimulatePrincipalPolicy" on |op| Some(op.source.clone());
    { source: Arn, simulation: Simulation }

    /// Tells the context keys that policies read.
    GetContextKeysForCustomPolicy: "iam:GetContextKeysForCustomPolicy" on |_| Some(Arn::any());
    { policies: Vec<StoredPolicy> }

    /// Tells the context keys that the policies of a user, group or role read, and those given.
    GetContextKeysForPrincipalPolicy: "iam:GetContextKeysForPrincipalPolicy"
        on |op| Some(op.source.clone());
    { source: Arn, policies: Vec<StoredPolicy> }
}
