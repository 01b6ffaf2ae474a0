//! The whole server, but for its sockets, on disks that fail: what is acknowledged is on record,
//! and what cannot be recorded is not done.

mod disks;
mod house;
mod keeping;
mod outcomes;
mod rows;
