//! What a token leaves out, asked for through the whole server: groups of Entra, Google and Okta,
//! tokens that only their provider can read, claims that it tells apart from them. The vendors are
//! testkit's stubs of what they document, behind HTTP on loopback.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use testkit::vendors::{
    APPLICATION, Answered, Asked, Entra, GOOGLE_CLIENT, Google, Mood, OKTA_ANA, OKTA_APP, OKTA_KEY,
    OKTA_ORG, Okta, SECRET, TENANT, entra_group, entra_token, google_group, google_token,
    okta_access_token,
};

use crate::client::{Answer, Ask, By, Client, machine_time};
use crate::fixture::{EVERYTHING, Maker, encoded, session};
use crate::login::header;
use crate::record::Sent;
use crate::server::{OWNER, Server, root};

/// Answers; `None` if it never does.
type Answers = Box<dyn Fn(&Asked<'_>) -> Option<Answered> + Send>;

/// A vendor on loopback: its issuer, and whatever else it is asked.
struct Vendor {
    address: SocketAddr,
    key: Ed25519KeyPair,
    /// What comes after the address in the issuer.
    path: &'static str,
    answers: Arc<Mutex<Answers>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Vendor {
    fn start(path: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let key = Ed25519KeyPair::generate().unwrap();
        let point = URL_SAFE_NO_PAD.encode(key.public_key().as_ref());
        let nothing: Answers = Box::new(|_| None);
        let answers = Arc::new(Mutex::new(nothing));
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let desk = Desk { address, path, point, answers: answers.clone(), asked: asked.clone() };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let desk = desk.clone();
                // A client that goes away is its own affair.
                std::thread::spawn(move || desk.serve(stream));
            }
        });
        Self { address, key, path, answers, asked }
    }

    fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    fn issuer(&self) -> String {
        format!("{}{}", self.origin(), self.path)
    }

    fn says(&self, answers: impl Fn(&Asked<'_>) -> Option<Answered> + Send + 'static) {
        *self.answers.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(answers);
    }

    /// How many times it was asked something with that in its address.
    fn asked(&self, part: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|url| url.contains(part)).count()
    }

    /// A token of its issuer with these claims, signed.
    fn token(&self, mut claims: Value) -> String {
        claims["iss"] = self.issuer().into();
        let parts = [header(), claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let signed = parts.join(".");
        let signature = self.key.sign(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }
}

#[derive(Clone)]
struct Desk {
    address: SocketAddr,
    path: &'static str,
    point: String,
    answers: Arc<Mutex<Answers>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Desk {
    fn serve(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let (mut head, mut byte) = (Vec::new(), [0]);
        while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte)? == 1 {
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).unwrap();
        let field = |name: &str| {
            let lines = head.lines().filter_map(|line| line.split_once(": "));
            lines.filter(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
        };
        let length = field("content-length").map_or(0, |text| text.parse().unwrap());
        let mut body = vec![0; length];
        stream.read_exact(&mut body)?;
        let path = head.split(' ').nth(1).unwrap_or_default();
        let form = head.starts_with("POST ").then(|| String::from_utf8(body).unwrap());
        let Some(said) = self.answer(path, form.as_deref(), field("authorization")) else {
            // Nothing is ever said, and the connection stays.
            std::thread::sleep(Duration::from_secs(30));
            return Ok(());
        };
        let wait = said.retry_after_seconds.map(|s| ("retry-after", s.to_string()));
        let more = wait.into_iter().chain(said.headers);
        let more: String = more.map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let head = format!(
            "HTTP/1.1 {} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{}\
             connection: close\r\n\r\n",
            said.status,
            said.body.len(),
            more
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(said.body.as_bytes())
    }

    fn answer(
        &self,
        path: &str,
        form: Option<&str>,
        authorization: Option<&str>,
    ) -> Option<Answered> {
        let origin = format!("http://{}", self.address);
        let issuer = format!("{origin}{}", self.path);
        let said = |body: Value| Some(Answered::json(200, &body));
        if path == format!("{}/.well-known/openid-configuration", self.path) {
            return said(json!({
                "issuer": issuer, "jwks_uri": format!("{origin}/jwks"),
                "authorization_endpoint": format!("{origin}/authorize"),
                "response_types_supported": ["code"], "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["EdDSA"],
            }));
        }
        if path == "/jwks" {
            let key = json!({"kty": "OKP", "crv": "Ed25519", "kid": "one", "use": "sig",
                "x": self.point});
            return said(json!({ "keys": [key] }));
        }
        self.asked.lock().unwrap().push(path.to_owned());
        // The stubs know themselves by the vendors' own addresses.
        let (own, real) = (origin.clone(), vendors_own(path));
        let url = format!("{real}{path}");
        let scope = encoded("https://graph.microsoft.com");
        let form = form.map(|form| form.replace(&encoded(&own), &scope));
        let asked = Asked { url: &url, form: form.as_deref(), authorization };
        let said = self.answers.lock().unwrap_or_else(PoisonError::into_inner)(&asked)?;
        let headers = said.headers.into_iter();
        let headers = headers.map(|(name, value)| (name, value.replace(real, &own))).collect();
        Some(Answered { body: said.body.replace(real, &own), headers, ..said })
    }
}

/// Where the vendor has that path.
fn vendors_own(path: &str) -> &'static str {
    match () {
        () if path.starts_with("/v1.0/") => "https://graph.microsoft.com",
        () if path.ends_with("/oauth2/v2.0/token") => "https://login.microsoftonline.com",
        () if path.starts_with("/api/v1/") || path == "/oauth2/v1/token" => OKTA_ORG,
        () if path == "/token" => "https://oauth2.googleapis.com",
        () => "https://admin.googleapis.com",
    }
}

/// A server with one provider and one lookup.
struct Office {
    vendor: Vendor,
    server: Server,
    client: Client,
    sent: Sent,
    _folder: tempfile::TempDir,
}

impl Office {
    fn build(path: &'static str, client_id: &str, lookup: impl Fn(&str) -> String) -> Self {
        let vendor = Vendor::start(path);
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        std::fs::write(folder.path().join("secret"), SECRET).unwrap();
        let key = pem();
        std::fs::write(folder.path().join("account.json"), account_file(&key)).unwrap();
        std::fs::write(folder.path().join("key.pem"), key).unwrap();
        let table = lookup(&vendor.origin()).replace("FOLDER", folder.path().to_str().unwrap());
        let file = folder.path().join("lookups.toml");
        let table = format!("[[lookup]]\nissuer = \"{}\"\n{table}\n", vendor.issuer());
        std::fs::write(&file, table).unwrap();
        let settings = [
            ("STRONGROOM_OIDC_LOOKUPS_FILE", file.to_str().unwrap().to_owned()),
            ("STRONGROOM_OIDC_HTTP_ORIGINS", vendor.origin()),
        ];
        let server = Server::with(settings.to_vec());
        let client = Client { address: server.address, now: None };
        let host = vendor.issuer().replace("http://", "");
        let arn = format!("arn:aws:iam::{OWNER}:oidc-provider/{host}");
        let office = Self { vendor, server, client, sent: Sent::default(), _folder: folder };
        let trust = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
            "Principal": {"Federated": arn}, "Action": "sts:AssumeRoleWithWebIdentity"}});
        let add = json!({"name": "vendor", "issuer": office.vendor.issuer(),
            "client_ids": [client_id], "claims": {"groups": "groups"},
            "trust": trust.to_string()});
        let root = root();
        let make = Maker { client, by: &root };
        make.send(&Ask::admin("POST", "providers", &add.to_string())).expect(200);
        let document = encoded(EVERYTHING);
        make.iam("CreatePolicy", &format!("PolicyName=all&PolicyDocument={document}"));
        office
    }

    /// Whoever is in that group, or has that claim, may do everything.
    fn allows(&self, test: &Value) {
        let policy = format!("arn:aws:iam::{OWNER}:policy/all");
        let rules = json!({"rules": [{"name": "r", "when": [test], "policies": [policy]}]});
        let ask = Ask::admin("PUT", "providers/vendor/rules", &rules.to_string());
        self.client.send(&ask, By::Key(&root())).expect(200);
    }

    fn sign_in(&self, token: &str) -> (Answer, Duration) {
        let fields =
            format!("RoleSessionName=ana&ProviderId=vendor&WebIdentityToken={}", encoded(token));
        #[expect(clippy::disallowed_methods, reason = "what is tested is how long it takes")]
        let began = Instant::now();
        let ask = Ask::form("sts", "AssumeRoleWithWebIdentity", &fields);
        (self.client.send(&ask, By::Nobody), began.elapsed())
    }

    /// What a request by the session that a token opens is answered.
    fn reads(&mut self, what: &str, token: &str) -> u16 {
        let answer = self.sign_in(token).0.expect(200);
        self.sent.allowed(what, &answer);
        self.client.send(&Ask::s3("GET", "/"), By::Key(&session(&answer))).status
    }

    /// A sign-in that is refused within five seconds, and what the log says of why.
    fn refused(&mut self, what: &str, token: &str, (code, cause): (&str, &str)) {
        let (answer, took) = self.sign_in(token);
        assert_eq!((answer.status, answer.code()), (400, code.to_owned()), "{what}: {answer:?}");
        assert!(took < Duration::from_millis(5_500), "{what}: {took:?}");
        assert!(answer.element("SessionToken").is_none(), "{what}");
        self.sent.refused(what, &answer, "login-refused");
        let log = std::fs::read_to_string(self.server.directory().join("server.log")).unwrap();
        assert!(log.contains(cause), "{what}: {log}");
    }

    /// The finding on groups that `strongroom idp check` shows.
    fn finding(&self, token: &str) -> Value {
        let ask = json!({ "token": token }).to_string();
        let ask = Ask::admin("POST", "providers/check", &ask);
        let said = self.client.send(&ask, By::Key(&root())).expect(200).json();
        let all = said["findings"].as_array().unwrap().clone();
        all.into_iter().find(|finding| finding["check"] == "groups").unwrap()
    }

    /// What `strongroom idp doctor vendor --token-file -` says, and whether it is content.
    fn doctor(&self, token: &str) -> (bool, String) {
        let root = root();
        let mut child = Command::new(env!("CARGO_BIN_EXE_strongroom"))
            .args(["idp", "doctor", "vendor", "--token-file", "-"])
            .args(["--endpoint", &format!("http://{}", self.client.address)])
            .env_clear()
            .env("AWS_ACCESS_KEY_ID", root.access_key_id.as_str())
            .env("AWS_SECRET_ACCESS_KEY", root.secret.expose())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(format!("{token}\n").as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        for part in token.split('.').filter(|part| part.len() > 20) {
            assert!(!said.iter().any(|text| text.contains(part)), "{said:?}");
        }
        (output.status.success(), said.concat())
    }

    fn check_record(&self) {
        self.sent.check(self.client, &root(), &self.server.journal());
    }
}

