//! The operation table: the only router. Door, record, docs and the coverage tests read it.

mod routes;

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::LazyLock;

use http::Method;
use names::Action;
use policy::operation::{Need, Operation};
use signing::CanonicalRequest;
use wire::{RestRequest, Route as RestRoute, Target};

pub use routes::table;

use crate::Response;
use crate::dialect::control_path;
use crate::exchange::Exchange;
use crate::s3;

/// One operation: its route, who may come to it, and what serves it.
pub struct Row {
    /// The operation's name in its dialect.
    pub name: &'static str,
    /// How a request names it.
    pub route: Route,
    /// Who may come to it at all.
    pub access: Access,
    /// What it does to the disk.
    pub effect: Effect,
    /// Every check it may need: the operation's own.
    pub checks: fn() -> Vec<(Action, Need)>,
    pub(crate) serve: Serve,
}

/// What serves a row.
pub(crate) type Serve = fn(Exchange) -> Pin<Box<dyn Future<Output = Response> + Send>>;

/// How a request names an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// S3: as the service model says.
    Rest(RestRoute),
    /// The query protocol: the service whose signature or form it is, and `Action`.
    Query {
        /// `iam` or `sts`.
        service: &'static str,
        /// The form's `Action`.
        action: &'static str,
    },
    /// JSON 1.1: the service whose signature it is, and the operation that `X-Amz-Target` names.
    Target {
        /// `organizations`.
        service: &'static str,
        /// The operation.
        action: &'static str,
    },
    /// REST and JSON: the service whose signature it is, and the path, for POST.
    Json {
        /// `access-analyzer`.
        service: &'static str,
        /// The path.
        path: &'static str,
    },
    /// The native admin API: a method and a path, in which `{}` stands for one segment.
    Admin {
        /// The method.
        method: &'static str,
        /// The path below `/-/v1/`.
        path: &'static str,
    },
}

impl Route {
    /// The service of the query protocol that it belongs to, if any.
    pub(crate) fn service(&self) -> Option<&'static str> {
        match self {
            Self::Query { service, .. } => Some(service),
            Self::Rest(_) | Self::Target { .. } | Self::Json { .. } | Self::Admin { .. } => None,
        }
    }
}

/// Who may come to a row before any policy is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// A credential is needed.
    Signed,
    /// A resource's policy may let anonymous callers in.
    Anyone,
    /// The request brings proof from an identity provider, or asks where to get it, and has no
    /// other credential.
    Login,
}

/// What an operation does to the disk, and so when its entry must be on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    Read,
    /// It stores something: refused when the disk is below its reserve.
    Write,
    /// It takes something away: goes on when the disk is full.
    Remove,
}

impl Row {
    /// A row of S3.
    pub(crate) const fn s3<M: RestRequest, Op: Operation>(
        access: Access,
        effect: Effect,
        serve: Serve,
    ) -> Self {
        Self {
            name: Op::NAME,
            route: Route::Rest(M::ROUTE),
            access,
            effect,
            checks: checks::<Op>,
            serve,
        }
    }

    /// The row of browser forms, which no service model has.
    pub(crate) const fn form<Op: Operation>(route: RestRoute, serve: Serve) -> Self {
        Self {
            name: route.operation,
            route: Route::Rest(route),
            access: Access::Anyone,
            effect: Effect::Write,
            checks: checks::<Op>,
            serve,
        }
    }

    /// Whether it takes a browser's form.
    pub(crate) fn takes_form(&self) -> bool {
        self.route == Route::Rest(s3::post::ROUTE)
    }

    /// A row of IAM or STS; the action is the operation's name.
    pub(crate) const fn query<Op: Operation>(
        service: &'static str,
        access: Access,
        effect: Effect,
        serve: Serve,
    ) -> Self {
        let route = Route::Query { service, action: Op::NAME };
        Self { name: Op::NAME, route, access, effect, checks: checks::<Op>, serve }
    }

    /// A row of AWS Organizations.
    pub(crate) const fn target<Op: Operation>(
        action: &'static str,
        effect: Effect,
        serve: Serve,
    ) -> Self {
        let route = Route::Target { service: "organizations", action };
        Self { name: action, route, access: Access::Signed, effect, checks: checks::<Op>, serve }
    }

    /// A row of AWS's Access Analyzer.
    pub(crate) const fn analyzer<Op: Operation>(path: &'static str, serve: Serve) -> Self {
        let route = Route::Json { service: "access-analyzer", path };
        let (access, effect) = (Access::Signed, Effect::Read);
        Self { name: Op::NAME, route, access, effect, checks: checks::<Op>, serve }
    }

