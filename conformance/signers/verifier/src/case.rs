//! The requests that every signer is asked to sign: random, from a seed.

use serde::{Deserialize, Serialize};

use crate::chance::Chance;

/// A request before it is signed, in the words that every signer understands: nothing is encoded.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Case {
    pub id: u64,
    pub service: String,
    pub region: String,
    pub method: String,
    pub host: String,
    pub path: String,
    pub query: Vec<(String, String)>,
    pub headers: Vec<(String, String)>,
    /// The body in hexadecimal.
    pub body: String,
    /// `signed` or `unsigned`.
    pub payload: String,
    /// `header` or `query`.
    pub form: String,
    pub expires: u64,
    pub access: String,
    pub secret: String,
    pub token: Option<String>,
    /// `20260102T030405Z`.
    pub time: String,
}

/// A key, and the token of its session.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Credential {
    pub access: String,
    pub secret: String,
    pub token: Option<String>,
}

/// What the requests of a run have in common.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct World {
    pub seed: u64,
    pub count: u64,
    pub time: String,
    pub region: String,
    /// The hosts to choose from.
    pub hosts: Vec<String>,
    pub credentials: Vec<Credential>,
    /// A bucket that is there: then every request is one that a server can be sent.
    pub bucket: Option<String>,
}

const METHODS: &[&str] =
    &["GET", "PUT", "POST", "DELETE", "HEAD", "PATCH", "OPTIONS", "GET", "PUT", "GET", "PUT"];
const SENT_METHODS: &[&str] = &["GET", "PUT", "PUT", "PUT", "POST", "DELETE", "PATCH"];

const PIECES: &[&str] = &[
    "a",
    "k",
    "Z",
    "0",
    "9",
    "-",
    "_",
    ".",
    "~",
    " ",
    "  ",
    "+",
    "%",
    "%2F",
    "%252f",
    "%41",
    "&",
    "=",
    "?",
    "#",
    ";",
    ":",
    "@",
    ",",
    "!",
    "*",
    "'",
    "(",
    ")",
    "$",
    "[",
    "]",
    "{",
    "}",
    "|",
    "\\",
    "^",
    "`",
    "\"",
    "<",
    ">",
    "é",
    "e\u{301}",
    "ß",
    "日本語",
    "Ж",
    "عربى",
    "🔑",
    "👩‍💻",
    "\u{1}",
    "\n",
    "report",
    "2026",
    "data.csv",
    "q3",
    "x-amz-",
    "AWS4",
    "\u{7f}",
    "\u{fffd}",
];

const NAMES: &[&str] = &[
    "prefix",
    "marker",
    "versionId",
    "list-type",
    "acl",
    "uploads",
    "partNumber",
    "x-id",
    "a",
    "a-b",
    "a.b",
    "A",
    "delimiter",
    "max-keys",
    "response-content-type",
    "k y",
    "ключ",
    "p+q",
    "p%q",
    "t=u",
    "~",
    "_",
    "-",
    "ä&b",
    "uploadId",
    "tagging",
    "torrent",
];
const HARMLESS: &[&str] = &["x-id", "a", "a-b", "a.b", "A", "k y", "ключ", "p+q", "t=u", "~", "-"];

const HEADERS: &[&str] = &[
    "content-type",
    "cache-control",
    "content-disposition",
    "content-language",
    "expires",
    "range",
    "if-match",
    "if-none-match",
    "if-modified-since",
    "x-amz-acl",
    "x-amz-storage-class",
    "x-amz-tagging",
    "x-amz-meta-a",
    "x-amz-meta-a-b",
    "x-amz-meta-long",
    "x-amz-copy-source-range",
    "x-amz-website-redirect-location",
    "accept",
    "origin",
    "x-custom",
];
const SENT_HEADERS: &[&str] = &[
    "content-type",
    "cache-control",
    "content-language",
    "x-amz-meta-a",
    "x-amz-meta-a-b",
    "x-amz-meta-long",
    "accept",
    "x-custom",
];

const WORDS: &[&str] = &[
    "value",
    "a",
    "1",
    "two  words",
    "three   spaces   here",
    "comma, comma",
    "\"quo  ted\"",
    "x=y;z",
    "bytes=0-9",
    "text/plain; charset=utf-8",
    "Zürich",
    "日本",
    "%20",
    "+",
    "a\\b",
    "'",
    "-",
];

