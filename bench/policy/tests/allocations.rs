#![cfg(test)]
//! A verdict allocates nothing: counted, on every kind of policies that is measured.

use std::alloc::System;

use policy::judge;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[expect(dead_code, reason = "only its policies and requests are of use here")]
#[path = "../src/world.rs"]
mod world;
#[path = "../src/worst.rs"]
mod worst;

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[global_allocator]
static COUNTED: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn float(count: u64) -> f64 {
    count as f64
}

fn length(count: usize) -> f64 {
    float(u64::try_from(count).unwrap_or(u64::MAX))
}

#[test]
fn a_verdict_allocates_nothing() {
    let [skewed, uniform] = world::many(1_000, 1_000, 7).unwrap();
    let mut worlds =
        vec![world::mixed(7).unwrap(), skewed, uniform, world::groups(100, 500, 7).unwrap()];
    worlds.extend(worst::all().unwrap().into_iter().map(|(_, world)| world));
    for world in &worlds {
        let questions: Vec<_> =
            world.requests.iter().map(|own| (&own.check, world.question(own))).collect();
        let region = Region::new(COUNTED);
        let allowed =
            questions.iter().filter(|(check, question)| judge(check, question).by.is_some());
        std::hint::black_box(allowed.count());
        assert_eq!(region.change().allocations, 0);
    }
}
