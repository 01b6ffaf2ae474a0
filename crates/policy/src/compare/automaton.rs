//! One word for each way in which a set of patterns can match or not match together: the product of
//! their automata, walked breadth first, so that each word is as short as can be.

use std::collections::HashSet;

use super::budget::{Budget, Spent};
use crate::glob::Token;

/// One step of a pattern.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Step {
    Char(char),
    /// This ASCII letter in either case.
    Folded(char),
    /// Any one character.
    One,
    /// Any one character but a colon.
    OneInPart,
    /// Any run.
    Run,
    /// Any run without a colon.
    RunInPart,
}

/// How a machine reads a character.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Reads {
    AsItIs,
    /// In lower case, as `StringEqualsIgnoreCase` does.
    Lowered,
}

/// A pattern over one track of a word.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Machine {
    pub(super) steps: Vec<Step>,
    pub(super) reads: Reads,
    pub(super) track: usize,
}

impl Machine {
    /// Exactly this text, on a track.
    pub(super) fn literal(text: &str, track: usize) -> Self {
        Self { steps: text.chars().map(Step::Char).collect(), reads: Reads::AsItIs, track }
    }

    /// A pattern whose wildcards cross anything.
    pub(super) fn glob(tokens: &[Token], track: usize) -> Self {
        let step = |token: &Token| match token {
            Token::Char(character) => Step::Char(*character),
            Token::One => Step::One,
            Token::Run => Step::Run,
        };
        Self { steps: tokens.iter().map(step).collect(), reads: Reads::AsItIs, track }
    }

    /// The same without regard to the case of ASCII letters.
    pub(super) fn folded(mut self) -> Self {
        for step in &mut self.steps {
            if let Step::Char(character) = *step {
                *step = Step::Folded(character.to_ascii_lowercase());
            }
        }
        self
    }

    /// Equal without regard to case, as Unicode has it.
    pub(super) fn ignoring_case(tokens: &[Token], track: usize) -> Self {
        let lower = tokens.iter().flat_map(|token| match token {
            Token::Char(character) => character.to_lowercase(),
            Token::One => '?'.to_lowercase(),
            Token::Run => '*'.to_lowercase(),
        });
        Self { steps: lower.map(Step::Char).collect(), reads: Reads::Lowered, track }
    }

    /// A pattern of resource names: no wildcard crosses a colon before the sixth part. `None` if it
    /// has fewer parts, and so matches nothing.
    pub(super) fn arn(tokens: &[Token], track: usize) -> Option<Self> {
        let mut colons = 0_usize;
        let steps = tokens.iter().map(|token| {
            if *token == Token::Char(':') {
                colons = colons.saturating_add(1);
            }
            match token {
                Token::Char(character) => Step::Char(*character),
                Token::One if colons < COLONS => Step::OneInPart,
                Token::Run if colons < COLONS => Step::RunInPart,
                Token::One => Step::One,
                Token::Run => Step::Run,
            }
        });
        let steps = steps.collect();
        (colons >= COLONS).then_some(Self { steps, reads: Reads::AsItIs, track })
    }

    /// The same with the sixth part read without regard to the case of ASCII letters.
    pub(super) fn folded_in_sixth(mut self) -> Self {
        let mut colons = 0_usize;
        for step in &mut self.steps {
            match *step {
                Step::Char(':') => colons = colons.saturating_add(1),
                Step::Char(character) if colons >= COLONS => {
                    *step = Step::Folded(character.to_ascii_lowercase());
                }
                _ => {}
            }
        }
        self
    }
}

/// The colons before the sixth part of a resource name.
const COLONS: usize = 5;

/// Which words a segment may be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Language {
    /// Any text.
    Any,
    /// Nothing but this.
    Fixed(String),
    /// Twelve digits.
    Account,
    /// `[\w+=,.@-]`, at least so many.
    Name(u16),
    /// `/`, or names between slashes.
    Path,
    /// A unique id with this prefix.
    Id(&'static str),
    /// A part of an action.
    Word,
    /// A whole resource name.
    Arn,
}

/// Fewest characters of a unique id.
const ID_CHARACTERS_MIN: u16 = 21;

