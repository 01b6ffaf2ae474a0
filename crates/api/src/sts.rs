//! STS: sessions for those who have a credential, and for those who bring a provider's token.

pub(crate) mod decode;
pub(crate) mod ldap;
pub(crate) mod login;
pub(crate) mod token;

use std::net::IpAddr;

use ::policy::Kind;
use audit::Minted;
use identity::ops::{
    self, BadTags, Drawn, ROOT_SESSION_SECONDS_MAX, RequestFacts, SESSION_SECONDS_DEFAULT,
    SessionRequest, Tags, USER_SESSION_SECONDS_DEFAULT,
};
use identity::{Credentials, IdentityError, MfaProof};
use names::{Arn, UniqueId};
use policy::facts::{Facts, Value};
use policy::principal::Principal;
use wire::{Secret, sts};

use crate::Response;
use crate::error::ApiError;
use crate::exchange::{Exchange, Prepared};
use crate::iam::{Parsed, arn, document, invalid, perform, prepared, serve};

/// `AssumeRole`. Without a role it is a session of the caller's own rights.
pub(crate) async fn assume_role(mut x: Exchange) -> Response {
    let message = x.form_message::<sts::AssumeRoleRequest>();
    if message.as_ref().is_ok_and(|message| message.role_arn.is_none()) {
        return token::own_rights(x, message).await;
    }
    let prepared = message.and_then(|message| prepare(&mut x, message));
    perform(x, prepared, |op, made, _| sts::AssumeRoleResponse {
        assumed_role_user: Some(assumed(&made.arn, made.id)),
        credentials: Some(credentials(&made.credentials)),
        packed_policy_size: op.session.packed_percent().map(i32::from),
        source_identity: made.source_identity,
        ..sts::AssumeRoleResponse::default()
    })
    .await
}

fn prepare(x: &mut Exchange, m: sts::AssumeRoleRequest) -> Parsed<Prepared<ops::AssumeRole>> {
    let mfa = proven(x, m.serial_number.as_deref(), m.token_code.as_deref())?;
    plain_token(m.minimum_session_token_size)?;
    if !m.provided_contexts.is_empty() {
        return Err(invalid("ProvidedContexts are not served"));
    }
    let role = m.role_arn.as_deref().ok_or_else(|| missing("RoleArn"))?;
    let name = m.role_session_name.as_deref().ok_or_else(|| missing("RoleSessionName"))?;
    let asked = m.duration_seconds;
    let seconds = seconds(asked, SESSION_SECONDS_DEFAULT, x.services.settings.session_seconds_max)?;
    let drawn = x
        .services
        .identity
        .draw_session(&x.known.caller, seconds.unwrap_or(SESSION_SECONDS_DEFAULT));
    Ok(minting(
        &x.facts,
        ops::AssumeRole {
            role: role_arn(role)?,
            name: name.parse().map_err(|error: names::BadName| invalid(error.to_string()))?,
            external_id: m.external_id,
            session: SessionRequest {
                seconds,
                tags: tags(m.tags)?,
                transitive: m.transitive_tag_keys,
                source_identity: m.source_identity,
                ..narrowed(m.policy.as_deref(), m.policy_arns)?
            },
            inherited: x.known.caller.hands_down(),
            mfa,
            drawn,
        },
    ))
}

/// `GetSessionToken`
pub(crate) async fn session_token(mut x: Exchange) -> Response {
    let prepared = x.form_message().and_then(|m: sts::GetSessionTokenRequest| {
        let mfa = proven(&mut x, m.serial_number.as_deref(), m.token_code.as_deref())?;
        plain_token(m.minimum_session_token_size)?;
        let longest = longest(x.known.principal(), x.services.settings.session_seconds_max);
        let seconds = seconds(m.duration_seconds, USER_SESSION_SECONDS_DEFAULT, longest.refused)?;
        let drawn = x.services.identity.draw_session(
            &x.known.caller,
            seconds.unwrap_or(USER_SESSION_SECONDS_DEFAULT).min(longest.cut),
        );
        let account = x.own_account()?;
        Ok(minting(&x.facts, ops::GetSessionToken { account, seconds, mfa, drawn }))
    });
    perform(x, prepared, |_, made, _| sts::GetSessionTokenResponse {
        credentials: Some(credentials(&made)),
        ..sts::GetSessionTokenResponse::default()
    })
    .await
}

