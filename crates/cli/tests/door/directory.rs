//! Sign-in at directories: one that answers as directories do, and some behind their own
//! certificates that answer what no directory does. Each is a thread of this test, on loopback.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::json;

use crate::client::{Answer, Ask, By, Client};
use crate::fixture::{EVERYTHING, Maker, encoded, session};
use crate::record::Sent;
use crate::server::{OWNER, Server, root};

const BIND: u8 = 0x60;
const SEARCH: u8 = 0x63;
/// How long the directory takes for the password of somebody whom it has.
const DIGEST: Duration = Duration::from_millis(60);

/// A value.
fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&[tag, 0x84], &length[..], content].concat()
}

/// A message in answer to that one.
fn message(id: &[u8], operation: u8, body: &[u8]) -> Vec<u8> {
    tlv(0x30, &[tlv(0x02, id), tlv(operation, body)].concat())
}

fn result(id: &[u8], operation: u8, code: u8) -> Vec<u8> {
    message(id, operation, &[tlv(0x0a, &[code]), tlv(0x04, b""), tlv(0x04, b"")].concat())
}

/// So many values within each other.
fn nested(levels: usize) -> Vec<u8> {
    let lengths = (0..levels).rev().map(|inner| u32::try_from(6 * inner).unwrap());
    lengths.flat_map(|length| [&[0x30, 0x84], &length.to_be_bytes()[..]].concat()).collect()
}

/// What a directory says to somebody's search, and whether it never stops.
type Says = fn(id: &[u8]) -> (Vec<u8>, bool);

/// One that has `known-…` with the password `right`.
struct Directory {
    address: SocketAddr,
}

impl Directory {
    /// One with a certificate, written to the folder; `says` instead of what it should say.
    fn start(folder: &Path, name: &str, says: Option<Says>) -> Self {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        let certificate = params.self_signed(&key).unwrap();
        std::fs::write(folder.join(format!("{name}.pem")), certificate.pem()).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let tls = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
                // Whoever refuses what it hears goes away.
                std::thread::spawn(move || serve(rustls::StreamOwned::new(tls, stream), says));
            }
        });
        Self { address }
    }

    fn table(&self, folder: &Path, name: &str) -> String {
        let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
        format!(
            "[[directory]]\nname = \"{name}\"\nservers = [\"ldaps://{}\"]\nca_file = \"{}\"\n\
             bind_dn = \"cn=lookup\"\nbind_password_file = \"{}\"\n\
             user_bases = [\"ou=people\"]\n\n",
            self.address,
            file(&format!("{name}.pem")),
            file("secret"),
        )
    }
}

/// The id of a request and the rest of it, from the tag of its operation on.
fn request(stream: &mut impl Read) -> std::io::Result<(Vec<u8>, Vec<u8>)> {
    let (mut start, mut more) = ([0; 2], [0; 4]);
    stream.read_exact(&mut start)?;
    let long = usize::from(start[1].saturating_sub(0x80));
    stream.read_exact(&mut more[..long])?;
    let length = match long {
        0 => usize::from(start[1]),
        _ => more[..long].iter().fold(0, |sum, byte| sum * 256 + usize::from(*byte)),
    };
    let mut content = vec![0; length];
    stream.read_exact(&mut content)?;
    let id = usize::from(content[1]);
    Ok((content[2..2 + id].to_vec(), content[2 + id..].to_vec()))
}

fn serve(mut stream: impl Read + Write, says: Option<Says>) -> std::io::Result<()> {
    let has = |request: &[u8], text: &[u8]| request.windows(text.len()).any(|own| own == text);
    loop {
        let (id, asked) = request(&mut stream)?;
        let (mut answer, mut endless) = match asked[0] {
            BIND if has(&asked, b"cn=lookup") || has(&asked, b"right") => {
                (result(&id, 0x61, 0), false)
            }
            BIND => {
                if has(&asked, b"known-") {
                    std::thread::sleep(DIGEST);
                }
                (result(&id, 0x61, 49), false)
            }
            SEARCH => (found(&id, &asked), false),
            _ => return Ok(()),
        };
        if let (SEARCH, Some(says)) = (asked[0], says) {
            (answer, endless) = says(&id);
        }
        stream.write_all(&answer)?;
        if endless {
            // It ends when the server hangs up.
            loop {
                stream.write_all(&answer)?;
            }
        }
        stream.flush()?;
    }
}

