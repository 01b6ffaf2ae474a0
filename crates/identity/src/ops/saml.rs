//! SAML providers: kept and listed.

use names::{AccountId, Arn, EntityPath, Timestamp};

use super::{EntityName, PageRequest, Tags, operations};
use crate::signin::SamlName;

/// The ARN of an account's SAML provider.
#[must_use]
pub fn saml_arn(account: AccountId, name: &SamlName) -> Arn {
    Arn::iam(account, SamlName::KIND, &EntityPath::default(), name.as_str())
}

operations! {
    /// Keeps a SAML provider's metadata.
    CreateSAMLProvider: "iam:CreateSAMLProvider"
        on |op| Some(saml_arn(op.account, &op.name)),
        facts |op, facts| op.tags.say_request(facts);
    {
        account: AccountId,
        name: SamlName,
        metadata: String,
        /// Until when the metadata says that it holds.
        valid_until: Option<Timestamp>,
        tags: Tags,
    }

    /// Reads a SAML provider.
    GetSAMLProvider: "iam:GetSAMLProvider" on |op| Some(op.provider.clone());
    { provider: Arn }

    /// Lists an account's SAML providers.
    ListSAMLProviders: "iam:ListSAMLProviders" on |_| Some(Arn::any());
    { account: AccountId }

    /// Replaces a SAML provider's metadata.
    UpdateSAMLProvider: "iam:UpdateSAMLProvider" on |op| Some(op.provider.clone());
    { provider: Arn, metadata: Option<String>, valid_until: Option<Timestamp> }

    /// Removes a SAML provider.
    DeleteSAMLProvider: "iam:DeleteSAMLProvider" on |op| Some(op.provider.clone());
    { provider: Arn }

    /// Adds tags to a SAML provider.
    TagSAMLProvider: "iam:TagSAMLProvider" on |op| Some(op.provider.clone()),
        facts |op, facts| op.tags.say_request(facts);
    { provider: Arn, tags: Tags }

    /// Takes tags from a SAML provider.
    UntagSAMLProvider: "iam:UntagSAMLProvider" on |op| Some(op.provider.clone()),
        facts |op, facts| facts.set("aws:TagKeys", policy::facts::Value::Many(op.keys.clone()));
    { provider: Arn, keys: Vec<String> }

    /// Lists a SAML provider's tags.
    ListSAMLProviderTags: "iam:ListSAMLProviderTags" on |op| Some(op.provider.clone());
    { provider: Arn, page: PageRequest }
}
