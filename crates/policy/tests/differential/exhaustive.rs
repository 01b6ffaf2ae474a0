//! A slice of the small universe; the campaign enumerates it whole.

use crate::generator::universe::{Seen, Universe, conditions, patterns};

/// Every so many combinations of documents; prime, so that each document of a layer takes part.
const STRIDE: usize = 997;

#[test]
fn the_engines_agree_on_a_slice_of_the_universe() {
    let universe = Universe::new();
    let mut seen = Seen::default();
    let all = universe.combinations();
    assert!(all >= 80_000, "{all}");
    for first in [0, 1] {
        let mut part = Seen::default();
        let some = (first..all).step_by(2 * STRIDE);
        some.for_each(|combination| universe.ask(combination, &mut part));
        seen.join(part);
    }
    assert_eq!(seen.failures, Vec::<String>::new());
    assert!(seen.cases > 10_000, "{}", seen.cases);
}

#[test]
fn the_engines_agree_on_every_operator_over_a_few_values() {
    let mut seen = Seen::default();
    conditions(2, &mut seen);
    assert_eq!(seen.failures, Vec::<String>::new());
    assert!(seen.cases > 40_000, "{}", seen.cases);
}

#[test]
fn every_short_pattern_matches_what_a_wildcard_is_defined_to_match() {
    let mut seen = Seen::default();
    patterns(4, &mut seen);
    assert_eq!(seen.failures, Vec::<String>::new());
    assert!(seen.cases > 20_000, "{}", seen.cases);
}
