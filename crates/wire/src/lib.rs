//! Bytes to messages and back, for the S3, STS and IAM dialects.
