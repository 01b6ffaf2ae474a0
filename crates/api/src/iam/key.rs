//! Access keys. A secret goes into the answer of `CreateAccessKey` and nowhere else.

use audit::{Entry, Filter, Permit, Reason};
use identity::ops::{self, Credentialed, KeyHolder};
use identity::{AccessKey, KeyStatus, KeyUse, LastUse, NewAccessKey, State};
use names::{AccessKeyId, AccountId, Action};
use wire::{QueryOutput, Secret, iam};

use super::{Parsed, caller_as_holder, invalid, named, page, prepared, serve, told};
use crate::Response;
use crate::admin::read_journal;
use crate::error::ApiError;
use crate::exchange::{Act, Answer, Exchange};

/// What IAM says where there is nothing to say.
const NOT_KNOWN: &str = "N/A";

/// `CreateAccessKey`
pub(crate) async fn create(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::CreateAccessKeyRequest| {
        Ok(ops::CreateAccessKey { holder: x.holder(m.user_name.as_deref())? })
    });
    serve(x, op, |op, new, _| iam::CreateAccessKeyResponse { access_key: fresh(&op.holder, &new) })
        .await
}

fn fresh(holder: &KeyHolder, new: &NewAccessKey) -> iam::AccessKey {
    iam::AccessKey {
        access_key_id: new.key.id.to_string(),
        create_date: Some(new.key.created),
        secret_access_key: Secret::from(new.secret.expose().to_owned()),
        status: status_word(new.key.status).to_owned(),
        user_name: user_name(holder).unwrap_or_default(),
    }
}

/// `ListAccessKeys`
pub(crate) async fn list(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::ListAccessKeysRequest| {
        let page = page(m.marker, m.max_items)?;
        Ok(ops::ListAccessKeys { holder: x.holder(m.user_name.as_deref())?, page })
    });
    serve(x, op, |op, found, _| {
        let (access_key_metadata, is_truncated, marker) =
            told(found, |key| metadata(&op.holder, key));
        iam::ListAccessKeysResponse { access_key_metadata, is_truncated, marker }
    })
    .await
}

fn metadata(holder: &KeyHolder, key: &AccessKey) -> iam::AccessKeyMetadata {
    iam::AccessKeyMetadata {
        access_key_id: Some(key.id.to_string()),
        create_date: Some(key.created),
        status: Some(status_word(key.status).to_owned()),
        user_name: user_name(holder),
    }
}

/// `UpdateAccessKey`
pub(crate) async fn update(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::UpdateAccessKeyRequest| {
        Ok(ops::UpdateAccessKey {
            holder: x.holder(m.user_name.as_deref())?,
            key: named(&m.access_key_id)?,
            status: status(&m.status)?,
        })
    });
    serve(x, op, |_, (), _| iam::UpdateAccessKeyResponse {}).await
}

/// `DeleteAccessKey`
pub(crate) async fn delete(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::DeleteAccessKeyRequest| {
        let holder = x.holder(m.user_name.as_deref())?;
        Ok(ops::DeleteAccessKey { holder, key: named(&m.access_key_id)? })
    });
    serve(x, op, |_, (), _| iam::DeleteAccessKeyResponse {}).await
}

/// `GetAccessKeyLastUsed`
pub(crate) async fn last_used(x: Exchange) -> Response {
    let found = x.form_message().and_then(|m: iam::GetAccessKeyLastUsedRequest| {
        let key: AccessKeyId = named(&m.access_key_id)?;
        let (state, account) = (x.services.identity.snapshot(), x.own_account()?);
        let own = caller_as_holder(&state, x.known.principal()).unwrap_or(KeyHolder::Root(account));
        Ok((holder_within(&state, account, &key), own, key))
    });
    let op = match found {
        // The key of somebody of whom the caller may not know it is like one that is not there.
        Ok((Some(holder), own, key)) => {
            let action = Action::known("iam:GetAccessKeyLastUsed");
            let holder = if x.may(action, holder.arn()).await { holder } else { own };
            Ok(ops::GetAccessKeyLastUsed { holder, key })
        }
        Ok((None, holder, key)) => Ok(ops::GetAccessKeyLastUsed { holder, key }),
        Err(error) => Err(error),
    };
    x.through(op.map(prepared), async |act: Act, permit: Permit<ops::GetAccessKeyLastUsed>| {
        let key = permit.op().key.clone();
        let mut found = act.services.identity.perform(permit).await?;
        if found.last.is_none() {
            found.last = recorded_use(&act, key).await?;
        }
        Ok(Answer::from(last_use(&found).to_response(&act.request_id)))
    })
    .await
}

/// `ListSSHPublicKeys`: nobody has any here.
pub(crate) async fn ssh_keys(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::ListSSHPublicKeysRequest| {
        page(m.marker, m.max_items)?;
        Ok(ops::ListSSHPublicKeys { holder: x.holder(m.user_name.as_deref())? })
    });
    serve(x, op, |_, (), _| iam::ListSSHPublicKeysResponse {
        is_truncated: Some(false),
        marker: None,
        ssh_public_keys: Some(Vec::new()),
    })
    .await
}

/// `ListSigningCertificates`: nobody has any here.
pub(crate) async fn certificates(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::ListSigningCertificatesRequest| {
        page(m.marker, m.max_items)?;
        Ok(ops::ListSigningCertificates { holder: x.holder(m.user_name.as_deref())? })
    });
    serve(x, op, |_, (), _| iam::ListSigningCertificatesResponse {
        certificates: Vec::new(),
        is_truncated: Some(false),
        marker: None,
    })
    .await
}

