//! What receivers say, before it is understood: what every reader of it has in common.

use audit::SinkError;

/// Most bytes of answers that wait to be understood.
pub(super) const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// What a parser makes of the bytes so far: an answer and its length, or not enough yet.
pub(super) type Parsed<T> = Result<Option<(T, usize)>, SinkError>;

/// It is tried again.
pub(super) fn later(why: impl Into<String>) -> SinkError {
    SinkError::Later { why: why.into() }
}
