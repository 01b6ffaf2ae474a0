//! Whether comparisons of policies are true: examples replay, and small universes agree.
#![cfg(test)]

mod corners;
mod enumeration;
mod pairs;
mod questions;
