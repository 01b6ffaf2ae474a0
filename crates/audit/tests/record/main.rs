//! The record through its public door: attempts, permits, guards, reading and proving.

#![cfg(test)]

mod batches;
mod crowd;
mod facts;
mod files;
mod gaps;
mod guards;
mod hostile;
mod house;
mod permits;
mod proof;
mod published;
mod questions;
mod schema;
mod secrets;
mod signed;
mod sinks;
mod slow;
mod timeline;
mod views;
