//! Rules found by what they could match: by effect, by the action or service, and by a beginning of
//! the resource's name. What is found is compared in full; what is not found cannot match.

use crate::compile::Rule;
use crate::compile::action::{ActionMatch, Asked, Reach};
use crate::compile::hash::{self, bytes, mix};
use crate::compile::pattern::{Pattern, place};
use crate::compile::resource::{self, ANY, ANY_HASH, Class, Cuts};
use crate::compile::wild::Subject;
use crate::operator::Sense;
use crate::statement::Effect;

/// What rules are looked up for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Lane {
    /// Denies.
    Deny,
    /// Allows.
    Allow,
}

impl Lane {
    /// The lane of an effect.
    pub(crate) fn of(effect: Effect) -> Self {
        match effect {
            Effect::Deny => Self::Deny,
            Effect::Allow => Self::Allow,
        }
    }

    fn number(self) -> u32 {
        match self {
            Self::Deny => 0,
            Self::Allow => 1,
        }
    }
}

/// Which lookups find anything at all, in each lane.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Kinds {
    lanes: [Vec<Look>; 2],
    /// How many places names are cut at.
    anchors: usize,
}

/// A lookup: under one kind of cut, with one kind of action.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Look {
    class: Class,
    /// The kind of action.
    reach: u32,
    /// For single actions which of them: one bit of each one's hash. What no statement names is not
    /// looked up. For all others every bit.
    named: u32,
}

/// The kind of one action; those of a service are the next, any the last.
const ONE: u32 = 0;

/// Most actions of one rule that are looked up one by one.
const ACTIONS_MAX: usize = 8;

impl Kinds {
    /// Remembers the kind of a key.
    pub(crate) fn add(&mut self, slot: Slot) {
        self.anchors = self.anchors.max(resource::anchors(slot.class));
        let Some(lane) = self.lanes.get_mut(place(slot.lane.number())) else { return };
        let named = if slot.reach == ONE { bit(slot.action) } else { u32::MAX };
        let own = |look: &&mut Look| (look.class, look.reach) == (slot.class, slot.reach);
        match lane.iter_mut().find(own) {
            Some(look) => look.named |= named,
            None => lane.push(Look { class: slot.class, reach: slot.reach, named }),
        }
    }

    /// Finds the places of a name at which something could stand.
    #[inline(always)]
    pub(crate) fn prepare<'a>(&self, probe: &mut Probe<'a>, resource: &Subject<'a>) {
        probe.cuts.find(resource, self.anchors);
    }
}

/// One of thirty-two bits for an action's hash.
#[inline]
fn bit(action: u64) -> u32 {
    1_u32.wrapping_shl(hash::upper(action) >> 16)
}

/// One key that a rule is found under.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Slot {
    lane: Lane,
    class: Class,
    /// The kind of its action.
    reach: u32,
    /// The hash of its action.
    action: u64,
    pub(crate) hash: u64,
}

/// The keys of a rule, each once.
pub(crate) fn slots(rule: Rule<'_>, mut give: impl FnMut(Slot)) {
    let lane = Lane::of(rule.effect());
    let stands = stands(rule);
    let anywhere = stands.iter().all(|(class, _)| *class == ANY);
    for (reach, action) in reaches(rule, anywhere) {
        for (class, cut) in &stands {
            give(Slot { lane, class: *class, reach, action, hash: key(lane, *cut, action) });
        }
    }
}

/// Where that stands which no beginning of a name tells.
const ANYWHERE: [(Class, u64); 1] = [(ANY, ANY_HASH)];

#[inline]
fn key(lane: Lane, cut: u64, action: u64) -> u64 {
    mix(cut, action.wrapping_add(u64::from(lane.number())))
}

