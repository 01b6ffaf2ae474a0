//! Which language a request speaks: S3's, the query protocol's, or our own.

use http::Method;
use signing::CanonicalRequest;

use crate::{analyzer, organizations};

/// The language of a request and of its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// S3: REST and XML.
    S3,
    /// S3's control API, about a whole account: REST and XML at paths of its own.
    Control,
    /// IAM and STS: forms in, XML out.
    Query {
        /// The XML namespace of the service that is spoken to.
        namespace: &'static str,
    },
    /// AWS's Access Analyzer: REST and JSON.
    Analyzer,
    /// AWS Organizations: JSON 1.1, whose operation is named in a header.
    Target,
    /// The native admin API: JSON.
    Admin,
}

/// What every path of the native admin API begins with. No bucket can be named `-`.
pub(crate) const ADMIN_PREFIX: &str = "/-/v1/";

impl Dialect {
    /// The language, from what was verified. `POST /` with a form is the query protocol's; S3 has
    /// nothing there. So is a form that is posted to `/sts` or `/iam`, for programs whose endpoint
    /// ends so: what S3 is posted at a bucket is a browser's form, or has a query.
    pub(crate) fn of(request: &CanonicalRequest) -> Self {
        if request.path().starts_with("/-/") {
            return Self::Admin;
        }
        if control_path(request).is_some() {
            return Self::Control;
        }
        if asks_the_analyzer(request) {
            return Self::Analyzer;
        }
        if names_target(request) {
            return Self::Target;
        }
        let query = (request.method() == Method::POST && request.path() == "/")
            || posts_form_to_service(request)
            || (request.method() == Method::GET
                && request.path() == "/"
                && request.has_query("Action"));
        if query { Self::Query { namespace: wire::sts::NAMESPACE } } else { Self::S3 }
    }

    /// The language's name, for metrics.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Control => "s3control",
            Self::Query { .. } => "query",
            Self::Analyzer => "access-analyzer",
            Self::Target => "organizations",
            Self::Admin => "admin",
        }
    }

    /// The services whose signatures the language takes.
    pub(crate) fn services(self) -> &'static [&'static str] {
        match self {
            Self::S3 | Self::Control => &["s3"],
            Self::Query { .. } => &["sts", "iam"],
            Self::Analyzer => &["access-analyzer"],
            Self::Target => &["organizations"],
            Self::Admin => &["strongroom"],
        }
    }
}

/// What the paths of S3's control API begin with.
const CONTROL_PREFIX: &str = "/v20180820/";
/// The header that names the account.
const CONTROL_HEADER: &str = "x-amz-account-id";

/// The path of a request of S3's control API, below its prefix. Its header tells it from a bucket
/// of that name. SDKs put the account before the host's name; where hosts name buckets, it stands
/// at the beginning of the path.
pub(crate) fn control_path(request: &CanonicalRequest) -> Option<&str> {
    let account = request.header(CONTROL_HEADER).ok().flatten()?;
    let path = request.path();
    let below = path.strip_prefix('/').and_then(|path| path.strip_prefix(account));
    below.unwrap_or(path).strip_prefix(CONTROL_PREFIX)
}

/// Whether the request is posted to a path of the Access Analyzer, or signed for it. Of what S3 is
/// posted at a key nothing is served without a parameter in the query.
fn asks_the_analyzer(request: &CanonicalRequest) -> bool {
    let credential = request.header("authorization").ok().flatten().unwrap_or_default();
    let pairs = request.query_pairs();
    let own = |name: &str| analyzer::PARAMETERS.contains(&name) || name.starts_with("X-Amz-");
    credential.contains("/access-analyzer/aws4_request")
        || (request.method() == Method::POST
            && analyzer::PATHS.contains(&request.path())
            && pairs.iter().all(|(name, _)| own(name)))
}

/// Whether the request is posted to the root and names an operation of AWS Organizations.
fn names_target(request: &CanonicalRequest) -> bool {
    let target = request.header("x-amz-target").ok().flatten();
    request.method() == Method::POST
        && request.path() == "/"
        && target.is_some_and(|target| target.starts_with(organizations::TARGET))
}

