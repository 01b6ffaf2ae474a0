//! Signature Version 2 (S3 user guide, "Signing and authenticating REST requests"): an old
//! signature that covers neither the body nor most of the query. It is taken only where the terms
//! say so.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use names::Timestamp;

use crate::claim::{Form, Kind, SignedClaim};
use crate::encode::canonical_number;
use crate::error::{AuthorizationPart as Part, Mechanism, SignatureError};
use crate::request::CanonicalRequest;
use crate::v4::read_time;
use crate::verify::{SKEW_SECONDS_MAX, SigV2Rule, Terms};

/// The parameters that are signed, sorted: each changes what the request is or what it answers.
const SIGNED: [&str; 41] = [
    "accelerate",
    "acl",
    "analytics",
    "cors",
    "defaultObjectAcl",
    "delete",
    "encryption",
    "inventory",
    "legal-hold",
    "lifecycle",
    "location",
    "logging",
    "metrics",
    "notification",
    "object-lock",
    "ownershipControls",
    "partNumber",
    "policy",
    "policyStatus",
    "publicAccessBlock",
    "replication",
    "requestPayment",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "restore",
    "retention",
    "select",
    "select-type",
    "storageClass",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
    "website",
];

/// The parameters that are not signed and may come all the same: they say which page of a listing
/// is meant, or are the credential.
const UNSIGNED: [&str; 18] = [
    "AWSAccessKeyId",
    "Expires",
    "Signature",
    "continuation-token",
    "delimiter",
    "encoding-type",
    "fetch-owner",
    "key-marker",
    "list-type",
    "marker",
    "max-keys",
    "max-parts",
    "max-uploads",
    "part-number-marker",
    "prefix",
    "start-after",
    "upload-id-marker",
    "version-id-marker",
];

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// What a Version 2 signature says of itself.
#[derive(Clone, Debug)]
pub(crate) struct V2Terms {
    /// When a request in header form was signed.
    pub(crate) signed_at: Option<Timestamp>,
    /// Until when a presigned request is good.
    pub(crate) expires: Option<Timestamp>,
}

impl CanonicalRequest {
    /// `AWS access-key-id:signature`.
    pub(crate) fn v2_header_claim(&self, rest: &str) -> Result<SignedClaim, SignatureError> {
        let bad = |part| SignatureError::MalformedAuthorization { part };
        let (key, signature) = rest.split_once(':').ok_or(SignatureError::MalformedV2Header)?;
        let token = self.header("x-amz-security-token").map_err(|_| bad(Part::SessionToken))?;
        let terms = V2Terms { signed_at: Some(self.v2_date()?), expires: None };
        self.v2_claim(Form::Header, key, signature, (token, terms))
    }

    /// `AWSAccessKeyId`, `Expires` and `Signature` in the query.
    pub(crate) fn v2_query_claim(&self) -> Result<SignedClaim, SignatureError> {
        let bad = |part| SignatureError::MalformedQuery { part };
        let required = |name, part| {
            self.query(name).map_err(|_| bad(part))?.ok_or(SignatureError::MissingV2Parameters)
        };
        let key = required("AWSAccessKeyId", Part::Credential)?;
        let expires = required("Expires", Part::Expires)?;
        let signature = required("Signature", Part::Signature)?;
        let expires = canonical_number(expires)
            .and_then(|seconds| i64::try_from(seconds).ok())
            .and_then(|seconds| Timestamp::from_seconds(seconds).ok())
            .ok_or(bad(Part::Expires))?;
        let token = self.header("x-amz-security-token").map_err(|_| bad(Part::SessionToken))?;
        let terms = V2Terms { signed_at: None, expires: Some(expires) };
        self.v2_claim(Form::Presigned, key, signature, (token, terms))
    }

    fn v2_claim(
        &self,
        form: Form,
        key: &str,
        signature: &str,
        (token, terms): (Option<&str>, V2Terms),
    ) -> Result<SignedClaim, SignatureError> {
        Ok(SignedClaim {
            request: self.clone(),
            form,
            access_key_id: key.parse().map_err(|_| SignatureError::MalformedAccessKeyId)?,
            session_token: token.map(str::to_owned),
            signature: read_signature(signature)?,
            kind: Kind::V2(terms),
            posted: None,
        })
    }

    /// `x-amz-date`, or else `Date`, since 1970. Nobody asks for the weekday that goes with it.
    fn v2_date(&self) -> Result<Timestamp, SignatureError> {
        let bad = || SignatureError::MalformedDate;
        let text = match self.header("x-amz-date").map_err(|_| bad())? {
            Some(text) => text,
            None => self.header("date").map_err(|_| bad())?.ok_or(SignatureError::MissingDate)?,
        };
        let time = read_time(text).or_else(|| read_date(text));
        time.filter(|time| time.seconds() >= 0).ok_or_else(bad)
    }
}

