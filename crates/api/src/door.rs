//! The door: from the first byte of a request to the row that serves it.

use std::sync::Arc;

use audit::{Attempt, Opening, Reason};
use bytes::Bytes;
use hyper::Request;
use hyper::body::{Body as _, Incoming};
use names::{RequestId, Timestamp};
use signing::{BodyProof, CanonicalRequest, Verified};
use wire::Form;

use crate::body::{Arriving, Pace, Received, Unread};
use crate::caller::{Known, Place};
use crate::connection::{Connection, Origin, nominates};
use crate::dialect::{ADMIN_PREFIX, Dialect};
use crate::error::ApiError;
use crate::exchange::{Exchange, Frame, Payload};
use crate::facts::{self, Listing};
use crate::named::Named;
use crate::operation::{
    Access, Found, Row, find_admin, find_analyzer, find_control, find_query, find_s3, find_target,
};
use crate::{Response, Services, form, s3};

/// The one way in for S3, STS, IAM and the native admin API.
#[derive(Clone)]
pub struct Api {
    services: Arc<Services>,
}

/// A request on its way to a row.
struct Arrival {
    services: Arc<Services>,
    attempt: Attempt,
    frame: Frame,
    method: http::Method,
    connection: Arc<Connection>,
    origin: Origin,
    now: Timestamp,
    arriving: Arriving,
}

/// The canonical form of a request, or why it has none.
type Parsed = Result<CanonicalRequest, ApiError>;

/// What could be said of a request: its row, who asks, and what is left of the body.
struct Proven {
    row: &'static Row,
    verified: Verified,
    known: Known,
    payload: Payload,
}

impl Api {
    /// A door to these services.
    #[must_use]
    pub fn new(services: Arc<Services>) -> Self {
        Self { services }
    }

    /// Begins the entry of a request, and answers it. Dropped at any time, unpolled too (the client
    /// went away, perhaps together with its request), what was not yet permitted is on record as
    /// abandoned, and what was is closed as aborted.
    pub fn answer(
        &self,
        request: Request<Incoming>,
        connection: Arc<Connection>,
    ) -> impl Future<Output = Response> + Send + use<> {
        let (arrival, parsed) = self.arrive(request, connection);
        let named = Named::new(arrival.frame.request_id, arrival.method.clone());
        named.answering(arrival.answer(parsed))
    }

    /// Looks at the head of a request, and begins its entry.
    fn arrive(&self, request: Request<Incoming>, connection: Arc<Connection>) -> (Arrival, Parsed) {
        let services = Arc::clone(&self.services);
        let now = services.clock.now();
        let request_id = services.request_id(now);
        let (parts, body) = request.into_parts();
        let parsed = CanonicalRequest::parse_at(&parts, &services.settings.domains);
        let nominated = nominates(&parts.headers);
        let proxies = &services.settings.trusted_proxies;
        let origin = Origin::of(&connection, parsed.as_ref().ok(), proxies);
        let opening = opening(request_id, &parts, &connection, origin);
        let received = Received::default();
        if body.is_end_stream() {
            received.end();
        }
        let arrival = Arrival {
            attempt: services.journal.attempt(opening),
            frame: Frame {
                dialect: Dialect::S3,
                resource: parts.uri.path().to_owned(),
                head: parts.method == http::Method::HEAD,
                request_id,
                received: received.clone(),
                answered: Arc::clone(&services.answered),
            },
            method: parts.method,
            connection,
            origin,
            now,
            arriving: Arriving {
                body,
                pace: Pace::new(services.settings.idle, services.settings.progress_bytes),
                unproven_bytes_max: services.settings.unproven_bytes_max,
                chunk_bytes_max: services.settings.chunk_bytes_max,
                received,
            },
            services,
        };
        let parsed = match parsed {
            Ok(_) if nominated => {
                let message = "The Connection header may name no header of the request.";
                let error = ApiError::new(400, "InvalidRequest", message);
                Err(error.because(Reason::Malformed { what: "connection" }))
            }
            parsed => parsed.map_err(ApiError::from),
        };
        (arrival, parsed)
    }
}

