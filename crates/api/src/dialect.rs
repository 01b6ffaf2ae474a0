//! Which language a request speaks: S3's, the query protocol's, or our own.

use http::Method;
use signing::CanonicalRequest;

/// The language of a request and of its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// S3: REST and XML.
    S3,
    /// IAM and STS: forms in, XML out.
    Query {
        /// The XML namespace of the service that is spoken to.
        namespace: &'static str,
    },
    /// The native admin API: JSON.
    Admin,
}

/// What every path of the native admin API begins with. No bucket can be named `-`.
pub(crate) const ADMIN_PREFIX: &str = "/-/v1/";

impl Dialect {
    /// The language, from what was verified. `POST /` with a form is the query protocol's; S3 has
    /// nothing there.
    pub(crate) fn of(request: &CanonicalRequest) -> Self {
        if request.path().starts_with("/-/") {
            return Self::Admin;
        }
        let query = (request.method() == Method::POST && request.path() == "/")
            || (request.method() == Method::GET
                && request.path() == "/"
                && request.has_query("Action"));
        if query { Self::Query { namespace: wire::sts::NAMESPACE } } else { Self::S3 }
    }

    /// The language's name, for metrics.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Query { .. } => "query",
            Self::Admin => "admin",
        }
    }

    /// The services whose signatures the language takes.
    pub(crate) fn services(self) -> &'static [&'static str] {
        match self {
            Self::S3 => &["s3"],
            Self::Query { .. } => &["sts", "iam"],
            Self::Admin => &["strongroom"],
        }
    }
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
    fn forms_at_the_root_are_the_query_protocols() {
        assert!(matches!(dialect("POST", "/"), Dialect::Query { .. }));
        assert!(matches!(dialect("GET", "/?Action=GetCallerIdentity"), Dialect::Query { .. }));
        assert_eq!(dialect("GET", "/"), Dialect::S3);
        assert_eq!(dialect("GET", "/-/v1/accounts"), Dialect::Admin);
    }
}
