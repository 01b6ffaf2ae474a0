//! Browser forms: the fields of a `POST` to a bucket, and the credential among them (S3 API
//! reference, "Browser-based uploads using POST").

use names::Timestamp;

use crate::claim::{AnonymousClaim, Claim, Form, Kind, SignedClaim, mechanism};
use crate::error::{AuthorizationPart as Part, SignatureError};
use crate::form_policy::FormPolicy;
use crate::key::Algorithm;
use crate::request::CanonicalRequest;
use crate::v2::{self, V2Terms};
use crate::v4::{V4Terms, read_credential, read_signature, read_time};

/// Most fields of a form.
pub const FIELDS_MAX: usize = 100;

/// Most bytes of a form's names and values together, the file's content not counted (S3 error
/// `MaxPostPreDataLengthExceeded`).
pub const FIELD_BYTES_MAX: usize = 20_480;

/// What a file's name is put in place of.
const FILE_NAME: &str = "${filename}";

/// The fields that present a credential.
const CREDENTIAL: [&str; 8] = [
    "awsaccesskeyid",
    "policy",
    "signature",
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-signature",
];

/// The headers of the request itself that a form keeps. All else comes from the fields.
const KEPT_HEADERS: [&str; 4] = ["host", "origin", "referer", "user-agent"];

/// The content headers that a form may set.
const CONTENT_HEADERS: [&str; 6] = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-type",
    "expires",
];

/// The fields of a form that came before its file. Names are in lower case, for S3 does not tell
/// cases apart; none comes twice.
///
/// ```
/// use strongroom_signing::PostForm;
/// let fields = [("Key", "in/${filename}"), ("acl", "private")];
/// let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
/// let form = PostForm::new(fields.to_vec(), Some("C:\\scans\\a.png")).unwrap();
/// assert_eq!(form.key(), "in/a.png");
/// assert_eq!(form.field("ACL"), Some("private"));
/// ```
#[derive(Clone)]
pub struct PostForm {
    fields: Vec<(String, String)>,
    key: String,
}

impl PostForm {
    /// Takes the fields, in the order received, and the file's name.
    ///
    /// # Errors
    /// A field comes twice, there are too many or too long ones, or there is no `key`.
    pub fn new(
        fields: Vec<(String, String)>,
        file_name: Option<&str>,
    ) -> Result<Self, SignatureError> {
        let bytes = fields.iter().fold(0_usize, |sum, (name, value)| {
            sum.saturating_add(name.len()).saturating_add(value.len())
        });
        if fields.len() > FIELDS_MAX || bytes > FIELD_BYTES_MAX {
            return Err(SignatureError::FormTooLarge { max: FIELD_BYTES_MAX });
        }
        let mut fields: Vec<(String, String)> =
            fields.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
        fields.sort();
        let repeated = fields.windows(2).find_map(|pair| match pair {
            [(one, _), (next, _)] if one == next => Some(one.clone()),
            _ => None,
        });
        if let Some(name) = repeated {
            return Err(SignatureError::FieldRepeated { name });
        }
        let mut form = Self { fields, key: String::new() };
        let key = form.field("key").ok_or(SignatureError::FieldMissing { name: "key" })?;
        form.key = key.replace(FILE_NAME, base_name(file_name.unwrap_or_default()));
        Ok(form)
    }

    /// The value of one field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The key of the object, the file's name put in its place.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Names in lower case, and values: the key's is [`PostForm::key`].
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| match name.as_str() {
            "key" => ("key", self.key.as_str()),
            name => (name, value.as_str()),
        })
    }

    /// The headers that the fields stand for.
    fn headers(&self) -> impl Iterator<Item = (String, String)> {
        self.fields.iter().filter_map(|(name, value)| {
            let header = match name.as_str() {
                "acl" => "x-amz-acl",
                name if CREDENTIAL.contains(&name) => return None,
                name if CONTENT_HEADERS.contains(&name) || name.starts_with("x-amz-") => name,
                _ => return None,
            };
            Some((header.to_owned(), value.clone()))
        })
    }
}

/// Field names alone: values are credentials and content.
impl std::fmt::Debug for PostForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.fields.iter().map(|(name, _)| name)).finish()
    }
}

/// What stands after the last separator of either kind.
fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or_default()
}

