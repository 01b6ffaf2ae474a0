#![cfg(test)]
//! The engine against the executable specification: random worlds, a small universe enumerated
//! whole, and laws that every world obeys. `cargo xtask campaign differential` runs more of the
//! same.

#[path = "../generator/mod.rs"]
mod generator;

mod exhaustive;
mod laws;
mod random;
