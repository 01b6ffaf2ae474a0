//! What is asked, before anybody signs it: the tests of the door and those of a server in memory
//! ask the same.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use names::Timestamp;
use serde_json::json;
use signing::Scope;
use signing::sign::{Credentials, sign_policy};

/// Where the server says that it is.
pub(crate) const REGION: &str = "us-east-1";

/// The account that owns the installation.
pub(crate) const OWNER: &str = "111122223333";

/// What parts the fields of a form.
pub(crate) const BOUNDARY: &str = "--------------------------door";

/// The longest file that the policy of a form lets in.
pub(crate) const FILE_BYTES_MAX: usize = 64;

/// A request before anybody signs it.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) method: &'static str,
    /// Path and query, as they are sent.
    pub(crate) target: String,
    /// What it is signed for.
    pub(crate) service: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    /// The fields of a browser's form, of which the body is the file; none if it is no form.
    pub(crate) fields: Vec<(&'static str, String)>,
}

impl Ask {
    /// A request of S3.
    pub(crate) fn s3(method: &'static str, target: &str) -> Self {
        let (target, headers, body) = (target.to_owned(), Vec::new(), Vec::new());
        Self { method, target, service: "s3", headers, body, fields: Vec::new() }
    }

    /// A browser's form: its fields, and the content of its file.
    pub(crate) fn upload(target: &str, fields: &[(&'static str, &str)], file: &str) -> Self {
        let fields = fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        Self { fields, ..Self::s3("POST", target) }.with("content-type", &kind).body(file)
    }

    /// A form of the query protocol: `Action` and the other fields, encoded.
    pub(crate) fn form(service: &'static str, action: &str, fields: &str) -> Self {
        let version = if service == "sts" { "2011-06-15" } else { "2010-05-08" };
        let body = format!("Action={action}&Version={version}&{fields}");
        let ask = Self { service, ..Self::s3("POST", "/") }
            .with("content-type", "application/x-www-form-urlencoded; charset=utf-8");
        ask.body(body.trim_end_matches('&'))
    }

    /// A request of AWS Organizations: the operation, and its members as JSON.
    pub(crate) fn target(action: &str, json: &str) -> Self {
        Self { service: "organizations", ..Self::s3("POST", "/") }
            .with("content-type", "application/x-amz-json-1.1")
            .with("x-amz-target", &format!("AWSOrganizationsV20161128.{action}"))
            .body(json)
    }

    /// A question for the Access Analyzer.
    pub(crate) fn analyzer(path: &str, json: &str) -> Self {
        Self { service: "access-analyzer", ..Self::s3("POST", &format!("/policy/{path}")) }
            .with("content-type", "application/json")
            .body(json)
    }

    /// A request of the native admin API.
    pub(crate) fn admin(method: &'static str, path: &str, json: &str) -> Self {
        let ask = Self { service: "strongroom", ..Self::s3(method, &format!("/-/v1/{path}")) };
        if json.is_empty() { ask } else { ask.with("content-type", "application/json").body(json) }
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) fn body(self, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..self }
    }

    /// A body of XML, with the checksum that some operations ask for.
    pub(crate) fn xml(self, body: &str) -> Self {
        let digest = STANDARD.encode(digest(&SHA256, body.as_bytes()));
        self.with("x-amz-checksum-sha256", &digest).body(body)
    }

    /// The body of a form: its fields with the credential among them, then the file. The policy
    /// asks of each field what it is, and ends so many seconds from now.
    pub(crate) fn form_by(&self, by: &Credentials, (now, seconds): (Timestamp, i64)) -> Vec<u8> {
        let mut fields = self.fields.clone();
        let scope = Scope::new(now, REGION, "s3");
        let credential = format!("{}/{scope}", by.access_key_id);
        fields.push(("x-amz-credential", credential));
        fields.push(("x-amz-algorithm", "AWS4-HMAC-SHA256".to_owned()));
        fields.push(("x-amz-date", now.iso_basic()));
        let token = by.session_token.clone();
        fields.extend(token.map(|token| ("x-amz-security-token", token)));
        let conditions: Vec<serde_json::Value> = fields
            .iter()
            .map(|(name, value)| match *name {
                "key" => serde_json::json!(["starts-with", "$key", ""]),
                name => serde_json::json!({ name: value }),
            })
            .chain([serde_json::json!(["content-length-range", 1, FILE_BYTES_MAX])])
            .collect();
        let expiration = now.plus_seconds(seconds).iso_millis();
        let policy = serde_json::json!({ "expiration": expiration, "conditions": conditions });
        let policy = STANDARD.encode(policy.to_string());
        let signature = sign_policy(&by.secret, &scope, &policy);
        fields.push(("policy", policy));
        fields.push(("x-amz-signature", signature));
        multipart(&fields, &self.body)
    }
}

/// A body of `multipart/form-data` (RFC 7578).
pub(crate) fn multipart(fields: &[(&'static str, String)], file: &[u8]) -> Vec<u8> {
    let mut body = String::new();
    for (name, value) in fields {
        body.push_str(&format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        ));
    }
    body.push_str(&format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\
         Content-Type: text/plain\r\n\r\n"
    ));
    let end = format!("\r\n--{BOUNDARY}--\r\n");
    [body.as_bytes(), file, end.as_bytes()].concat()
}

/// A trust policy that leaves it to the policies of one principal's account.
pub(crate) fn trusts(principal: &str) -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": { "AWS": principal },
            "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
        },
    })
    .to_string()
}

/// A value of a form.
pub(crate) fn encoded(text: &str) -> String {
    wire::percent_encode(text)
}

/// Puts in what a device shows, so many steps from now, for `{code-1}` and its like.
pub(crate) fn codes(text: &str, seed: &str, now: Timestamp) -> String {
    let places = (-2..=1_i64).map(|steps| (format!("{{code{steps:+}}}"), steps));
    places.fold(text.to_owned(), |text, (place, steps)| match text.contains(&place) {
        true => text.replace(&place, &totp(seed, now.seconds() / 30 + steps)),
        false => text,
    })
}

/// The code of a step (RFC 6238), from a seed in base 32 that a blob carries in base 64.
fn totp(seed: &str, step: i64) -> String {
    let text = STANDARD.decode(seed).unwrap();
    let letters = text.iter().map(|c| match c {
        b'A'..=b'Z' => c - b'A',
        _ => c - b'2' + 26,
    });
    let bits: String = letters.map(|five| format!("{five:05b}")).collect();
    let bytes: Vec<u8> = bits
        .as_bytes()
        .chunks_exact(8)
        .map(|eight| u8::from_str_radix(std::str::from_utf8(eight).unwrap(), 2).unwrap())
        .collect();
    let tag = sign(&Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, &bytes), &step.to_be_bytes());
    let offset = usize::from(tag.as_ref()[19] & 15);
    let four: [u8; 4] = tag.as_ref()[offset..offset + 4].try_into().unwrap();
    format!("{:06}", (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000)
}
