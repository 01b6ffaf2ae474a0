//! One request whose credential is proven, on its way through the door.

use std::future::Future;
use std::sync::Arc;

use audit::{
    Attempt, Decided, Denial, Durability, ItemOutcome, JournalError, Kind, Minted, OpenEntry,
    Outcome, Reason, Refusal, Target,
};
use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use identity::State;
use names::{Action, Arn, BucketName, RequestId, Revision, Timestamp};
use objects::ops::ObjectName;
use objects::{ByteStream, ObjectError};
use policy::decision::Decision;
use policy::facts::{FactMap, Facts};
use policy::operation::{Check, Need, Operation};
use signing::{CanonicalRequest, Verified};
use wire::Form;

use crate::answered::Answered;
use crate::body::{Arriving, Closing, Received, ResponseBody};
use crate::caller::Known;
use crate::decide::{self, Asked};
use crate::dialect::Dialect;
use crate::error::ApiError;
use crate::expected;
use crate::form;
use crate::operation::{Effect, Route, Row};
use crate::{Response, Services};

/// How often a request is decided again because the authorization state moved meanwhile.
const DECIDE_ROUNDS_MAX: usize = 16;

/// A request whose credential is proven and whose row is known. Its attempt is consumed by the one
/// way on ([`Exchange::through`]) or by a refusal; dropped, the attempt is recorded as abandoned.
pub(crate) struct Exchange {
    pub(crate) services: Arc<Services>,
    pub(crate) row: &'static Row,
    pub(crate) dialect: Dialect,
    pub(crate) verified: Verified,
    pub(crate) known: Known,
    pub(crate) facts: Facts,
    pub(crate) now: Timestamp,
    pub(crate) request_id: RequestId,
    pub(crate) attempt: Attempt,
    pub(crate) payload: Payload,
    pub(crate) received: Received,
}

/// What there is of the body.
pub(crate) enum Payload {
    /// It is still on the connection.
    Arriving(Arriving),
    /// A browser's form, of which the file is still on the connection.
    Form(Box<form::Arrived>),
    /// It was read whole and verified.
    Whole(Bytes),
    /// The parameters of a request of the query protocol, in its body or in its query.
    Parameters(Form),
    /// It has been taken.
    Taken,
}

/// An operation, ready to be decided.
pub(crate) struct Prepared<Op> {
    pub(crate) op: Op,
    /// Condition keys of the request that only the operation knows.
    pub(crate) request_facts: FactMap,
    /// Condition keys that an identity provider vouches for.
    pub(crate) external_facts: FactMap,
    /// What narrows the target in the record: a version, a part.
    pub(crate) detail: Option<String>,
    /// The session that will be minted.
    pub(crate) mints: Option<Minted>,
    /// The object that it is about, if it must not have changed hands since it was decided.
    pub(crate) about: Option<About<Op>>,
}

/// Where an operation names the object that it is about.
pub(crate) type About<Op> = fn(&mut Op) -> &mut ObjectName;

impl<Op> Prepared<Op> {
    pub(crate) fn new(op: Op) -> Self {
        Self {
            op,
            request_facts: FactMap::default(),
            external_facts: FactMap::default(),
            detail: None,
            mints: None,
            about: None,
        }
    }

    /// The same, with where the operation names its object.
    pub(crate) fn about(self, name: About<Op>) -> Self {
        Self { about: Some(name), ..self }
    }
}

/// What an operation answers.
pub(crate) struct Answer {
    pub(crate) response: wire::Response,
    /// A body that is still being read, and its length.
    pub(crate) stream: Option<(ByteStream, u64)>,
    /// The results of a batch.
    pub(crate) items: Vec<ItemOutcome>,
}

impl From<wire::Response> for Answer {
    fn from(response: wire::Response) -> Self {
        Self { response, stream: None, items: Vec::new() }
    }
}

/// What an operation needs besides its permit.
pub(crate) struct Act {
    pub(crate) services: Arc<Services>,
    pub(crate) verified: Verified,
    pub(crate) payload: Payload,
    pub(crate) request_id: RequestId,
    pub(crate) now: Timestamp,
    known: Known,
    facts: Arc<Facts>,
}

