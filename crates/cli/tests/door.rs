//! The door from outside: the real server on a loopback port, every row of the operation table, and
//! every kind of caller that must not get through it.
//!
//! What needs other programs, other users or a wait of minutes is `cargo xtask conformance`'s.
#![cfg(test)]

#[path = "door/absent.rs"]
mod absent;
#[path = "door/accounts.rs"]
mod accounts;
#[path = "door/apply.rs"]
mod apply;
#[path = "door/ask.rs"]
mod ask;
#[path = "door/asked.rs"]
mod asked;
#[path = "door/bearer.rs"]
mod bearer;
#[path = "door/busy.rs"]
mod busy;
#[path = "door/ceilings.rs"]
mod ceilings;
#[path = "door/client.rs"]
mod client;
#[path = "door/clocked.rs"]
mod clocked;
#[path = "door/corpus.rs"]
mod corpus;
#[path = "door/directory.rs"]
mod directory;
#[path = "door/disclosure.rs"]
mod disclosure;
#[path = "door/ecdsa.rs"]
mod ecdsa;
#[path = "door/ended.rs"]
mod ended;
#[path = "door/fixture.rs"]
mod fixture;
#[path = "door/foreign.rs"]
mod foreign;
#[path = "door/forms.rs"]
mod forms;
#[path = "door/golden.rs"]
mod golden;
#[path = "door/input.rs"]
mod input;
#[path = "door/last_used.rs"]
mod last_used;
#[path = "door/leaving.rs"]
mod leaving;
#[path = "door/links.rs"]
mod links;
#[path = "door/login.rs"]
mod login;
#[path = "door/logout.rs"]
mod logout;
#[path = "door/matrix.rs"]
mod matrix;
#[path = "door/misrouted.rs"]
mod misrouted;
#[path = "door/outcomes.rs"]
mod outcomes;
#[path = "door/parted.rs"]
mod parted;
#[path = "door/payloads.rs"]
mod payloads;
#[path = "door/people.rs"]
mod people;
#[path = "door/record.rs"]
mod record;
#[path = "door/restart.rs"]
mod restart;
#[path = "door/rows.rs"]
mod rows;
#[path = "door/rows_of_rights.rs"]
mod rows_of_rights;
#[path = "door/rows_of_signatures.rs"]
mod rows_of_signatures;
#[path = "door/samples.rs"]
mod samples;
#[path = "door/server.rs"]
mod server;
#[path = "door/signatures.rs"]
mod signatures;
#[path = "door/strangers.rs"]
mod strangers;
#[path = "door/swept.rs"]
mod swept;
#[path = "door/told.rs"]
mod told;
#[path = "door/unbroken.rs"]
mod unbroken;
#[path = "door/unbuilt.rs"]
mod unbuilt;
#[path = "door/vendors.rs"]
mod vendors;