/// How long a session may be: what is asked beyond `refused` is an error, beyond `cut` less is
/// given.
struct Longest {
    refused: u32,
    cut: u32,
}

/// A root that asks for more gets an hour (STS API reference, "GetSessionToken": "If the duration
/// is longer than one hour, the session for Amazon Web Services account owners defaults to one
/// hour").
fn longest(principal: &Principal, ceiling: u32) -> Longest {
    let cut = match principal {
        Principal::Root { .. } => ROOT_SESSION_SECONDS_MAX,
        _ => u32::MAX,
    };
    Longest { refused: ceiling, cut }
}

/// `GetCallerIdentity`. Needs no permission and cannot be denied (STS API reference).
pub(crate) async fn caller_identity(x: Exchange) -> Response {
    let op = x.form_message().map(|_: sts::GetCallerIdentityRequest| ops::GetCallerIdentity);
    serve(x, op, |_, found, _| sts::GetCallerIdentityResponse {
        account: Some(found.account.to_string()),
        arn: Some(found.arn.to_string()),
        user_id: Some(found.user_id),
    })
    .await
}

/// An operation that mints a session, with that session for the record.
trait Mints: RequestFacts {
    fn drawn(&self) -> &Drawn;
    fn drawn_mut(&mut self) -> &mut Drawn;
}

macro_rules! mints {
    ($($op:ident),*) => { $(
        impl Mints for ops::$op {
            fn drawn(&self) -> &Drawn {
                &self.drawn
            }

            fn drawn_mut(&mut self) -> &mut Drawn {
                &mut self.drawn
            }
        }
    )* };
}

mints!(AssumeRole, AssumeRoleWithWebIdentity, AssumeOwnRights, GetFederationToken, GetSessionToken);

impl Mints for ops::AssumeRoleWithLDAPIdentity {
    fn drawn(&self) -> &Drawn {
        &self.login.drawn
    }

    fn drawn_mut(&mut self) -> &mut Drawn {
        &mut self.login.drawn
    }
}

/// The client's address, as policies see it.
fn source(facts: &Facts) -> Option<IpAddr> {
    match facts.get("aws:SourceIp") {
        Some(Value::One(text)) => text.parse().ok(),
        _ => None,
    }
}

/// An operation that mints a session: with that session for the record, and where it is asked for.
fn minting<Op: Mints>(facts: &Facts, mut op: Op) -> Prepared<Op> {
    op.drawn_mut().from = source(facts);
    let Drawn { minted, expires, .. } = op.drawn().clone();
    let mints = Some(Minted { credential: minted, expires });
    Prepared { mints, ..prepared(op) }
}

/// The duration that is asked for: refused beyond the ceiling of this server. Where none is asked
/// for and the ceiling is below the default, the ceiling is asked for.
fn seconds(asked: Option<i32>, default: u32, ceiling: u32) -> Parsed<Option<u32>> {
    match asked {
        None => Ok((default > ceiling).then_some(ceiling)),
        Some(number) => match u32::try_from(number) {
            Ok(seconds) if seconds <= ceiling => Ok(Some(seconds)),
            _ => Err(invalid(format!("DurationSeconds must be at most {ceiling}"))),
        },
    }
}

/// What narrows a session: one policy in the request, and managed ones.
fn narrowed(policy: Option<&str>, arns: Vec<sts::PolicyDescriptorType>) -> Parsed<SessionRequest> {
    let named = |own: sts::PolicyDescriptorType| role_arn(own.arn.as_deref().unwrap_or_default());
    Ok(SessionRequest {
        seconds: None,
        policy: policy.map(|text| document(text, Kind::Session)).transpose()?,
        policy_arns: arns.into_iter().map(named).collect::<Parsed<Vec<Arn>>>()?,
        tags: Tags::default(),
        transitive: Vec::new(),
        source_identity: None,
    })
}