impl Act {
    /// Whether the caller may do something more, which changes what is told and not what is done:
    /// decided now, on what stands now. What cannot be decided is not told.
    pub(crate) async fn may_also(&self, check: Check) -> bool {
        may(&self.services, &self.known, (&self.facts, self.now), check).await
    }
}

async fn may(
    services: &Services,
    known: &Known,
    (facts, now): (&Arc<Facts>, Timestamp),
    check: Check,
) -> bool {
    let state = services.identity.snapshot();
    let checks = std::slice::from_ref(&check);
    let asked = services.asked(known, &state, checks, (over(facts, known), now)).await;
    asked.is_ok_and(|asked| asked.decide_all(checks).iter().all(Decision::is_allowed))
}

impl Exchange {
    /// The verified request.
    pub(crate) fn request(&self) -> &CanonicalRequest {
        self.verified.request()
    }

    /// Whether the caller may do something to what a request names, before it is known what the
    /// request is: where a thing that the caller may not touch is to be like one that is not there.
    pub(crate) fn may(&self, action: Action, resource: Arn) -> impl Future<Output = bool> + use<> {
        let check = Check { action, resource, need: Need::Required, with: Vec::new() };
        let (services, known) = (Arc::clone(&self.services), self.known.clone());
        let (facts, now) = (Arc::new(self.facts.clone()), self.now);
        async move { may(&services, &known, (&facts, now), check).await }
    }

    /// Decides, records, does and answers: the one way from a request to its effect.
    ///
    /// Dropped midway (the client went away), the entry is closed as aborted; an effect that was
    /// under way is whole or absent, as its own room promises.
    pub(crate) async fn through<Op, A, F>(
        self,
        prepared: Result<Prepared<Op>, ApiError>,
        act: A,
    ) -> Response
    where
        Op: Operation,
        A: FnOnce(Act, audit::Permit<Op>) -> F,
        F: Future<Output = Result<Answer, ApiError>>,
    {
        let prepared = match prepared {
            Ok(prepared) => prepared,
            Err(error) => return self.refuse(error).await,
        };
        let (mut attempt, rest) = self.split();
        let mut known = rest.known.clone();
        let mut op = prepared.op;
        for _ in 0..DECIDE_ROUNDS_MAX {
            let state = rest.services.identity.snapshot();
            let checks = op.checks();
            let said = (&prepared.request_facts, &prepared.external_facts);
            let asked = match rest.ask(&known, &state, &checks, said).await {
                Ok(asked) => asked,
                Err(error) => return rest.refuse(attempt, error).await,
            };
            if let Some(about) = prepared.about {
                let name = about(&mut op);
                name.seen = asked.seen(name);
            }
            let decisions = asked.decide_all(&checks);
            let absent = rest.absent_bucket(&mut attempt, &decisions, &state);
            let decided = Decided {
                decisions,
                target: target(&checks, prepared.detail.clone()),
                op,
                revision: state.revision(),
                durability: rest.durability(),
                mints: prepared.mints.clone(),
            };
            match attempt.open(decided, rest.current()).await {
                Ok((permit, entry)) => {
                    let guard = permit.guard();
                    let (frame, act_with) = rest.into_act();
                    let outcome = act(act_with, permit).await;
                    return frame.close(outcome, entry, guard);
                }
                Err(Refusal::Moved((again, decided))) => {
                    attempt = again;
                    op = decided.op;
                    match rest.services.still_live(&known, rest.now) {
                        Ok(live) => known = live,
                        Err(error) => return rest.refuse(attempt, error).await,
                    }
                }
                Err(refusal) => return rest.refused(&refusal, absent),
            }
        }
        rest.refuse(attempt, ApiError::busy()).await
    }