    /// A row of the native admin API.
    pub(crate) const fn admin<Op: Operation>(
        method: &'static str,
        path: &'static str,
        effect: Effect,
        serve: Serve,
    ) -> Self {
        let route = Route::Admin { method, path };
        Self { name: Op::NAME, route, access: Access::Signed, effect, checks: checks::<Op>, serve }
    }

    /// A row of the native admin API for people who have no credential yet, and for providers.
    pub(crate) const fn before_login<Op: Operation>(
        method: &'static str,
        path: &'static str,
        effect: Effect,
        serve: Serve,
    ) -> Self {
        Self { access: Access::Login, ..Self::admin::<Op>(method, path, effect, serve) }
    }
}

fn checks<Op: Operation>() -> Vec<(Action, Need)> {
    Op::CHECKS.iter().map(|rule| (rule.action.clone(), rule.need)).collect()
}

/// Which row an S3 request names, if we have it.
pub(crate) enum Found {
    /// This one.
    Row(&'static Row),
    /// S3 knows it, we do not serve it: the sub-resource that says so.
    NotServed(String),
    /// The method means nothing there.
    NoSuchMethod,
    /// Nothing is there that we serve.
    NoSuchPath,
}

/// The one path of S3's control API that is served, below its prefix.
const ACCOUNT_BLOCK: &str = "configuration/publicAccessBlock";

/// Finds the row of a request of S3's control API.
pub(crate) fn find_control(request: &CanonicalRequest) -> Found {
    if control_path(request) != Some(ACCOUNT_BLOCK) {
        return Found::NoSuchPath;
    }
    let mut rows = table().iter().copied();
    let row = rows.find(
        |row| matches!(&row.route, Route::Rest(route) if matches(route, request, &Target::Account)),
    );
    row.map_or(Found::NoSuchMethod, Found::Row)
}

/// The rows that are found by their method and what the request names, by method: asked for with
/// every request.
static REST: LazyLock<BTreeMap<&str, Vec<(&Row, &RestRoute)>>> = LazyLock::new(|| {
    let mut rows = BTreeMap::new();
    for row in table() {
        if let Route::Rest(route) = &row.route {
            rows.entry(route.method).or_insert_with(Vec::new).push((*row, route));
        }
    }
    rows
});

/// Finds the row of an S3 request: the most specific route all of whose conditions hold, and none
/// if a sub-resource is asked for that the route does not name.
pub(crate) fn find_s3(request: &CanonicalRequest, target: &Target<'_>) -> Found {
    let of_method = REST.get(request.method().as_str());
    let rows = of_method.into_iter().flatten().copied();
    let fitting = rows.filter(|(_, route)| matches(route, request, target));
    let best = fitting.max_by_key(|(_, route)| {
        route.literals.len() + route.parameters.len() + route.headers.len()
    });
    let named = |name: &str| {
        best.is_some_and(|(_, route)| {
            route.literals.iter().any(|(literal, _)| *literal == name)
                || route.parameters.contains(&name)
        })
    };
    let unserved = request
        .query_pairs()
        .iter()
        .map(|(name, _)| name.as_str())
        .find(|name| wire::s3::SUBRESOURCES.contains(name) && !named(name));
    match (best, unserved) {
        (_, Some(name)) => Found::NotServed(name.to_owned()),
        (Some((row, _)), None) => Found::Row(row),
        (None, None) => Found::NoSuchMethod,
    }
}

fn matches(route: &RestRoute, request: &CanonicalRequest, target: &Target<'_>) -> bool {
    route.level == target.level()
        && route.method == request.method().as_str()
        && route.literals.iter().all(|(name, value)| {
            request
                .query(name)
                .ok()
                .flatten()
                .is_some_and(|given| value.is_empty() || given == *value)
        })
        && route.parameters.iter().all(|name| request.has_query(name))
        && route.headers.iter().all(|name| matches!(request.header(name), Ok(Some(_)) | Err(_)))
}

/// Finds the row of a form: the action, in the service that was signed for, or in any if nothing
/// was signed.
pub(crate) fn find_query(service: Option<&str>, wanted: &str) -> Option<&'static Row> {
    table().iter().copied().find(|row| match row.route {
        Route::Query { service: serves, action } => {
            action == wanted && service.is_none_or(|service| service == serves)
        }
        _ => false,
    })
}