/// The entry of whoever is asked for, if there is one, and the end of the search.
fn found(id: &[u8], asked: &[u8]) -> Vec<u8> {
    let done = result(id, 0x65, 0);
    let Some(at) = asked.windows(6).position(|own| own == b"known-") else { return done };
    let length = usize::from(asked[at - 1]);
    let name = std::str::from_utf8(&asked[at..at + length]).unwrap();
    let attribute = |name: &[u8], value: &[u8]| {
        tlv(0x30, &[tlv(0x04, name), tlv(0x31, &tlv(0x04, value))].concat())
    };
    let number: u32 = name.trim_start_matches("known-").parse().unwrap();
    let uuid = format!("1f3c6a5e-0000-4000-8000-{number:012}");
    let attributes =
        [attribute(b"uid", name.as_bytes()), attribute(b"entryUUID", uuid.as_bytes())].concat();
    let dn = tlv(0x04, format!("uid={name},ou=people").as_bytes());
    [message(id, 0x64, &[dn, tlv(0x30, &attributes)].concat()), done].concat()
}

fn deep(id: &[u8]) -> (Vec<u8>, bool) {
    (message(id, 0x64, &nested(200_000)), false)
}

fn deep_page(id: &[u8]) -> (Vec<u8>, bool) {
    let page = [tlv(0x04, b"1.2.840.113556.1.4.319"), tlv(0x04, &nested(200_000))].concat();
    let done = tlv(0x65, &[tlv(0x0a, &[0]), tlv(0x04, b""), tlv(0x04, b"")].concat());
    (tlv(0x30, &[tlv(0x02, id), done, tlv(0xa0, &tlv(0x30, &page))].concat()), false)
}

fn long(_: &[u8]) -> (Vec<u8>, bool) {
    (b"\x30\x84\x7f\xff\xff\xff\x02\x01\x01".to_vec(), false)
}

fn open(_: &[u8]) -> (Vec<u8>, bool) {
    (b"\x30\x80\x02\x01\x01".to_vec(), false)
}

fn endless(id: &[u8]) -> (Vec<u8>, bool) {
    (message(id, 0x73, &tlv(0x04, &[b'a'; 60_000])).repeat(16), true)
}

fn crowded(id: &[u8]) -> (Vec<u8>, bool) {
    let values = [0x04, 0].repeat(1_500_000);
    (message(id, 0x64, &[tlv(0x04, b""), tlv(0x30, &values)].concat()), false)
}

fn another(_: &[u8]) -> (Vec<u8>, bool) {
    (result(&[99], 0x65, 0), false)
}

/// What is hostile, and what the log says of it.
const HOSTILE: [(&str, Says, &str); 7] = [
    ("deep", deep, "values more than 16 deep"),
    ("deep-page", deep_page, "not a message of LDAP"),
    ("long", long, "a message of more than"),
    ("open", open, "not a message of LDAP"),
    ("endless", endless, "an answer of more than"),
    ("crowded", crowded, "an answer of more than"),
    ("another", another, "an answer to something that was not asked"),
];

/// A server with a good directory and hostile ones, each a provider.
struct Town {
    server: Server,
    client: Client,
    _folder: tempfile::TempDir,
}

