//! Where people sign in, and their providers' word that they have left.

use names::{AccountId, Arn, ProviderName};
use policy::facts::FactMap;
use policy::operation::{Operation, Rule};

use super::RequestFacts;
use crate::provider::Left;

/// Ends what was got in the name of somebody of whom providers say that they have left (OpenID
/// Connect Back-Channel Logout 1.0). The providers' signature over that word is the right to it.
#[derive(Clone, Debug)]
pub struct BackchannelLogout {
    /// The providers that said it: the same issuer may be one of several accounts.
    pub providers: Vec<Arn>,
    /// Who has left.
    pub left: Left,
}

impl Operation for BackchannelLogout {
    const NAME: &'static str = "BackchannelLogout";
    const CHECKS: &'static [Rule<Self>] = &[];
}

impl RequestFacts for BackchannelLogout {
    fn request_facts(&self, _: &mut FactMap) {}
}

/// Says where people of a provider sign in: what its own sign-in page tells everybody.
#[derive(Clone, Debug)]
pub struct GetLoginSettings {
    /// The account whose provider it is.
    pub account: AccountId,
    /// The provider's name.
    pub name: ProviderName,
}

impl Operation for GetLoginSettings {
    const NAME: &'static str = "GetLoginSettings";
    const CHECKS: &'static [Rule<Self>] = &[];
}

impl RequestFacts for GetLoginSettings {
    fn request_facts(&self, _: &mut FactMap) {}
}