/// A private key of ours, as vendors write it.
fn pem() -> String {
    let key = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let key: aws_lc_rs::encoding::Pkcs8V1Der<'_> = key.as_der().unwrap();
    let key = STANDARD.encode(key.as_ref());
    format!("-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----\n")
}

/// A service account's key, as Google makes the file.
fn account_file(pem: &str) -> String {
    json!({"type": "service_account", "private_key_id": "key-1", "private_key": pem,
        "client_email": "groups@p.iam.gserviceaccount.com"})
    .to_string()
}

fn now() -> i64 {
    machine_time().seconds()
}

const UNREACHABLE: &str = "IDPCommunicationError";
/// The issuer of the tenant, after its address.
const TENANT_PATH: &str = "/11111111-2222-3333-4444-555555555555/v2.0";

fn entra_office() -> Office {
    assert_eq!(TENANT_PATH, format!("/{TENANT}/v2.0"));
    Office::build(TENANT_PATH, APPLICATION, |origin| {
        format!(
            "kind = \"microsoft-graph\"\nclient_id = \"{APPLICATION}\"\n\
             client_secret_file = \"FOLDER/secret\"\nlogin_url = \"{origin}\"\n\
             directory_url = \"{origin}\""
        )
    })
}

fn feels(office: &Office, groups: usize, mood: Mood) {
    let entra = Entra::new(groups, mood);
    office.vendor.says(move |asked| Some(entra.answer(asked)));
}

