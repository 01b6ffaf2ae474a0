//! What buckets and objects do, through the public door: real permits of a real journal, over
//! stores in memory.
#![cfg(test)]

mod bodies;
mod buckets;
mod checks;
mod collection;
mod copies;
mod house;
mod listings;
mod lists;
mod reads;
mod stores;
mod uploads;
mod writes;
