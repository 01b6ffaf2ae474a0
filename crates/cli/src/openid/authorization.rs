//! The address that a browser is sent to, and what may come back from it.
//!
//! Authorization code with PKCE S256, state and nonce, on a loopback address (RFC 8252 §7.3). One
//! attempt takes one answer: that of the browser which began it (a cookie), to this question
//! (`state`), from this provider (`iss`, RFC 9207).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use super::Provider;
use crate::dice;
use crate::exit::Failure;
use crate::print::plain;

/// The path that providers send people back to.
pub(crate) const CALLBACK: &str = "/callback";
/// The cookie by which the browser that began is known.
const COOKIE: &str = "strongroom-login";

/// One attempt to sign in.
pub(crate) struct Attempt {
    port: u16,
    issuer: String,
    names_itself: bool,
    /// Where the browser begins.
    start: String,
    cookie: String,
    state: String,
    pub(crate) nonce: String,
    pub(crate) verifier: String,
}

/// What becomes of a request to the loopback listener.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The browser begins: it gets the cookie and goes to the provider.
    Begins,
    /// The code.
    Code(String),
    /// The provider's no, or the answer of another provider: the attempt is over.
    Over(String),
    /// Nothing of this attempt: it is answered so, and the attempt goes on.
    Noise(u16, &'static str),
}

impl Attempt {
    /// An attempt that comes back to this port. Every secret of it is new.
    pub(crate) fn new(provider: &Provider, port: u16) -> Result<Self, Failure> {
        let methods = provider.list("code_challenge_methods_supported");
        if methods.is_some_and(|known| !known.contains(&"S256")) {
            return Err(Failure::Input(format!(
                "`{}` takes no PKCE with S256: a code could be used by whoever sees it\nhelp: \
                 switch PKCE with S256 on for this client there, or use --device",
                provider.client.issuer
            )));
        }
        Ok(Self {
            port,
            issuer: provider.client.issuer.clone(),
            names_itself: provider.names_itself(),
            start: dice::word()?,
            cookie: dice::word()?,
            state: dice::word()?,
            nonce: dice::word()?,
            verifier: dice::word()?,
        })
    }

    /// Where the provider sends people back to. Made of our own port alone.
    pub(crate) fn redirect(&self) -> String {
        format!("http://127.0.0.1:{}{CALLBACK}", self.port)
    }

    /// Where the browser begins.
    pub(crate) fn start(&self) -> String {
        format!("http://127.0.0.1:{}/start/{}", self.port, self.start)
    }

    /// The cookie that the browser gets when it begins.
    pub(crate) fn set_cookie(&self) -> String {
        format!("{COOKIE}={}; Path={CALLBACK}; HttpOnly; SameSite=Lax", self.cookie)
    }

