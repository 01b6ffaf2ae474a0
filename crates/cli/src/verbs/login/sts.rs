//! Asking the server for credentials: with a token, or with a name and a password.

use http::{HeaderMap, HeaderValue, Method};

use crate::client::{Answer, Target};
use crate::exit::Failure;
use crate::kept::{Issued, Session};

/// Least bytes of a provider's name (STS API reference, `ProviderId`).
const PROVIDER_BYTES_MIN: usize = 4;

/// Credentials for a provider's token.
pub(crate) fn with_token(
    target: &Target,
    session: &Session,
    token: &str,
) -> Result<Issued, Failure> {
    let mut form = vec![
        ("Action", "AssumeRoleWithWebIdentity".to_owned()),
        ("RoleSessionName", session.name.clone()),
        ("WebIdentityToken", token.to_owned()),
    ];
    form.extend(common(session));
    ask(target, &form, "`strongroom idp check` explains a token")
}

/// Credentials for a name and a password of a directory.
pub(crate) fn with_password(
    target: &Target,
    session: &Session,
    user: &str,
    password: &str,
) -> Result<Issued, Failure> {
    let mut form = vec![
        ("Action", "AssumeRoleWithLDAPIdentity".to_owned()),
        ("LDAPUsername", user.to_owned()),
        ("LDAPPassword", password.to_owned()),
    ];
    form.extend(common(session));
    ask(target, &form, "`strongroom audit search --verdict refused` shows an administrator why")
}

/// What both ask for.
fn common(session: &Session) -> impl Iterator<Item = (&'static str, String)> {
    let always =
        [("Version", "2011-06-15".to_owned()), ("DurationSeconds", session.seconds.to_string())];
    let role = session.role.clone().map(|role| ("RoleArn", role));
    // STS knows no shorter name; a token names its issuer anyway.
    let provider = session.provider.clone().filter(|name| name.len() >= PROVIDER_BYTES_MIN);
    let provider = provider.map(|name| ("ProviderId", name));
    always.into_iter().chain(role).chain(provider)
}

fn ask(
    target: &Target,
    form: &[(&'static str, String)],
    help: &'static str,
) -> Result<Issued, Failure> {
    let body: Vec<String> =
        form.iter().map(|(name, value)| crate::verbs::parameter(name, value)).collect();
    let mut headers = HeaderMap::new();
    let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
    headers.insert(http::header::CONTENT_TYPE, kind);
    issued(&target.send(&Method::POST, "/", headers, body.join("&"))?, help)
}

/// The credentials of an STS answer, or its refusal.
fn issued(answer: &Answer, help: &str) -> Result<Issued, Failure> {
    let read = |name: &str| element(&answer.body, name);
    if answer.status == 200
        && let Some(access_key_id) = read("AccessKeyId")
        && let Some(secret_access_key) = read("SecretAccessKey")
        && let Some(session_token) = read("SessionToken")
        && let Some(expiration) = read("Expiration")
    {
        return Ok(Issued { access_key_id, secret_access_key, session_token, expiration });
    }
    let code = read("Code").unwrap_or_else(|| format!("HTTP {}", answer.status));
    let message = read("Message").unwrap_or_default();
    Err(Failure::Refused { code, message, help: Some(help.to_owned()) })
}

/// The text of the first element of that name. STS writes these elements without attributes and
/// with values that need no escapes but the five predefined ones.
fn element(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    let plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    Some(plain.replace("&apos;", "'").replace("&amp;", "&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_read_from_an_answer_and_a_refusal_is_one() {
        let body = "<C><AccessKeyId>A</AccessKeyId><SecretAccessKey>s&amp;s</SecretAccessKey>\
                    <SessionToken>t</SessionToken><Expiration>e</Expiration></C>";
        let good = Answer { status: 200, body: body.to_owned() };
        assert_eq!(issued(&good, "h").map(|i| i.secret_access_key).ok().as_deref(), Some("s&s"));
        let body = "<Error><Code>AccessDenied</Code><Message>no</Message></Error>";
        let bad = Answer { status: 403, body: body.to_owned() };
        let refused = issued(&bad, "h");
        assert!(matches!(refused, Err(Failure::Refused { code, .. }) if code == "AccessDenied"));
    }
}