/// Where the rule's resources stand, each place once.
fn stands(rule: Rule<'_>) -> Vec<(Class, u64)> {
    if rule.resource_sense() != Some(Sense::Is) {
        return ANYWHERE.to_vec();
    }
    let mut stands: Vec<_> = Pattern::each(rule.resources).map(resource::stand).collect();
    stands.sort_unstable();
    stands.dedup();
    if stands.iter().any(|(class, _)| *class == ANY) { ANYWHERE.to_vec() } else { stands }
}

/// The actions of a rule, by kind and hash. One by one where they alone tell rules apart, or where
/// there is but one.
fn reaches(rule: Rule<'_>, one_by_one: bool) -> Vec<(u32, u64)> {
    let any = vec![(2, 0)];
    if rule.action_sense() != Sense::Is {
        return any;
    }
    let own: Vec<Reach<'_>> = ActionMatch::each(rule.actions).map(ActionMatch::reach).collect();
    let most = if one_by_one { ACTIONS_MAX } else { 1 };
    let few = own.len() <= most;
    let reaches = own.into_iter().map(|reach| match reach {
        Reach::One(text) if few => (0, bytes(0, text)),
        Reach::One(text) => {
            let colon = text.iter().position(|byte| *byte == b':').unwrap_or(0);
            (1, bytes(1, text.get(..colon).unwrap_or_default()))
        }
        Reach::Service(service) => (1, bytes(1, service)),
        Reach::Any => (2, 0),
    });
    let mut reaches: Vec<_> = reaches.collect();
    reaches.sort_unstable();
    reaches.dedup();
    if reaches.iter().any(|(kind, _)| *kind == 2) { any } else { reaches }
}

/// What a question is looked up by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Probe<'a> {
    cuts: Cuts<'a>,
    /// The hashes of the action: itself, its service, any.
    actions: &'a [u64; 3],
    /// The bit of the action itself.
    bit: u32,
}

impl<'a> Probe<'a> {
    /// What an action on a resource is looked up by, before the places of its name were found.
    #[inline(always)]
    pub(crate) fn of(action: &'a Asked<'_>, resource: &Subject<'a>) -> Self {
        let actions = &action.hashes;
        Self { cuts: Cuts::whole(resource), actions, bit: bit(actions[0]) }
    }
}

