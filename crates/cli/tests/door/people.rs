//! A provider that tells who is still there is asked, and believed: by a realm of Keycloak's shape
//! that is a thread of this test, on loopback.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use signing::sign::Credentials;

use crate::client::{Answer, Ask, By, Client, machine_time};
use crate::fixture::{EVERYTHING, Maker, encoded, session};
use crate::login::{CLIENT, header};
use crate::server::{OWNER, Server, root};

/// How often the server asks here, in seconds.
const SYNC_SECONDS: u64 = 1;

/// What the realm says of somebody: a status and a body.
type Said = BTreeMap<&'static str, (u16, Value)>;

/// Somebody's groups: their ids and names.
type Groups = BTreeMap<&'static str, Vec<(&'static str, &'static str)>>;

struct Realm {
    address: SocketAddr,
    key: Ed25519KeyPair,
    said: Arc<Mutex<Said>>,
    groups: Arc<Mutex<Groups>>,
}

impl Realm {
    fn start(people: &[&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let key = Ed25519KeyPair::generate().unwrap();
        let point = URL_SAFE_NO_PAD.encode(key.public_key().as_ref());
        let here = |id: &&'static str| (*id, (200, json!({"id": id, "enabled": true})));
        let said: Arc<Mutex<Said>> = Arc::new(Mutex::new(people.iter().map(here).collect()));
        let groups: Arc<Mutex<Groups>> = Arc::default();
        let told = (Arc::clone(&said), Arc::clone(&groups));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that goes away is its own affair.
                let _ = serve(stream, &format!("http://{address}/realms/r"), &point, &told);
            }
        });
        Self { address, key, said, groups }
    }

    fn issuer(&self) -> String {
        format!("http://{}/realms/r", self.address)
    }

    fn say(&self, who: &'static str, status: u16, body: Value) {
        self.said.lock().unwrap().insert(who, (status, body));
    }

    /// Says in which groups somebody is.
    fn put(&self, who: &'static str, groups: &[(&'static str, &'static str)]) {
        self.groups.lock().unwrap().insert(who, groups.to_vec());
    }

    /// A token that lists the names of somebody's groups, issued a while ago.
    fn token(&self, who: &str) -> String {
        self.token_of(who, 2)
    }

    fn token_of(&self, who: &str, age_seconds: i64) -> String {
        let now = machine_time().seconds() - age_seconds;
        let groups = self.groups.lock().unwrap().get(who).cloned().unwrap_or_default();
        let groups: Vec<&str> = groups.iter().map(|(_, name)| *name).collect();
        let claims = json!({"iss": self.issuer(), "aud": CLIENT, "sub": who, "iat": now,
            "exp": now + 300, "groups": groups});
        let coded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", coded(&header()), coded(&claims));
        let signature = self.key.sign(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }
}

