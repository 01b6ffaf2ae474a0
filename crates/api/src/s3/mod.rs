//! S3: messages to operations, results to messages.

pub(crate) mod account;
pub(crate) mod acl;
pub(crate) mod bucket;
mod canonical;
mod convert;
pub(crate) mod copy;
pub(crate) mod listing;
pub(crate) mod multipart;
pub(crate) mod object;
pub(crate) mod post;
pub(crate) mod settings;
pub(crate) mod tagging;

use audit::Reason;
use bytes::Bytes;
use names::ChecksumAlgorithm;
use objects::IncomingBody;
use wire::{Level, Parts, RestOutput, RestRequest, Target};

use crate::body::{DOCUMENT_BYTES_MAX, ReadError};
use crate::error::ApiError;
use crate::exchange::{Act, Answer, Exchange, Payload};

impl Exchange {
    /// The S3 message of this request, read only from what was verified. A body that is part of the
    /// message is read whole and proven first.
    pub(crate) async fn message<M: RestRequest>(&mut self) -> Result<M, ApiError> {
        convert::only_what_is_served(self.request())?;
        let body = match M::ROUTE.payload {
            wire::Payload::Message => self.document(M::ROUTE.operation).await?,
            wire::Payload::None | wire::Payload::Stream => Bytes::new(),
        };
        let request = self.request();
        let query = request.query_pairs().iter().map(|(n, v)| (n.as_str(), v.as_str()));
        let headers = request.header_pairs().iter().map(|(n, v)| (n.as_str(), v.as_str()));
        let target = match M::ROUTE.level {
            Level::Account => Target::Account,
            _ => target(request.path())?,
        };
        let parts = Parts::new(target, query, headers)?;
        Ok(M::parse(&parts.with_body(&body))?)
    }

    /// The whole body, proven and compared with what was declared of it.
    async fn document(&mut self, operation: &str) -> Result<Bytes, ApiError> {
        let declared = convert::declared_of_document(self.request(), operation)?;
        let decoder = self.verified.payload()?;
        let payload = std::mem::replace(&mut self.payload, Payload::Taken);
        let Payload::Arriving(arriving) = payload else { return Ok(Bytes::new()) };
        let body = arriving.proven(decoder, declared.trailer);
        let document = objects::read_whole(body, &declared, DOCUMENT_BYTES_MAX).await?;
        document.ok_or_else(|| ReadError::TooLong { max: DOCUMENT_BYTES_MAX }.into())
    }
}

impl Act {
    /// The body of an object, whose end means that it is proven.
    fn object_body(
        &mut self,
        trailer: Option<ChecksumAlgorithm>,
    ) -> Result<IncomingBody, ApiError> {
        let decoder = self.verified.payload()?;
        let Payload::Arriving(arriving) = std::mem::replace(&mut self.payload, Payload::Taken)
        else {
            return Ok(IncomingBody::whole(Bytes::new()));
        };
        Ok(arriving.proven(decoder, trailer))
    }
}

/// What a verified path names.
pub(crate) fn target(path: &str) -> Result<Target<'_>, ApiError> {
    Target::parse(path).map_err(|error| {
        ApiError::new(400, "InvalidBucketName", error.to_string())
            .because(Reason::Malformed { what: "path" })
    })
}

/// The answer that an output message makes.
fn answer(output: &impl RestOutput) -> Result<Answer, ApiError> {
    Ok(output.to_response().into())
}

/// A size as the messages write it.
fn long(size: u64) -> Option<i64> {
    i64::try_from(size).ok()
}

/// A count as the messages write it.
fn int(count: impl TryInto<i32>) -> Option<i32> {
    count.try_into().ok()
}

/// An entity tag in its quotes.
fn quoted(etag: &names::ETag) -> Option<String> {
    Some(["\"", etag.as_str(), "\""].concat())
}

/// Sets the one checksum member of a message that has them all.
macro_rules! set_checksum {
    ($message:expr, $algorithm:expr, $text:expr) => {
        match $algorithm {
            names::ChecksumAlgorithm::Crc64Nvme => $message.checksum_crc64nvme = Some($text),
            names::ChecksumAlgorithm::Crc32 => $message.checksum_crc32 = Some($text),
            names::ChecksumAlgorithm::Crc32C => $message.checksum_crc32c = Some($text),
            names::ChecksumAlgorithm::Sha1 => $message.checksum_sha1 = Some($text),
            names::ChecksumAlgorithm::Sha256 => $message.checksum_sha256 = Some($text),
        }
    };
}

/// Sets checksum and type of a message from how they are kept.
macro_rules! set_stored_checksum {
    ($message:expr, $stored:expr) => {
        set_checksum!($message, $stored.checksum.algorithm(), $stored.text());
        $message.checksum_type = Some($stored.kind.as_str().to_owned());
    };
}

use {set_checksum, set_stored_checksum};
