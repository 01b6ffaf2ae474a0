//! The room as a stranger sees it: documented examples, every attack in scope with the honest
//! request it differs from, bodies, and properties.
#![cfg(test)]

mod bodies;
mod client;
mod documented;
mod errors;
mod properties;
mod refusals;
mod sdk;