impl Language {
    /// The state after a character.
    fn step(&self, state: u16, character: char) -> Option<u16> {
        let next = state.saturating_add(1);
        let name = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
        match self {
            Self::Any => Some(0),
            Self::Fixed(text) => {
                (text.chars().nth(usize::from(state)) == Some(character)).then_some(next)
            }
            Self::Account => (state < 12 && character.is_ascii_digit()).then_some(next),
            Self::Name(min) => name(character).then_some(next.min(*min)),
            // 0: nothing yet; 1: behind a slash; 2: in a name.
            Self::Path => match (state, character) {
                (0 | 2, '/') => Some(1),
                (1 | 2, c) if name(c) => Some(2),
                _ => None,
            },
            Self::Id(prefix) => {
                let own = prefix.chars().nth(usize::from(state));
                let fits = match own {
                    Some(own) => own == character,
                    None => character.is_ascii_uppercase() || character.is_ascii_digit(),
                };
                fits.then_some(next.min(ID_CHARACTERS_MIN))
            }
            Self::Word => (character.is_ascii_alphanumeric() || character == '-').then_some(1),
            Self::Arn => arn_step(state, character),
        }
    }

    fn accepts(&self, state: u16) -> bool {
        match self {
            Self::Any => true,
            Self::Fixed(text) => usize::from(state) == text.chars().count(),
            Self::Account => state == 12,
            Self::Name(min) => state == *min,
            Self::Path | Self::Word => state == 1,
            Self::Id(_) => state == ID_CHARACTERS_MIN,
            Self::Arn => state == 11,
        }
    }

    /// The characters that it treats unlike their like.
    fn letters(&self) -> &str {
        match self {
            Self::Any | Self::Account | Self::Name(_) | Self::Word => "",
            Self::Fixed(text) => text,
            Self::Path => "/",
            Self::Id(prefix) => prefix,
            Self::Arn => "arn:",
        }
    }
}

/// 0–3: `arn:`; 4, 5: the partition; 6, 7: the service; 8: region; 9: account; 10, 11: the rest.
fn arn_step(state: u16, character: char) -> Option<u16> {
    match (state, character) {
        (0, 'a') => Some(1),
        (1, 'r') => Some(2),
        (2, 'n') => Some(3),
        (3, ':') => Some(4),
        (0..=3, _) | (4 | 6, ':') => None,
        (5, ':') => Some(6),
        (7, ':') => Some(8),
        (8, ':') => Some(9),
        (9, ':') => Some(10),
        (4 | 5, _) => Some(5),
        (6 | 7, _) => Some(7),
        (8 | 9, _) => Some(state),
        _ => Some(11),
    }
}

/// What a machine sees of a word of several segments.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Track {
    /// For each segment that it reads, the constant text before it; `None` where it does not read.
    pub(super) segments: Vec<Option<String>>,
    /// The constant text at the end.
    pub(super) after: String,
}

impl Track {
    /// A track that reads the only segment.
    pub(super) fn whole() -> Self {
        Self { segments: vec![Some(String::new())], after: String::new() }
    }
}

/// The words to look among.
#[derive(Clone, Debug)]
pub(super) struct Space {
    pub(super) languages: Vec<Language>,
    pub(super) tracks: Vec<Track>,
}

impl Space {
    /// Words of one segment.
    pub(super) fn of(language: Language) -> Self {
        Self { languages: vec![language], tracks: vec![Track::whole()] }
    }

    /// One word, by segments, for each set of machines that can match together while all others do
    /// not: all such sets, or the error that there was too much to do.
    pub(super) fn words(
        &self,
        machines: &[Machine],
        budget: &mut Budget,
    ) -> Result<Vec<Vec<String>>, Spent> {
        Walk::new(self, machines).run(budget)
    }
}

/// A place in the walk.
#[derive(Clone, Debug)]
struct Node {
    segment: usize,
    state: u16,
    /// The places in `Walk::steps` that are active, in order.
    active: Vec<usize>,
    parent: usize,
    /// The character that led here; none for the step to another segment.
    by: Option<char>,
}

struct Walk<'a> {
    space: &'a Space,
    /// All steps of all machines; `None` is the end of one.
    steps: Vec<Option<Step>>,
    /// The machine of each step.
    owner: Vec<&'a Machine>,
    starts: Vec<usize>,
    /// The characters that occur.
    alphabet: Vec<char>,
    /// Characters that no machine tells from one another.
    fresh: Vec<char>,
}

