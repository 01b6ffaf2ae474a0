//! Browser forms as they arrive: the fields first, bounded, then the file as a stream (S3 API
//! reference, "Browser-based uploads using POST").

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use audit::Reason;
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use multer::{Field, Multipart};
use objects::{BodyError, IncomingBody, TrailerSlot};
use signing::{CanonicalRequest, FIELDS_MAX, PostForm};

use crate::body::Arriving;
use crate::error::ApiError;

/// Most bytes of a form before its file: its fields with all that frames them.
pub(crate) const PREAMBLE_BYTES_MAX: usize = 64 * 1024;

/// A form whose file is still on the connection.
pub(crate) struct Arrived {
    pub(crate) form: PostForm,
    pub(crate) file: File,
}

/// The file of a form, on its way.
pub(crate) struct File(Field<'static>);

/// Reads a form as far as the file's first byte. Dropped midway, nothing has been done.
///
/// # Errors
/// It is no form, its fields pass a limit, a field is repeated, or there is no file.
pub(crate) async fn read(
    request: &CanonicalRequest,
    arriving: Arriving,
) -> Result<Arrived, ApiError> {
    let declared = request.header("content-type").ok().flatten().unwrap_or_default();
    let boundary = multer::parse_boundary(declared).map_err(|_| not_a_form())?;
    let preamble = Arc::new(AtomicBool::new(true));
    let mut multipart = Multipart::new(bounded(arriving, Arc::clone(&preamble)), boundary);
    let mut fields = Vec::new();
    while let Some(field) = multipart.next_field().await.map_err(|error| unread(&error))? {
        let name = field.name().unwrap_or_default().to_owned();
        if name.eq_ignore_ascii_case("file") {
            preamble.store(false, Ordering::Relaxed);
            let form = PostForm::new(fields, field.file_name())?;
            return Ok(Arrived { form, file: File(field) });
        }
        if fields.len() >= FIELDS_MAX {
            return Err(too_long());
        }
        let value = field.bytes().await.map_err(|error| unread(&error))?;
        let value = String::from_utf8(value.to_vec()).map_err(|_| malformed())?;
        fields.push((name, value));
    }
    let message = "POST requires exactly one file upload per request.";
    Err(ApiError::new(400, "IncorrectNumberOfFilesInPostRequest", message)
        .because(Reason::Malformed { what: "form" }))
}

/// The connection's bytes, one piece at each asking so that the parser never holds more, and
/// bounded as long as no file has begun.
fn bounded(
    arriving: Arriving,
    preamble: Arc<AtomicBool>,
) -> impl Stream<Item = Result<Bytes, BodyError>> + Send + 'static {
    stream::unfold(Some((arriving, 0_usize)), move |state| {
        let preamble = Arc::clone(&preamble);
        async move {
            let (mut arriving, taken) = state?;
            // Without this the parser would take all that has arrived before it looks at any.
            tokio::task::yield_now().await;
            if preamble.load(Ordering::Relaxed) && taken > PREAMBLE_BYTES_MAX {
                return Some((
                    Err(BodyError::TooLong {
                        max: u64::try_from(PREAMBLE_BYTES_MAX).unwrap_or(u64::MAX),
                    }),
                    None,
                ));
            }
            match arriving.next().await {
                Ok(Some(piece)) => {
                    let taken = taken.saturating_add(piece.len());
                    Some((Ok(piece), Some((arriving, taken))))
                }
                Ok(None) => None,
                Err(error) => Some((Err(error), None)),
            }
        }
    })
}

impl File {
    /// The content, no shorter and no longer than that; its end means that the form's part ended.
    pub(crate) fn body(self, (min, max): (u64, u64)) -> IncomingBody {
        let stream = stream::unfold(Some((self.0, 0_u64)), move |state| async move {
            let (mut field, taken) = state?;
            match field.next().await {
                Some(Ok(piece)) => {
                    let length = u64::try_from(piece.len()).unwrap_or(u64::MAX);
                    let taken = taken.saturating_add(length);
                    if taken > max {
                        return Some((Err(BodyError::TooLong { max }), None));
                    }
                    Some((Ok(piece), Some((field, taken))))
                }
                Some(Err(error)) => Some((Err(lost(&error)), None)),
                None if taken < min => Some((Err(BodyError::TooShort { min }), None)),
                None => None,
            }
        });
        IncomingBody { stream: Box::pin(stream), length: None, trailer: TrailerSlot::default() }
    }
}

/// Why a file could not be read to its end.
fn lost(error: &multer::Error) -> BodyError {
    match error {
        multer::Error::StreamReadFailed(_)
        | multer::Error::IncompleteFieldData { .. }
        | multer::Error::IncompleteStream => {
            BodyError::Connection(std::io::ErrorKind::UnexpectedEof.into())
        }
        _ => BodyError::Malformed,
    }
}

/// Why the fields could not be read.
fn unread(error: &multer::Error) -> ApiError {
    match error {
        multer::Error::StreamReadFailed(cause) => match cause.downcast_ref::<BodyError>() {
            Some(BodyError::TooLong { .. }) => too_long(),
            _ => lost(error).into(),
        },
        _ => malformed(),
    }
}

fn not_a_form() -> ApiError {
    let message = "Bucket POST must be of the enclosure-type multipart/form-data";
    ApiError::new(412, "PreconditionFailed", message).because(Reason::Malformed { what: "form" })
}

fn malformed() -> ApiError {
    let message = "The body of your POST request is not well-formed multipart/form-data.";
    ApiError::new(400, "MalformedPOSTRequest", message).because(Reason::Malformed { what: "form" })
}

fn too_long() -> ApiError {
    let message = "Your POST request fields preceding the upload file were too large.";
    ApiError::new(400, "MaxPostPreDataLengthExceeded", message)
        .because(Reason::LimitExceeded { limit: "PREAMBLE_BYTES_MAX" })
}