    /// The provider's address, with everything that it is asked.
    pub(crate) fn address(
        &self,
        provider: &Provider,
        scope: &str,
        prompt: Option<&str>,
    ) -> Result<String, Failure> {
        let member = "authorization_endpoint";
        let place = provider.endpoint(member)?.ok_or_else(|| provider.lacks(member))?;
        let challenge = challenge(&self.verifier);
        let redirect = self.redirect();
        let mut pairs = vec![
            ("response_type", "code"),
            ("client_id", &provider.client.id),
            ("redirect_uri", &redirect),
            ("scope", scope),
            ("state", &self.state),
            ("nonce", &self.nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        pairs.extend(prompt.map(|prompt| ("prompt", prompt)));
        let query: Vec<String> =
            pairs.iter().map(|(name, value)| crate::verbs::parameter(name, value)).collect();
        let joint = if place.contains('?') { '&' } else { '?' };
        Ok(format!("{place}{joint}{}", query.join("&")))
    }

    /// What the head of a request to the listener means.
    pub(crate) fn judge(&self, head: &str) -> Verdict {
        let mut lines = head.split("\r\n");
        let mut words = lines.next().unwrap_or_default().split(' ');
        let (Some("GET"), Some(target), Some("HTTP/1.1" | "HTTP/1.0"), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Verdict::Noise(405, "only a browser's GET is answered here");
        };
        let headers: Vec<(&str, &str)> =
            lines.filter_map(|line| line.split_once(':')).map(|(n, v)| (n, v.trim())).collect();
        let all = |name: &str| -> Vec<&str> {
            let same = |(own, _): &&(&str, &str)| own.eq_ignore_ascii_case(name);
            headers.iter().filter(same).map(|(_, value)| *value).collect()
        };
        // A page of another name that leads here (DNS rebinding) is not answered.
        if all("host") != [format!("127.0.0.1:{}", self.port)] {
            return Verdict::Noise(421, "this is not the place that was asked for");
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if path == format!("/start/{}", self.start) {
            return Verdict::Begins;
        }
        if path != CALLBACK {
            return Verdict::Noise(404, "nothing is here");
        }
        let own = format!("{COOKIE}={}", self.cookie);
        let cookies = all("cookie");
        if !cookies.iter().flat_map(|line| line.split(';')).any(|one| one.trim() == own) {
            return Verdict::Noise(400, "this browser did not begin a sign-in here");
        }
        self.answered(query)
    }

    /// What the parameters of the way back mean.
    fn answered(&self, query: &str) -> Verdict {
        let mut pairs = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decoded = [name, value].map(|text| wire::percent_decode(text.as_bytes()));
            let [Some(name), Some(value)] = decoded else {
                return Verdict::Noise(400, "the answer cannot be read");
            };
            if pairs.iter().any(|(known, _)| *known == name) {
                return Verdict::Noise(400, "the answer says something twice");
            }
            pairs.push((name, value));
        }
        let one = |wanted: &str| {
            pairs.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
        };
        if one("state") != Some(&self.state) {
            return Verdict::Noise(400, "this answer belongs to no sign-in that was begun here");
        }
        match one("iss") {
            Some(issuer) if issuer != self.issuer => {
                return Verdict::Over(format!("another provider answered: `{}`", plain(issuer)));
            }
            None if self.names_itself => {
                return Verdict::Over("the answer does not say which provider it is of".to_owned());
            }
            _ => {}
        }
        match (one("error"), one("code")) {
            (Some(error), _) => {
                let more = one("error_description").unwrap_or_default();
                Verdict::Over(format!("the provider says {}: {}", plain(error), plain(more)))
            }
            (None, Some(code)) if !code.is_empty() => Verdict::Code(code.to_owned()),
            (None, _) => Verdict::Over("the provider sent neither a code nor an error".to_owned()),
        }
    }
}

/// What is told of a verifier beforehand (RFC 7636 §4.2, `S256`).
pub(super) fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::tests::provider;
    use super::*;

    const PORT: u16 = 41_000;

    fn attempt(more: &Value) -> Attempt {
        Attempt::new(&provider(more), PORT).unwrap()
    }

    fn head(target: &str, host: &str, cookie: &str) -> String {
        format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n")
    }

    fn back(attempt: &Attempt, query: &str) -> Verdict {
        let cookie = format!("other=1; {COOKIE}={}", attempt.cookie);
        let target = format!("{CALLBACK}?{}", query.replace("STATE", &attempt.state));
        attempt.judge(&head(&target, &format!("127.0.0.1:{PORT}"), &cookie))
    }

    fn noise(verdict: &Verdict) -> bool {
        matches!(verdict, Verdict::Noise(..))
    }

    /// corpus: OID-03
    /// oracle: answer, twin
    #[test]
    fn a_code_is_taken_with_the_state_of_this_attempt_and_with_no_other() {
        let one = attempt(&json!({}));
        assert_eq!(back(&one, "code=c%2Bd&state=STATE"), Verdict::Code("c+d".to_owned()));
        let other = attempt(&json!({}));
        for bad in [
            "code=c".to_owned(),
            "code=c&state=".to_owned(),
            format!("code=c&state={}", other.state),
            "code=c&state=STATE&state=STATE".to_owned(),
            "code=c&code=d&state=STATE".to_owned(),
            "code=%zz&state=STATE".to_owned(),
        ] {
            assert!(noise(&back(&one, &bad)), "{bad}");
        }
        let words = [&one.state, &one.nonce, &one.verifier, &one.cookie, &one.start];
        for (place, word) in words.iter().enumerate() {
            assert!(word.len() >= 43 && !words[..place].contains(word), "{word}");
        }
        assert!(one.state != other.state && one.verifier != other.verifier);
    }

    /// corpus: OID-04
    /// oracle: answer, twin
    #[test]
    fn every_code_is_bound_by_a_digest_and_a_provider_that_takes_none_is_not_asked() {
        let good = provider(&json!({"code_challenge_methods_supported": ["plain", "S256"]}));
        let one = Attempt::new(&good, PORT).unwrap();
        let address = one.address(&good, "openid", None).unwrap();
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&one.verifier));
        assert!(
            address.contains(&format!("code_challenge={challenge}&code_challenge_method=S256"))
        );
        assert!(!address.contains(&one.verifier), "{address}");
        for none in [json!(["plain"]), json!([])] {
            let bad = provider(&json!({"code_challenge_methods_supported": none}));
            assert!(Attempt::new(&bad, PORT).is_err());
        }
    }

    /// corpus: OID-05
    /// oracle: answer, twin
    #[test]
    fn an_answer_in_a_browser_that_did_not_begin_is_not_taken() {
        let one = attempt(&json!({}));
        let (host, target) =
            (format!("127.0.0.1:{PORT}"), format!("{CALLBACK}?code=c&state={}", one.state));
        for cookie in
            ["", "other=1", &format!("{COOKIE}=guessed"), &format!("x{COOKIE}={}", one.cookie)]
        {
            assert!(noise(&one.judge(&head(&target, &host, cookie))), "{cookie}");
        }
        let own = format!("{COOKIE}={}", one.cookie);
        assert_eq!(one.judge(&head(&target, &host, &own)), Verdict::Code("c".to_owned()));
        let start = one.start().split_once(&host).unwrap().1.to_owned();
        assert_eq!(one.judge(&head(&start, &host, "")), Verdict::Begins);
        assert!(noise(&one.judge(&head("/start/guessed", &host, ""))));
    }

    /// corpus: OID-01, OID-07
    /// oracle: answer, twin
    #[test]
    fn the_way_back_is_this_machines_port_whatever_a_request_says_of_itself() {
        let one = attempt(&json!({}));
        let whole = provider(&json!({}));
        assert_eq!(one.redirect(), format!("http://127.0.0.1:{PORT}/callback"));
        let address = one.address(&whole, "openid", None).unwrap();
        assert!(address.contains("redirect_uri=http%3A%2F%2F127.0.0.1%3A41000%2Fcallback&"));
        let own = format!("{COOKIE}={}", one.cookie);
        let target = format!("{CALLBACK}?code=c&state={}", one.state);
        for host in ["evil.example", "localhost:41000", "127.0.0.1", "127.0.0.1:41001", ""] {
            assert!(noise(&one.judge(&head(&target, host, &own))), "{host}");
        }
        for path in ["/callback/", "//callback", "/Callback", "/x/../callback", "/callback%2f", "/"]
        {
            let target = target.replace(CALLBACK, path);
            assert!(
                noise(&one.judge(&head(&target, &format!("127.0.0.1:{PORT}"), &own))),
                "{path}"
            );
        }
        let twice = format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\nHost: evil\r\n");
        assert!(noise(&one.judge(&twice)));
        let posted = head(&target, &format!("127.0.0.1:{PORT}"), &own).replace("GET", "POST");
        assert!(noise(&one.judge(&posted)));
    }

    /// corpus: OID-08
    /// oracle: answer, twin
    #[test]
    fn no_request_object_is_sent_and_nothing_that_came_becomes_an_address() {
        let whole = provider(&json!({"request_uri_parameter_supported": true}));
        let one = Attempt::new(&whole, PORT).unwrap();
        let address = one.address(&whole, "openid", Some("consent")).unwrap();
        let (place, query) = address.split_once('?').unwrap();
        assert_eq!(place, "https://idp.example/auth");
        let names: Vec<&str> =
            query.split('&').map(|pair| pair.split_once('=').unwrap().0).collect();
        let asked = [
            "tenant",
            "response_type",
            "client_id",
            "redirect_uri",
            "scope",
            "state",
            "nonce",
            "code_challenge",
            "code_challenge_method",
            "prompt",
        ];
        assert_eq!(names, asked);
        for more in
            ["request_uri=http://169.254.169.254/", "request=e30.e30.", "redirect_uri=http://evil"]
        {
            let answered = back(&one, &format!("code=c&state=STATE&{more}"));
            assert_eq!(answered, Verdict::Code("c".to_owned()));
        }
    }

    /// corpus: OID-12
    /// oracle: answer, twin
    #[test]
    fn the_answer_of_another_provider_ends_the_attempt() {
        let silent = attempt(&json!({}));
        let named = attempt(&json!({"authorization_response_iss_parameter_supported": true}));
        let good = "code=c&state=STATE&iss=https%3A%2F%2Fidp.example";
        for one in [&silent, &named] {
            assert_eq!(back(one, good), Verdict::Code("c".to_owned()));
            let swapped = back(one, "code=c&state=STATE&iss=https%3A%2F%2Fevil.example");
            assert!(matches!(swapped, Verdict::Over(_)), "{swapped:?}");
        }
        assert_eq!(back(&silent, "code=c&state=STATE"), Verdict::Code("c".to_owned()));
        assert!(matches!(back(&named, "code=c&state=STATE"), Verdict::Over(_)));
    }

    #[test]
    fn a_providers_no_ends_the_attempt_and_anybody_elses_does_not() {
        let one = attempt(&json!({}));
        let no = back(&one, "error=access_denied&error_description=a%0a%1b[31mb&state=STATE");
        let Verdict::Over(text) = no else { panic!("{no:?}") };
        assert!(text.contains("access_denied") && !text.contains(char::is_control), "{text:?}");
        assert!(noise(&back(&one, "error=access_denied")));
    }
}