impl<'a> Walk<'a> {
    fn new(space: &'a Space, machines: &'a [Machine]) -> Self {
        let mut walk = Self {
            space,
            steps: Vec::new(),
            owner: Vec::new(),
            starts: Vec::new(),
            alphabet: Vec::new(),
            fresh: Vec::new(),
        };
        let mut known = HashSet::new();
        for machine in machines.iter().filter(|machine| known.insert(*machine)) {
            walk.starts.push(walk.steps.len());
            for step in machine.steps.iter().copied().map(Some).chain([None]) {
                walk.steps.push(step);
                walk.owner.push(machine);
            }
        }
        walk.find_alphabet(machines);
        walk
    }

    fn find_alphabet(&mut self, machines: &[Machine]) {
        let mut occurring: HashSet<char> = HashSet::new();
        let mut lowered: HashSet<char> = HashSet::new();
        for machine in machines {
            for step in &machine.steps {
                match (step, machine.reads) {
                    (Step::Char(c), Reads::AsItIs) => drop(occurring.insert(*c)),
                    (Step::Char(c), Reads::Lowered) => drop(lowered.insert(*c)),
                    (Step::Folded(c), _) => {
                        occurring.extend([c.to_ascii_lowercase(), c.to_ascii_uppercase()]);
                    }
                    (Step::OneInPart | Step::RunInPart, _) => drop(occurring.insert(':')),
                    (Step::One | Step::Run, _) => {}
                }
            }
        }
        occurring.extend(self.space.languages.iter().flat_map(|l| l.letters().chars()));
        let told = |c: char| c.to_lowercase().any(|l| lowered.contains(&l));
        if !lowered.is_empty() {
            // Every character that has one of these as its lower case.
            occurring.extend(CASED.filter(|c| told(*c)));
        }
        let free = |c: &char| !occurring.contains(c) && !told(*c);
        self.fresh = PLAIN.chars().chain(REST).filter(free).take(FRESH_MAX).collect();
        self.alphabet = occurring.into_iter().collect();
        self.alphabet.sort_unstable();
    }

    fn run(&self, budget: &mut Budget) -> Result<Vec<Vec<String>>, Spent> {
        let mut nodes: Vec<Node> = Vec::new();
        let mut known: HashSet<(usize, u16, Vec<usize>)> = HashSet::new();
        let mut found: HashSet<Vec<usize>> = HashSet::new();
        let mut words = Vec::new();
        let start = self.enter(0, self.closed(self.starts.clone()));
        known.insert((0, 0, start.clone()));
        nodes.push(Node { segment: 0, state: 0, active: start, parent: 0, by: None });
        let mut place = 0;
        while let Some(node) = nodes.get(place).cloned() {
            let mut reach = |segment, state, active: Vec<usize>, by| {
                if known.insert((segment, state, active.clone())) {
                    nodes.push(Node { segment, state, active, parent: place, by });
                }
            };
            let Some(language) = self.space.languages.get(node.segment) else { break };
            let fresh = self.fresh.iter().find(|c| language.step(node.state, **c).is_some());
            for character in self.alphabet.iter().chain(fresh) {
                let Some(state) = language.step(node.state, *character) else { continue };
                budget.work(node.active.len())?;
                let active = self.advanced(&node.active, node.segment, *character);
                reach(node.segment, state, active, Some(*character));
            }
            let last = node.segment.saturating_add(1) >= self.space.languages.len();
            if language.accepts(node.state) && last {
                let set = self.matching(node.active.clone());
                if found.insert(set.clone()) {
                    words.push(self.word(&nodes, place, &set));
                }
            } else if language.accepts(node.state) {
                let segment = node.segment.saturating_add(1);
                reach(segment, 0, self.enter(segment, node.active.clone()), None);
            }
            place = place.saturating_add(1);
        }
        Ok(words)
    }

    /// The machines that match a word that ends here.
    fn matching(&self, mut active: Vec<usize>) -> Vec<usize> {
        for (track, own) in self.space.tracks.iter().enumerate() {
            for character in own.after.chars() {
                active = self.moved(&active, |m| m.track == track, character);
            }
        }
        active.retain(|place| self.steps.get(*place).is_some_and(Option::is_none));
        active
    }

    /// What is active behind the constant texts before a segment.
    fn enter(&self, segment: usize, mut active: Vec<usize>) -> Vec<usize> {
        for (track, own) in self.space.tracks.iter().enumerate() {
            let before = own.segments.get(segment).and_then(Option::as_deref).unwrap_or("");
            for character in before.chars() {
                active = self.moved(&active, |m| m.track == track, character);
            }
        }
        active
    }