impl Case {
    /// The request of that number.
    pub fn random(world: &World, id: u64) -> Option<Self> {
        let mut chance = Chance::new(world.seed ^ id.wrapping_mul(0xa076_1d64_78bd_642f));
        let dice = &mut chance;
        let credential = dice.pick(&world.credentials)?.clone();
        let mut case = Self {
            id,
            service: "s3".to_owned(),
            region: world.region.clone(),
            method: dice.word(if world.bucket.is_some() { SENT_METHODS } else { METHODS }),
            host: dice.pick(&world.hosts)?.clone(),
            path: String::new(),
            query: Vec::new(),
            headers: Vec::new(),
            body: String::new(),
            payload: if dice.percent(70) { "signed" } else { "unsigned" }.to_owned(),
            form: if dice.percent(65) { "header" } else { "query" }.to_owned(),
            expires: 1 + dice.next() % 604_800,
            access: credential.access,
            secret: credential.secret,
            token: credential.token,
            time: world.time.clone(),
        };
        case.path = path(dice, world);
        if world.bucket.is_none() && dice.percent(12) {
            case.for_a_query_service(dice);
            return Some(case);
        }
        case.query = query(dice, world.bucket.is_some());
        case.headers = headers(dice, world.bucket.is_some());
        if matches!(case.method.as_str(), "PUT" | "POST" | "PATCH") {
            case.body = body(dice);
        }
        Some(case)
    }

    /// Services that normalise and encode the path a second time, and always sign the body.
    fn for_a_query_service(&mut self, dice: &mut Chance) {
        self.service = dice.word(&["sts", "iam"]);
        self.form = "header".to_owned();
        self.payload = "signed".to_owned();
        self.method = "POST".to_owned();
        self.path = dice.word(&["/", "/", "/", "/-/v1/who am i", "/a/b%2Fc/é", "/x/~y_z."]);
        self.query = Vec::new();
        let kind = "application/x-www-form-urlencoded; charset=utf-8";
        self.headers = vec![("content-type".to_owned(), kind.to_owned())];
        self.body = hex::encode(format!("Action=GetCallerIdentity&n={}", dice.next()));
    }

    /// The body's bytes.
    pub fn bytes(&self) -> Vec<u8> {
        hex::decode(&self.body).unwrap_or_default()
    }
}

fn path(dice: &mut Chance, world: &World) -> String {
    let mut text = match &world.bucket {
        Some(bucket) => format!("/{bucket}/k"),
        None if dice.percent(5) => return "/".to_owned(),
        None => "/bucket".to_owned(),
    };
    for _ in 0..dice.below(4) {
        let segment: String = (0..1 + dice.below(5)).map(|_| dice.word(PIECES)).collect();
        // Where a server stores it, a segment of dots is no key's.
        let dots = world.bucket.is_some() && segment.bytes().all(|b| b == b'.');
        text.push('/');
        text.push_str(if dots { "dots" } else { &segment });
    }
    if world.bucket.is_none() && dice.percent(6) {
        text.push_str(&dice.word(&["//", "/./x", "/../x", "/", "//x/", "/.", "/..", "/a//b"]));
    }
    text
}

fn query(dice: &mut Chance, sent: bool) -> Vec<(String, String)> {
    let names = if sent { HARMLESS } else { NAMES };
    let mut pairs = Vec::new();
    if dice.percent(45) {
        return pairs;
    }
    for _ in 0..1 + dice.below(5) {
        let name = dice.word(names);
        // The server reads a parameter once, and refuses it twice after it has verified.
        if sent && pairs.iter().any(|(other, _): &(String, _)| other.eq_ignore_ascii_case(&name)) {
            continue;
        }
        let value = if dice.percent(25) {
            String::new()
        } else {
            (0..1 + dice.below(4)).map(|_| dice.word(PIECES)).collect()
        };
        if dice.percent(10) && !sent {
            pairs.push((name.clone(), dice.word(PIECES)));
        }
        pairs.push((name, value));
    }
    pairs
}

fn headers(dice: &mut Chance, sent: bool) -> Vec<(String, String)> {
    let names = if sent { SENT_HEADERS } else { HEADERS };
    let mut chosen: Vec<(String, String)> = Vec::new();
    for _ in 0..dice.below(5) {
        let name = dice.word(names);
        if chosen.iter().any(|(other, _)| *other == name) {
            continue;
        }
        let mut value: String = (0..1 + dice.below(3))
            .map(|_| dice.word(WORDS))
            .collect::<Vec<String>>()
            .join(if dice.percent(50) { " " } else { "  " });
        if dice.percent(10) {
            value = format!("  {value} ");
        }
        if dice.percent(4) && !sent {
            value = String::new();
        }
        chosen.push((name, value));
    }
    if dice.percent(6) && !sent {
        let name = dice.word(&["x-amz-meta-many", "x-custom-many"]);
        for _ in 0..2 + dice.below(2) {
            chosen.push((name.clone(), dice.word(&["one", "two", "a  b", "c,d"])));
        }
    }
    chosen
}

fn body(dice: &mut Chance) -> String {
    let length = if dice.percent(15) { 0 } else { 1 + dice.below(200) };
    (0..length).map(|_| format!("{:02x}", dice.next() & 0xff)).collect()
}
