//! The behaviour of the engine, through its public door, in plain words.
#![cfg(test)]

mod bad_input;
mod corpus;
mod evaluation;
mod findings;
mod grammar;
mod hours;
mod matching;
mod operators;
mod properties;
mod refusals;
mod rules;
mod security;
mod surprises;
mod world;