/// The paths below which IAM and STS are found too.
const SERVICE_PATHS: [&str; 4] = ["/sts", "/sts/", "/iam", "/iam/"];

fn posts_form_to_service(request: &CanonicalRequest) -> bool {
    let kind = request.header("content-type").ok().flatten().unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    request.method() == Method::POST
        && SERVICE_PATHS.contains(&request.path())
        && request.query_pairs().is_empty()
        && kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dialect(method: &str, uri: &str) -> Dialect {
        let request =
            http::Request::builder().method(method).uri(uri).header("host", "h").body(()).unwrap();
        let (parts, ()) = request.into_parts();
        Dialect::of(&CanonicalRequest::parse(&parts).unwrap())
    }

    #[test]
    fn a_bucket_named_like_a_service_is_a_bucket() {
        for bucket in ["sts", "iam", "admin", "health", "metrics", "minio"] {
            assert_eq!(dialect("GET", &format!("/{bucket}")), Dialect::S3);
            assert_eq!(dialect("POST", &format!("/{bucket}?delete")), Dialect::S3);
        }
    }

    #[test]
    fn a_form_posted_to_a_path_named_like_a_service_is_the_query_protocols() {
        let posted = |path: &str, kind: &str| {
            let request = http::Request::builder().method("POST").uri(path).header("host", "h");
            let (parts, ()) = request.header("content-type", kind).body(()).unwrap().into_parts();
            Dialect::of(&CanonicalRequest::parse(&parts).unwrap())
        };
        let form = "application/x-www-form-urlencoded; charset=utf-8";
        for path in ["/sts", "/sts/", "/iam"] {
            assert!(matches!(posted(path, form), Dialect::Query { .. }), "{path}");
            assert_eq!(posted(path, "multipart/form-data; boundary=x"), Dialect::S3);
        }
        assert_eq!(posted("/sts?delete", form), Dialect::S3);
        assert_eq!(posted("/sts/key", form), Dialect::S3);
        assert_eq!(posted("/other", form), Dialect::S3);
    }

    #[test]
    fn what_names_an_account_in_a_header_is_the_control_apis_and_a_bucket_of_that_name_is_not() {
        let asked = |path: &str, account: &str| {
            let request = http::Request::builder().uri(path).header("host", "h");
            let (parts, ()) =
                request.header("x-amz-account-id", account).body(()).unwrap().into_parts();
            Dialect::of(&CanonicalRequest::parse(&parts).unwrap())
        };
        let path = "/v20180820/configuration/publicAccessBlock";
        assert_eq!(asked(path, "111122223333"), Dialect::Control);
        assert_eq!(asked(&format!("/111122223333{path}"), "111122223333"), Dialect::Control);
        assert_eq!(asked(&format!("/111122223333{path}"), "444455556666"), Dialect::S3);
        assert_eq!(asked("/v20180820", "111122223333"), Dialect::S3);
        assert_eq!(dialect("GET", path), Dialect::S3);
    }

    #[test]
    fn a_key_of_a_bucket_named_policy_is_a_key() {
        assert_eq!(dialect("POST", "/policy/validation"), Dialect::Analyzer);
        assert_eq!(dialect("POST", "/policy/validation?maxResults=3"), Dialect::Analyzer);
        assert_eq!(dialect("POST", "/policy/validation?uploads"), Dialect::S3);
        assert_eq!(dialect("PUT", "/policy/validation"), Dialect::S3);
        assert_eq!(dialect("POST", "/policy/other"), Dialect::S3);
    }

    #[test]
    fn forms_at_the_root_are_the_query_protocols() {
        assert!(matches!(dialect("POST", "/"), Dialect::Query { .. }));
        assert!(matches!(dialect("GET", "/?Action=GetCallerIdentity"), Dialect::Query { .. }));
        assert_eq!(dialect("GET", "/"), Dialect::S3);
        assert_eq!(dialect("GET", "/-/v1/accounts"), Dialect::Admin);
    }
}