fn opening(
    request_id: RequestId,
    parts: &http::request::Parts,
    connection: &Connection,
    origin: Origin,
) -> Opening {
    let agent = parts.headers.get(http::header::USER_AGENT).and_then(|value| value.to_str().ok());
    Opening {
        request_id,
        peer: Some(connection.peer),
        source_ip: Some(origin.address),
        transport: origin.transport,
        user_agent: agent.map(str::to_owned),
        method: parts.method.to_string(),
        operation: None,
    }
}

impl Arrival {
    async fn answer(self, parsed: Parsed) -> Response {
        let seen = self.frame.received.clone();
        let mut response = match parsed {
            // On the heap at once: what is not begun with yet is moved as a whole, several times.
            Ok(canonical) => Box::pin(self.admit(canonical)).await,
            Err(error) => self.frame.refuse(self.attempt, error).await,
        };
        if !seen.has_ended() {
            response.extensions_mut().insert(Unread);
        }
        response
    }

    async fn admit(mut self, request: CanonicalRequest) -> Response {
        self.frame.dialect = Dialect::of(&request);
        if !matches!(self.frame.dialect, Dialect::S3 | Dialect::Control) {
            return self.admit_whole(request).await;
        }
        if let Some(row) = form_row(&request).filter(|_| self.frame.dialect == Dialect::S3) {
            return self.admit_form(row, request).await;
        }
        match self.prove_s3(&request).await {
            Ok((row, verified, known)) => {
                let Self { services, attempt, frame, connection, origin, now, arriving, .. } = self;
                let payload = Payload::Arriving(arriving);
                let proven = Proven { row, verified, known, payload };
                enter((services, attempt, frame, connection), origin, now, proven).await
            }
            Err(error) => self.frame.refuse(self.attempt, error).await,
        }
    }

    /// A browser's form: its credential is among the fields, which come before the file.
    async fn admit_form(self, row: &'static Row, request: CanonicalRequest) -> Response {
        let Self { services, mut attempt, frame, connection, origin, now, arriving, .. } = self;
        attempt.routed(row.name);
        let arrived = match form::read(&request, arriving).await {
            Ok(arrived) => arrived,
            Err(error) => return frame.refuse(attempt, error).await,
        };
        let at = Place { services: &["s3"], connection: &connection, origin, now };
        let identified = match request.form_credential(arrived.form.clone()) {
            Ok(claim) => services.identify(claim, &at, BodyProof::Streamed).await,
            Err(error) => Err(error.into()),
        };
        match identified {
            Ok((verified, known)) => {
                attempt.identified(Arc::clone(&known.caller.who));
                let payload = Payload::Form(Box::new(arrived));
                let proven = Proven { row, verified, known, payload };
                enter((services, attempt, frame, connection), origin, now, proven).await
            }
            Err(error) => frame.refuse(attempt, error).await,
        }
    }

    async fn prove_s3(&mut self, request: &CanonicalRequest) -> Result<Route, ApiError> {
        let found = match self.frame.dialect {
            Dialect::Control => find_control(request),
            _ => find_s3(request, &s3::target(request.path())?),
        };
        if let Found::Row(row) = found {
            self.attempt.routed(row.name);
        }
        let claim = request.credential()?;
        let services = self.frame.dialect.services();
        let at =
            Place { services, connection: &self.connection, origin: self.origin, now: self.now };
        let (verified, known) = self.services.identify(claim, &at, BodyProof::Streamed).await?;
        self.attempt.identified(Arc::clone(&known.caller.who));
        match found {
            Found::Row(row) => Ok((row, verified, known)),
            Found::NotServed(name) => {
                Err(ApiError::not_implemented(&format!("the sub-resource `{name}`")))
            }
            Found::NoSuchPath => Err(ApiError::not_implemented("that operation of S3 Control")),
            Found::NoSuchMethod => Err(no_such_method()),
        }
    }

    /// The query protocol and the admin API: the body is bounded and what the signature covers, so
    /// it is read first.
    async fn admit_whole(self, request: CanonicalRequest) -> Response {
        let Self { services, attempt, frame, connection, origin, now, arriving, .. } = self;
        let body = match arriving.whole().await {
            Ok(body) => body,
            Err(error) => return frame.refuse(attempt, error.into()).await,
        };
        let mut whole = Whole { services, attempt, frame, form: None };
        let at = Place {
            services: whole.frame.dialect.services(),
            connection: &connection,
            origin,
            now,
        };
        match whole.prove(&request, &body, &at).await {
            Ok((row, verified, known)) => {
                let Whole { services, attempt, frame, form } = whole;
                let payload = form.map_or(Payload::Whole(body), Payload::Parameters);
                let proven = Proven { row, verified, known, payload };
                enter((services, attempt, frame, connection), origin, now, proven).await
            }
            Err(error) => whole.frame.refuse(whole.attempt, error).await,
        }
    }
}