/// Gives the hash of every key of a lane under which something could be found.
#[inline(always)]
pub(crate) fn lookups(kinds: &Kinds, lane: Lane, probe: &Probe<'_>, mut give: impl FnMut(u64)) {
    let Some(looks) = kinds.lanes.get(place(lane.number())) else { return };
    for look in looks {
        // The bits of kinds that are no single action's are all set.
        if look.named & probe.bit == 0 {
            continue;
        }
        let Some(cut) = probe.cuts.hash(look.class) else { continue };
        give(key(lane, cut, probe.actions.get(place(look.reach)).copied().unwrap_or(0)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Document, Kind};

    /// A document of statements that allow, each of actions and of the elements behind them.
    fn document(statements: &[&str]) -> Document {
        let all: Vec<String> =
            statements.iter().map(|own| format!(r#"{{"Effect": "Allow", {own}}}"#)).collect();
        let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, all.join(","));
        Document::parse(&text, Kind::Identity).unwrap()
    }

    fn slots_of(rule: Rule<'_>) -> Vec<Slot> {
        let mut own = Vec::new();
        slots(rule, |slot| own.push(slot));
        own
    }

    /// Which of the statements are looked at for a question.
    fn found(document: &Document, action: &str, resource: &str) -> Vec<usize> {
        let mut kinds = Kinds::default();
        let rules: Vec<Vec<Slot>> = document.program().rules().map(slots_of).collect();
        rules.iter().flatten().for_each(|slot| kinds.add(*slot));
        let asked = action.to_ascii_lowercase();
        let (asked, name) = (Asked::new(asked.as_bytes()), Subject::new(resource.as_bytes()));
        let mut probe = Probe::of(&asked, &name);
        kinds.prepare(&mut probe, &name);
        let mut hashes = Vec::new();
        lookups(&kinds, Lane::Allow, &probe, |hash| hashes.push(hash));
        let is_found = |own: &&Vec<Slot>| own.iter().any(|slot| hashes.contains(&slot.hash));
        let places = rules.iter().enumerate().filter(|(_, own)| is_found(own));
        places.map(|(place, _)| place).collect()
    }

    #[test]
    fn only_statements_that_could_match_are_looked_at() {
        let document = document(&[
            r#""Action": "s3:GetObject", "Resource": "arn:aws:s3:::one/*""#,
            r#""Action": "s3:GetObject", "Resource": "arn:aws:s3:::two/*""#,
            r#""Action": "s3:PutObject", "Resource": "arn:aws:s3:::one/*""#,
            r#""Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::one/a""#,
            r#""Action": "s3:Get*", "Resource": "arn:aws:s3:::one/a""#,
            r#""Action": "iam:Get*", "Resource": "*""#,
            r#""Action": ["s3:GetObject", "s3:PutObject"], "Resource": "*""#,
            r#""Action": "*", "Resource": "arn:aws:s3:::three""#,
            r#""NotAction": "s3:GetObject", "Resource": "arn:aws:s3:::one/a""#,
            r#""Action": "s3:GetObject", "NotResource": "arn:aws:s3:::one/*""#,
            r#""Action": "s3:GetObject", "Resource": ["arn:aws:s3:::four", "*"]"#,
        ]);
        for (action, resource, expected) in [
            ("s3:GetObject", "arn:aws:s3:::one/a", &[0, 3, 4, 6, 8, 9, 10][..]),
            ("s3:GetObject", "arn:aws:s3:::two/a", &[1, 6, 9, 10]),
            ("s3:PutObject", "arn:aws:s3:::one/a", &[2, 3, 4, 6, 8]),
            ("s3:DeleteObject", "arn:aws:s3:::one/a", &[3, 4, 8]),
            ("iam:GetUser", "arn:aws:iam::111122223333:user/alice", &[5]),
            ("s3:ListBucket", "arn:aws:s3:::three", &[7]),
            ("iam:GetUser", "arn:aws:s3:::three", &[5, 7]),
        ] {
            assert_eq!(found(&document, action, resource), expected, "{action} {resource}");
        }
    }

    /// How many lookups a question takes in each lane of these statements.
    fn lookups_of(document: &Document, action: &str, resource: &str) -> [usize; 2] {
        let mut kinds = Kinds::default();
        document.program().rules().flat_map(slots_of).for_each(|slot| kinds.add(slot));
        let name = Subject::new(resource.as_bytes());
        let asked = Asked::new(action.as_bytes());
        let mut probe = Probe::of(&asked, &name);
        kinds.prepare(&mut probe, &name);
        [Lane::Deny, Lane::Allow].map(|lane| {
            let mut count = 0;
            lookups(&kinds, lane, &probe, |_| count += 1);
            count
        })
    }

    #[test]
    fn an_action_that_no_statement_names_is_not_looked_up() {
        let document = document(&[
            r#""Action": "s3:ListBucket", "Resource": "arn:aws:s3:::one""#,
            r#""Action": "s3:PutObject", "Resource": "arn:aws:s3:::one/*""#,
        ]);
        let (bucket, object) = ("arn:aws:s3:::one", "arn:aws:s3:::one/a");
        assert_eq!(lookups_of(&document, "s3:listbucket", bucket), [0, 1]);
        assert_eq!(lookups_of(&document, "s3:putobject", object), [0, 1]);
        assert_eq!(lookups_of(&document, "s3:getobject", object), [0, 0]);
        // One bit of thirty-two stands for each: most others are told apart from those two.
        let all: Vec<String> =
            crate::actions::matching("*:*").map(|row| row.name().to_ascii_lowercase()).collect();
        let found = all.iter().filter(|own| lookups_of(&document, own, object) != [0, 0]).count();
        assert!(found < all.len() / 10, "{found} of {}", all.len());
    }

    #[test]
    fn a_statement_is_read_from_its_own_code_without_what_only_its_document_says() {
        let document = document(&[
            r#""Sid": "First", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/${a:b}",
                "Condition": {"StringEquals": {"a:c": "x"}}"#,
            r#""Sid": "Second", "Action": "s3:Get*", "Resource": "*",
                "Condition": {"StringEquals": {"a:d": "x"}}"#,
        ]);
        for (code, whole) in document.program().placed() {
            let own = Rule::read(code, &[]).unwrap();
            let keys = |rule: Rule<'_>| -> Vec<String> {
                rule.resource_keys()
                    .chain(rule.condition_keys())
                    .map(|key| key.name().to_owned())
                    .collect()
            };
            assert_eq!((keys(own), own.actions), (keys(whole), whole.actions));
            let last = code.len().checked_sub(1).unwrap();
            assert!(Rule::read(&code[..last], &[]).is_none_or(|cut| keys(cut) != keys(whole)));
            assert!(!code.ends_with(b"First") && !code.ends_with(b"Second"));
        }
        let sids: Vec<_> = document.program().rules().filter_map(Rule::sid).collect();
        assert_eq!(sids, ["First", "Second"]);
    }

    #[test]
    fn a_variable_is_found_far_behind_the_beginning_of_what_a_statement_refers_to() {
        let far = "x".repeat(200);
        let resource =
            format!(r#""Action": "*", "Resource": "arn:aws:s3:::b/${{a:b, '{far}'}}/${{a:c}}""#);
        let document = document(&[&resource]);
        let rule = document.program().rule(0).unwrap();
        assert!(rule.resource_keys().map(|key| key.name()).eq(["a:b", "a:c"]));
    }

    #[test]
    fn actions_stand_one_by_one_only_where_nothing_else_tells_rules_apart() {
        let actions = |count: usize| -> String {
            let all: Vec<String> = (0..count).map(|own| format!(r#""s3:Get{own}""#)).collect();
            format!(r#""Action": [{}]"#, all.join(","))
        };
        for (elements, expected) in [
            (format!(r#"{}, "Resource": "*""#, actions(ACTIONS_MAX)), ACTIONS_MAX),
            (format!(r#"{}, "Resource": "*""#, actions(ACTIONS_MAX + 1)), 1),
            (format!(r#"{}, "Resource": "arn:aws:s3:::b""#, actions(2)), 1),
            (format!(r#"{}, "Resource": ["arn:aws:s3:::b", "*"]"#, actions(2)), 2),
            (r#""Action": ["*", "s3:Get0"], "Resource": "*""#.to_owned(), 1),
            (r#""Action": "*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::c"]"#.to_owned(), 2),
            (r#""Action": "*", "Resource": ["arn:aws:s3:::b", "*"]"#.to_owned(), 1),
        ] {
            let document = document(&[&elements]);
            let slots: Vec<Slot> = document.program().rules().flat_map(slots_of).collect();
            assert_eq!(slots.len(), expected, "{elements}");
        }
    }

    #[test]
    fn a_program_has_as_many_rules_as_its_document_has_statements() {
        let one = r#""Action": "s3:GetObject", "Resource": "*""#;
        for count in [1, 2, 5] {
            let document = document(&vec![one; count]);
            assert_eq!(document.program().len(), count);
            assert_eq!(document.program().rules().count(), count);
            assert_eq!(document.program().placed().count(), count);
        }
    }

    #[test]
    fn an_effect_is_looked_up_in_its_own_lane() {
        let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny",
            "Action": "s3:GetObject", "Resource": "arn:aws:s3:::one/*"}}"#;
        let deny = Document::parse(text, Kind::Identity).unwrap();
        assert_eq!(found(&deny, "s3:GetObject", "arn:aws:s3:::one/a"), [0_usize; 0]);
    }
}
