//! OpenID Connect providers: whose tokens are believed, and what they are worth here.

use names::{AccountId, Arn, EntityPath, ProviderName};

use super::{PageRequest, Tags, operations};
use crate::mapping::MappingRule;
use crate::provider::{ClaimSettings, IssuerUrl};
use crate::stored_policy::StoredPolicy;

/// The ARN of the provider that an issuer has in an account.
#[must_use]
pub fn provider_arn(account: AccountId, issuer: &IssuerUrl) -> Arn {
    Arn::iam(account, "oidc-provider", &EntityPath::default(), issuer.host_and_path())
}

operations! {
    /// Makes a provider as IAM knows it: trusted by whatever role names it, mapped to nothing.
    CreateOpenIDConnectProvider: "iam:CreateOpenIDConnectProvider"
        on |op| Some(provider_arn(op.account, &op.issuer)),
        facts |op, facts| op.tags.say_request(facts);
    {
        account: AccountId,
        issuer: IssuerUrl,
        client_ids: Vec<String>,
        thumbprints: Vec<String>,
        tags: Tags,
    }

    /// Reads a provider.
    GetOpenIDConnectProvider: "iam:GetOpenIDConnectProvider" on |op| Some(op.provider.clone());
    { provider: Arn }

    /// Lists an account's providers.
    ListOpenIDConnectProviders: "iam:ListOpenIDConnectProviders" on |_| Some(Arn::any());
    { account: AccountId }

    /// Replaces a provider's certificate thumbprints.
    UpdateOpenIDConnectProviderThumbprint: "iam:UpdateOpenIDConnectProviderThumbprint"
        on |op| Some(op.provider.clone());
    { provider: Arn, thumbprints: Vec<String> }

    /// Adds an audience whose tokens are believed.
    AddClientIDToOpenIDConnectProvider: "iam:AddClientIDToOpenIDConnectProvider"
        on |op| Some(op.provider.clone());
    { provider: Arn, client_id: String }

    /// Removes an audience.
    RemoveClientIDFromOpenIDConnectProvider: "iam:RemoveClientIDFromOpenIDConnectProvider"
        on |op| Some(op.provider.clone());
    { provider: Arn, client_id: String }

    /// Removes a provider. Its sessions end.
    DeleteOpenIDConnectProvider: "iam:DeleteOpenIDConnectProvider"
        on |op| Some(op.provider.clone());
    { provider: Arn }

    /// Adds tags to a provider.
    TagOpenIDConnectProvider: "iam:TagOpenIDConnectProvider" on |op| Some(op.provider.clone()),
        facts |op, facts| op.tags.say_request(facts);
    { provider: Arn, tags: Tags }

    /// Takes tags from a provider.
    UntagOpenIDConnectProvider: "iam:UntagOpenIDConnectProvider"
        on |op| Some(op.provider.clone()),
        facts |op, facts| facts.set("aws:TagKeys", policy::facts::Value::Many(op.keys.clone()));
    { provider: Arn, keys: Vec<String> }

    /// Lists a provider's tags.
    ListOpenIDConnectProviderTags: "iam:ListOpenIDConnectProviderTags"
        on |op| Some(op.provider.clone());
    { provider: Arn, page: PageRequest }

    /// Makes a provider with everything this server knows about one, or replaces its settings
    /// (`strongroom idp add`).
    AddProvider: "strongroom:AddProvider" on |op| Some(provider_arn(op.account, &op.issuer));
    {
        account: AccountId,
        issuer: IssuerUrl,
        name: ProviderName,
        client_ids: Vec<String>,
        claims: ClaimSettings,
        /// The longest session that is got through it, in seconds; `None` leaves it to the role,
        /// the account and the installation.
        session_seconds_max: Option<u32>,
        /// Who may sign in without naming a role; `None`: nobody.
        trust: Option<StoredPolicy>,
    }

    /// Lists providers with all their settings (`strongroom idp list`).
    ListProviders: "strongroom:ListProviders" on |_| Some(Arn::any());
    { account: AccountId }

    /// Replaces a provider's mapping rules (`strongroom idp map`).
    MapProvider: "strongroom:MapProvider" on |op| Some(op.provider.clone());
    { provider: Arn, rules: Vec<MappingRule> }

    /// Explains a pasted token: what it proves and what it would be worth (`strongroom idp check`).
    CheckToken: "strongroom:CheckToken" on |op| Some(op.provider.clone());
    { provider: Arn }
}
