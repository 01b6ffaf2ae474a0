//! The messages, made by `cargo xtask codegen` from the service models of botocore.

pub mod iam;
pub mod s3;
pub mod s3control;
pub mod sts;