/// The row of browser forms, if the request is one.
fn form_row(request: &CanonicalRequest) -> Option<&'static Row> {
    // Looked at before everything else of every request, and a form is always posted.
    if request.method() != http::Method::POST {
        return None;
    }
    let target = s3::target(request.path()).ok()?;
    match find_s3(request, &target) {
        Found::Row(row) if row.takes_form() => Some(row),
        _ => None,
    }
}

fn no_such_method() -> ApiError {
    let message = "The specified method is not allowed against this resource.";
    ApiError::new(405, "MethodNotAllowed", message).because(Reason::UnknownOperation)
}

/// A row, and who comes to it.
type Route = (&'static Row, Verified, Known);

/// A request whose body has been read.
struct Whole {
    services: Arc<Services>,
    attempt: Attempt,
    frame: Frame,
    /// Its parameters, if it is one of the query protocol and verified.
    form: Option<Form>,
}

impl Whole {
    async fn prove(
        &mut self,
        request: &CanonicalRequest,
        body: &Bytes,
        at: &Place<'_>,
    ) -> Result<Route, ApiError> {
        let claim = request.credential()?;
        let (verified, known) = self.services.identify(claim, at, BodyProof::whole(body)).await?;
        self.attempt.identified(Arc::clone(&known.caller.who));
        let row = match self.frame.dialect {
            Dialect::Admin => admin_row(request)?,
            Dialect::Target => target_row(request)?,
            Dialect::Analyzer => find_analyzer(request.method(), request.path())
                .ok_or_else(|| ApiError::not_implemented("that operation of Access Analyzer"))?,
            _ => self.query_row(request, body, &verified)?,
        };
        self.attempt.routed(row.name);
        Ok((row, verified, known))
    }

    fn query_row(
        &mut self,
        request: &CanonicalRequest,
        body: &Bytes,
        verified: &Verified,
    ) -> Result<&'static Row, ApiError> {
        let form = form(request, body)?;
        let action = form.action().unwrap_or_default();
        let signed_for = match verified {
            Verified::Signed(signed) => Some(signed.service()),
            Verified::Anonymous(_) | Verified::Bearer(_) => None,
        };
        let found = find_query(signed_for, action);
        let serves = found.and_then(|row| row.route.service());
        if signed_for.or(serves) == Some("iam") {
            self.frame.dialect = Dialect::Query { namespace: wire::iam::NAMESPACE };
        }
        let row = found.ok_or_else(|| {
            // What IAM has and this server has not is told from what there is nowhere.
            let iam = format!("iam:{action}");
            let known = policy::actions::find(&iam).is_some_and(|row| row.name() == iam);
            if known && signed_for == Some("iam") {
                return ApiError::not_implemented(&format!("the operation {action}"));
            }
            let message = format!("Could not find operation {}", shortened(action));
            ApiError::new(400, "InvalidAction", message).because(Reason::UnknownOperation)
        })?;
        self.form = Some(form);
        Ok(row)
    }
}

fn target_row(request: &CanonicalRequest) -> Result<&'static Row, ApiError> {
    let target = request.header("x-amz-target").ok().flatten().unwrap_or_default();
    let action = target.strip_prefix(crate::organizations::TARGET).unwrap_or_default();
    find_target(action).ok_or_else(|| {
        let message = format!("there is no operation {}", shortened(action));
        ApiError::new(400, "UnknownOperationException", message).because(Reason::UnknownOperation)
    })
}

fn admin_row(request: &CanonicalRequest) -> Result<&'static Row, ApiError> {
    let path = request.path().strip_prefix(ADMIN_PREFIX);
    path.and_then(|path| find_admin(request.method(), path)).ok_or_else(|| {
        let message = "there is no such operation of the admin API";
        ApiError::new(404, "NoSuchOperation", message).because(Reason::UnknownOperation)
    })
}