impl CanonicalRequest {
    /// Finds the credential of a browser's form: in its fields, or none at all. The claim's request
    /// is the one that the form means: its path names the object, its headers are the fields.
    ///
    /// # Errors
    /// The head presents a credential too; the form's is incomplete, malformed or of a kind that is
    /// not taken; the path does not name a bucket, or a field names another.
    pub fn form_credential(&self, form: PostForm) -> Result<Claim, SignatureError> {
        if !matches!(self.credential(), Ok(Claim::Anonymous(_))) {
            return Err(SignatureError::OnlyOneMechanism);
        }
        let bucket = self.path().trim_matches('/').to_owned();
        if let Some(named) = form.field("bucket").filter(|named| *named != bucket) {
            // S3 says of a form that was signed for another bucket that its policy does not hold.
            return Err(match form.field("policy") {
                Some(_) => SignatureError::PolicyCondition {
                    condition: format!("[\"eq\", \"$bucket\", \"{named}\"]"),
                },
                None => SignatureError::FieldRepeated { name: "bucket".to_owned() },
            });
        }
        let kept = self
            .sent_pairs()
            .iter()
            .filter(|(name, _)| KEPT_HEADERS.contains(&name.as_str()))
            .cloned();
        let headers = kept.chain(form.headers()).collect();
        let request = self.posted(format!("/{bucket}/{}", form.key()), headers);
        if !form.fields.iter().any(|(name, _)| CREDENTIAL.contains(&name.as_str())) {
            return Ok(Claim::Anonymous(AnonymousClaim { request }));
        }
        let required =
            |name: &'static str| form.field(name).ok_or(SignatureError::FieldMissing { name });
        let text = required("policy")?.to_owned();
        let v4 = ["x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature"];
        let v2 = ["awsaccesskeyid", "signature"];
        let has = |names: &[&str]| names.iter().any(|name| form.field(name).is_some());
        let token = form.field("x-amz-security-token").map(str::to_owned);
        let (access_key_id, signature, kind) = match (has(&v4), has(&v2)) {
            (true, true) => return Err(SignatureError::OnlyOneMechanism),
            (_, false) => v4_parts(&required)?,
            (false, true) => {
                let terms = V2Terms { signed_at: None, expires: None };
                let key = required("awsaccesskeyid")?.parse();
                let key = key.map_err(|_| SignatureError::MalformedAccessKeyId)?;
                (key, v2::read_signature(required("signature")?)?, Kind::V2(terms))
            }
        };
        let posted = Posted { text, bucket, form };
        Ok(Claim::Signed(SignedClaim {
            request,
            form: Form::Post,
            access_key_id,
            session_token: token,
            signature,
            kind,
            posted: Some(Box::new(posted)),
        }))
    }
}

/// What a form signs, and what its policy is held against.
#[derive(Clone, Debug)]
pub(crate) struct Posted {
    /// The policy, in base64: the string to sign.
    pub(crate) text: String,
    bucket: String,
    form: PostForm,
}

impl Posted {
    /// The policy, once it has been proven: it has not expired and the form keeps to it.
    pub(crate) fn policy(&self, now: Timestamp) -> Result<FormPolicy, SignatureError> {
        let policy = FormPolicy::parse(&self.text)?;
        policy.check(&self.form, &self.bucket, now)?;
        Ok(policy)
    }
}

type Parts = (names::AccessKeyId, String, Kind);

fn v4_parts<'a>(
    required: &impl Fn(&'static str) -> Result<&'a str, SignatureError>,
) -> Result<Parts, SignatureError> {
    let bad = |part| SignatureError::MalformedQuery { part };
    let name = required("x-amz-algorithm")?;
    // A form is signed with a key that both sides hold: AWS documents no other.
    let algorithm = Algorithm::named(name)
        .filter(|algorithm| *algorithm == Algorithm::Hmac)
        .ok_or_else(|| SignatureError::UnsupportedMechanism { mechanism: mechanism(name) })?;
    let credential = required("x-amz-credential")?;
    let (access_key_id, scope) = read_credential(credential, algorithm, bad(Part::Credential))?;
    let signed_at = read_time(required("x-amz-date")?).ok_or(bad(Part::Date))?;
    let signature = read_signature(required("x-amz-signature")?, algorithm)?;
    let terms = V4Terms {
        algorithm,
        scope,
        regions: None,
        signed_at,
        expiry_seconds: None,
        signed_headers: Vec::new(),
    };
    Ok((access_key_id, signature, Kind::V4(terms)))
}
