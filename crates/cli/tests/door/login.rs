//! The one row that a stranger may come to by itself: sign-in with a provider's token. The provider
//! is a thread of this test, on loopback.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::client::{Answer, Ask, By, machine_time};
use crate::fixture::{EVERYTHING, House, encoded, house, session};
use crate::record::Sent;
use crate::server::OWNER;

/// Who a token must be for.
pub(crate) const CLIENT: &str = "door";

/// An OpenID provider with one key. Its thread ends with the test process.
pub(crate) struct Provider {
    address: SocketAddr,
    key: Arc<Ed25519KeyPair>,
    meanwhile: Meanwhile,
}

/// What happens, once, while a provider is asked for its keys.
type Meanwhile = Arc<Mutex<Option<Box<dyn FnOnce() + Send>>>>;

impl Provider {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let key = Arc::new(Ed25519KeyPair::generate().unwrap());
        let (issuer, point) = (format!("http://{address}"), encode(key.public_key().as_ref()));
        let meanwhile = Meanwhile::default();
        let hook = Arc::clone(&meanwhile);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that goes away is its own affair.
                let _ = serve(stream, &issuer, &point, &hook);
            }
        });
        Self { address, key, meanwhile }
    }

    /// Where it is, as an issuer.
    pub(crate) fn issuer(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A token with these claims, signed.
    pub(crate) fn token(&self, header: &Value, claims: &Value) -> String {
        let signed = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
        let signature = self.key.sign(signed.as_bytes());
        format!("{signed}.{}", encode(signature.as_ref()))
    }
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn serve(
    mut stream: TcpStream,
    issuer: &str,
    point: &str,
    meanwhile: &Meanwhile,
) -> std::io::Result<()> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte)? == 1 {
        head.push(byte[0]);
    }
    let key = json!({"kty": "OKP", "crv": "Ed25519", "kid": "one", "use": "sig", "x": point});
    let body = match head.starts_with(b"GET /jwks ") {
        true => {
            if let Some(once) = meanwhile.lock().unwrap().take() {
                once();
            }
            json!({ "keys": [key] })
        }
        false => json!({
            "issuer": issuer,
            "jwks_uri": format!("{issuer}/jwks"),
            "authorization_endpoint": format!("{issuer}/authorize"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["EdDSA"],
        }),
    };
    let body = body.to_string();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())
}

pub(crate) fn header() -> Value {
    json!({"alg": "EdDSA", "kid": "one", "typ": "JWT"})
}

/// The claims of a good token, with one of them changed.
pub(crate) fn claims(provider: &Provider, name: &str, value: Value) -> Value {
    let now = machine_time().seconds();
    let mut claims = json!({
        "iss": provider.issuer(), "aud": CLIENT, "sub": "ana",
        "iat": now, "nbf": now, "exp": now + 300,
    });
    claims[name] = value;
    claims
}

/// A sign-in for a role.
fn sign_in(role: &str, token: &str) -> Ask {
    let role = encoded(&format!("arn:aws:iam::{OWNER}:role/{role}"));
    let fields = format!("RoleArn={role}&RoleSessionName=ana&WebIdentityToken={}", encoded(token));
    Ask::form("sts", "AssumeRoleWithWebIdentity", &fields)
}

/// Two roles of which she may take one, and a way to try.
struct Door {
    house: Arc<House>,
    sent: Sent,
}

impl Door {
    /// A provider of the server's that calls itself `name`, and roles that trust it.
    fn new(name: &str) -> Self {
        let house = house();
        let issuer = house.provider.issuer();
        Self::trusting(house, name, &issuer)
    }

    /// The same, of another provider.
    fn trusting(house: Arc<House>, name: &str, issuer: &str) -> Self {
        let make = house.make();
        let add = json!({"name": name, "issuer": issuer, "client_ids": [CLIENT]});
        let added = make.send(&Ask::admin("POST", "providers", &add.to_string()));
        // The other test of this file may have been first.
        assert!(matches!(added.status, 200 | 409), "{added:?}");
        let provider = issuer.replace("http://", "");
        let arn = format!("arn:aws:iam::{OWNER}:oidc-provider/{provider}");
        for (role, subject) in [("Hers", "ana"), ("NotHers", "bo")] {
            let trust = json!({"Version": "2012-10-17", "Statement": {
                "Effect": "Allow",
                "Principal": {"Federated": arn},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {"StringEquals": {(format!("{provider}:sub")): subject}},
            }});
            make.role(&format!("{name}-{role}"), &trust.to_string(), EVERYTHING);
        }
        Self { house, sent: Sent::default() }
    }

