//! Random policies, callers and requests that collide: what the differential runs decide twice.
//!
//! A [`world::World`] is a set of policies and a handful of questions about them. It is drawn from
//! a seed and an index ([`draw::world`]), prints as policy cases ([`print::case`]), is decided by
//! both engines ([`engines`]) and shrinks to the smallest that still differs ([`shrink`]). A small
//! [`universe`] is enumerated whole.

pub(crate) mod coverage;
pub(crate) mod dice;
pub(crate) mod draw;
pub(crate) mod engines;
pub(crate) mod grades;
pub(crate) mod mutate;
pub(crate) mod print;
pub(crate) mod run;
pub(crate) mod shrink;
pub(crate) mod universe;
pub(crate) mod words;
pub(crate) mod world;
