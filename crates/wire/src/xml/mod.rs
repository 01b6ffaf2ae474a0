//! The subset of XML 1.0 that the S3 and query dialects speak.

pub(crate) mod read;
pub(crate) mod write;

#[cfg(test)]
mod tests;
