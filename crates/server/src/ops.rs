//! Health and metrics, on a port of their own. Nothing here knows a principal, a bucket or a key.

use std::sync::Arc;

use api::Connection;
use audit::{Journal, Kind};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use metrics_exporter_prometheus::PrometheusHandle;
use store::embedded::Data;
use tokio::sync::watch;

use crate::listen::Handler;

/// Answers `/health/live`, `/health/ready` and `/metrics`.
#[derive(Clone)]
pub(crate) struct Ops {
    pub(crate) data: Arc<Data>,
    pub(crate) journal: Arc<Journal>,
    pub(crate) metrics: Option<PrometheusHandle>,
    /// True once the server was asked to stop.
    pub(crate) stopping: watch::Receiver<bool>,
}

impl Handler for Ops {
    type Body = Full<Bytes>;

    async fn answer(
        self,
        request: Request<Incoming>,
        _connection: Arc<Connection>,
    ) -> Response<Full<Bytes>> {
        if request.method() != Method::GET {
            return text(StatusCode::METHOD_NOT_ALLOWED, "only GET is answered here\n");
        }
        match request.uri().path() {
            "/health/live" => text(StatusCode::OK, "live\n"),
            "/health/ready" => match self.unready() {
                None => text(StatusCode::OK, "ready\n"),
                Some(why) => text(StatusCode::SERVICE_UNAVAILABLE, why),
            },
            "/metrics" => match &self.metrics {
                Some(metrics) => text(StatusCode::OK, &metrics.render()),
                None => text(StatusCode::SERVICE_UNAVAILABLE, "metrics are not collected\n"),
            },
            _ => text(StatusCode::NOT_FOUND, "/health/live, /health/ready, /metrics\n"),
        }
    }
}

impl Ops {
    /// Why requests cannot be decided, if they cannot.
    fn unready(&self) -> Option<&'static str> {
        if *self.stopping.borrow() {
            Some("the server is stopping\n")
        } else if self.data.stopped().is_some() {
            Some("the store has stopped\n")
        } else if !self.journal.accepts(Kind::Read) {
            Some("the record does not take entries\n")
        } else {
            None
        }
    }
}

fn text(status: StatusCode, body: &str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::copy_from_slice(body.as_bytes())));
    *response.status_mut() = status;
    let kind = http::HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(http::header::CONTENT_TYPE, kind);
    response
}
