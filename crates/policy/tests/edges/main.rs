#![cfg(test)]
//! Edges that mutants of the engine were found to live on: each fact here was once not pinned.

mod cases;
mod documents;
mod findings;
mod traces;