/// corpus: OID-15
/// oracle: answer, record, twin
#[test]
fn whoever_has_more_groups_than_an_entra_token_lists_has_the_rights_of_all_of_them() {
    let mut office = entra_office();
    for groups in [199, 200, 201, 1_000, 5_000] {
        feels(&office, groups, Mood::Well);
        office.allows(&json!({"on": "group", "equals": entra_group(groups - 1)}));
        let before = office.vendor.asked("transitiveMemberOf");
        let token = office.vendor.token(entra_token(groups, now()));
        assert_eq!(office.reads(&format!("{groups} groups"), &token), 200);
        let pages = if groups > 200 { groups.div_ceil(999) } else { 0 };
        assert_eq!(office.vendor.asked("transitiveMemberOf") - before, pages, "{groups}");
        // Who is not in the last group has nothing of it.
        let one_less = office.vendor.token(entra_token(groups.min(200) - 1, now()));
        let (answer, _) = office.sign_in(&one_less);
        assert_eq!((answer.status, answer.code().as_str()), (403, "AccessDenied"), "{answer:?}");
    }
    let nobody = office.vendor.token(entra_token(0, now()));
    assert_eq!(office.sign_in(&nobody).0.code(), "AccessDenied");
    office.check_record();
}

/// corpus: OID-15
/// oracle: answer, record, twin, cost
#[test]
fn graph_that_gives_no_groups_refuses_the_sign_in_in_microsofts_words() {
    let mut office = entra_office();
    feels(&office, 300, Mood::Well);
    office.allows(&json!({"on": "group", "equals": entra_group(7)}));
    let over = office.vendor.token(entra_token(300, now()));
    assert_eq!(office.reads("well", &over), 200);
    for (mood, cause, help) in [
        (Mood::Failing, "status 500 (generalException)", None),
        (Mood::ConsentRevoked, "(Authorization_RequestDenied)", Some("grant admin consent")),
        (Mood::Hidden, "hides what the groups are", Some("GroupMember.Read.All")),
        (Mood::Garbage, "not JSON", None),
    ] {
        feels(&office, 300, mood);
        office.refused(&format!("{mood:?}"), &over, (UNREACHABLE, cause));
        let finding = office.finding(&over);
        assert_eq!(finding["outcome"], "fail", "{finding}");
        assert!(finding["actual"].as_str().unwrap().contains(cause), "{finding}");
        if let Some(help) = help {
            assert!(finding["help"].as_str().unwrap().contains(help), "{finding}");
        }
        // Whose groups fit into the token is not held up by any of it.
        let few = office.vendor.token(entra_token(100, now()));
        assert_eq!(office.reads("few groups", &few), 200);
    }
    office.vendor.says(|_| None);
    office.refused("slow", &over, (UNREACHABLE, "within 4 s"));
    feels(&office, 300, Mood::Well);
    assert_eq!(office.reads("well again", &over), 200);
    feels(&office, 300, Mood::Throttled(1, 60));
    office.refused("throttled", &over, (UNREACHABLE, "left alone for 60 s"));
    // It is left alone.
    let asked = office.vendor.asked("transitiveMemberOf");
    office.refused("still throttled", &over, (UNREACHABLE, "(throttled)"));
    assert_eq!(office.vendor.asked("transitiveMemberOf"), asked);
    office.check_record();
}

