//! Exchanging a token that is for somebody else for one that is for us, at the provider that both
//! are of (RFC 8693).

use clap::ValueEnum;
use serde_json::Value;

use super::{Provider, refused};
use crate::exit::Failure;
use crate::print::plain;

/// The grant's name (§2.1).
const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
/// What the names of kinds of token begin with (§3).
const KINDS: &str = "urn:ietf:params:oauth:token-type:";
/// The kinds that a server can verify by itself, or ask the provider of.
const TAKEN: [&str; 3] = ["access_token", "id_token", "jwt"];

/// What a token is that is given in exchange (§3).
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
#[value(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// For calling somebody: most programs hold one.
    AccessToken,
    /// About a sign-in.
    IdToken,
    /// Any other JWT.
    Jwt,
}

impl Kind {
    /// Its name, as the command line has it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token",
            Self::IdToken => "id_token",
            Self::Jwt => "jwt",
        }
    }
}

/// What is asked for.
pub(crate) struct Wanted<'a> {
    /// What is given.
    pub(crate) kind: Kind,
    /// Whom the new token is to be for; without it, for our own client.
    pub(crate) audience: Option<&'a str>,
    /// The scopes of it.
    pub(crate) scope: Option<&'a str>,
}

impl Wanted<'_> {
    /// The parameters of the request (§2.1). An ID token names the client that asked; for another
    /// audience there are access tokens alone.
    fn fields(&self, token: &str) -> Vec<(&'static str, String)> {
        let requested = if self.audience.is_some() { "access_token" } else { "id_token" };
        let mut fields = vec![
            ("grant_type", GRANT.to_owned()),
            ("subject_token", token.to_owned()),
            ("subject_token_type", format!("{KINDS}{}", self.kind.name())),
            ("requested_token_type", format!("{KINDS}{requested}")),
        ];
        fields.extend(self.audience.map(|audience| ("audience", audience.to_owned())));
        match (self.scope, self.audience) {
            (Some(scope), _) => fields.push(("scope", scope.to_owned())),
            // As everywhere where an ID token is wanted.
            (None, None) => fields.push(("scope", "openid".to_owned())),
            (None, Some(_)) => {}
        }
        fields
    }
}

/// Exchanges a token.
pub(crate) fn exchange(
    provider: &Provider,
    token: &str,
    wanted: &Wanted<'_>,
) -> Result<String, Failure> {
    let fields = wanted.fields(token);
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let (status, answer) = provider.post("token_endpoint", &fields)?;
    let issued = issued(status, &answer)?;
    provider.of(&issued, wanted.audience.unwrap_or(&provider.client.id), None)?;
    Ok(issued)
}

/// The token of an answer (§2.2.1): its member is called `access_token` whatever it is.
fn issued(status: u16, answer: &Value) -> Result<String, Failure> {
    let word = |name: &str| answer.get(name).and_then(Value::as_str);
    if status != 200 {
        let code = word("error").map_or_else(|| format!("HTTP {status}"), plain);
        let help = "token exchange must be switched on at the provider for this client, and the \
                    token must be for it";
        return Err(refused(code, plain(word("error_description").unwrap_or_default()), help));
    }
    let kind = word("issued_token_type").and_then(|own| own.strip_prefix(KINDS));
    match (kind, word("access_token")) {
        (Some(kind), Some(token)) if TAKEN.contains(&kind) => Ok(token.to_owned()),
        (kind, _) => {
            let kind = plain(kind.unwrap_or("nothing that has a name"));
            Err(Failure::Input(format!("the provider gave {kind} in exchange, which is no use")))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_exchange_asks_for_a_token_for_us_or_for_whom_it_is_told() {
        let own = Wanted { kind: Kind::AccessToken, audience: None, scope: None };
        let said = own.fields("t");
        assert!(said.contains(&("subject_token_type", format!("{KINDS}access_token"))));
        assert!(said.contains(&("requested_token_type", format!("{KINDS}id_token"))));
        assert!(said.contains(&("scope", "openid".to_owned())));
        assert!(said.iter().all(|(name, _)| *name != "audience"));
        let other = Wanted { kind: Kind::Jwt, audience: Some("api://store"), scope: Some("s3") };
        let said = other.fields("t");
        assert!(said.contains(&("subject_token_type", format!("{KINDS}jwt"))));
        assert!(said.contains(&("requested_token_type", format!("{KINDS}access_token"))));
        assert!(said.contains(&("audience", "api://store".to_owned())));
        assert!(said.contains(&("scope", "s3".to_owned())));
    }

    #[test]
    fn what_is_given_in_exchange_must_be_a_token_that_can_be_verified() {
        let answer = |kind: &str| {
            json!({"access_token": "t", "issued_token_type": format!("{KINDS}{kind}"),
                   "token_type": "N_A"})
        };
        for good in TAKEN {
            assert_eq!(issued(200, &answer(good)).unwrap(), "t", "{good}");
        }
        for bad in ["refresh_token", "saml2", ""] {
            assert!(issued(200, &answer(bad)).is_err(), "{bad}");
        }
        for bad in [json!({}), json!({"access_token": "t"}), Value::Null] {
            assert!(issued(200, &bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_refusal_says_what_to_switch_on() {
        let no = json!({"error": "invalid_request", "error_description": "not\u{1b} allowed"});
        let said = issued(400, &no).unwrap_err().to_string();
        assert!(said.contains("not") && !said.contains('\u{1b}'), "{said}");
        assert!(issued(503, &Value::Null).unwrap_err().to_string().contains("503"));
    }
}