    fn advanced(&self, active: &[usize], segment: usize, character: char) -> Vec<usize> {
        let reads = |machine: &Machine| {
            let track = self.space.tracks.get(machine.track);
            track.is_some_and(|t| t.segments.get(segment).is_some_and(Option::is_some))
        };
        self.moved(active, reads, character)
    }

    /// The active places after a character, for the machines that read it.
    fn moved(
        &self,
        active: &[usize],
        reads: impl Fn(&Machine) -> bool,
        character: char,
    ) -> Vec<usize> {
        let mut next = Vec::new();
        for place in active {
            let Some(machine) = self.owner.get(*place) else { continue };
            if !reads(machine) {
                next.push(*place);
                continue;
            }
            match machine.reads {
                Reads::AsItIs => next.extend(self.step(*place, character)),
                Reads::Lowered => {
                    let lower = character.to_lowercase();
                    let end = lower.into_iter().try_fold(*place, |at, c| self.step(at, c));
                    next.extend(end);
                }
            }
        }
        self.closed(next)
    }

    fn step(&self, place: usize, character: char) -> Option<usize> {
        let next = place.saturating_add(1);
        match self.steps.get(place).copied().flatten()? {
            Step::Char(own) => (own == character).then_some(next),
            Step::Folded(own) => own.eq_ignore_ascii_case(&character).then_some(next),
            Step::One => Some(next),
            Step::OneInPart => (character != ':').then_some(next),
            Step::Run => Some(place),
            Step::RunInPart => (character != ':').then_some(place),
        }
    }

    /// With every place that an empty run leads to; in order, each once.
    fn closed(&self, mut active: Vec<usize>) -> Vec<usize> {
        let mut at = 0;
        while let Some(place) = active.get(at).copied() {
            if let Some(Some(Step::Run | Step::RunInPart)) = self.steps.get(place) {
                active.push(place.saturating_add(1));
            }
            at = at.saturating_add(1);
        }
        active.sort_unstable();
        active.dedup();
        active
    }

    /// The word that leads to a node, by segments; a letter longer where that changes nothing, so
    /// that `b/*` shows as `b/x`.
    fn word(&self, nodes: &[Node], mut place: usize, set: &[usize]) -> Vec<String> {
        let mut segments: Vec<Vec<char>> = vec![Vec::new(); self.space.languages.len()];
        if let Some(node) = nodes.get(place) {
            let language = self.space.languages.get(node.segment);
            let longer = self.fresh.iter().find_map(|c| {
                let state = language?
                    .step(node.state, *c)
                    .filter(|s| language.is_some_and(|l| l.accepts(*s)));
                let active = self.advanced(&node.active, node.segment, *c);
                state.filter(|_| self.matching(active) == set).map(|_| *c)
            });
            if let (Some(segment), Some(c)) = (segments.get_mut(node.segment), longer) {
                segment.push(c);
            }
        }
        while let Some(node) = nodes.get(place) {
            if let (Some(segment), Some(c)) = (segments.get_mut(node.segment), node.by) {
                segment.push(c);
            }
            if place == 0 {
                break;
            }
            place = node.parent;
        }
        segments.into_iter().map(|segment| segment.into_iter().rev().collect()).collect()
    }
}

/// Every character that has another as its lower case is before this.
const CASED: std::ops::Range<char> = '\0'..'\u{1f000}';

/// How many characters that no machine knows are kept; a language takes the first that it has.
const FRESH_MAX: usize = 128;

/// The characters that stand for all others, best first.
const PLAIN: &str = "xyzwvuabcdefghijklmnopqrst0123456789XYZWVUABCDEFGHIJKLMNOPQRST-_.@~!";

/// And if all of them occur.
const REST: std::ops::Range<char> = '\u{100}'..'\u{800}';

#[cfg(test)]
mod tests {
    use super::*;
    use crate::glob::{Case, matches, matches_arn, tokens};

    fn words(machines: &[Machine], language: Language) -> Vec<String> {
        let space = Space::of(language);
        let words = space.words(machines, &mut Budget::default()).unwrap();
        words.into_iter().map(|segments| segments.concat()).collect()
    }