/// oracle: answer, record, twin
#[test]
fn a_secret_that_has_expired_is_named_as_microsoft_does() {
    let mut office = entra_office();
    feels(&office, 300, Mood::SecretExpired);
    let over = office.vendor.token(entra_token(300, now()));
    office.refused("expired", &over, (UNREACHABLE, "(AADSTS7000222)"));
    let finding = office.finding(&over);
    assert!(finding["help"].as_str().unwrap().contains("New client secret"), "{finding}");
    office.check_record();
}

/// oracle: answer, secrets, twin
#[test]
fn the_doctor_says_of_a_token_what_is_in_it_what_is_wrong_and_what_it_is_worth() {
    let office = entra_office();
    feels(&office, 300, Mood::Well);
    office.allows(&json!({"on": "group", "equals": entra_group(7)}));
    let over = office.vendor.token(entra_token(300, now()));
    let (_, said) = office.doctor(&over);
    for wanted in ["discovery", "300 groups", "signs in as", "rule r: fires", "policy/all"] {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
    assert!(!said.contains("FAIL  groups"), "{said}");
    // A token of the same issuer that is none for us, and whose issuer is not to emit groups.
    let mut claims = entra_token(0, now());
    claims["aud"] = format!("api://{APPLICATION}").into();
    let (content, said) = office.doctor(&office.vendor.token(claims));
    assert!(!content && said.contains("FAIL  audience"), "{said}");
    assert!(said.contains("add the client id `api://"), "{said}");
    assert!(said.contains("preferred_username = \"ana@contoso.example\""), "{said}");
    let (_, said) = office.doctor(&office.vendor.token(entra_token(0, now())));
    assert!(said.contains("WARN  groups: the claim `groups` is missing"), "{said}");
    assert!(said.contains("rule r: silent"), "{said}");
    feels(&office, 300, Mood::ConsentRevoked);
    let (content, said) = office.doctor(&over);
    assert!(!content && said.contains("Authorization_RequestDenied"), "{said}");
    assert!(said.contains("grant admin consent"), "{said}");
    let (content, said) = office.doctor("no.token.atall");
    assert!(!content && said.contains("FAIL"), "{said}");
}

#[test]
fn groups_of_google_are_asked_for_at_each_sign_in_and_refuse_it_in_googles_words() {
    let mut office = Office::build("", GOOGLE_CLIENT, |origin| {
        format!(
            "kind = \"google-directory\"\nservice_account_file = \"FOLDER/account.json\"\n\
             administrator = \"admin@example.com\"\nlogin_url = \"{origin}/token\"\n\
             directory_url = \"{origin}\""
        )
    });
    let feels = |office: &Office, groups: usize, mood: Mood| {
        let google = Google::new(groups, mood);
        office.vendor.says(move |asked| Some(google.answer(asked)));
    };
    let ana = office.vendor.token(google_token(now()));
    for groups in [1, 200, 201, 1_000] {
        feels(&office, groups, Mood::Well);
        let last = format!("group{}@example.com", groups - 1);
        office.allows(&json!({"on": "group", "equals": last}));
        assert_eq!(office.reads(&format!("{groups} groups"), &ana), 200, "{}", google_group(0));
    }
    for (mood, cause) in [
        (Mood::Failing, "(backendError)"),
        (Mood::ConsentRevoked, "(forbidden)"),
        (Mood::Garbage, "not JSON"),
        (Mood::Throttled(1, 60), "left alone for 60 s"),
    ] {
        feels(&office, 300, mood);
        office.refused(&format!("{mood:?}"), &ana, (UNREACHABLE, cause));
    }
    office.check_record();
}

#[test]
fn an_org_of_okta_is_asked_page_by_page_and_ends_sessions_of_whom_it_suspends() {
    let mut office = Office::build("/oauth2/default", "api://default", |_| {
        format!(
            "kind = \"okta\"\nclient_id = \"{OKTA_APP}\"\nkey_id = \"{OKTA_KEY}\"\n\
             private_key_file = \"FOLDER/key.pem\"\nsync_seconds = 1"
        )
    });
    let feels = |office: &Office, groups: usize, mood: Mood| {
        let org = Okta::new(groups, mood, now());
        office.vendor.says(move |asked| Some(org.answer(asked)));
    };
    let ana = office.vendor.token(okta_access_token(now()));
    for groups in [1, 200, 201, 1_000] {
        feels(&office, groups, Mood::Well);
        office.allows(&json!({"on": "group", "equals": format!("group {}", groups - 1)}));
        assert_eq!(office.reads(&format!("{groups} groups"), &ana), 200);
    }
    let had = session(&office.sign_in(&ana).0.expect(200));
    for (mood, cause) in [
        (Mood::Failing, "the Okta Users API did not give"),
        (Mood::ConsentRevoked, "(E0000006)"),
        (Mood::Elsewhere, "next page is elsewhere"),
        (Mood::Garbage, "not JSON"),
    ] {
        feels(&office, 300, mood);
        office.refused(&format!("{mood:?}"), &ana, (UNREACHABLE, cause));
    }
    feels(&office, 1_000, Mood::Well);
    let alive = |office: &Office| office.client.send(&Ask::s3("GET", "/"), By::Key(&had)).status;
    assert_eq!(alive(&office), 200, "no answer is not an answer");
    let org = Okta::new(1_000, Mood::Well, now());
    office.vendor.says(move |asked| {
        let suspended = json!({"id": OKTA_ANA, "status": "SUSPENDED"});
        let person = asked.url.ends_with(&format!("/users/{OKTA_ANA}"));
        Some(if person { Answered::json(200, &suspended) } else { org.answer(asked) })
    });
    let until = machine_time().seconds() + 20;
    while alive(&office) == 200 {
        assert!(machine_time().seconds() < until, "still alive");
        std::thread::sleep(Duration::from_millis(20));
    }
    office.refused("suspended", &ana, ("InvalidIdentityToken", "person-absent"));
    feels(&office, 300, Mood::Throttled(1, 60));
    office.refused("throttled", &ana, (UNREACHABLE, "(throttled)"));
    office.check_record();
}

/// corpus: OID-18
/// oracle: answer, record, twin
#[test]
fn a_token_that_only_its_provider_can_read_is_asked_about() {
    const OPAQUE: &str = "2YotnFZFEjr1zCsicMWpAA";
    let mut office = Office::build("", "strongroom", |origin| {
        format!(
            "kind = \"introspection\"\nclient_id = \"us\"\ncache_seconds = 0\n\
             client_secret_file = \"FOLDER/secret\"\nendpoint = \"{origin}/introspect\""
        )
    });
    let said = |office: &Office, status: u16, changes: Value| {
        let mut body = json!({"active": true, "sub": "ana", "aud": "strongroom",
            "iss": office.vendor.issuer(), "exp": now() + 300, "groups": ["analysts"]});
        for (name, value) in changes.as_object().unwrap() {
            body[name] = value.clone();
        }
        let right = STANDARD.encode(format!("us:{}", encoded(SECRET).replace("%20", "+")));
        office.vendor.says(move |asked| {
            let known = asked.authorization == Some(&format!("Basic {right}"));
            let (status, body) = match known && asked.form.unwrap().contains(OPAQUE) {
                true => (status, body.to_string()),
                false => (401, json!({"error": "invalid_client"}).to_string()),
            };
            Some(Answered::text(status, body))
        });
    };
    office.allows(&json!({"on": "group", "equals": "analysts"}));
    said(&office, 200, json!({}));
    assert_eq!(office.reads("active", OPAQUE), 200);
    said(&office, 200, json!({"groups": ["others"]}));
    assert_eq!(office.sign_in(OPAQUE).0.code(), "AccessDenied");
    for (what, changes, code) in [
        ("not active", json!({"active": false}), "InvalidIdentityToken"),
        ("for another", json!({"aud": "another"}), "InvalidIdentityToken"),
        ("of another", json!({"iss": "https://another.example"}), "InvalidIdentityToken"),
        ("expired", json!({"exp": now() - 600}), "ExpiredTokenException"),
    ] {
        said(&office, 200, changes);
        office.refused(what, OPAQUE, (code, ""));
    }
    said(&office, 500, json!({}));
    office.refused("500", OPAQUE, (UNREACHABLE, "status 500"));
    office.vendor.says(|_| None);
    office.refused("slow", OPAQUE, (UNREACHABLE, "within 4 s"));
    said(&office, 200, json!({}));
    assert_eq!(office.reads("active again", OPAQUE), 200);
    office.check_record();
}

#[test]
fn claims_that_a_token_leaves_out_are_its_providers_to_tell_and_of_the_same_person() {
    let mut office = Office::build("", "strongroom", |origin| {
        format!("kind = \"userinfo\"\nendpoint = \"{origin}/userinfo\"")
    });
    let (sub, now) = ("ana", now());
    let claims = json!({"sub": sub, "aud": "strongroom", "iat": now, "exp": now + 300});
    let token = office.vendor.token(claims);
    let bearer = format!("Bearer {token}");
    let said = |office: &Office, body: Value| {
        let bearer = bearer.clone();
        office.vendor.says(move |asked| {
            let status = if asked.authorization == Some(&bearer) { 200 } else { 401 };
            Some(Answered::json(status, &body))
        });
    };
    office.allows(&json!({"on": "group", "equals": "analysts"}));
    said(&office, json!({"sub": sub, "groups": ["analysts"]}));
    assert_eq!(office.reads("filled", &token), 200);
    said(&office, json!({"sub": "bo", "groups": ["analysts"]}));
    office.refused("of another", &token, (UNREACHABLE, "answered for another subject"));
    said(&office, json!({"groups": ["analysts"]}));
    office.refused("of nobody", &token, (UNREACHABLE, "answered for another subject"));
    said(&office, json!({"sub": sub}));
    assert_eq!(office.sign_in(&token).0.code(), "AccessDenied");
    office.check_record();
}
