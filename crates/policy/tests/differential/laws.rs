//! Laws that every world obeys: a deny never grants, a gate never widens, order and names of
//! statements mean nothing, and what is printed is read back as it was.

use strongroom_policy::decision::Verdict;
use strongroom_policy::principal::Principal;
use strongroom_policy::{Document, Effect, PolicySet, Rank};

use crate::generator::dice::Dice;
use crate::generator::engines::{Asked, Built, Said, optimised};
use crate::generator::world::{Policy, Sense, Slot, Version, World};
use crate::generator::{draw, print, words};

const WORLDS: u64 = 300;

fn worlds() -> impl Iterator<Item = (World, World)> {
    let callers = words::callers();
    (0..WORLDS).map(move |index| {
        // The second lends its statements.
        (sound(draw::world(11, index, &callers)), sound(draw::world(12, index, &callers)))
    })
}

/// Questions to each world: worlds differ more than questions do.
const ASKS: usize = 8;

/// The world without what the strict parser refuses.
fn sound(mut world: World) -> World {
    world.asks.truncate(ASKS);
    for (policy, _) in Built::of(&world).refused {
        world.policies.retain(|own| *own != policy);
    }
    world
}

fn answers(world: &World, callers: &[Principal]) -> Vec<Option<Said>> {
    let mut built = Built::of(world);
    assert!(built.refused.is_empty());
    let mut said = Vec::new();
    for ask in &world.asks {
        let asked = Asked::of(ask);
        said.push(asked.map(|asked| {
            built.turn_to(ask, &asked);
            optimised(&asked.check, &built.question(&callers[ask.who], &asked))
        }));
    }
    said
}

fn allowed(said: &Option<Said>) -> bool {
    said.is_some_and(|said| said.verdict == Verdict::Allow)
}

/// Checks that nothing is allowed in `after` that is not in `before`.
fn never_more(before: &World, after: &World, callers: &[Principal]) {
    let (was, is) = (answers(before, callers), answers(after, callers));
    for (turn, (was, is)) in was.iter().zip(&is).enumerate() {
        let case = print::case(after, &after.asks[turn], "widened");
        assert!(allowed(was) || !allowed(is), "{was:?} became {is:?}: {case}}}");
    }
}

/// One policy of the lender in a slot of the same family.
fn lent(from: &World, slot: Slot) -> Option<Policy> {
    let fits = |policy: &&Policy| match slot {
        Slot::Resource | Slot::Trust | Slot::ResourceControl(_) => policy.slot == slot,
        _ => policy.slot.kind() == slot.kind() || !names_callers(policy.slot),
    };
    let mut policy = from.policies.iter().find(fits)?.clone();
    policy.slot = slot;
    policy.name = "lent".to_owned();
    Some(policy)
}

fn names_callers(slot: Slot) -> bool {
    matches!(slot, Slot::Resource | Slot::Trust | Slot::ResourceControl(_))
}

#[test]
fn adding_a_deny_never_grants() {
    let callers = words::callers();
    let mut added = 0;
    for (world, lender) in worlds() {
        for slot in [Slot::Identity, Slot::Boundary, Slot::Session, Slot::Resource, Slot::Trust] {
            let Some(policy) = lent(&lender, slot) else { continue };
            let Some(host) = world.policies.iter().position(|own| own.slot == slot) else {
                continue;
            };
            let mut more = world.clone();
            for mut statement in policy.statements {
                statement.effect = Effect::Deny;
                statement.sid = None;
                more.policies[host].statements.push(statement);
            }
            if Built::of(&more).refused.is_empty() {
                never_more(&world, &more, &callers);
                added += 1;
            }
        }
    }
    assert!(added > 70, "{added}");
}

#[test]
fn removing_an_allow_never_grants() {
    let callers = words::callers();
    for (world, _) in worlds() {
        let mut less = world.clone();
        for policy in &mut less.policies {
            policy.statements.retain(|statement| statement.effect == Effect::Deny);
        }
        less.policies.retain(|policy| !policy.statements.is_empty() || is_gate(policy.slot));
        less.policies.iter_mut().filter(|p| p.statements.is_empty()).for_each(shut);
        never_more(&world, &less, &callers);
    }
}