fn serve(
    mut stream: TcpStream,
    issuer: &str,
    point: &str,
    (said, groups): &(Arc<Mutex<Said>>, Arc<Mutex<Groups>>),
) -> std::io::Result<()> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte)? == 1 {
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default();
    let (status, body) = match path.strip_prefix("/admin/realms/r/users/") {
        Some(path) if path.contains("/groups") => {
            let who = path.split('/').next().unwrap_or_default();
            let groups = groups.lock().unwrap().get(who).cloned().unwrap_or_default();
            let one = |(id, name): &(_, _)| json!({"id": id, "name": name});
            (200, groups.iter().map(one).collect())
        }
        Some(who) => {
            let gone = || (404, json!({"error": "User not found"}));
            said.lock().unwrap().get(who).cloned().unwrap_or_else(gone)
        }
        None if path.ends_with("/token") => {
            (200, json!({"access_token": "t", "token_type": "Bearer", "expires_in": 300}))
        }
        None if path.ends_with("/jwks") => {
            let key =
                json!({"kty": "OKP", "crv": "Ed25519", "kid": "one", "use": "sig", "x": point});
            (200, json!({ "keys": [key] }))
        }
        None => (200, json!({"issuer": issuer, "jwks_uri": format!("{issuer}/jwks")})),
    };
    let body = body.to_string();
    let answer = format!(
        "HTTP/1.1 {status} Said\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(answer.as_bytes())?;
    // The form of a token request is let come: what is closed on unread bytes is reset.
    stream.shutdown(std::net::Shutdown::Write)?;
    let _ = stream.read_to_end(&mut Vec::new())?;
    Ok(())
}

/// A server that asks a realm, and a role for everybody of it.
struct Street {
    realm: Realm,
    server: Server,
}

impl Street {
    fn new(people: &[&'static str], stale: &str) -> Self {
        Self::asking(people, &format!("sync_seconds = {SYNC_SECONDS}\n{stale}"))
    }

    /// A server that asks only those who sign in.
    fn slow(people: &[&'static str]) -> Self {
        Self::asking(people, "sync_seconds = 3600")
    }

    fn asking(people: &[&'static str], settings: &str) -> Self {
        let realm = Realm::start(people);
        let lookups = format!(
            "[[lookup]]\nkind = \"keycloak\"\nissuer = \"{}\"\nclient_id = \"people\"\n\
             client_secret_file = \"SECRET\"\n{settings}\n",
            realm.issuer()
        );
        let server = Server::asking(&format!("http://{}", realm.address), &lookups);
        let by = root();
        let street = Self { realm, server };
        let make = Maker { client: street.client(), by: &by };
        let add = json!({"name": "realm", "issuer": street.realm.issuer(), "client_ids": [CLIENT]});
        make.send(&Ask::admin("POST", "providers", &add.to_string())).expect(200);
        let host = street.realm.issuer().replace("http://", "");
        let trust = json!({"Version": "2012-10-17", "Statement": {
            "Effect": "Allow",
            "Principal": {"Federated": format!("arn:aws:iam::{OWNER}:oidc-provider/{host}")},
            "Action": "sts:AssumeRoleWithWebIdentity"}});
        make.role("Street", &trust.to_string(), EVERYTHING);
        let mut of_group = trust.clone();
        let listed = format!("{host}:groups");
        of_group["Statement"]["Condition"] =
            json!({"ForAnyValue:StringEquals": {listed.as_str(): "billing"}});
        make.role("Billing", &of_group.to_string(), EVERYTHING);
        street
    }

    fn client(&self) -> Client {
        Client { address: self.server.address, now: None }
    }

    fn sign_in(&self, token: &str) -> Answer {
        self.put_on("Street", token)
    }

    fn put_on(&self, role: &str, token: &str) -> Answer {
        let role = encoded(&format!("arn:aws:iam::{OWNER}:role/{role}"));
        let fields = format!("RoleArn={role}&RoleSessionName=street&WebIdentityToken={token}");
        self.client().send(&Ask::form("sts", "AssumeRoleWithWebIdentity", &fields), By::Nobody)
    }

    fn credentials(&self, who: &str) -> Credentials {
        session(&self.sign_in(&self.realm.token(who)).expect(200))
    }

    fn alive(&self, by: &Credentials) -> bool {
        self.client().send(&Ask::s3("GET", "/"), By::Key(by)).status == 200
    }

    /// Waits until a credential is dead: 20 seconds at most.
    #[track_caller]
    fn dies(&self, by: &Credentials) {
        let mut looks = (0..1000).map(|_| {
            std::thread::sleep(Duration::from_millis(20));
            self.alive(by)
        });
        assert!(looks.any(|alive| !alive), "still alive");
    }

    /// Several rounds of asking.
    fn rounds() {
        std::thread::sleep(Duration::from_secs(3 * SYNC_SECONDS));
    }
}

#[test]
fn whom_a_realm_deletes_or_disables_loses_everything_and_nobody_else_does() {
    let street = Street::new(&["ana", "bo", "cy"], "");
    let had = ["ana", "bo", "cy"].map(|who| street.credentials(who));
    let token = street.realm.token("ana");
    assert!(had.iter().all(|one| street.alive(one)));
    street.realm.said.lock().unwrap().remove("ana");
    street.dies(&had[0]);
    street.realm.say("bo", 200, json!({"id": "bo", "enabled": false}));
    street.dies(&had[1]);
    assert!(street.alive(&had[2]));
    let refused = street.sign_in(&token);
    assert_eq!((refused.status, refused.code().as_str()), (400, "InvalidIdentityToken"));
    street.realm.say("bo", 200, json!({"id": "bo", "enabled": true}));
    Street::rounds();
    assert!(!street.alive(&had[1]), "what was ended stays so");
}

#[test]
fn whose_lookup_fails_keeps_what_they_have_and_nobody_behind_them_from_being_looked_at() {
    let street = Street::new(&["a1", "a2", "zoe"], "");
    let had = ["a1", "a2", "zoe"].map(|who| street.credentials(who));
    street.realm.say("a1", 500, json!({"error": "unknown_error"}));
    street.realm.say("a2", 404, json!({"error": "Realm not found."}));
    street.realm.said.lock().unwrap().remove("zoe");
    street.dies(&had[2]);
    Street::rounds();
    assert!(street.alive(&had[0]) && street.alive(&had[1]));
}

#[test]
fn of_whom_nothing_is_heard_for_too_long_nothing_counts_until_it_is() {
    let street = Street::new(&["ana", "bo"], "stale_seconds_max = 2");
    let (ana, bo) = (street.credentials("ana"), street.credentials("bo"));
    street.realm.say("ana", 403, json!({"error": "HTTP 403 Forbidden"}));
    street.dies(&ana);
    assert!(street.alive(&bo));
    street.realm.say("ana", 200, json!({"id": "ana", "enabled": true}));
    Street::rounds();
    assert!(street.alive(&ana) && street.alive(&bo));
}

/// No rule asks for any group: it is a role's own trust policy that does.
#[test]
fn whoever_leaves_a_group_that_only_a_roles_trust_asks_for_loses_everything() {
    let street = Street::new(&["ana", "bo", "cy"], "");
    let both = [("g1", "staff"), ("g2", "billing")];
    for who in ["ana", "bo", "cy"] {
        street.realm.put(who, &both);
    }
    let [ana, bo, cy] = ["ana", "bo", "cy"].map(|who| {
        let token = street.realm.token(who);
        session(&street.put_on("Billing", &token).expect(200))
    });
    let (other, old) = (street.credentials("ana"), street.realm.token("ana"));
    // The group is called otherwise now; and there is another one of another's name.
    street.realm.put("bo", &[("g1", "billing"), ("g2", "accounts")]);
    Street::rounds();
    assert!([&ana, &bo, &cy, &other].iter().all(|one| street.alive(one)));
    street.realm.put("ana", &both[..1]);
    street.dies(&ana);
    street.dies(&other);
    assert!(street.alive(&bo) && street.alive(&cy));
    let refused = street.put_on("Billing", &old);
    assert_eq!((refused.status, refused.code().as_str()), (400, "ExpiredTokenException"));
    // A group made anew under the old name is not the old one.
    street.realm.put("bo", &[("g1", "staff"), ("g3", "billing")]);
    street.dies(&bo);
    assert!(street.alive(&cy));
}

#[test]
fn who_signs_in_with_fewer_groups_than_before_ends_what_they_had_at_once() {
    let street = Street::slow(&["ana"]);
    street.realm.put("ana", &[("g1", "staff"), ("g2", "billing")]);
    let had = street.credentials("ana");
    let old = street.realm.token("ana");
    street.realm.put("ana", &[("g1", "staff")]);
    assert!(street.alive(&had), "nobody asks for an hour");
    let refused = street.put_on("Billing", &old);
    assert_eq!((refused.status, refused.code().as_str()), (400, "ExpiredTokenException"));
    assert!(!street.alive(&had));
    std::thread::sleep(Duration::from_secs(2));
    let after = session(&street.sign_in(&street.realm.token_of("ana", 0)).expect(200));
    assert!(street.alive(&after));
}