    /// The same for a batch: an envelope, and items each with checks of its own.
    pub(crate) async fn through_batch<Envelope, Op, A, F>(
        self,
        about: About<Op>,
        prepared: Result<(Prepared<Envelope>, Target, Vec<Op>), ApiError>,
        act: A,
    ) -> Response
    where
        Envelope: Operation,
        Op: Operation,
        A: FnOnce(Act, audit::Batch<Op>) -> F,
        F: Future<Output = Result<Answer, ApiError>>,
    {
        let (prepared, target, mut ops) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => return self.refuse(error).await,
        };
        let (mut attempt, rest) = self.split();
        let mut known = rest.known.clone();
        let mut envelope = prepared.op;
        for _ in 0..DECIDE_ROUNDS_MAX {
            let state = rest.services.identity.snapshot();
            let checks = all_checks(&ops);
            let said = (&prepared.request_facts, &prepared.external_facts);
            let asked = match rest.ask(&known, &state, &checks, said).await {
                Ok(asked) => asked,
                Err(error) => return rest.refuse(attempt, error).await,
            };
            for op in &mut ops {
                let name = about(op);
                name.seen = asked.seen(name);
            }
            let items = asked.decide_items(ops);
            let decided = Decided {
                decisions: asked.decide_all(&envelope.checks()),
                op: envelope,
                target: target.clone(),
                revision: state.revision(),
                durability: rest.durability(),
                mints: None,
            };
            match attempt.open_batch(decided, items, rest.current()).await {
                Ok((batch, entry)) => {
                    let guard = batch.guard();
                    let (frame, act_with) = rest.into_act();
                    let outcome = act(act_with, batch).await;
                    return frame.close(outcome, entry, guard);
                }
                Err(Refusal::Moved((again, decided, items))) => {
                    attempt = again;
                    (envelope, ops) = (decided.op, items.into_iter().map(|(op, _)| op).collect());
                    match rest.services.still_live(&known, rest.now) {
                        Ok(live) => known = live,
                        Err(error) => return rest.refuse(attempt, error).await,
                    }
                }
                Err(refusal) => return rest.refused(&refusal, None),
            }
        }
        rest.refuse(attempt, ApiError::busy()).await
    }

    /// Records a refusal and answers it.
    pub(crate) async fn refuse(self, error: ApiError) -> Response {
        let (attempt, rest) = self.split();
        rest.refuse(attempt, error).await
    }

    fn split(self) -> (Attempt, Rest) {
        let Self { services, row, dialect, verified, known, facts, now, .. } = self;
        let frame = Frame {
            dialect,
            resource: verified.request().path().to_owned(),
            head: verified.request().method() == http::Method::HEAD,
            request_id: self.request_id,
            received: self.received,
            answered: Arc::clone(&services.answered),
        };
        let (payload, facts) = (self.payload, Arc::new(facts));
        (self.attempt, Rest { services, row, verified, known, facts, now, payload, frame })
    }
}

/// An exchange without its attempt.
struct Rest {
    services: Arc<Services>,
    row: &'static Row,
    verified: Verified,
    known: Known,
    facts: Arc<Facts>,
    now: Timestamp,
    payload: Payload,
    frame: Frame,
}

/// Facts of one decision over those of the request, which are not copied; but what a provider said
/// of a session lies under all others itself (see [`identity::Keys::say`]).
fn over(facts: &Arc<Facts>, known: &Known) -> Facts {
    let session = known.caller.session.as_ref();
    match session.filter(|session| !session.bulk.keys.is_empty()) {
        Some(_) => Facts::clone(facts),
        None => Facts::over(Arc::clone(facts)),
    }
}

impl Rest {
    fn durability(&self) -> Durability {
        let settings = &self.services.settings;
        match (self.row.route, self.row.effect) {
            // Whatever IAM and STS answer is about rights: it is kept like a change of state.
            (Route::Query { .. } | Route::Target { .. } | Route::Json { .. }, _)
            | (_, Effect::Write | Effect::Remove) => settings.audit_writes,
            (_, Effect::Read) => settings.audit_reads,
        }
    }

    /// Reads the revision of the state that is in force now.
    fn current(&self) -> impl Fn() -> Revision + use<> {
        let identity = Arc::clone(&self.services.identity);
        move || identity.snapshot().revision()
    }

    fn facts_for(&self, known: &Known, request: &FactMap, external: &FactMap) -> Facts {
        let mut facts = over(&self.facts, known);
        facts.request.extend(request);
        facts.external.extend(external);
        facts
    }

