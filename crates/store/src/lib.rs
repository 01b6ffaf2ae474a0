//! Durable state behind the ports that `objects` and `identity` declare.
//!
//! [`embedded`] is the engine of one machine: two redb files and a tree of blob files under one
//! data directory, with the promises that `docs/storage-format.md` writes down.

pub mod embedded;
