//! OpenID Connect providers, as IAM knows them.

use identity::{IssuerUrl, OidcProvider, ops};
use wire::iam;

use super::{arn, named, own_tags, serve, tag_set};
use crate::Response;
use crate::exchange::Exchange;

/// `CreateOpenIDConnectProvider`
pub(crate) async fn create(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::CreateOpenIDConnectProviderRequest| {
        let issuer: IssuerUrl = named(&m.url)?;
        Ok(ops::CreateOpenIDConnectProvider {
            account: x.own_account()?,
            issuer,
            client_ids: m.client_id_list,
            thumbprints: m.thumbprint_list,
            tags: tag_set(m.tags)?,
        })
    });
    serve(x, op, |_, provider, _| iam::CreateOpenIDConnectProviderResponse {
        open_id_connect_provider_arn: Some(provider.arn.to_string()),
        tags: own_tags(&provider.tags),
    })
    .await
}

/// `GetOpenIDConnectProvider`
pub(crate) async fn get(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::GetOpenIDConnectProviderRequest| {
        Ok(ops::GetOpenIDConnectProvider { provider: arn(&m.open_id_connect_provider_arn)? })
    });
    serve(x, op, |_, provider, _| whole(&provider)).await
}

/// A provider with everything that IAM knows of one. The URL comes without its scheme, as IAM tells
/// it.
fn whole(provider: &OidcProvider) -> iam::GetOpenIDConnectProviderResponse {
    iam::GetOpenIDConnectProviderResponse {
        client_id_list: Some(provider.client_ids.iter().cloned().collect()),
        create_date: Some(provider.created),
        tags: own_tags(&provider.tags),
        thumbprint_list: Some(provider.thumbprints.clone()),
        url: Some(provider.issuer.host_and_path().to_owned()),
    }
}

/// `ListOpenIDConnectProviders`
pub(crate) async fn list(x: Exchange) -> Response {
    let op = x.form_message().and_then(|_: iam::ListOpenIDConnectProvidersRequest| {
        Ok(ops::ListOpenIDConnectProviders { account: x.own_account()? })
    });
    serve(x, op, |_, found, _| {
        let entry = |provider: &OidcProvider| iam::OpenIDConnectProviderListEntry {
            arn: Some(provider.arn.to_string()),
        };
        let entries = found.iter().map(|provider| entry(provider)).collect();
        iam::ListOpenIDConnectProvidersResponse { open_id_connect_provider_list: Some(entries) }
    })
    .await
}

/// `DeleteOpenIDConnectProvider`
pub(crate) async fn delete(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::DeleteOpenIDConnectProviderRequest| {
        Ok(ops::DeleteOpenIDConnectProvider { provider: arn(&m.open_id_connect_provider_arn)? })
    });
    serve(x, op, |_, (), _| iam::DeleteOpenIDConnectProviderResponse {}).await
}

/// `UpdateOpenIDConnectProviderThumbprint`
pub(crate) async fn thumbprints(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::UpdateOpenIDConnectProviderThumbprintRequest| {
        Ok(ops::UpdateOpenIDConnectProviderThumbprint {
            provider: arn(&m.open_id_connect_provider_arn)?,
            thumbprints: m.thumbprint_list,
        })
    });
    serve(x, op, |_, (), _| iam::UpdateOpenIDConnectProviderThumbprintResponse {}).await
}

/// `AddClientIDToOpenIDConnectProvider`
pub(crate) async fn add_client(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::AddClientIDToOpenIDConnectProviderRequest| {
        Ok(ops::AddClientIDToOpenIDConnectProvider {
            provider: arn(&m.open_id_connect_provider_arn)?,
            client_id: m.client_id,
        })
    });
    serve(x, op, |_, (), _| iam::AddClientIDToOpenIDConnectProviderResponse {}).await
}

/// `RemoveClientIDFromOpenIDConnectProvider`
pub(crate) async fn remove_client(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::RemoveClientIDFromOpenIDConnectProviderRequest| {
        Ok(ops::RemoveClientIDFromOpenIDConnectProvider {
            provider: arn(&m.open_id_connect_provider_arn)?,
            client_id: m.client_id,
        })
    });
    serve(x, op, |_, (), _| iam::RemoveClientIDFromOpenIDConnectProviderResponse {}).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_tells_its_url_without_the_scheme() {
        let account = "111122223333".parse().unwrap();
        let issuer: IssuerUrl = "https://idp.example/tenant".parse().unwrap();
        let told = whole(&OidcProvider {
            arn: ops::provider_arn(account, &issuer),
            account,
            issuer,
            client_ids: ["b".to_owned(), "a".to_owned()].into(),
            thumbprints: vec!["0".repeat(40)],
            name: "idp".parse().unwrap(),
            claims: identity::ClaimSettings::default(),
            rules: Vec::new(),
            trust: None,
            tags: ops::Tags::default(),
            session_seconds_max: None,
            created: names::Timestamp::from_seconds(1_800_000_000).unwrap(),
            incarnation: names::Revision(1),
        });
        assert_eq!(told.url.as_deref(), Some("idp.example/tenant"));
        assert_eq!(told.client_id_list, Some(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(told.tags, None);
    }

    #[test]
    fn a_provider_has_an_issuer_that_can_be_one() {
        let issuer = |text: &str| named::<IssuerUrl>(text);
        assert!(issuer("https://idp.example").is_ok());
        assert_eq!(issuer("http://idp.example").unwrap_err().code, "ValidationError");
    }
}
