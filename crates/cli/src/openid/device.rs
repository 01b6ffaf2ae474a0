//! Signing in with a code that is typed on another device (RFC 8628).

use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;

use super::authorization::challenge;
use super::{Provider, Said, Tokens, refused, safe};
use crate::client::now;
use crate::dice;
use crate::exit::Failure;
use crate::print::plain;

/// The grant's name.
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// How long a code lives at most, whatever the provider says, in seconds.
const CODE_SECONDS_MAX: i64 = 1800;
/// How often it is asked whether somebody has agreed, if the provider does not say, in seconds
/// (RFC 8628 §3.2).
const INTERVAL_SECONDS: u64 = 5;
/// The longest time between two questions, in seconds.
const INTERVAL_SECONDS_MAX: u64 = 60;

/// What the person is told.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// What to type.
    pub(crate) code: String,
    /// Where.
    pub(crate) place: String,
    /// The same with the code in it, where the provider has such an address.
    pub(crate) whole: Option<String>,
}

/// Signs in by a code. `tell` is told what to type where.
pub(crate) fn sign_in(
    provider: &Provider,
    scope: Option<&str>,
    tell: &dyn Fn(&Told),
) -> Result<Tokens, Failure> {
    let member = "device_authorization_endpoint";
    if provider.endpoint(member)?.is_none() {
        let issuer = &provider.client.issuer;
        return Err(Failure::Input(format!(
            "`{issuer}` has no sign-in by code\nhelp: switch the device grant on there, or leave \
             --device away to use a browser"
        )));
    }
    let scope = provider.scopes(scope);
    // RFC 8628 knows no PKCE; Keycloak asks for it where its client does, and others pass over it.
    let verifier = dice::word()?;
    let challenge = challenge(&verifier);
    let fields = [
        ("scope", scope.as_str()),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    let (status, answer) = provider.post(member, &fields)?;
    if status != 200 {
        let word = |name: &str| plain(answer.get(name).and_then(Value::as_str).unwrap_or_default());
        let help = "switch the device grant on for this client at the provider";
        return Err(refused(word("error"), word("error_description"), help));
    }
    let asked = Asked::of(&answer)?;
    tell(&asked.told);
    poll(provider, &asked, &verifier)
}

/// A code that was asked for.
#[derive(Debug)]
struct Asked {
    told: Told,
    device: String,
    interval_seconds: u64,
    life_seconds: i64,
}

impl Asked {
    fn of(answer: &Value) -> Result<Self, Failure> {
        let word = |name: &str| answer.get(name).and_then(Value::as_str);
        let missing = |name: &str| Failure::Broken(format!("the provider gave no `{name}`"));
        let place = |name: &str| -> Result<Option<String>, Failure> {
            let Some(place) = word(name) else { return Ok(None) };
            safe(place, name)?;
            Ok(Some(plain(place)))
        };
        let whole = place("verification_uri_complete")?;
        // An old draft, which some providers still speak, said `url`.
        let own = place("verification_uri")?.or(place("verification_url")?);
        let interval = answer.get("interval").and_then(Value::as_u64);
        let life = answer.get("expires_in").and_then(Value::as_i64);
        Ok(Self {
            told: Told {
                code: plain(word("user_code").ok_or_else(|| missing("user_code"))?),
                place: own.ok_or_else(|| missing("verification_uri"))?,
                whole,
            },
            device: word("device_code").ok_or_else(|| missing("device_code"))?.to_owned(),
            interval_seconds: interval.unwrap_or(INTERVAL_SECONDS).min(INTERVAL_SECONDS_MAX),
            life_seconds: life.unwrap_or(CODE_SECONDS_MAX).min(CODE_SECONDS_MAX),
        })
    }
}

/// What the next question is, after an answer.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    /// The same, after so many seconds.
    After(u64),
    /// None: somebody said no, or the code ended.
    Over(&'static str),
}

/// RFC 8628 §3.5.
fn next(code: &str, interval_seconds: u64) -> Next {
    match code {
        "authorization_pending" => Next::After(interval_seconds),
        "slow_down" => Next::After(interval_seconds.saturating_add(5).min(INTERVAL_SECONDS_MAX)),
        "access_denied" => Next::Over("whoever was asked there said no"),
        "expired_token" => Next::Over("the code has ended: run the command again"),
        _ => Next::Over("the provider's log says why"),
    }
}

fn poll(provider: &Provider, asked: &Asked, verifier: &str) -> Result<Tokens, Failure> {
    let until = now()?.plus_seconds(asked.life_seconds);
    let mut interval = asked.interval_seconds;
    while now()? < until {
        sleep(Duration::from_secs(interval));
        let fields = [
            ("grant_type", GRANT),
            ("device_code", asked.device.as_str()),
            ("code_verifier", verifier),
        ];
        match provider.token(&fields)? {
            Said::Tokens(tokens) => {
                provider.own(&tokens.id_token, None)?;
                return Ok(tokens);
            }
            Said::No { code, description } => match next(&code, interval) {
                Next::After(seconds) => interval = seconds,
                Next::Over(help) => return Err(refused(code, description, help)),
            },
        }
    }
    Err(Failure::Input("the code has ended\nhelp: run the command again".to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(place: &str) -> Value {
        json!({"device_code": "d", "user_code": "AB\u{1b}CD", "verification_uri": place,
               "verification_uri_complete": format!("{place}?c=ABCD"), "expires_in": 600,
               "interval": 7})
    }

    #[test]
    fn a_code_is_told_with_its_place_and_without_control_characters() {
        let asked = Asked::of(&answer("https://idp.example/device")).unwrap();
        assert_eq!(asked.told.place, "https://idp.example/device");
        assert!(!asked.told.code.contains(char::is_control), "{:?}", asked.told);
        assert_eq!((asked.interval_seconds, asked.life_seconds), (7, 600));
    }

    #[test]
    fn a_place_in_the_clear_is_not_told() {
        assert!(Asked::of(&answer("http://idp.example/device")).is_err());
        assert!(Asked::of(&answer("http://127.0.0.1:1/device")).is_ok());
        assert!(Asked::of(&json!({"user_code": "a", "verification_uri": "https://a"})).is_err());
    }

    #[test]
    fn the_interval_is_the_providers_and_grows_when_it_says_so() {
        assert_eq!(next("authorization_pending", 7), Next::After(7));
        assert_eq!(next("slow_down", 7), Next::After(12));
        assert_eq!(next("slow_down", 58), Next::After(INTERVAL_SECONDS_MAX));
        for over in ["access_denied", "expired_token", "invalid_client", ""] {
            assert!(matches!(next(over, 5), Next::Over(_)), "{over}");
        }
    }
}
