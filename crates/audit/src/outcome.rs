//! How an operation ended.

use names::DecisionId;
use serde::{Deserialize, Serialize};

/// What the caller was answered, and what moved.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Outcome {
    /// The HTTP status.
    pub status: u16,
    /// The dialect's error code, such as `NoSuchKey`; cut to 128 bytes.
    pub code: Option<String>,
    /// Body bytes received.
    pub bytes_in: u64,
    /// Body bytes sent.
    pub bytes_out: u64,
    /// The results of a batch, item by item.
    pub items: Vec<ItemOutcome>,
}

impl Outcome {
    /// An answer without a body or an error code.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self { status, ..Self::default() }
    }
}

/// How one item of a batch ended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ItemOutcome {
    /// The item's place in the request, from 0.
    pub item: usize,
    /// The item's status.
    pub status: u16,
    /// The dialect's error code; cut to 128 bytes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub code: Option<String>,
    /// The decision that refused the item.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub decision: Option<DecisionId>,
}
