//! Sealed segments: leaves that are under a signed checkpoint and in no tail any more, compressed
//! into one file. Reading one is as good as reading the bundles it was made from.

pub(crate) mod build;
pub(crate) mod callers;
pub(crate) mod file;
pub(crate) mod gathering;
mod gathering_tests;
pub(crate) mod pile;
pub(crate) mod shelf;
pub(crate) mod terms;
pub(crate) mod written;