    /// What the checks are decided with, if the buckets are those of whom the request expects.
    async fn ask<'a>(
        &self,
        known: &'a Known,
        state: &'a State,
        checks: &[Check],
        (request, external): (&FactMap, &FactMap),
    ) -> Result<Asked<'a>, ApiError> {
        self.expected_owners(state)?;
        let facts = self.facts_for(known, request, external);
        self.services.asked(known, state, checks, (facts, self.now)).await
    }

    /// Whether the buckets of the request belong to whom it expects.
    fn expected_owners(&self, state: &State) -> Result<(), ApiError> {
        match self.row.route {
            Route::Rest(_) => expected::owners(self.verified.request(), state),
            Route::Query { .. }
            | Route::Target { .. }
            | Route::Json { .. }
            | Route::Admin { .. } => Ok(()),
        }
    }

    fn into_act(self) -> (Frame, Act) {
        let Self { services, verified, known, facts, payload, now, frame, .. } = self;
        let request_id = frame.request_id;
        (frame, Act { services, verified, known, facts, payload, request_id, now })
    }

    async fn refuse(self, attempt: Attempt, error: ApiError) -> Response {
        self.frame.refuse(attempt, error).await
    }

    /// The bucket that a denial is about, if there is none of that name: whoever has proved who it
    /// is learns that, and may learn it from `CreateBucket` as well (docs/decisions).
    fn absent_bucket(
        &self,
        attempt: &mut Attempt,
        decisions: &[Decision],
        state: &State,
    ) -> Option<BucketName> {
        let refusing = decisions.iter().find(|made| made.refuses())?.check();
        let asks = matches!(self.row.route, Route::Rest(_)) && !self.known.is_anonymous();
        // Whoever makes a bucket says itself that it is not there.
        let bucket = decide::bucket(&refusing.resource)
            .filter(|_| asks && self.row.name != "CreateBucket")?;
        let absent = refusing.resource.service() == "s3" && state.bucket(&bucket).is_none();
        absent.then(|| attempt.denied_with(404, "NoSuchBucket")).map(|()| bucket)
    }

    /// Answers a refusal that is on record already, or that could not be recorded.
    fn refused<Again>(self, refusal: &Refusal<Again>, absent: Option<BucketName>) -> Response {
        let error = match (refusal, absent) {
            (Refusal::Denied(denial), Some(bucket)) => {
                ApiError::from(ObjectError::NoSuchBucket(bucket)).decided(denial.decision_id)
            }
            (Refusal::Denied(denial), None) => self.denied(denial),
            (Refusal::Uncovered(id), _) => ApiError::internal().decided(*id),
            (Refusal::Moved(_), _) => ApiError::busy(),
            (Refusal::Unavailable(error), _) => ApiError::from(error),
        };
        self.frame.answer(&error)
    }

    fn denied(&self, denial: &Denial) -> ApiError {
        let message = policy::denial_message(&denial.decision, self.known.principal());
        ApiError::new(403, "AccessDenied", message)
            .because(Reason::Denied)
            .decided(denial.decision_id)
    }
}

static S3_REQUEST_ID: HeaderName = HeaderName::from_static("x-amz-request-id");
static S3_HOST_ID: HeaderName = HeaderName::from_static("x-amz-id-2");
static QUERY_REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
static ADMIN_REQUEST_ID: HeaderName = HeaderName::from_static("x-strongroom-request-id");

/// All that is needed to answer, whatever happens.
pub(crate) struct Frame {
    pub(crate) dialect: Dialect,
    pub(crate) resource: String,
    pub(crate) head: bool,
    pub(crate) request_id: RequestId,
    pub(crate) received: Received,
    pub(crate) answered: Arc<Answered>,
}

impl Frame {
    /// Records a refusal and answers it. A refusal that cannot be recorded is still a refusal.
    pub(crate) async fn refuse(self, attempt: Attempt, mut error: ApiError) -> Response {
        let outcome = Outcome {
            status: error.status,
            code: Some(error.code.to_owned()),
            bytes_in: self.received.bytes(),
            ..Outcome::default()
        };
        match attempt.refuse(error.reason.clone(), outcome).await {
            Ok(id) => error.decision = error.decision.or(Some(id)),
            Err(cause) => {
                tracing::error!(%cause, "a refusal is not on record");
                error = ApiError::from(&cause);
            }
        }
        self.answer(&error)
    }

    fn answer(&self, error: &ApiError) -> Response {
        let response = error.answer(self.dialect, &self.resource, self.request_id);
        self.respond(response, error.decision.map(|id| id.to_string()), ResponseBody::whole)
    }

