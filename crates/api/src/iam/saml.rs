//! SAML providers: kept and listed. Nobody signs in through one yet.

use identity::{SamlProvider, ops};
use names::Timestamp;
use sha2::{Digest, Sha256};
use wire::iam;

use super::{Parsed, arn, named, own_tags, serve, tag_elements, tag_set};
use crate::Response;
use crate::error::ApiError;
use crate::exchange::Exchange;

/// `CreateSAMLProvider`
pub(crate) async fn create(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::CreateSAMLProviderRequest| {
        let mode = m.assertion_encryption_mode.as_deref();
        unencrypted(mode, &[m.add_private_key.is_some()])?;
        Ok(ops::CreateSAMLProvider {
            account: x.own_account()?,
            name: named(&m.name)?,
            valid_until: checked(&m.saml_metadata_document)?,
            metadata: m.saml_metadata_document,
            tags: tag_set(m.tags)?,
        })
    });
    serve(x, op, |_, made, _| iam::CreateSAMLProviderResponse {
        saml_provider_arn: Some(made.arn().to_string()),
        tags: own_tags(&made.tags),
    })
    .await
}

/// `GetSAMLProvider`
pub(crate) async fn get(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::GetSAMLProviderRequest| {
        Ok(ops::GetSAMLProvider { provider: arn(&m.saml_provider_arn)? })
    });
    serve(x, op, |_, found, _| whole(&found)).await
}

fn whole(provider: &SamlProvider) -> iam::GetSAMLProviderResponse {
    iam::GetSAMLProviderResponse {
        assertion_encryption_mode: Some(UNENCRYPTED.to_owned()),
        create_date: Some(provider.created),
        private_key_list: Some(Vec::new()),
        saml_metadata_document: Some(provider.metadata.clone()),
        saml_provider_uuid: Some(uuid(provider)),
        tags: Some(tag_elements(provider.tags.iter())),
        valid_until: Some(valid_until(provider)),
    }
}

/// The one mode there is: assertions may come encrypted, if there are keys, and there are none.
const UNENCRYPTED: &str = "Allowed";
/// How long metadata holds that does not say so: a hundred years, as IAM tells it.
const UNSAID_SECONDS: i64 = 100 * 365 * 86_400;

fn valid_until(provider: &SamlProvider) -> Timestamp {
    provider.valid_until.unwrap_or_else(|| provider.created.plus_seconds(UNSAID_SECONDS))
}

/// An id of this provider and of no other that stood here: of its ARN and when it was made.
fn uuid(provider: &SamlProvider) -> String {
    let whole = format!("{} {}", provider.arn(), provider.created);
    let digest = hex::encode_upper(Sha256::digest(whole.as_bytes()));
    digest.chars().take(UUID_CHARACTERS).collect()
}

/// Characters of that id (IAM API reference, `privateKeyIdType`: 22 to 64).
const UUID_CHARACTERS: usize = 32;

/// `ListSAMLProviders`
pub(crate) async fn list(x: Exchange) -> Response {
    let op = x.form_message().and_then(|_: iam::ListSAMLProvidersRequest| {
        Ok(ops::ListSAMLProviders { account: x.own_account()? })
    });
    serve(x, op, |_, found, _| {
        let entry = |provider: &std::sync::Arc<SamlProvider>| iam::SAMLProviderListEntry {
            arn: Some(provider.arn().to_string()),
            create_date: Some(provider.created),
            valid_until: Some(valid_until(provider)),
        };
        let saml_provider_list = Some(found.iter().map(entry).collect());
        iam::ListSAMLProvidersResponse { saml_provider_list }
    })
    .await
}

/// `UpdateSAMLProvider`
pub(crate) async fn update(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::UpdateSAMLProviderRequest| {
        let keys = [m.add_private_key.is_some(), m.remove_private_key.is_some()];
        unencrypted(m.assertion_encryption_mode.as_deref(), &keys)?;
        let metadata = m.saml_metadata_document;
        Ok(ops::UpdateSAMLProvider {
            provider: arn(&m.saml_provider_arn)?,
            valid_until: metadata.as_deref().map(checked).transpose()?.flatten(),
            metadata,
        })
    });
    serve(x, op, |op, (), _| iam::UpdateSAMLProviderResponse {
        saml_provider_arn: Some(op.provider.to_string()),
    })
    .await
}

/// `DeleteSAMLProvider`
pub(crate) async fn delete(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::DeleteSAMLProviderRequest| {
        Ok(ops::DeleteSAMLProvider { provider: arn(&m.saml_provider_arn)? })
    });
    serve(x, op, |_, (), _| iam::DeleteSAMLProviderResponse {}).await
}

/// Until when a metadata document says that it holds.
fn checked(metadata: &str) -> Parsed<Option<Timestamp>> {
    let unread = || ApiError::new(400, "InvalidInput", "Could not parse metadata");
    let read = wire::saml_metadata(metadata).map_err(|_| unread())?;
    read.valid_until.map(|text| text.parse()).transpose().map_err(|_| unread())
}

/// Encrypted assertions are not built: to take their keys would be to promise them.
fn unencrypted(mode: Option<&str>, keys: &[bool]) -> Parsed<()> {
    match mode.is_some_and(|mode| mode != UNENCRYPTED) || keys.contains(&true) {
        true => Err(ApiError::not_implemented("encryption of SAML assertions")),
        false => Ok(()),
    }
}