/// Finds the row of an operation of AWS Organizations.
pub(crate) fn find_target(wanted: &str) -> Option<&'static Row> {
    table().iter().copied().find(|row| match row.route {
        Route::Target { action, .. } => action == wanted,
        _ => false,
    })
}

/// Finds the row of the Access Analyzer.
pub(crate) fn find_analyzer(wanted: &Method, at: &str) -> Option<&'static Row> {
    table().iter().copied().filter(|_| wanted == Method::POST).find(|row| match row.route {
        Route::Json { path, .. } => path == at,
        _ => false,
    })
}

/// Finds the row of the native admin API, and the segments that stand for `{}`.
pub(crate) fn find_admin(wanted: &Method, path: &str) -> Option<&'static Row> {
    table().iter().copied().find(|row| match row.route {
        Route::Admin { method, path: template } => {
            method == wanted.as_str() && segments(template, path).is_some()
        }
        _ => false,
    })
}

/// The segments of `path` that stand where `template` has `{}`; `None` if it is another path.
pub(crate) fn segments<'a>(template: &str, path: &'a str) -> Option<Vec<&'a str>> {
    let mut found = Vec::new();
    let (mut theirs, mut ours) = (path.split('/'), template.split('/'));
    loop {
        match (theirs.next(), ours.next()) {
            (None, None) => return Some(found),
            (Some(segment), Some("{}")) if !segment.is_empty() => found.push(segment),
            (Some(segment), Some(word)) if segment == word => {}
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(method: &str, uri: &str, headers: &[(&str, &str)]) -> String {
        let mut builder = http::Request::builder().method(method).uri(uri).header("host", "h");
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        let (parts, ()) = builder.body(()).unwrap().into_parts();
        let request = CanonicalRequest::parse(&parts).unwrap();
        let target = Target::parse(request.path()).unwrap();
        match find_s3(&request, &target) {
            Found::Row(row) => row.name.to_owned(),
            Found::NotServed(name) => format!("?{name}"),
            Found::NoSuchMethod | Found::NoSuchPath => "-".to_owned(),
        }
    }

    #[test]
    fn a_route_is_the_most_specific_one_that_holds() {
        assert_eq!(found("GET", "/b", &[]), "ListObjects");
        assert_eq!(found("GET", "/b?list-type=2&prefix=x", &[]), "ListObjectsV2");
        assert_eq!(found("GET", "/b?policy", &[]), "GetBucketPolicy");
        assert_eq!(found("PUT", "/b/k", &[]), "PutObject");
        assert_eq!(found("PUT", "/b/k", &[("x-amz-copy-source", "/a/b")]), "CopyObject");
        assert_eq!(found("PUT", "/b/k?partNumber=1&uploadId=u", &[]), "UploadPart");
        let copy = [("x-amz-copy-source", "/a/b")];
        assert_eq!(found("PUT", "/b/k?partNumber=1&uploadId=u", &copy), "UploadPartCopy");
        assert_eq!(found("POST", "/b?delete", &[]), "DeleteObjects");
        assert_eq!(found("GET", "/b/k?uploadId=u", &[]), "ListParts");
        assert_eq!(found("HEAD", "/b/k", &[]), "HeadObject");
        assert_eq!(found("GET", "/", &[]), "ListBuckets");
    }

    #[test]
    fn what_s3_knows_and_we_do_not_serve_never_falls_through_to_another_row() {
        assert_eq!(found("GET", "/b?lifecycle", &[]), "?lifecycle");
        assert_eq!(found("PUT", "/b/k?retention", &[]), "?retention");
        assert_eq!(found("PUT", "/b/k?acl", &[]), "PutObjectAcl");
        assert_eq!(found("POST", "/b/k?select&select-type=2", &[]), "?select");
        assert_eq!(found("PATCH", "/b", &[]), "-");
    }

    #[test]
    fn a_template_segment_stands_for_exactly_one() {
        assert_eq!(segments("sessions/{}/x", "sessions/a/x"), Some(vec!["a"]));
        assert_eq!(segments("sessions/{}", "sessions/"), None);
        assert_eq!(segments("sessions/{}", "sessions/a/b"), None);
        assert_eq!(segments("sessions", "sessions"), Some(vec![]));
    }

    #[test]
    fn no_two_rows_have_the_same_route() {
        for (place, row) in table().iter().enumerate() {
            for other in table().iter().skip(place + 1) {
                assert_ne!(row.route, other.route, "{} and {}", row.name, other.name);
            }
        }
    }
}