fn is_gate(slot: Slot) -> bool {
    !matches!(slot, Slot::Identity | Slot::Resource | Slot::Trust)
}

/// A gate without a statement cannot be written: one that allows nothing can.
fn shut(policy: &mut Policy) {
    let mut nothing = draw::everything(policy.slot);
    nothing.actions.texts.clear();
    policy.statements = vec![nothing];
}

#[test]
fn a_boundary_a_session_policy_and_a_control_policy_never_widen() {
    let callers = words::callers();
    let mut gated = 0;
    for (world, lender) in worlds() {
        let gates =
            [Slot::Boundary, Slot::Session, Slot::ServiceControl(0), Slot::ResourceControl(0)];
        for slot in gates {
            // A second policy of a level or a session widens the first; a first one only narrows.
            if world.policies.iter().any(|own| own.slot == slot && slot != Slot::Boundary) {
                continue;
            }
            let Some(policy) = lent(&lender, slot) else { continue };
            let mut before = world.clone();
            if slot == Slot::Session {
                before.empty_session = false;
                // A federated user's session policy is what lets the maker's policies speak.
                before.asks.retain(|ask| !is_federated(&callers[ask.who]));
            }
            let mut after = before.clone();
            after.policies.push(policy);
            if Built::of(&after).refused.is_empty() {
                never_more(&before, &after, &callers);
                gated += 1;
            }
        }
    }
    assert!(gated > 250, "{gated}");
}

fn is_federated(principal: &Principal) -> bool {
    matches!(principal, Principal::FederatedUser { .. })
}

#[test]
fn the_order_of_policies_statements_and_values_does_not_matter() {
    let callers = words::callers();
    for (index, (world, _)) in (0..).zip(worlds()) {
        let mut dice = Dice::new(99, index);
        let mut other = world.clone();
        shuffle(&mut dice, &mut other.policies);
        for policy in &mut other.policies {
            shuffle(&mut dice, &mut policy.statements);
            for statement in &mut policy.statements {
                shuffle(&mut dice, &mut statement.conditions);
                shuffle(&mut dice, &mut statement.actions.texts);
                statement.resources.iter_mut().for_each(|r| shuffle(&mut dice, &mut r.texts));
                let named = statement.grantees.iter_mut();
                named.for_each(|g| shuffle(&mut dice, &mut g.named));
                let lines = statement.conditions.iter_mut();
                lines.for_each(|line| shuffle(&mut dice, &mut line.values));
            }
        }
        assert_eq!(answers(&world, &callers), answers(&other, &callers), "index {index}");
    }
}

fn shuffle<T>(dice: &mut Dice, list: &mut [T]) {
    for end in (1..list.len()).rev() {
        list.swap(end, dice.below(end + 1));
    }
}

#[test]
fn a_set_that_policies_came_into_and_left_decides_as_one_made_anew() {
    let callers = words::callers();
    for (index, (world, lender)) in (0..).zip(worlds()) {
        let mut dice = Dice::new(98, index);
        let mut built = Built::of(&world);
        let strangers = Built::of(&lender).caller.identity;
        let (mut set, mut guests) = (PolicySet::default(), Vec::new());
        let mut own: Vec<_> = built.caller.identity.iter().cloned().collect();
        shuffle(&mut dice, &mut own);
        for policy in strangers.iter() {
            guests.push(set.insert(Rank(1), policy.clone()));
        }
        for policy in own {
            set.insert(Rank(2), policy);
            if let Some(guest) = guests.pop() {
                assert!(set.remove(guest).is_some());
            }
        }
        guests.into_iter().for_each(|guest| assert!(set.remove(guest).is_some()));
        let before = answers(&world, &callers);
        built.caller.identity = set;
        for (ask, before) in world.asks.iter().zip(before) {
            let Some(asked) = Asked::of(ask) else { continue };
            built.turn_to(ask, &asked);
            let said = optimised(&asked.check, &built.question(&callers[ask.who], &asked));
            assert_eq!(Some(said), before);
        }
    }
}