    /// Tries, and checks what becomes of it.
    fn post(&mut self, what: &str, ask: &Ask, by: By<'_>, expected: Expected) -> Answer {
        let answer = self.house.client.send(ask, by);
        expected.check(what, &answer, &mut self.sent);
        answer
    }

    fn check_record(&self) {
        let House { client, root, server, .. } = &*self.house;
        self.sent.check(*client, root, &server.journal());
    }
}

#[test]
fn a_sign_in_lets_in_whom_a_provider_vouches_for_and_the_role_trusts() {
    let mut door = Door::new("vouching");
    let house = Arc::clone(&door.house);
    let good = house.provider.token(&header(), &claims(&house.provider, "sub", json!("ana")));
    let hers = sign_in("vouching-Hers", &good);
    let let_in = door.post("ana", &hers, By::Nobody, Expected::In);
    let session = session(&let_in);
    house.send(&Ask::s3("GET", "/"), &session).expect(200);
    // Whoever brings a credential of another kind is not let in by the token.
    let other = Expected::Out(400, "ValidationError", "malformed");
    door.post("a signed sign-in", &hers, By::Key(&house.admin), other);
    let revoked = Expected::Out(403, "ExpiredToken", "revoked");
    door.post("a revoked session's sign-in", &hers, By::Key(&house.revoked), revoked);
    // Roles that do not trust her, or are none.
    let denied = Expected::Out(403, "AccessDenied", "denied");
    door.post("not hers", &sign_in("vouching-NotHers", &good), By::Nobody, denied);
    door.post("no role", &sign_in("Nobodys", &good), By::Nobody, denied);
    door.check_record();
}

#[test]
fn a_provider_that_is_reconfigured_while_it_is_asked_is_asked_again() {
    let house = house();
    let (client, root) = (house.client, house.root.clone());
    let rules = Ask::admin("PUT", "providers/changing/rules", r#"{"rules":[]}"#);
    let mut door = Door::trusting(Arc::clone(&house), "changing", &house.spare[0].issuer());
    let provider = &house.spare[0];
    let reconfigured = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&reconfigured);
    *provider.meanwhile.lock().unwrap() = Some(Box::new(move || {
        let answer = client.send(&rules, By::Key(&root));
        seen.store(answer.status == 200, Ordering::SeqCst);
    }));
    let token = provider.token(&header(), &claims(provider, "sub", json!("ana")));
    door.post("ana", &sign_in("changing-Hers", &token), By::Nobody, Expected::In);
    assert!(reconfigured.load(Ordering::SeqCst));
    let denied = Expected::Out(403, "AccessDenied", "denied");
    door.post("not hers", &sign_in("changing-NotHers", &token), By::Nobody, denied);
    door.check_record();
}