fn tags(tags: Vec<sts::Tag>) -> Parsed<Tags> {
    let pairs = tags.into_iter().map(|tag| (tag.key, tag.value));
    Tags::new(pairs).map_err(|bad| {
        // What IAM calls an input STS calls a parameter (recorded answers).
        let twice = matches!(bad, BadTags::Duplicate(_));
        let mut error = ApiError::from(IdentityError::from(bad));
        error.code = if twice { "InvalidParameterValue" } else { error.code };
        error
    })
}

/// An ARN of IAM, in whatever partition it is written: there is one partition here, and programs
/// written for others name theirs.
pub(super) fn role_arn(text: &str) -> Parsed<Arn> {
    let own: Arn = text.parse().map_err(|_| invalid(format!("{text} is invalid")))?;
    match own.partition() {
        "" | "aws" => Ok(own),
        other => {
            let rest = own.as_str().strip_prefix("arn:").and_then(|rest| rest.strip_prefix(other));
            arn(&format!("arn:aws{}", rest.unwrap_or_default()))
        }
    }
}

/// The code of a device that is shown, looked at before anything is decided: policies see that it
/// was. Only the own long-term keys of users and roots have devices (IAM user guide, "Configuring
/// MFA-protected API access").
fn proven(x: &mut Exchange, serial: Option<&str>, code: Option<&str>) -> Parsed<Option<MfaProof>> {
    if serial.is_none() && code.is_none() {
        return Ok(None);
    }
    let id = match x.known.principal() {
        Principal::User { id, .. } => id.clone(),
        Principal::Root { account } => UniqueId::root(*account),
        _ => return without_mfa(serial, code).map(|()| None),
    };
    if x.known.caller.session.is_some() {
        return without_mfa(serial, code).map(|()| None);
    }
    let (serial, code) = (serial.unwrap_or_default(), code.unwrap_or_default());
    let proof = x.services.identity.verify_mfa(&id, serial, code, x.now);
    let proof = proof.map_err(IdentityError::MfaRefused)?;
    x.facts.server.set("aws:MultiFactorAuthPresent", "true");
    x.facts.server.set("aws:MultiFactorAuthAge", "0");
    Ok(Some(proof))
}

/// A code of whoever has no devices is wrong: never taken and silently dropped.
fn without_mfa(serial: Option<&str>, code: Option<&str>) -> Parsed<()> {
    if serial.is_none() && code.is_none() {
        return Ok(());
    }
    let message = "MultiFactorAuthentication failed with invalid MFA one time pass code.";
    let reason = audit::Reason::LoginRefused { provider: None, rule: "mfa" };
    Err(ApiError::new(403, "AccessDenied", message).because(reason))
}

/// A token has the size that it has.
fn plain_token(size: Option<i32>) -> Parsed<()> {
    match size {
        None | Some(0) => Ok(()),
        Some(_) => Err(invalid("MinimumSessionTokenSize is not served")),
    }
}

fn missing(parameter: &str) -> ApiError {
    invalid(format!("The request must contain the parameter {parameter}"))
}

fn assumed(arn: &Arn, id: String) -> sts::AssumedRoleUser {
    sts::AssumedRoleUser { arn: arn.to_string(), assumed_role_id: id }
}