    /// Every set of patterns that some short text matches is met by one of the words.
    #[test]
    fn the_words_meet_every_combination_that_short_texts_meet() {
        for patterns in [
            &["a*", "*b", "a?b"][..],
            &["*a*", "*b*", "*"],
            &["", "a", "aa", "?"],
            &["a*a", "*aa*", "?a?"],
        ] {
            let globs: Vec<Vec<Token>> = patterns.iter().map(|p| tokens(p)).collect();
            let signature = |text: &str| -> Vec<bool> {
                globs.iter().map(|g| matches(g, text, Case::Exact)).collect()
            };
            let machines: Vec<Machine> = globs.iter().map(|g| Machine::glob(g, 0)).collect();
            let met: HashSet<Vec<bool>> =
                words(&machines, Language::Any).iter().map(|w| signature(w)).collect();
            let mut texts = vec![String::new()];
            for _ in 0..5 {
                let longer: Vec<String> =
                    texts.iter().flat_map(|t| ["a", "b", "c"].map(|c| format!("{t}{c}"))).collect();
                texts.extend(longer);
            }
            let real: HashSet<Vec<bool>> = texts.iter().map(|t| signature(t)).collect();
            assert_eq!(met, real, "{patterns:?}");
        }
    }

    #[test]
    fn a_wildcard_of_a_resource_name_stays_in_its_part() {
        let globs = ["arn:aws:s3:*:*:b/*", "arn:aws:s3:::b/*", "arn:*:s3:::*"].map(tokens);
        let machines: Vec<Machine> =
            globs.iter().filter_map(|glob| Machine::arn(glob, 0)).collect();
        assert_eq!(machines.len(), 3);
        let met: HashSet<Vec<bool>> = words(&machines, Language::Arn)
            .iter()
            .map(|word| globs.iter().map(|g| matches_arn(g, word, Case::Exact)).collect())
            .collect();
        let expected =
            [[false, false, false], [true, false, false], [false, false, true], [true, true, true]];
        assert_eq!(met, expected.map(|set| set.to_vec()).into_iter().collect());
        assert!(Machine::arn(&tokens("arn:aws:s3:*"), 0).is_none());
    }

    #[test]
    fn the_kelvin_sign_is_a_k_without_regard_to_case() {
        let machines = [
            Machine::ignoring_case(&tokens("k"), 0),
            Machine::literal("k", 0),
            Machine::literal("K", 0),
        ];
        let words = words(&machines, Language::Any);
        assert!(words.contains(&"\u{212a}".to_owned()), "{words:?}");
        assert_eq!(words.len(), 4);
    }

    #[test]
    fn segments_are_read_by_the_tracks_that_hold_them() {
        let space = Space {
            languages: vec![Language::Account, Language::Name(1)],
            tracks: vec![
                Track {
                    segments: vec![Some("arn:".to_owned()), Some(":user/".to_owned())],
                    after: String::new(),
                },
                Track { segments: vec![None, Some(String::new())], after: "!".to_owned() },
            ],
        };
        let machines =
            [Machine::literal("arn:123456789012:user/bob", 0), Machine::glob(&tokens("b*!"), 1)];
        let found = space.words(&machines, &mut Budget::default()).unwrap();
        let whole: Vec<String> = found.iter().map(|word| word.join(" ")).collect();
        assert!(whole.contains(&"123456789012 bob".to_owned()), "{whole:?}");
        assert_eq!(whole.len(), 3, "{whole:?}");
    }

    #[test]
    fn too_much_to_do_is_said_and_not_tried() {
        let many: Vec<Machine> =
            ('a'..='z').map(|c| Machine::glob(&tokens(&format!("*{c}*")), 0)).collect();
        let mut budget = Budget::default();
        assert!(Space::of(Language::Any).words(&many, &mut budget).is_err());
    }

    /// Whether a language has a word.
    fn has(language: &Language, word: &str) -> bool {
        let end = word.chars().try_fold(0, |state, c| language.step(state, c));
        end.is_some_and(|state| language.accepts(state))
    }

