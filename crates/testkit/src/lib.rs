//! What tests share: contract suites for the ports, a fake clock, seeded randomness, a disk that
//! loses power on command, golden files, and the corpora of `fuzz/`. A dev-dependency only.
//!
//! Suites return a [`Violation`] instead of panicking, so that a test can also assert that a
//! broken store is found out.

pub mod campaign;
mod clock;
pub mod contract;
pub mod corpus;
mod disk;
mod golden;
mod power_loss;
mod random;
mod sparse;
mod troubled;
pub mod vendors;
mod violation;

pub use clock::FakeClock;
pub use disk::{Ailment, Fault, FaultyDisk};
pub use golden::golden;
pub use random::SeededRandom;
pub use troubled::{Hang, Trouble, TroubledDisk};
pub use violation::Violation;