/// The one place where a session's secrets go into an answer.
fn credentials(made: &Credentials) -> sts::Credentials {
    sts::Credentials {
        access_key_id: made.key.to_string(),
        expiration: made.expires,
        secret_access_key: Secret::from(made.secret.expose().to_owned()),
        session_token: Secret::from(made.token.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn() -> Drawn {
        Drawn {
            minted: "ASIAAAAAAAAAAAAAAAAA".parse().unwrap(),
            expires: names::Timestamp::from_seconds(1_800_000_000).unwrap(),
            from: None,
        }
    }

    #[test]
    fn a_duration_at_the_ceiling_is_taken_and_one_past_it_is_not() {
        assert_eq!(seconds(Some(7200), 3600, 7200).unwrap(), Some(7200));
        assert_eq!(seconds(Some(7201), 3600, 7200).unwrap_err().code, "ValidationError");
        assert_eq!(seconds(Some(-1), 3600, 7200).unwrap_err().code, "ValidationError");
        assert_eq!(seconds(None, 3600, 7200).unwrap(), None);
        assert_eq!(seconds(None, 3600, 1800).unwrap(), Some(1800));
    }

    #[test]
    fn a_root_gets_an_hour_and_a_user_what_it_asks() {
        let account = "111122223333".parse().unwrap();
        assert_eq!(longest(&Principal::Root { account }, 43_200).cut, 3600);
        assert_eq!(longest(&Principal::Anonymous, 43_200).cut, u32::MAX);
        assert_eq!(longest(&Principal::Root { account }, 43_200).refused, 43_200);
    }

    #[test]
    fn the_session_that_is_drawn_is_the_one_that_the_record_names() {
        let account = "111122223333".parse().unwrap();
        let op = ops::GetSessionToken { account, seconds: None, mfa: None, drawn: drawn() };
        let minted = minting(&Facts::default(), op).mints.unwrap();
        assert_eq!(minted.credential.as_str(), "ASIAAAAAAAAAAAAAAAAA");
        assert_eq!(minted.expires, drawn().expires);
    }

    #[test]
    fn the_secrets_of_a_session_go_into_the_answer_and_into_no_log() {
        let made = Credentials {
            key: drawn().minted,
            secret: "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY".parse().unwrap(),
            token: "SR1abcdefgh".to_owned(),
            expires: drawn().expires,
        };
        let told = credentials(&made);
        assert_eq!(told.secret_access_key.expose(), made.secret.expose());
        assert_eq!(told.session_token.expose(), "SR1abcdefgh");
        let logged = format!("{told:?}");
        assert!(!logged.contains("wJalr") && !logged.contains("SR1"), "{logged}");
    }

    #[test]
    fn a_role_of_any_partition_is_the_role_of_ours() {
        let role = "arn:aws:iam::111122223333:role/R";
        for partition in ["aws", "aws-cn", "aws-us-gov", "minio", "aws-iso-b"] {
            let named = format!("arn:{partition}:iam::111122223333:role/R");
            assert_eq!(role_arn(&named).unwrap().as_str(), role);
        }
        assert!(role_arn("arn::iam::111122223333:role/R").is_err());
        assert!(role_arn("role/R").is_err());
    }

    #[test]
    fn an_mfa_code_is_refused_not_ignored() {
        assert!(without_mfa(None, None).is_ok());
        for (serial, code) in [(Some("arn:mfa"), Some("123456")), (None, Some("123456"))] {
            assert_eq!(without_mfa(serial, code).unwrap_err().code, "AccessDenied");
        }
    }

    #[test]
    fn what_narrows_a_session_is_parsed_as_a_session_policy() {
        let text = r#"{"Version": "2012-10-17", "Statement":
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}"#;
        let readers = "arn:aws:iam::111122223333:policy/Readers";
        let by_arn = vec![sts::PolicyDescriptorType { arn: Some(readers.to_owned()) }];
        let session = narrowed(Some(text), by_arn).unwrap();
        assert_eq!(session.policy.unwrap().kind(), Kind::Session);
        assert_eq!(session.policy_arns[0].as_str(), readers);
        let nameless = vec![sts::PolicyDescriptorType { arn: None }];
        assert_eq!(narrowed(None, nameless).unwrap_err().code, "ValidationError");
        assert_eq!(narrowed(Some("{"), Vec::new()).unwrap_err().code, "MalformedPolicyDocument");
    }

    #[test]
    fn a_session_says_its_name_external_id_and_tags_to_condition_keys() {
        let tag = sts::Tag { key: "team".to_owned(), value: "red".to_owned() };
        let session = SessionRequest {
            tags: tags(vec![tag]).unwrap(),
            ..narrowed(None, Vec::new()).unwrap()
        };
        let prepared = minting(
            &Facts::default(),
            ops::AssumeRole {
                role: "arn:aws:iam::111122223333:role/R".parse().unwrap(),
                name: "ana".parse().unwrap(),
                external_id: Some("x-1".to_owned()),
                session,
                inherited: ops::Inherited::default(),
                mfa: None,
                drawn: drawn(),
            },
        );
        let mut facts = Facts::default();
        facts.request.extend(&prepared.request_facts);
        assert_eq!(facts.get("sts:RoleSessionName"), Some(&"ana".into()));
        assert_eq!(facts.get("sts:ExternalId"), Some(&"x-1".into()));
        assert_eq!(facts.get("aws:RequestTag/team"), Some(&"red".into()));
    }
}