/// The form of a request: its body, or the query of a GET.
fn form(request: &CanonicalRequest, body: &Bytes) -> Result<Form, ApiError> {
    let pairs = request.query_pairs();
    if pairs.is_empty() {
        return Ok(Form::parse(body)?);
    }
    if !body.is_empty() {
        let message = "the parameters are given both in the query and in the body";
        return Err(ApiError::new(400, "ValidationError", message));
    }
    let own = pairs.iter().filter(|(name, _)| !name.starts_with("X-Amz-"));
    Ok(Form::from_pairs(own.map(|(name, value)| (name.as_str(), value.as_str())))?)
}

/// An action as it can be repeated to its sender.
fn shortened(action: &str) -> String {
    action.chars().filter(char::is_ascii_alphanumeric).take(64).collect()
}

type Arrived = (Arc<Services>, Attempt, Frame, Arc<Connection>);

/// Lets a proven request go to its row, if the row is open to such a caller at all.
async fn enter(
    (services, attempt, frame, connection): Arrived,
    origin: Origin,
    now: Timestamp,
    proven: Proven,
) -> Response {
    let Proven { row, verified, known, payload } = proven;
    if let Err(error) = welcome(&services, row, &verified, &known) {
        return frame.refuse(attempt, error).await;
    }
    let Some(turn) = services.work.begin(known.account()) else {
        return frame.refuse(attempt, ApiError::crowded()).await;
    };
    let mut facts = facts::gather(&verified, &connection, origin);
    if frame.dialect == Dialect::S3 {
        let listing = if row.name.starts_with("ListObject") { Listing::Yes } else { Listing::No };
        facts::s3(&mut facts.request, verified.request(), listing);
    }
    let (dialect, request_id, received) = (frame.dialect, frame.request_id, frame.received.clone());
    let exchange = Exchange {
        services,
        row,
        dialect,
        verified,
        known,
        facts,
        now,
        request_id,
        attempt,
        payload,
        received,
    };
    (row.serve)(exchange).await.map(|body| body.holding(turn))
}

fn welcome(
    services: &Services,
    row: &Row,
    verified: &Verified,
    known: &Known,
) -> Result<(), ApiError> {
    if !services.has_room(row.effect) {
        return Err(ApiError::no_space());
    }
    match row.access {
        Access::Signed if known.is_anonymous() => {
            let message = "Request is missing Authentication Token";
            return Err(ApiError::new(403, "MissingAuthenticationToken", message)
                .because(Reason::CredentialMissing));
        }
        Access::Login if !known.is_anonymous() => {
            let message = "A sign-in brings a token and no other credential.";
            return Err(ApiError::new(400, "ValidationError", message));
        }
        _ => {}
    }
    expected_owner(services, verified.request())
}

/// `x-amz-expected-bucket-owner` (S3 user guide, "Verifying bucket ownership with bucket owner
/// condition").
fn expected_owner(services: &Services, request: &CanonicalRequest) -> Result<(), ApiError> {
    let malformed = || {
        let message = "The value of the expected bucket owner parameter must be an AWS Account ID";
        ApiError::new(400, "InvalidBucketOwnerAWSAccountID", message)
    };
    let header = |name: &str| request.header(name).map_err(|_| malformed());
    let source = header("x-amz-copy-source")?;
    let expected = header("x-amz-expected-bucket-owner")?;
    let expected_of_source = header("x-amz-source-expected-bucket-owner")?;
    if expected.is_none() && expected_of_source.is_none() {
        return Ok(());
    }
    let target = s3::target(request.path()).ok().and_then(|target| target.bucket());
    let source = source.and_then(|text| wire::CopySource::parse(text).ok());
    let pairs = [
        (expected, target.and_then(|name| name.parse().ok())),
        (expected_of_source, source.map(|source| source.bucket)),
    ];
    for (expected, bucket) in pairs {
        let Some(expected) = expected else { continue };
        let expected: names::AccountId = expected.parse().map_err(|_| malformed())?;
        let owner = bucket.as_ref().and_then(|bucket| services.bucket_owner(bucket));
        if owner.is_some_and(|owner| owner != expected) {
            return Err(ApiError::new(403, "AccessDenied", "Access Denied")
                .because(Reason::Malformed { what: "expected-bucket-owner" }));
        }
    }
    Ok(())
}