/// An HTTP date of any weekday, its zone as HTTP or as mail writes it (RFC 9110 §5.6.7, RFC 5322
/// §3.3: `-0000` too).
pub(crate) fn read_date(text: &str) -> Option<Timestamp> {
    let universal = text.strip_suffix("+0000").or_else(|| text.strip_suffix("-0000"));
    let universal = universal.map(|start| format!("{start}GMT"));
    let (named, rest) = universal.as_deref().unwrap_or(text).split_once(',')?;
    WEEKDAYS.contains(&named).then_some(())?;
    WEEKDAYS.iter().find_map(|day| Timestamp::parse_http_date(&format!("{day},{rest}")).ok())
}

impl V2Terms {
    /// Everything that is judged without a key.
    pub(crate) fn check(
        &self,
        request: &CanonicalRequest,
        terms: &Terms<'_>,
    ) -> Result<(), SignatureError> {
        admitted(terms)?;
        let unknown = |name: &&String| {
            let name = name.as_str();
            !SIGNED.contains(&name) && !UNSIGNED.contains(&name) && !is_moved_header(name)
        };
        if let Some(name) = request.query_pairs().iter().map(|(name, _)| name).find(unknown) {
            return Err(SignatureError::ParameterNotSigned { name: name.clone() });
        }
        if let Some(sent) = self.signed_at {
            let early = terms.now < sent.plus_seconds(-SKEW_SECONDS_MAX);
            let late = terms.now > sent.plus_seconds(SKEW_SECONDS_MAX);
            if early || late {
                return Err(SignatureError::Skewed { sent });
            }
        }
        match self.expires {
            Some(at) if terms.now > at => Err(SignatureError::Expired { at }),
            _ => Ok(()),
        }
    }

    /// The string to sign. A path that is a bucket alone has a second one, with a slash behind the
    /// bucket, because botocore signs that wherever the bucket's name is: it means the same.
    pub(crate) fn texts(
        &self,
        request: &CanonicalRequest,
    ) -> Result<(String, Option<String>), SignatureError> {
        let path = request.raw_path();
        let bucket_alone = request.host_bucket().is_none()
            && path.strip_prefix('/').is_some_and(|rest| !rest.is_empty() && !rest.contains('/'));
        let text = self.text(request, path)?;
        let other = bucket_alone.then(|| self.text(request, &format!("{path}/"))).transpose()?;
        Ok((text, other))
    }

    fn text(&self, request: &CanonicalRequest, path: &str) -> Result<String, SignatureError> {
        let single = |name: &'static str| {
            let malformed = |_| SignatureError::MalformedHeader { name: name.to_owned() };
            Ok::<&str, SignatureError>(request.header(name).map_err(malformed)?.unwrap_or_default())
        };
        let date = match self.expires {
            Some(at) => at.seconds().to_string(),
            None if request.header_values("x-amz-date").is_empty() => single("date")?.to_owned(),
            None => String::new(),
        };
        let mut out = format!(
            "{}\n{}\n{}\n{date}\n",
            request.method(),
            single("content-md5")?,
            single("content-type")?
        );
        push_amz_headers(&mut out, request);
        push_resource(&mut out, request, path);
        Ok(out)
    }
}

/// Whether Version 2 is taken at all.
pub(crate) fn admitted(terms: &Terms<'_>) -> Result<(), SignatureError> {
    if !terms.services.contains(&"s3") {
        return Err(SignatureError::UnsupportedMechanism { mechanism: Mechanism::SigV2 });
    }
    match terms.v2 {
        SigV2Rule::Allow => Ok(()),
        SigV2Rule::Refuse => Err(SignatureError::SigV2Off),
    }
}

fn is_moved_header(name: &str) -> bool {
    name.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("x-amz-"))
}

/// `x-amz-*` headers, those of a presigned query too, sorted, repeated ones joined.
fn push_amz_headers(out: &mut String, request: &CanonicalRequest) {
    let mut last = "";
    for (name, value) in request.header_pairs() {
        if !name.starts_with("x-amz-") {
            continue;
        }
        if name == last {
            out.pop();
            out.push(',');
        } else {
            out.push_str(name);
            out.push(':');
        }
        out.push_str(value);
        out.push('\n');
        last = name;
    }
}

/// The bucket that the host names, the path as it was received, and the signed parameters, decoded.
fn push_resource(out: &mut String, request: &CanonicalRequest, path: &str) {
    if let Some(bucket) = request.host_bucket() {
        out.push('/');
        out.push_str(bucket);
    }
    out.push_str(path);
    let mut signed: Vec<&(String, String)> =
        request.query_pairs().iter().filter(|(name, _)| SIGNED.contains(&name.as_str())).collect();
    signed.sort();
    for (index, (name, value)) in signed.into_iter().enumerate() {
        out.push(if index == 0 { '?' } else { '&' });
        out.push_str(name);
        if !value.is_empty() {
            out.push('=');
            out.push_str(value);
        }
    }
}

/// Twenty bytes in base64, in their one spelling. Anything else is no signature of anything.
pub(crate) fn read_signature(text: &str) -> Result<String, SignatureError> {
    let bytes = STANDARD.decode(text).map_err(|_| SignatureError::Mismatch)?;
    if bytes.len() == 20 { Ok(text.to_owned()) } else { Err(SignatureError::Mismatch) }
}