#[test]
fn names_of_statements_and_policies_do_not_matter() {
    let callers = words::callers();
    for (world, _) in worlds() {
        let mut other = world.clone();
        for (at, policy) in other.policies.iter_mut().enumerate() {
            policy.name = format!("other{at}");
            for (index, statement) in policy.statements.iter_mut().enumerate() {
                statement.sid = statement.sid.is_none().then(|| format!("Sid{index}"));
            }
        }
        assert_eq!(answers(&world, &callers), answers(&other, &callers));
    }
}

#[test]
fn writing_a_version_of_2008_is_writing_none() {
    let callers = words::callers();
    for (mut world, _) in worlds() {
        let set = |world: &mut World, version| {
            world.policies.iter_mut().for_each(|policy| policy.version = version);
        };
        set(&mut world, Version::Y2008);
        let mut other = world.clone();
        set(&mut other, Version::Unsaid);
        if Built::of(&world).refused.is_empty() {
            assert_eq!(answers(&world, &callers), answers(&other, &callers));
        }
    }
}

#[test]
fn a_statement_split_by_its_actions_or_resources_means_the_same() {
    let callers = words::callers();
    let mut split = 0;
    for (world, _) in worlds() {
        let mut other = world.clone();
        for policy in &mut other.policies {
            let mut statements = Vec::new();
            for statement in std::mem::take(&mut policy.statements) {
                let many =
                    statement.actions.texts.len() > 1 && statement.actions.sense == Sense::Is;
                if !many {
                    statements.push(statement);
                    continue;
                }
                split += 1;
                for text in statement.actions.texts.clone() {
                    let mut part = statement.clone();
                    part.sid = None;
                    part.actions.texts = vec![text];
                    statements.push(part);
                }
            }
            policy.statements = statements;
        }
        assert_eq!(answers(&world, &callers), answers(&other, &callers));
    }
    assert!(split > 100, "{split}");
}

/// The same JSON with white space between its tokens.
fn spaced(text: &str) -> String {
    let mut out = String::new();
    let (mut inside, mut escaped) = (false, false);
    for letter in text.chars() {
        if !inside && matches!(letter, '}' | ']') {
            out.push_str("\r\n");
        }
        out.push(letter);
        let quote = letter == '"' && !escaped;
        inside ^= quote;
        escaped = inside && letter == '\\' && !escaped;
        if !inside && matches!(letter, '{' | '[' | ',' | ':') {
            out.push_str("\n\t ");
        }
    }
    out
}

#[test]
fn what_is_printed_is_read_back_as_it_was() {
    for (world, _) in worlds() {
        for policy in &world.policies {
            let text = print::document(policy);
            let document = Document::parse(&text, policy.slot.kind()).unwrap();
            assert_eq!(document.text(), text);
            assert_eq!(Document::parse(document.text(), policy.slot.kind()).unwrap(), document);
            assert_eq!(document.statements_count(), policy.statements.len());
            assert_eq!(document.thaw(&mut |_| None), text);
            let again = Document::parse(&spaced(&text), policy.slot.kind()).unwrap();
            assert_eq!(again.size_bytes(), document.size_bytes());
        }
    }
}

#[test]
fn a_document_with_other_white_space_decides_the_same() {
    let callers = words::callers();
    for (world, _) in worlds().take(100) {
        let mut built = Built::of(&world);
        let mut other = Built::printed(&world, |policy| spaced(&print::document(policy)));
        for ask in &world.asks {
            let Some(asked) = Asked::of(ask) else { continue };
            let say = |built: &mut Built| {
                built.turn_to(ask, &asked);
                optimised(&asked.check, &built.question(&callers[ask.who], &asked))
            };
            assert_eq!(say(&mut built), say(&mut other));
        }
    }
}
