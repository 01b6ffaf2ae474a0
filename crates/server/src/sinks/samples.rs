//! Leaves for the tests of sinks.

use audit::Delivery;

/// A leaf with that index.
pub(super) fn leaf(index: u64) -> Delivery {
    let leaf = br#"{"v":1,"entry":"opened","time":"2026-01-02T03:04:05.678Z"}"#.to_vec();
    Delivery { index, id: format!("01ID-{index}"), leaf }
}