    /// Answers what an operation came to; the end of the body closes the entry.
    fn close(
        self,
        outcome: Result<Answer, ApiError>,
        entry: OpenEntry,
        guard: audit::Guard,
    ) -> Response {
        let (answer, code) = match outcome {
            Ok(answer) => (answer, None),
            Err(mut error) => {
                error.decision = None;
                let response = match error.status {
                    // What was not modified has no body, not even one that says so (RFC 9110
                    // §15.4.5).
                    304 => {
                        let headers = std::mem::take(&mut error.headers);
                        wire::Response { headers, ..wire::Response::empty(304) }
                    }
                    _ => error.answer(self.dialect, &self.resource, self.request_id),
                };
                (Answer::from(response), Some(error.code.to_owned()))
            }
        };
        let outcome = Outcome {
            status: answer.response.status,
            code,
            items: answer.items,
            ..Outcome::default()
        };
        let closing = Closing { entry, guard, outcome, received: self.received.clone() };
        let stream = answer.stream;
        self.respond(answer.response, None, move |bytes| {
            let body = match stream {
                Some((stream, length)) => ResponseBody::stream(stream, length),
                None => ResponseBody::whole(bytes),
            };
            body.closing(closing)
        })
    }

    fn respond(
        &self,
        answer: wire::Response,
        decision: Option<String>,
        body: impl FnOnce(Bytes) -> ResponseBody,
    ) -> Response {
        let bytes = Bytes::from(answer.body.unwrap_or_default());
        let length = bytes.len();
        let mut body = body(bytes);
        let mut response = http::Response::new(ResponseBody::whole(Bytes::new()));
        *response.status_mut() = http::StatusCode::from_u16(answer.status)
            .unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
        *response.headers_mut() = answer.headers;
        if self.head {
            if length > 0 {
                response.headers_mut().insert(http::header::CONTENT_LENGTH, length.into());
            }
            body = body.emptied();
        }
        *response.body_mut() = body;
        self.sign(&mut response, decision);
        self.answered.count(self.dialect, answer.status);
        response
    }

    /// The ids that every answer carries.
    fn sign(&self, response: &mut Response, decision: Option<String>) {
        let id = self.request_id.to_string();
        let headers = response.headers_mut();
        let names: &[&HeaderName] = match self.dialect {
            Dialect::S3 | Dialect::Control => &[&S3_REQUEST_ID, &S3_HOST_ID],
            Dialect::Query { .. } | Dialect::Target | Dialect::Analyzer => &[&QUERY_REQUEST_ID],
            Dialect::Admin => &[&ADMIN_REQUEST_ID],
        };
        if let Ok(value) = HeaderValue::try_from(id) {
            for name in names {
                headers.insert(*name, value.clone());
            }
        }
        if let Some(Ok(value)) = decision.map(|id| HeaderValue::from_str(&id)) {
            headers.insert("x-strongroom-decision-id", value);
        }
        headers.insert(http::header::SERVER, HeaderValue::from_static("Strongroom"));
    }
}

/// The checks of every item of a batch.
fn all_checks<Op: Operation>(ops: &[Op]) -> Vec<Check> {
    ops.iter().flat_map(Operation::checks).collect()
}

/// What the record says an operation is aimed at: the resource of its first check.
fn target(checks: &[Check], detail: Option<String>) -> Target {
    let resource = checks.first().map_or_else(Arn::any, |check| check.resource.clone());
    Target { resource, detail }
}

impl From<&JournalError> for ApiError {
    fn from(error: &JournalError) -> Self {
        tracing::error!(%error, "the journal does not take entries");
        Self::new(503, "ServiceUnavailable", "The record cannot be written; nothing was done.")
            .because(Reason::Unavailable { what: "journal" })
    }
}

impl ApiError {
    /// The authorization state moved faster than the request could be decided.
    fn busy() -> Self {
        Self::new(503, "SlowDown", "Please reduce your request rate.")
            .because(Reason::Unavailable { what: "state" })
    }
}

impl Services {
    /// Whether an operation of that effect has room: what reads or removes goes on when the disk is
    /// below its reserve.
    pub(crate) fn has_room(&self, effect: Effect) -> bool {
        match effect {
            Effect::Read | Effect::Remove => true,
            Effect::Write => self.journal.accepts(Kind::Write) && (self.room)(),
        }
    }
}