/// `ListServiceSpecificCredentials`: nobody has any here.
pub(crate) async fn of_one_service(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::ListServiceSpecificCredentialsRequest| {
        page(m.marker, m.max_items)?;
        has_own_credentials(m.service_name.as_deref())?;
        let of = match (m.all_users.unwrap_or(false), m.user_name) {
            (false, name) => Credentialed::Holder(x.holder(name.as_deref())?),
            (true, None) => Credentialed::Everybody(x.own_account()?),
            (true, Some(_)) => {
                return Err(invalid("AllUsers cannot be specified together with UserName."));
            }
        };
        Ok(ops::ListServiceSpecificCredentials { of })
    });
    serve(x, op, |_, (), _| iam::ListServiceSpecificCredentialsResponse {
        is_truncated: Some(false),
        marker: None,
        service_specific_credentials: Some(Vec::new()),
    })
    .await
}

/// The services that AWS has credentials of their own for (IAM API reference,
/// "CreateServiceSpecificCredential"), and what it answers for others, as recorded by LocalStack.
fn has_own_credentials(service: Option<&str>) -> Parsed<()> {
    let known = ["bedrock", "cassandra", "codecommit"];
    let own = |name: &str| name.strip_suffix(".amazonaws.com").is_some_and(|n| known.contains(&n));
    match service {
        Some(name) if !own(name) => {
            let told =
                format!("No such service {name} is supported for Service Specific Credentials");
            Err(ApiError::new(404, "NoSuchEntity", told)
                .because(Reason::Malformed { what: "form" }))
        }
        _ => Ok(()),
    }
}

/// The last use that the record knows of: this process may have begun after it.
async fn recorded_use(act: &Act, key: AccessKeyId) -> Parsed<Option<LastUse>> {
    let from = act.services.identity.snapshot().key(&key).map(|key| key.created);
    let filter = Filter { credential: Some(key), from, ..Filter::default() };
    let found = read_journal(&act.services, move |journal| journal.reader()?.search(&filter, 1));
    let service = |entry: &Entry| {
        let action = entry.opened.checks.first().map(|check| check.action.service());
        SERVICES.iter().find(|known| action == Some(**known)).copied().unwrap_or("sts")
    };
    let last = |entry: &Entry| LastUse { at: entry.opened.time, service: service(entry) };
    Ok(found.await?.first().map(last))
}

/// The services whose use is told by name. What nobody's policies are asked for is of STS.
const SERVICES: [&str; 6] = ["s3", "iam", "sts", "organizations", "access-analyzer", "strongroom"];

/// Whose a key is, if it is the account's. The key of another account does not exist: whether it
/// does is that account's own business.
fn holder_within(state: &State, account: AccountId, key: &AccessKeyId) -> Option<KeyHolder> {
    state.key(key).filter(|key| key.account == account)?;
    state.key_holder(key)
}

fn last_use(found: &KeyUse) -> iam::GetAccessKeyLastUsedResponse {
    let used = found.last.as_ref();
    iam::GetAccessKeyLastUsedResponse {
        access_key_last_used: Some(iam::AccessKeyLastUsed {
            last_used_date: used.map(|used| used.at),
            region: NOT_KNOWN.to_owned(),
            service_name: used.map_or(NOT_KNOWN, |used| used.service).to_owned(),
        }),
        user_name: user_name(&found.holder),
    }
}

/// A root has no user name.
fn user_name(holder: &KeyHolder) -> Option<String> {
    match holder {
        KeyHolder::User(user) => Some(user.name.to_string()),
        KeyHolder::Root(_) => None,
    }
}

fn status_word(status: KeyStatus) -> &'static str {
    match status {
        KeyStatus::Active => "Active",
        KeyStatus::Inactive => "Inactive",
    }
}

/// The status that a request may set: `Expired` is one that IAM only tells.
fn status(word: &str) -> Parsed<KeyStatus> {
    match word {
        "Active" => Ok(KeyStatus::Active),
        "Inactive" => Ok(KeyStatus::Inactive),
        _ => Err(invalid(
            "1 validation error detected: Value at 'status' failed to satisfy constraint: Member \
             must satisfy enum value set: [Active, Inactive]",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_active_or_inactive_and_a_request_cannot_set_another() {
        for status_set in [KeyStatus::Active, KeyStatus::Inactive] {
            assert_eq!(status(status_word(status_set)).unwrap(), status_set);
        }
        for bad in ["active", "Expired", ""] {
            assert_eq!(status(bad).unwrap_err().code, "ValidationError", "{bad}");
        }
    }

    #[test]
    fn a_key_that_was_never_used_says_so_without_a_date() {
        let holder = KeyHolder::Root("111122223333".parse().unwrap());
        let told = last_use(&KeyUse { holder, last: None });
        let used = told.access_key_last_used.unwrap();
        assert_eq!((used.last_used_date, used.service_name.as_str()), (None, "N/A"));
        assert_eq!(told.user_name, None);
    }

    #[test]
    fn a_service_has_credentials_of_its_own_or_is_not_known() {
        for known in [None, Some("codecommit.amazonaws.com"), Some("cassandra.amazonaws.com")] {
            assert!(has_own_credentials(known).is_ok(), "{known:?}");
        }
        for bad in ["codecommit", "lambda.amazonaws.com", ""] {
            let error = has_own_credentials(Some(bad)).unwrap_err();
            assert_eq!((error.status, error.code), (404, "NoSuchEntity"), "{bad}");
        }
    }

    #[test]
    fn a_key_that_does_not_exist_has_no_holder() {
        let key = "AKIAAAAAAAAAAAAAAAAA".parse().unwrap();
        let account = "111122223333".parse().unwrap();
        assert_eq!(holder_within(&State::default(), account, &key), None);
    }
}
