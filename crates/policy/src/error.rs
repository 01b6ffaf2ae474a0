//! What can be wrong with a policy document, where, and in AWS's words.

use std::fmt;

use crate::document::Kind;
use crate::json::DEPTH_MAX;
use crate::operator::TIME;
use crate::parse;

/// Most bytes of a pattern in `Action`, `Resource` or a condition: the longest name there is
/// (IAM, `arnType`).
pub const PATTERN_BYTES_MAX: usize = 2_048;
/// Most `*` and `?` in one pattern, so that what was accepted always decides quickly.
pub const WILDCARDS_MAX: usize = 256;
/// Most characters of what a client is told, as a policy may quote itself in it.
pub const MESSAGE_CHARACTERS_MAX: usize = 1_024;

/// AWS's sentence about a resource of IAM of a type that there is not.
const IAM_PATHS: &str = "IAM resource path must either be \"*\" or start with user/, \
    federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, \
    sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/.";

/// A place in a document; both count from 1, columns in characters.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Position {
    /// The place of a byte of the text.
    pub(crate) fn of(text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line = before.matches('\n').count().saturating_add(1);
        let last = before.rsplit('\n').next().unwrap_or("");
        Self { line, column: last.chars().count().saturating_add(1) }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// A policy document that was refused: what is wrong, and where.
///
/// ```
/// use strongroom_policy::{Document, Kind};
/// let text = "{\"Statement\": [],\n \"effect\": 1}";
/// let error = Document::parse(text, Kind::Identity).unwrap_err();
/// assert_eq!(error.to_string(), "line 2, column 2: the key `effect` is unknown here");
/// assert_eq!(error.aws_code(), "MalformedPolicyDocument");
/// assert_eq!(error.aws_message(), "Syntax errors in policy.");
/// ```
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{at}: {fault}")]
pub struct PolicyError {
    /// Which kind of policy was being read.
    pub kind: Kind,
    /// Where the fault stands.
    pub at: Position,
    /// The byte at which it stands.
    pub offset: usize,
    /// What is wrong.
    #[source]
    pub fault: Fault,
}

/// What is wrong with a policy document.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// Not JSON, or not an object.
    #[error("this is not JSON: {0}")]
    Json(&'static str),
    /// Arrays and objects nest deeper than [`DEPTH_MAX`].
    #[error("arrays and objects nest deeper than {DEPTH_MAX} levels")]
    TooDeep,
    /// The document is too large.
    #[error("the document has {size} bytes without white space, and {max} are allowed")]
    TooLarge {
        /// Its size.
        size: usize,
        /// The limit.
        max: usize,
    },
    /// A character outside U+0009, U+000A, U+000D, U+0020–U+00FF.
    #[error("the character `{}` is not allowed in this document", .0.escape_unicode())]
    Character(char),
    /// A key twice in one object (condition operators and keys: without regard to case).
    #[error("the key `{0}` stands twice in one object")]
    DuplicateKey(String),
    /// A key that the grammar does not know.
    #[error("the key `{0}` is unknown here")]
    UnknownKey(String),
    /// An element that must be there is not.
    #[error("the element `{0}` is missing")]
    Missing(&'static str),
    /// An element that this kind of policy must not have.
    #[error("the element `{0}` is not allowed in this kind of policy")]
    Prohibited(&'static str),
    /// An element and its opposite in one statement.
    #[error("`{0}` and `{1}` exclude each other")]
    Both(&'static str, &'static str),
    /// A value of another type than the grammar has.
    #[error("`{element}` must be {expected}")]
    Type {
        /// The element.
        element: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// A version other than the two.
    #[error("the version `{0}` is unknown: write `2012-10-17`")]
    Version(String),
    /// Neither `Allow` nor `Deny`.
    #[error("the effect `{0}` is neither `Allow` nor `Deny`")]
    Effect(String),
    /// A statement id outside its grammar.
    #[error("the statement id `{0}` has characters other than letters and digits")]
    Sid(String),
    /// A statement id used twice.
    #[error("the statement id `{0}` is used twice")]
    DuplicateSid(String),
    /// An action without a service.
    #[error("the action `{0}` does not begin with a service, as in `s3:GetObject`")]
    ActionVendor(String),
    /// An action that this kind of policy cannot speak about.
    #[error("the action `{0}` is not one that this policy can speak about")]
    Action(String),
    /// A resource that is neither `*` nor a whole resource name.
    #[error("the resource `{0}` is neither `*` nor a resource name of six parts")]
    Resource(String),
    /// An action with more than one colon: no action has a name like that.
    #[error("the action `{0}` has more than one colon")]
    ActionColons(String),
    /// An action of a service whose name no service has.
    #[error("no service has a name like `{0}`")]
    ActionService(String),
    /// A resource of a partition that does not exist.
    #[error("the resource `{0}` is in a partition that does not exist")]
    Partition(String),
    /// A resource with a region whose service has none.
    #[error("the resource `{0}` has a region, and names of its service have none")]
    Region(String),
    /// A resource of IAM of no type that IAM has.
    #[error("the resource `{0}` is of no type that IAM has")]
    ResourcePath(String),
    /// A resource of something else than the policy is attached to.
    #[error("the resource `{0}` is not in this bucket")]
    ForeignResource(String),
    /// A principal of no known form.
    #[error("the principal `{0}` has no known form")]
    Principal(String),
    /// A principal that does not exist.
    #[error("the principal `{0}` does not exist")]
    NoSuchPrincipal(String),
    /// A wildcard where a principal must be named.
    #[error("a wildcard is not allowed in the principal `{0}`")]
    PrincipalWildcard(String),
    /// A condition operator that does not exist.
    #[error("the condition operator `{0}` is unknown")]
    Operator(String),
    /// A condition key without a prefix.
    #[error("the condition key `{0}` does not begin with a service, as in `aws:SourceIp`")]
    ConditionVendor(String),
    /// A multivalued key under an operator without `ForAllValues:` or `ForAnyValue:`.
    #[error("the key `{0}` has many values: write `ForAnyValue:` or `ForAllValues:`")]
    Qualifier(String),
    /// An operator that can read no value that the key ever has.
    #[error("`{key}` is {holds}, which `{operator}` cannot compare")]
    KeyType {
        /// The operator, as it is written.
        operator: String,
        /// The key, as it is written.
        key: String,
        /// What the key's values are.
        holds: &'static str,
    },
    /// A pattern longer than any name it could match.
    #[error("a pattern of {size} bytes is longer than the {PATTERN_BYTES_MAX} that are allowed")]
    PatternTooLong {
        /// Its size.
        size: usize,
    },
    /// A pattern of too many wildcards.
    #[error("a pattern has {count} wildcards, and {WILDCARDS_MAX} are allowed")]
    TooManyWildcards {
        /// How many `*` and `?` it has.
        count: usize,
    },
    /// A condition value that its operator cannot read.
    #[error("the value `{value}` is not {expected}")]
    Literal {
        /// The value.
        value: String,
        /// What the operator needs.
        expected: &'static str,
    },
    /// Several values for an operator that takes one.
    #[error("the operator `{0}` takes one value")]
    OneValue(String),
    /// An operator that cannot be asked of a key.
    #[error("`{key}` cannot be asked with `{operator}`: write {needs}")]
    OperatorOfKey {
        /// The key.
        key: String,
        /// The operator.
        operator: String,
        /// What can be asked of it.
        needs: &'static str,
    },
    /// A time zone that does not exist.
    #[error("the time zone `{zone}` is unknown{}", did_you_mean(nearest.as_deref()))]
    Zone {
        /// The zone.
        zone: String,
        /// The nearest one that exists.
        nearest: Option<String>,
    },
    /// A policy variable that is not well formed.
    #[error("the policy variable in `{text}` is not well formed: {why}")]
    Variable {
        /// The text that holds it.
        text: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A policy variable where none can stand.
    #[error("policy variables cannot stand in `{0}`")]
    VariableHere(String),
}

/// The end of a sentence about a word that is unknown.
fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map(|name| format!(": did you mean `{name}`?")).unwrap_or_default()
}

impl PolicyError {
    pub(crate) fn new(kind: Kind, text: &str, offset: usize, fault: Fault) -> Self {
        Self { kind, at: Position::of(text, offset), offset, fault }
    }

    /// AWS's error code: `MalformedPolicy` for bucket policies, `MalformedPolicyDocument` else,
    /// and for one that is too large `LimitExceeded`, of a session `PackedPolicyTooLarge`.
    #[must_use]
    pub fn aws_code(&self) -> &'static str {
        match (self.kind, &self.fault) {
            (Kind::Bucket, Fault::TooLarge { .. }) => "PolicyTooLarge",
            (Kind::Bucket, _) => "MalformedPolicy",
            (Kind::Session, Fault::TooLarge { .. }) => "PackedPolicyTooLarge",
            (_, Fault::TooLarge { .. }) => "LimitExceeded",
            _ => "MalformedPolicyDocument",
        }
    }

    /// What would help, where something does.
    ///
    /// ```
    /// use strongroom_policy::{Document, Kind};
    /// let error = Document::parse("{\"statement\": []}", Kind::Identity).unwrap_err();
    /// assert_eq!(error.hint().as_deref(), Some("did you mean `Statement`?"));
    /// ```
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        self.fault.hint()
    }

    /// What a client is told, on one line: AWS's sentence, then where the fault stands, what it is
    /// and what would help.
    ///
    /// ```
    /// use strongroom_policy::{Document, Kind};
    /// let error = Document::parse("{\"statement\": []}", Kind::Identity).unwrap_err();
    /// assert_eq!(
    ///     error.client_message(),
    ///     "Syntax errors in policy. (line 1, column 2: the key `statement` is unknown here; \
    ///      did you mean `Statement`?)"
    /// );
    /// ```
    #[must_use]
    pub fn client_message(&self) -> String {
        let hint = self.hint().map(|hint| format!("; {hint}")).unwrap_or_default();
        let whole = format!("{} ({self}{hint})", self.aws_message());
        let clean = |c: char| if c.is_control() { '\u{fffd}' } else { c };
        let mut text: String = whole.chars().map(clean).take(MESSAGE_CHARACTERS_MAX).collect();
        if whole.chars().count() > MESSAGE_CHARACTERS_MAX {
            text.push('…');
        }
        text
    }

    /// The sentence that AWS answers with; clients match on some of them.
    #[must_use]
    pub fn aws_message(&self) -> String {
        if self.kind == Kind::Bucket { self.s3_message() } else { self.iam_message() }
    }

    fn s3_message(&self) -> String {
        match &self.fault {
            Fault::Json(_) | Fault::TooDeep | Fault::DuplicateKey(_) | Fault::Character(_) => {
                "Policies must be valid JSON and the first byte must be '{'".to_owned()
            }
            Fault::TooLarge { max, .. } => {
                format!("Policy exceeds the maximum size of {max} bytes")
            }
            Fault::UnknownKey(key) => format!("Unknown field {key}"),
            Fault::Missing(element) => format!("Missing required field {element}"),
            Fault::Prohibited(element) => format!("Has prohibited field {element}"),
            Fault::Version(_) => "The policy must contain a valid version string".to_owned(),
            Fault::Effect(effect) => format!("Invalid effect: {effect}"),
            Fault::ActionVendor(_)
            | Fault::ActionColons(_)
            | Fault::ActionService(_)
            | Fault::Action(_) => "Policy has invalid action".to_owned(),
            Fault::Resource(_)
            | Fault::ForeignResource(_)
            | Fault::Partition(_)
            | Fault::Region(_)
            | Fault::ResourcePath(_) => "Policy has invalid resource".to_owned(),
            Fault::Principal(_) | Fault::NoSuchPrincipal(_) | Fault::PrincipalWildcard(_) => {
                "Invalid principal in policy".to_owned()
            }
            Fault::Operator(operator) => format!("Invalid Condition type : {operator}"),
            Fault::ConditionVendor(_)
            | Fault::Qualifier(_)
            | Fault::KeyType { .. }
            | Fault::OperatorOfKey { .. }
            | Fault::Zone { .. } => "Policy has an invalid condition key".to_owned(),
            _ => "Invalid policy syntax.".to_owned(),
        }
    }

    fn iam_message(&self) -> String {
        match &self.fault {
            Fault::Json(_) | Fault::DuplicateKey(_) => {
                "This policy contains invalid Json".to_owned()
            }
            Fault::TooLarge { max, .. } => match self.kind {
                Kind::Session => "Packed policy consumes more than the allowed space".to_owned(),
                Kind::RoleTrust => format!("Cannot exceed quota for ACLSizePerRole: {max}"),
                _ => format!("Cannot exceed quota for PolicySize: {max}"),
            },
            Fault::Missing("Principal") => "Missing required field Principal".to_owned(),
            Fault::Missing("Action") => "Policy statement must contain actions.".to_owned(),
            Fault::Missing("Resource") => "Policy statement must contain resources.".to_owned(),
            Fault::Prohibited("Principal" | "NotPrincipal") if self.kind != Kind::RoleTrust => {
                "Policy document should not specify a principal.".to_owned()
            }
            Fault::Prohibited(element) => format!("Has prohibited field {element}"),
            Fault::DuplicateSid(_) => {
                "Statement IDs (SID) in a single policy must be unique.".to_owned()
            }
            Fault::Sid(_) => {
                "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the \
                 regular expression [0-9A-Za-z]*"
                    .to_owned()
            }
            Fault::ActionVendor(_) | Fault::ConditionVendor(_) => {
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
                    .to_owned()
            }
            Fault::Action(_) => {
                "AssumeRole policy may only specify STS AssumeRole actions.".to_owned()
            }
            Fault::ActionColons(_) => "Actions/Condition can contain only one colon.".to_owned(),
            Fault::ActionService(service) => format!("Vendor {service} is not valid"),
            Fault::Resource(resource) | Fault::Partition(resource) => {
                parse::resource_message(resource)
            }
            Fault::Region(resource) if resource.split(':').nth(2) == Some("iam") => {
                format!("IAM resource {resource} cannot contain region information.")
            }
            Fault::Region(resource) => {
                format!("Resource {resource} can not contain region information.")
            }
            Fault::ResourcePath(_) => IAM_PATHS.to_owned(),
            Fault::Effect(effect)
                if ["allow", "deny"].iter().any(|known| effect.eq_ignore_ascii_case(known)) =>
            {
                "The policy failed legacy parsing".to_owned()
            }
            Fault::Literal { expected: TIME, .. } => "The policy failed legacy parsing".to_owned(),
            Fault::Principal(name)
            | Fault::NoSuchPrincipal(name)
            | Fault::PrincipalWildcard(name) => {
                format!("Invalid principal in policy: \"AWS\":\"{name}\"")
            }
            _ => "Syntax errors in policy.".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: Kind, fault: Fault) -> PolicyError {
        PolicyError::new(kind, "{}", 0, fault)
    }

    fn x() -> String {
        "x:y".to_owned()
    }

    const JSON: &str = "Policies must be valid JSON";
    const SYNTAX: &str = "Syntax errors in policy.";
    const S3_SYNTAX: &str = "Invalid policy syntax.";
    const S3_ACTION: &str = "Policy has invalid action";
    const S3_RESOURCE: &str = "Policy has invalid resource";
    const S3_KEY: &str = "Policy has an invalid condition key";
    const S3_PRINCIPAL: &str = "Invalid principal in policy";
    const VENDOR: &str = "Actions/Conditions must be prefaced by a vendor";
    const LEGACY: &str = "The policy failed legacy parsing";

    /// Each fault, how S3 says it and how IAM does.
    fn said() -> Vec<(Fault, &'static str, &'static str)> {
        let operator = || Fault::OperatorOfKey { key: x(), operator: x(), needs: "a" };
        let literal = |expected| Fault::Literal { value: x(), expected };
        let path = "IAM resource path must either be";
        let named = "Invalid principal in policy: \"AWS\":\"x:y\"";
        vec![
            (Fault::Json("a"), JSON, "This policy contains invalid Json"),
            (Fault::TooDeep, JSON, SYNTAX),
            (Fault::DuplicateKey(x()), JSON, "This policy contains invalid Json"),
            (Fault::Character('é'), JSON, SYNTAX),
            (
                Fault::TooLarge { size: 2, max: 1 },
                "Policy exceeds the maximum size of 1 bytes",
                "Cannot exceed quota for PolicySize: 1",
            ),
            (Fault::UnknownKey(x()), "Unknown field x:y", SYNTAX),
            (Fault::Missing("Statement"), "Missing required field Statement", SYNTAX),
            (
                Fault::Missing("Principal"),
                "Missing required field Principal",
                "Missing required field Principal",
            ),
            (
                Fault::Missing("Action"),
                "Missing required field Action",
                "Policy statement must contain actions.",
            ),
            (
                Fault::Missing("Resource"),
                "Missing required field Resource",
                "Policy statement must contain resources.",
            ),
            (
                Fault::Prohibited("Principal"),
                "Has prohibited field Principal",
                "Policy document should not specify a principal.",
            ),
            (
                Fault::Prohibited("Resource"),
                "Has prohibited field Resource",
                "Has prohibited field Resource",
            ),
            (Fault::Version(x()), "The policy must contain a valid version string", SYNTAX),
            (Fault::Effect("ALLOW".to_owned()), "Invalid effect: ALLOW", LEGACY),
            (Fault::Effect(x()), "Invalid effect: x:y", SYNTAX),
            (Fault::Sid(x()), S3_SYNTAX, "Statement IDs (SID) must be alpha-numeric."),
            (
                Fault::DuplicateSid(x()),
                S3_SYNTAX,
                "Statement IDs (SID) in a single policy must be unique.",
            ),
            (Fault::ActionVendor(x()), S3_ACTION, VENDOR),
            (Fault::Action(x()), S3_ACTION, "AssumeRole policy may only specify STS AssumeRole"),
            (Fault::ActionColons(x()), S3_ACTION, "Actions/Condition can contain only one colon."),
            (Fault::ActionService(x()), S3_ACTION, "Vendor x:y is not valid"),
            (Fault::ForeignResource(x()), S3_RESOURCE, SYNTAX),
            (
                Fault::Region("arn:aws:iam:r::x".to_owned()),
                S3_RESOURCE,
                "IAM resource arn:aws:iam:r::x cannot contain region information.",
            ),
            (
                Fault::Region("arn:aws:s3:r::x".to_owned()),
                S3_RESOURCE,
                "Resource arn:aws:s3:r::x can not contain region information.",
            ),
            (Fault::ResourcePath(x()), S3_RESOURCE, path),
            (Fault::Principal(x()), S3_PRINCIPAL, named),
            (Fault::NoSuchPrincipal(x()), S3_PRINCIPAL, named),
            (Fault::PrincipalWildcard(x()), S3_PRINCIPAL, named),
            (Fault::Operator(x()), "Invalid Condition type : x:y", SYNTAX),
            (Fault::ConditionVendor(x()), S3_KEY, VENDOR),
            (Fault::Qualifier(x()), S3_KEY, SYNTAX),
            (Fault::KeyType { operator: x(), key: x(), holds: "a" }, S3_KEY, SYNTAX),
            (operator(), S3_KEY, SYNTAX),
            (Fault::Zone { zone: x(), nearest: None }, S3_KEY, SYNTAX),
            (literal(TIME), S3_SYNTAX, LEGACY),
            (literal("a number"), S3_SYNTAX, SYNTAX),
            (Fault::OneValue(x()), S3_SYNTAX, SYNTAX),
        ]
    }

    #[test]
    fn each_fault_is_said_in_the_words_of_whoever_keeps_the_policy() {
        for (fault, s3, iam) in said() {
            let bucket = error(Kind::Bucket, fault.clone()).aws_message();
            assert!(bucket.starts_with(s3), "{fault:?}: {bucket}");
            let identity = error(Kind::Identity, fault.clone()).aws_message();
            assert!(identity.starts_with(iam), "{fault:?}: {identity}");
        }
        for fault in [Fault::Resource(x()), Fault::Partition(x())] {
            let bucket = error(Kind::Bucket, fault.clone()).aws_message();
            assert_eq!(bucket, S3_RESOURCE);
            assert_eq!(error(Kind::Identity, fault).aws_message(), parse::resource_message("x:y"));
        }
        let trust = |fault| error(Kind::RoleTrust, fault).aws_message();
        assert_eq!(trust(Fault::Prohibited("NotPrincipal")), "Has prohibited field NotPrincipal");
    }

    #[test]
    fn what_is_too_large_is_said_as_its_kind_has_it() {
        let large = Fault::TooLarge { size: 2, max: 1 };
        for (kind, code, start) in [
            (Kind::Bucket, "PolicyTooLarge", "Policy exceeds"),
            (Kind::Session, "PackedPolicyTooLarge", "Packed policy consumes"),
            (Kind::RoleTrust, "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 1"),
            (Kind::Identity, "LimitExceeded", "Cannot exceed quota for PolicySize: 1"),
        ] {
            let own = error(kind, large.clone());
            assert_eq!(own.aws_code(), code, "{kind:?}");
            assert!(own.aws_message().starts_with(start), "{kind:?}");
        }
        let code = |kind| error(kind, Fault::TooDeep).aws_code();
        assert_eq!(code(Kind::Bucket), "MalformedPolicy");
        assert_eq!(code(Kind::Session), "MalformedPolicyDocument");
        assert_eq!(code(Kind::Identity), "MalformedPolicyDocument");
    }

    #[test]
    fn what_a_client_is_told_is_one_line_of_a_bounded_length() {
        let plain = error(Kind::Identity, Fault::Sid(String::new())).client_message();
        let sid = |count: usize| {
            let text = "é".repeat(count);
            error(Kind::Identity, Fault::Sid(text)).client_message()
        };
        let room = MESSAGE_CHARACTERS_MAX - plain.chars().count();
        assert_eq!(sid(room).chars().count(), MESSAGE_CHARACTERS_MAX);
        assert!(!sid(room).ends_with('…') && sid(room + 1).ends_with('…'));
        assert_eq!(sid(room + 1).chars().count(), MESSAGE_CHARACTERS_MAX + 1);
        let said = error(Kind::Identity, Fault::Sid("a\nb".to_owned())).client_message();
        assert!(said.contains("a\u{fffd}b") && !said.contains('\n'), "{said}");
        let long = Fault::Sid("\n".repeat(MESSAGE_CHARACTERS_MAX));
        assert!(error(Kind::Identity, long).client_message().ends_with('…'));
        let helped = error(Kind::Identity, Fault::UnknownKey("effect".to_owned()));
        assert_eq!(helped.hint(), helped.fault.hint());
        assert!(helped.client_message().ends_with("; did you mean `Effect`?)"));
        let near = Fault::Zone { zone: "x".to_owned(), nearest: Some("Y".to_owned()) };
        assert!(near.to_string().ends_with(": did you mean `Y`?"));
    }

    #[test]
    fn a_place_counts_lines_and_columns_from_one() {
        for (offset, line, column) in [(0, 1, 1), (2, 1, 2), (3, 1, 3), (4, 2, 1), (6, 2, 3)] {
            let place = Position::of("éa\nbcd", offset);
            assert_eq!((place.line, place.column), (line, column), "{offset}");
        }
        assert_eq!(Position::of("a", 0).to_string(), "line 1, column 1");
    }
}
