//! What people meet before they have a credential, and when they leave: where to sign in, and their
//! provider's word that they have left.

use std::sync::Arc;

use audit::{How, Human, Permit, Who};
use identity::ops::{BackchannelLogout, GetLoginSettings};
use identity::{Left, OidcProvider, Unverified};
use policy::principal::Principal;
use serde_json::{Value, json};

use super::{Parsed, answer, invalid, missing, operator};
use crate::Response;
use crate::caller::Known;
use crate::error::ApiError;
use crate::exchange::{Act, Exchange, Payload, Prepared};
use crate::sts::login::candidates;

/// `GET login/{name}`: where people of a provider of the operator's sign in. It is what that
/// sign-in page tells everybody; whoever does not know the name learns none.
pub(crate) async fn settings(mut x: Exchange) -> Response {
    let prepared = prepare_settings(&mut x);
    x.through(prepared, async |act: Act, permit: Permit<GetLoginSettings>| {
        let found = act.services.identity.perform(permit).await?;
        answer(&shown(&found))
    })
    .await
}

fn prepare_settings(x: &mut Exchange) -> Parsed<Prepared<GetLoginSettings>> {
    x.no_body()?;
    x.parameters(&[])?;
    let (text, account) = (x.segment()?, operator(&x.services)?);
    let name = text.parse().map_err(|_| {
        let help = "the name is that of `strongroom idp list`";
        missing("NoSuchProvider", "there is no such provider", help)
    })?;
    Ok(Prepared::new(GetLoginSettings { account, name }))
}

fn shown(provider: &OidcProvider) -> Value {
    match provider.issuer.directory() {
        Some(_) => json!({ "name": provider.name, "kind": "directory" }),
        None => json!({
            "name": provider.name,
            "kind": "openid",
            "issuer": provider.issuer.as_str(),
            "client_id": provider.client_ids.first(),
        }),
    }
}

/// `POST logout` with a form's `logout_token` (OpenID Connect Back-Channel Logout 1.0 §2.5): when
/// it answers, nothing can be done any more with what was got in the name of whoever has left.
pub(crate) async fn logout(mut x: Exchange) -> Response {
    let prepared = prepare_logout(&mut x).await;
    x.through(prepared, async |act: Act, permit: Permit<BackchannelLogout>| {
        act.services.identity.perform(permit).await?;
        answer(&json!({ "revision": act.services.identity.revision() }))
    })
    .await
}

async fn prepare_logout(x: &mut Exchange) -> Parsed<Prepared<BackchannelLogout>> {
    x.parameters(&[])?;
    let token = match std::mem::replace(&mut x.payload, Payload::Taken) {
        Payload::Whole(body) => Unverified::new(logout_token(&body)?),
        Payload::Arriving(_) | Payload::Form(_) | Payload::Parameters(_) | Payload::Taken => {
            return Err(ApiError::internal());
        }
    };
    let logins = Arc::clone(&x.services.logins);
    let state = x.services.identity.snapshot();
    let (mut providers, mut left, mut refusal) = (Vec::new(), None, None);
    for provider in candidates(&state, &token, None, None)? {
        match logins.left(&provider, &token, x.now).await {
            Ok(said) => {
                providers.push(provider.arn.clone());
                left = Some((said, provider));
            }
            Err(error) => {
                refusal.get_or_insert_with(|| ApiError::login(Some(provider.arn.clone()), &error));
            }
        }
    }
    let Some((left, provider)) = left else {
        return Err(refusal.unwrap_or_else(ApiError::internal));
    };
    let who = Arc::new(who(&provider, &left));
    x.attempt.identified(Arc::clone(&who));
    x.known = Known::vouched(who);
    Ok(Prepared::new(BackchannelLogout { providers, left }))
}

/// The provider speaks; of whom, the record says.
fn who(provider: &OidcProvider, left: &Left) -> Who {
    let subject = match left {
        Left::Person(subject) => Some(subject.clone()),
        Left::Session(_) => None,
    };
    let human =
        subject.map(|subject| Human { provider: provider.arn.clone(), subject, display: None });
    Who {
        principal: Principal::Federated { provider: provider.arn.clone() },
        how: How::WebIdentity,
        human,
        chain: vec![audit::ChainLink::Provider(provider.arn.clone()), left.link(provider)],
        ..Who::anonymous()
    }
}

/// The one `logout_token` of a form; other parameters are not looked at (§2.5).
fn logout_token(body: &[u8]) -> Parsed<String> {
    let own =
        body.split(|byte| *byte == b'&').filter_map(|pair| pair.strip_prefix(b"logout_token="));
    let mut own = own.map(wire::percent_decode);
    match (own.next(), own.next()) {
        (Some(Some(token)), None) => Ok(token),
        _ => Err(invalid("a form with one `logout_token` is needed")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logout_token_is_one_field_of_a_form() {
        assert_eq!(logout_token(b"a=b&logout_token=x.y%2Ez&c").unwrap(), "x.y.z");
        for bad in ["", "token=x", "logout_token=x&logout_token=y", "logout_token=%f", "{}"] {
            assert!(logout_token(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
