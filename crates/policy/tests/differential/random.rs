//! A small random run, and what the generator itself must keep.

use strongroom_policy::case;

use crate::generator::coverage::Coverage;
use crate::generator::engines::{Asked, Built, optimised};
use crate::generator::run::{Failure, Tally};
use crate::generator::{draw, print, words};

/// Worlds of the run: 20,480 cases.
const WORLDS: u64 = 640;

#[test]
fn the_engines_agree_and_the_run_meets_nearly_everything() {
    let callers = words::callers();
    let mut tally = Tally::default();
    for half in [0..WORLDS / 2, WORLDS / 2..WORLDS] {
        let mut part = Tally::default();
        half.for_each(|index| part.world(1, index, &callers));
        tally.add(part);
    }
    let failure = |f: &Failure| format!("{} {}: {}\n{}", f.seed, f.index, f.what, f.case);
    let told: Vec<_> = tally.failures.iter().map(failure).collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
    assert_eq!(tally.cases, WORLDS * draw::ASKS as u64);
    let gaps = tally.coverage.gaps(1);
    assert!(gaps.len() <= 10, "{gaps:?}");
    // The generator hardly ever writes what the strict parser refuses, but sometimes.
    let refused = tally.refused * 1000 / tally.documents;
    assert!((1..=40).contains(&refused), "{refused} of 1000: {:#?}", tally.refusals);
}

#[test]
fn the_same_seed_and_index_draw_the_same_world() {
    let callers = words::callers();
    assert_eq!(draw::world(7, 99, &callers), draw::world(7, 99, &callers));
    assert_ne!(draw::world(7, 99, &callers), draw::world(7, 100, &callers));
    assert_ne!(draw::world(7, 99, &callers), draw::world(8, 99, &callers));
}

#[test]
fn every_caller_is_read_as_what_it_is() {
    let callers = words::callers();
    let forms: Vec<_> = callers.iter().map(|c| words::FORMS[words::form(c)]).collect();
    assert_eq!(
        forms[..7],
        ["user", "role-session", "anonymous", "root", "federated-user", "service", "web-identity"]
    );
    assert_eq!(forms.iter().filter(|form| **form == "anonymous").count(), 1);
}

#[test]
fn a_world_replays_as_a_policy_case() {
    let callers = words::callers();
    let mut replayed = 0;
    for index in 0..50 {
        let mut world = draw::world(3, index, &callers);
        let built = Built::of(&world);
        for (policy, _) in &built.refused {
            world.policies.retain(|own| own != policy);
        }
        let mut built = Built::of(&world);
        for ask in world.asks.iter().filter(|ask| words::replays(ask.who)) {
            let Some(asked) = Asked::of(ask) else { continue };
            built.turn_to(ask, &asked);
            let said = optimised(&asked.check, &built.question(&callers[ask.who], &asked));
            let verdict = serde_json::to_value(said.verdict).unwrap();
            let text = print::case(&world, ask, "replayed");
            let text = print::expecting(&text, verdict.as_str().unwrap(), said.because.as_str());
            let results = case::run(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
            assert_eq!(results[0].pass, Some(true), "{text}");
            replayed += 1;
        }
    }
    assert!(replayed > 700, "{replayed}");
}

#[test]
fn the_counters_name_what_cannot_be_met_and_why() {
    let nothing = Coverage::default();
    let cells = nothing.cells();
    let impossible = cells.iter().filter(|cell| cell.impossible.is_some()).count();
    assert_eq!(cells.len(), 27 * 6 * 4 * 2 + 7 * 3 + 8 * 4);
    assert_eq!(nothing.gaps(1).len(), cells.len() - impossible);
    assert!(nothing.json()["met"].as_object().unwrap().len() == cells.len() - impossible);
}
