//! Sessions of the caller's own rights, sessions of people whom an application signs in itself,
//! and whose an access key is.

use identity::ops::{self, SESSION_SECONDS_DEFAULT, USER_SESSION_SECONDS_DEFAULT};
use wire::sts;

use super::{credentials, longest, minting, missing, narrowed, seconds, tags, without_mfa};
use crate::Response;
use crate::exchange::{Exchange, Prepared};
use crate::iam::{Parsed, invalid, perform, serve};

/// `AssumeRole` without a role: a session of the caller's own rights, as MinIO gives one.
///
/// A name is not needed and, if there is one, is no part of it.
pub(super) async fn own_rights(x: Exchange, message: Parsed<sts::AssumeRoleRequest>) -> Response {
    let prepared = message.and_then(|message| prepare(&x, message));
    perform(x, prepared, |op, made, _| sts::AssumeRoleResponse {
        credentials: Some(credentials(&made)),
        packed_policy_size: op.session.packed_percent().map(i32::from),
        ..sts::AssumeRoleResponse::default()
    })
    .await
}

fn prepare(x: &Exchange, m: sts::AssumeRoleRequest) -> Parsed<Prepared<ops::AssumeOwnRights>> {
    without_mfa(m.serial_number.as_deref(), m.token_code.as_deref())?;
    super::plain_token(m.minimum_session_token_size)?;
    let of_a_role = m.external_id.is_some()
        || m.source_identity.is_some()
        || !m.tags.is_empty()
        || !m.transitive_tag_keys.is_empty()
        || !m.provided_contexts.is_empty();
    if of_a_role {
        return Err(missing("RoleArn"));
    }
    let longest = longest(x.known.principal(), x.services.settings.session_seconds_max);
    let seconds = seconds(m.duration_seconds, SESSION_SECONDS_DEFAULT, longest.refused)?;
    let lasts = seconds.unwrap_or(SESSION_SECONDS_DEFAULT).min(longest.cut);
    Ok(minting(
        &x.facts,
        ops::AssumeOwnRights {
            account: x.own_account()?,
            session: ops::SessionRequest {
                seconds,
                ..narrowed(m.policy.as_deref(), m.policy_arns)?
            },
            drawn: x.services.identity.draw_session(&x.known.caller, lasts),
        },
    ))
}

/// `GetFederationToken`
pub(crate) async fn federation(x: Exchange) -> Response {
    let prepared = x.form_message().and_then(|message| prepare_federation(&x, message));
    perform(x, prepared, |op, made, _| sts::GetFederationTokenResponse {
        credentials: Some(credentials(&made.credentials)),
        federated_user: Some(sts::FederatedUser {
            arn: made.arn.to_string(),
            federated_user_id: made.id,
        }),
        // It is told here even where there is no policy (recorded answers).
        packed_policy_size: Some(op.session.packed_percent().map_or(0, i32::from)),
        ..sts::GetFederationTokenResponse::default()
    })
    .await
}

fn prepare_federation(
    x: &Exchange,
    m: sts::GetFederationTokenRequest,
) -> Parsed<Prepared<ops::GetFederationToken>> {
    super::plain_token(m.minimum_session_token_size)?;
    let longest = longest(x.known.principal(), x.services.settings.session_seconds_max);
    let seconds = seconds(m.duration_seconds, USER_SESSION_SECONDS_DEFAULT, longest.refused)?;
    let lasts = seconds.unwrap_or(USER_SESSION_SECONDS_DEFAULT).min(longest.cut);
    let session = ops::SessionRequest {
        seconds,
        tags: tags(m.tags)?,
        ..narrowed(m.policy.as_deref(), m.policy_arns)?
    };
    Ok(minting(
        &x.facts,
        ops::GetFederationToken {
            account: x.own_account()?,
            name: m.name.parse().map_err(|error: names::BadName| invalid(error.to_string()))?,
            session,
            drawn: x.services.identity.draw_session(&x.known.caller, lasts),
        },
    ))
}

/// `GetAccessKeyInfo`
pub(crate) async fn key_info(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: sts::GetAccessKeyInfoRequest| {
        let key = m.access_key_id.parse();
        Ok(ops::GetAccessKeyInfo { key: key.map_err(|_| invalid("that is no access key id"))? })
    });
    serve(x, op, |_, account, _| sts::GetAccessKeyInfoResponse {
        account: Some(account.to_string()),
    })
    .await
}