    #[test]
    fn a_language_has_its_words_and_no_others() {
        let id = Language::Id("AIDA");
        for (language, good, bad) in [
            (&Language::Any, &["", "a", ":"][..], &[][..]),
            (&Language::Fixed("ab".to_owned()), &["ab"], &["", "a", "abc", "ba"]),
            (&Language::Account, &["111122223333"], &["11112222333", "1111222233334", "a"]),
            (&Language::Name(2), &["ab", "a+=,.@_-1"], &["", "a", "a/b", "a b"]),
            (&Language::Path, &["/", "/a/", "/a/b/"], &["", "a", "/a", "//", "/ /", "/a:b/"]),
            (&id, &["AIDAAAAAAAAAAAAAAAAA1"], &["AIDA", "AROAAAAAAAAAAAAAAAAA1", "AIDAa"]),
            (&Language::Word, &["s3", "a-b", "A9"], &["", "a:b", "a_b", "a b"]),
            (
                &Language::Arn,
                &["arn:aws:s3:::b", "arn:aws:s3:r:1:b:c", "arn:a-b:s:::*", "arn:aws:s3::::"],
                &["", "arn", "arn:aws:s3:::", "arn:aws:s3::", "brn:aws:s3:::b", "arn::s3:::b"],
            ),
            (&Language::Arn, &[], &["arn:aws::::b", "arx:aws:s3:::b", "arn-aws:s3:::b", "axn:a:b"]),
        ] {
            for word in good {
                assert!(has(language, word), "{language:?} {word}");
            }
            for word in bad {
                assert!(!has(language, word), "{language:?} {word}");
            }
        }
    }

    /// Which texts a machine matches, with no language in the way.
    fn matched<'t>(machine: &Machine, texts: &[&'t str]) -> Vec<&'t str> {
        let space = Space::of(Language::Any);
        let walk = Walk::new(&space, std::slice::from_ref(machine));
        let is = |text: &&&str| {
            let start = walk.enter(0, walk.closed(walk.starts.clone()));
            let end = text.chars().fold(start, |active, c| walk.advanced(&active, 0, c));
            !walk.matching(end).is_empty()
        };
        texts.iter().filter(is).copied().collect()
    }

    #[test]
    fn wildcards_of_a_resource_name_cross_colons_in_its_sixth_part_alone() {
        let texts = [
            "arn:aws:s3:::ab",
            "arn:aws:s3:::a:",
            "arn:aws:s3::::",
            "arn:aws:s3:r::ab",
            "arn:aws:s4:::ab",
            "arn:aws:s3::::ab",
            "arn:aws:s3:::a",
            "ARN:aws:s3:::ab",
        ];
        for (pattern, expected) in [
            ("arn:aws:s3:::a?", &["arn:aws:s3:::ab", "arn:aws:s3:::a:"][..]),
            ("arn:aws:s?:::ab", &["arn:aws:s3:::ab", "arn:aws:s4:::ab"]),
            ("arn:aws:s3:?::ab", &["arn:aws:s3:r::ab"]),
            ("arn:aws:s*:::ab", &["arn:aws:s3:::ab", "arn:aws:s4:::ab"]),
            ("arn:aws:s3:::a*", &["arn:aws:s3:::ab", "arn:aws:s3:::a:", "arn:aws:s3:::a"]),
            ("arn:aws:s3:*::ab", &["arn:aws:s3:::ab", "arn:aws:s3:r::ab"]),
        ] {
            let machine = Machine::arn(&tokens(pattern), 0).unwrap();
            assert_eq!(matched(&machine, &texts), expected, "{pattern}");
        }
    }

    #[test]
    fn only_the_sixth_part_is_read_without_regard_to_case() {
        let machine = Machine::arn(&tokens("arn:aws:iam::1:user/Bob?"), 0).unwrap();
        let texts = [
            "arn:aws:iam::1:user/Bobx",
            "arn:aws:iam::1:USER/bOBX",
            "arn:aws:IAM::1:user/Bobx",
            "ARN:aws:iam::1:user/Bobx",
        ];
        assert_eq!(matched(&machine, &texts), &texts[..1]);
        assert_eq!(matched(&machine.folded_in_sixth(), &texts), &texts[..2]);
        let whole = Machine::arn(&tokens("arn:aws:iam::1:user/Bob?"), 0).unwrap().folded();
        assert_eq!(matched(&whole, &texts), &texts);
    }

    #[test]
    fn a_character_that_some_machine_tells_from_others_stands_for_no_other() {
        let space = Space::of(Language::Any);
        let machines = [Machine::ignoring_case(&tokens("x"), 0), Machine::literal("y", 0)];
        let walk = Walk::new(&space, &machines);
        for told in ['x', 'X', 'y'] {
            assert!(!walk.fresh.contains(&told) && walk.alphabet.contains(&told), "{told}");
        }
        assert_eq!(walk.fresh.first(), Some(&'z'));
    }
}