#[test]
fn a_session_without_a_role_is_listed_as_its_persons_until_they_are_shown_out() {
    let house = house();
    let (make, provider) = (house.make(), &house.spare[1]);
    let issuer = provider.issuer();
    let arn = format!("arn:aws:iam::{OWNER}:oidc-provider/{}", issuer.replace("http://", ""));
    let trust = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow",
        "Principal": {"Federated": arn},
        "Action": "sts:AssumeRoleWithWebIdentity",
    }});
    let trust = trust.to_string();
    let add = json!({"name": "people", "issuer": issuer, "client_ids": [CLIENT], "trust": trust});
    make.send(&Ask::admin("POST", "providers", &add.to_string())).expect(200);
    let document = encoded(EVERYTHING);
    make.iam("CreatePolicy", &format!("PolicyName=people&PolicyDocument={document}"));
    let policy = format!("arn:aws:iam::{OWNER}:policy/people");
    let when = json!([{"on": "claim", "claim": "sub", "equals": "bo"}]);
    let rules = json!({"rules": [{"name": "bo", "when": when, "policies": [policy]}]});
    make.send(&Ask::admin("PUT", "providers/people/rules", &rules.to_string())).expect(200);

    let token = provider.token(&header(), &claims(provider, "sub", json!("bo")));
    let fields = format!("RoleSessionName=bo&WebIdentityToken={}", encoded(&token));
    let sign_in = Ask::form("sts", "AssumeRoleWithWebIdentity", &fields);
    let answer = house.client.send(&sign_in, By::Nobody).expect(200);
    let (session, user) = (session(&answer), answer.element("Arn").unwrap());
    assert!(user.contains(":user/federated/people/"), "{user}");
    let listed = || {
        let all = make.send(&Ask::admin("GET", "sessions", "")).expect(200).json();
        let all = all["sessions"].as_array().unwrap().clone();
        all.into_iter().find(|one| one["access_key_id"] == session.access_key_id.as_str())
    };
    assert_eq!(listed().unwrap()["principal"], user.as_str());

    house.send(&Ask::s3("GET", "/"), &session).expect(200);
    let revoke = json!({ "principal": user }).to_string();
    make.send(&Ask::admin("POST", "sessions/revoke", &revoke)).expect(200);
    let ended = house.send(&Ask::s3("GET", "/"), &session);
    assert_eq!((ended.status, ended.code().as_str()), (400, "ExpiredToken"));
    assert_eq!(listed(), None);
}

/// corpus: STS-04, STS-05
/// oracle: answer, record, twin
#[test]
fn a_token_that_proves_nothing_lets_nobody_in() {
    let mut door = Door::new("doubting");
    let house = Arc::clone(&door.house);
    let plain = claims(&house.provider, "sub", json!("ana"));
    let good = house.provider.token(&header(), &plain);
    let bad = Expected::Out(400, "InvalidIdentityToken", "login-refused");
    let ended = Expected::Out(400, "ExpiredTokenException", "login-refused");
    let now = machine_time().seconds();
    let with = |name: &str, value: Value| {
        house.provider.token(&header(), &claims(&house.provider, name, value))
    };
    let headed = |header: Value| house.provider.token(&header, &plain);
    for (what, token, expected) in [
        ("a good token", good.clone(), Expected::In),
        ("no token at all", "a.b.c".to_owned(), bad),
        ("another audience", with("aud", json!("window")), bad),
        ("another issuer", with("iss", json!("http://127.0.0.1:9")), bad),
        ("not yet valid", with("nbf", json!(now + 120)), bad),
        ("expired", with("exp", json!(now - 120)), ended),
        ("alg none", headed(json!({"alg": "none", "kid": "one"})), bad),
        ("an unknown key", headed(json!({"alg": "EdDSA", "kid": "two"})), bad),
        ("HS256", headed(json!({"alg": "HS256", "kid": "one"})), bad),
        ("another's signature", forged_signature(&good), bad),
    ] {
        door.post(what, &sign_in("doubting-Hers", &token), By::Nobody, expected);
    }
    let bare = Ask::form("sts", "AssumeRoleWithWebIdentity", "RoleArn=a&RoleSessionName=ana");
    let none = Expected::Out(400, "ValidationError", "malformed");
    door.post("no token", &bare, By::Nobody, none);
    door.check_record();
}

/// The token with another signature of the right length.
pub(crate) fn forged_signature(token: &str) -> String {
    let (signed, _) = token.rsplit_once('.').unwrap();
    format!("{signed}.{}", encode([7; 64]))
}

/// What becomes of a sign-in.
#[derive(Clone, Copy)]
enum Expected {
    In,
    /// Status, code and recorded reason.
    Out(u16, &'static str, &'static str),
}

impl Expected {
    fn check(self, what: &str, answer: &Answer, sent: &mut Sent) {
        match self {
            Self::In => {
                assert_eq!(answer.status, 200, "{what}: {answer:?}");
                sent.allowed(what, answer);
            }
            Self::Out(status, code, reason) => {
                let found = (answer.status, answer.code());
                assert_eq!(found, (status, code.to_owned()), "{what}: {answer:?}");
                assert!(answer.element("SessionToken").is_none(), "{what}");
                sent.refused(what, answer, reason);
            }
        }
    }
}
