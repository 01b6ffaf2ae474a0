//! What is known about a request before anybody knows who asks, and what it is aimed at.

use std::net::{IpAddr, SocketAddr};

use names::{AccessKeyId, Arn, RequestId, Timestamp};
use serde::{Deserialize, Serialize};

/// What the door knows when the first byte of a request has been read. There is deliberately no
/// place for a URL, a query or a header map: presigned signatures and tokens live there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Opening {
    /// Names the exchange and its entry; must not have been used before.
    pub request_id: RequestId,
    /// The other end of the connection.
    pub peer: Option<SocketAddr>,
    /// The client, behind trusted proxies.
    pub source_ip: Option<IpAddr>,
    /// How the bytes came.
    pub transport: Transport,
    /// `User-Agent`; recorded in at most [`crate::entry::USER_AGENT_BYTES_MAX`] bytes.
    pub user_agent: Option<String>,
    /// The HTTP method; recorded in at most 16 bytes.
    pub method: String,
    /// The operation, as soon as the route is known; else the entry says `unknown`.
    pub operation: Option<&'static str>,
}

impl Opening {
    /// An opening that knows nothing but its id.
    #[must_use]
    pub fn new(request_id: RequestId) -> Self {
        Self {
            request_id,
            peer: None,
            source_ip: None,
            transport: Transport::Plain,
            user_agent: None,
            method: String::new(),
            operation: None,
        }
    }
}

/// How the bytes of a request came.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// In the clear.
    Plain,
    /// Through TLS that ended here.
    Tls,
    /// Through TLS that ended at a declared trusted proxy.
    ProxiedTls,
    /// Not through the network: the server's own work.
    Internal,
}

/// What an operation is aimed at, for people who search the record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    /// The resource; [`Arn::any`] where there is none.
    pub resource: Arn,
    /// The object version, part, marker or whatever else narrows it; cut to 256 bytes.
    pub detail: Option<String>,
}

impl From<Arn> for Target {
    fn from(resource: Arn) -> Self {
        Self { resource, detail: None }
    }
}

/// A session that the operation is about to mint: drawn before the entry is opened, so that the
/// record of its making names it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Minted {
    /// The session's access key id.
    pub credential: AccessKeyId,
    /// When it ends by itself.
    pub expires: Timestamp,
}
