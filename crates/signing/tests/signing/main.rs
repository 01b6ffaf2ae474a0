//! The room as a stranger sees it: documented examples, every attack in scope with the honest
//! request it differs from, bodies, and properties.
#![cfg(test)]

mod bodies;
mod client;
mod comparison;
mod documented;
mod errors;
mod forms;
mod properties;
mod refusals;
mod sdk;
mod v2;
mod v4a;