impl Town {
    fn build(hostile: &[(&str, Says, &str)]) -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        std::fs::write(folder.path().join("secret"), "of the lookup\n").unwrap();
        let good = Directory::start(folder.path(), "good", None).table(folder.path(), "good");
        let others = hostile.iter().map(|(name, says, _)| {
            Directory::start(folder.path(), name, Some(*says)).table(folder.path(), name)
        });
        let tables: String = std::iter::once(good).chain(others).collect();
        let file = folder.path().join("directories.toml");
        std::fs::write(&file, tables).unwrap();
        let server = Server::set("STRONGROOM_DIRECTORIES_FILE", file.to_str().unwrap());
        let client = Client { address: server.address, now: None };
        let town = Self { server, client, _folder: folder };
        for name in std::iter::once("good").chain(hostile.iter().map(|(name, _, _)| *name)) {
            town.provider(name);
        }
        town
    }

    fn provider(&self, name: &str) {
        let root = root();
        let make = Maker { client: self.client, by: &root };
        let arn = format!("arn:aws:iam::{OWNER}:oidc-provider/ldap/{name}");
        let trust = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
            "Principal": {"Federated": arn}, "Action": "sts:AssumeRoleWithWebIdentity"}});
        let add = json!({"name": name, "issuer": format!("ldap://ldap/{name}"),
            "client_ids": [], "trust": trust.to_string()});
        make.send(&Ask::admin("POST", "providers", &add.to_string())).expect(200);
        let document = encoded(EVERYTHING);
        make.iam("CreatePolicy", &format!("PolicyName={name}&PolicyDocument={document}"));
        let rules = json!({"rules": [{"name": "all",
            "when": [{"on": "claim", "claim": "username", "like": "known-*"}],
            "policies": [format!("arn:aws:iam::{OWNER}:policy/{name}")]}]});
        let path = format!("providers/{name}/rules");
        make.send(&Ask::admin("PUT", &path, &rules.to_string())).expect(200);
    }

    fn sign_in(&self, directory: &str, name: &str, password: &str) -> (Answer, Duration) {
        let fields = format!("ProviderId={directory}&LDAPUsername={name}&LDAPPassword={password}");
        #[expect(clippy::disallowed_methods, reason = "what is tested is how long it takes")]
        let began = Instant::now();
        let ask = Ask::form("sts", "AssumeRoleWithLDAPIdentity", &fields);
        let answer = self.client.send(&ask, By::Nobody);
        (answer, began.elapsed())
    }

    fn is_let_in(&self, sent: &mut Sent) {
        let (answer, _) = self.sign_in("good", "known-1", "right");
        sent.allowed("known-1", &answer);
        let session = session(&answer.expect(200));
        self.client.send(&Ask::s3("GET", "/"), By::Key(&session)).expect(200);
    }
}

/// corpus: LDP-17
/// oracle: answer, record, twin, cost
#[test]
fn a_directory_that_answers_what_none_does_refuses_a_sign_in_and_ends_nothing_else() {
    let town = Town::build(&HOSTILE);
    let mut sent = Sent::default();
    town.is_let_in(&mut sent);
    for (name, _, cause) in HOSTILE {
        let (answer, took) = town.sign_in(name, "known-1", "right");
        assert_eq!((answer.status, answer.code().as_str()), (400, "IDPCommunicationError"));
        assert!(took < Duration::from_millis(5_500), "{name}: {took:?}");
        sent.refused(name, &answer, "login-refused");
        let log = std::fs::read_to_string(town.server.directory().join("server.log")).unwrap();
        assert!(log.contains(cause), "{name}: {log}");
        // The server is there, and so is every other directory.
        town.is_let_in(&mut sent);
    }
    sent.check(town.client, &root(), &town.server.journal());
}

/// corpus: LDP-12
/// oracle: answer, twin, teeth, cost
#[test]
fn whoever_is_not_there_is_refused_as_late_as_a_wrong_password_and_with_the_same_words() {
    let town = Town::build(&[]);
    let mut times: [Vec<f64>; 2] = Default::default();
    for round in 0..24 {
        // Who comes first changes.
        for which in [round % 2, 1 - round % 2] {
            let name = format!("{}-{round}", ["known", "nobody"][which]);
            let (answer, took) = town.sign_in("good", &name, "wrong");
            assert_eq!((answer.status, answer.code().as_str()), (403, "AccessDenied"));
            assert!(answer.body.contains("The user name or password is not accepted."));
            times[which].push(took.as_secs_f64());
        }
    }
    let [known, nobody] = &times;
    let t = welch(known, nobody);
    assert!(t.abs() < 4.5, "t is {t}: {known:?} {nobody:?}");
    // The directory's own times, without the wait, would tell.
    let planted: Vec<f64> = known.iter().map(|time| time + DIGEST.as_secs_f64()).collect();
    assert!(welch(&planted, nobody) > 4.5, "{known:?} {nobody:?}");
    town.is_let_in(&mut Sent::default());
}

/// Welch's t of two samples, without the slowest of each: those are the machine's.
fn welch(one: &[f64], other: &[f64]) -> f64 {
    let kept = |times: &[f64]| {
        let mut times = times.to_vec();
        times.sort_by(f64::total_cmp);
        times.truncate(times.len() - times.len() / 6);
        let count = times.iter().map(|_| 1.0).sum::<f64>();
        let mean = times.iter().sum::<f64>() / count;
        let spread = times.iter().map(|time| (time - mean).powi(2)).sum::<f64>();
        (mean, spread / (count - 1.0) / count)
    };
    let ((one, spread), (other, other_spread)) = (kept(one), kept(other));
    (one - other) / (spread + other_spread).sqrt()
}
