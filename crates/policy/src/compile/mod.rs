//! Documents compiled: flat and small, so that a decision touches few lines of memory, allocates
//! nothing and takes time that grows with the request and not with the policies.

pub(crate) mod action;
mod code;
mod hash;
pub(crate) mod hold;
pub(crate) mod index;
mod key;
pub(crate) mod line;
pub(crate) mod pattern;
pub(crate) mod resource;
mod scan;
pub(crate) mod table;
pub(crate) mod wild;
mod write;

pub(crate) use hash::folded as key_hash;
pub(crate) use key::KeyRef;

use crate::compile::action::{ActionMatch, Asked};
use crate::compile::code::Reader;
use crate::compile::line::Line;
use crate::compile::pattern::{Pattern, place};
use crate::compile::wild::Subject;
use crate::context::Context;
use crate::grantee::{Bounded, Grade, Grantees};
use crate::operator::Sense;
use crate::statement::Effect;

/// A document, compiled.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// The statements, each with what it refers to: a statement can be read without the others.
    code: Box<[u8]>,
    /// Where each statement begins.
    rules: Box<[u32]>,
    grantees: Box<[Grantees]>,
    /// Whether anybody is allowed something (S3 guide, "The meaning of 'public'").
    pub(crate) public: bool,
    /// Whether a tag of the object is read.
    pub(crate) reads_object_tags: bool,
}

/// What a statement refers to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Code<'a> {
    /// Its keys and variables.
    pool: &'a [u8],
    grantees: &'a [Grantees],
}

/// A statement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule<'a> {
    code: Code<'a>,
    flags: u8,
    /// The patterns of its actions.
    actions: &'a [u8],
    /// What follows them: those of its resources, its conditions, whom it names, its `Sid`.
    rest: Reader<'a>,
}

/// The bits of a statement's first byte.
const DENY: u8 = 1;
const NOT_ACTION: u8 = 1 << 1;
const RESOURCE: u8 = 1 << 2;
const NOT_RESOURCE: u8 = 1 << 3;
const GRANTEES: u8 = 1 << 4;
const SID: u8 = 1 << 5;
const NOTED: u8 = 1 << 6;

/// What is asked of each rule.
#[derive(Debug)]
pub(crate) struct Ask<'a> {
    pub(crate) action: Asked<'a>,
    /// The resource; `*` is read as `arn:aws:SERVICE:::*`.
    pub(crate) resource: Subject<'a>,
    /// The resource with its sixth part in lower case, where names do not differ by case; `None` if
    /// that is the same.
    pub(crate) folded: Option<Subject<'a>>,
    pub(crate) context: Context<'a>,
    pub(crate) bounded: Bounded,
}

impl<'a> Ask<'a> {
    /// The resource as it is looked for among patterns in lower case.
    pub(crate) fn folded(&self) -> &Subject<'a> {
        self.folded.as_ref().unwrap_or(&self.resource)
    }
}

impl Program {
    /// How many rules there are.
    pub(crate) fn len(&self) -> usize {
        self.rules.len()
    }

    #[inline]
    fn rule_at(&self, at: u32) -> Option<Rule<'_>> {
        Rule::read(self.code.get(place(at)..)?, &self.grantees)
    }

    pub(crate) fn rule(&self, index: usize) -> Option<Rule<'_>> {
        self.rule_at(*self.rules.get(index)?)
    }

    pub(crate) fn rules(&self) -> impl Iterator<Item = Rule<'_>> {
        self.rules.iter().filter_map(|at| self.rule_at(*at))
    }

    /// The rules, each with the code that it can be read from without its document.
    pub(crate) fn placed(&self) -> impl Iterator<Item = (&[u8], Rule<'_>)> {
        self.rules.iter().filter_map(|at| {
            let (code, rule) = (self.code.get(place(*at)..)?, self.rule_at(*at)?);
            let behind = rule.lines().1.0.len();
            Some((code.get(..code.len().checked_sub(behind)?)?, rule))
        })
    }

    /// Bytes on the heap.
    pub(crate) fn bytes_resident(&self) -> usize {
        let lists = [self.code.len(), size_of_val(&*self.rules), size_of_val(&*self.grantees)];
        lists.iter().sum()
    }
}

impl<'a> Code<'a> {
    #[inline]
    fn key(self, at: u32) -> Option<KeyRef<'a>> {
        KeyRef::read(Reader(self.pool.get(place(at)..)?))
    }
}

impl<'a> Rule<'a> {
    /// Reads a statement: what it refers to, then itself.
    #[inline]
    pub(crate) fn read(code: &'a [u8], grantees: &'a [Grantees]) -> Option<Self> {
        let mut rest = Reader(code);
        let code = Code { pool: rest.text()?, grantees };
        let flags = rest.byte()?;
        let actions = rest.text()?;
        Some(Self { code, flags, actions, rest })
    }

    fn has(self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    pub(crate) fn effect(self) -> Effect {
        if self.has(DENY) { Effect::Deny } else { Effect::Allow }
    }

    fn action_sense(self) -> Sense {
        if self.has(NOT_ACTION) { Sense::Not } else { Sense::Is }
    }

    /// None in trust policies: the role itself.
    fn resource_sense(self) -> Option<Sense> {
        let sense = if self.has(NOT_RESOURCE) { Sense::Not } else { Sense::Is };
        self.has(RESOURCE).then_some(sense)
    }

    /// Whether it names context keys, which a decision about it records.
    pub(crate) fn is_noted(self) -> bool {
        self.has(NOTED)
    }

    /// The patterns of its resources, and what follows them.
    #[inline]
    fn resources(self) -> (&'a [u8], Reader<'a>) {
        let mut rest = self.rest;
        (rest.text().unwrap_or_default(), rest)
    }

    /// Its conditions, and what follows them.
    #[inline]
    fn lines(self) -> (&'a [u8], Reader<'a>) {
        let (_, mut rest) = self.resources();
        (rest.text().unwrap_or_default(), rest)
    }

    /// Whether the action is listed.
    #[inline]
    pub(crate) fn about_action(self, ask: &Ask<'_>) -> bool {
        let listed = ActionMatch::each(self.actions).any(|own| own.matches(&ask.action));
        listed == (self.action_sense() == Sense::Is)
    }

    /// Whether the resource is listed.
    #[inline]
    pub(crate) fn about_resource(self, ask: &Ask<'_>) -> bool {
        let Some(sense) = self.resource_sense() else { return true };
        // The patterns of such rules are in lower case too.
        let name = if self.folds() { ask.folded() } else { &ask.resource };
        let matches = |own: Pattern<'a>| own.matches_arn(name, self.code, &ask.context);
        let listed = Pattern::each(self.resources().0).any(matches);
        listed == (sense == Sense::Is)
    }

    /// How the rule names the caller, if it does.
    #[inline]
    pub(crate) fn grade(self, ask: &Ask<'_>) -> Option<Grade> {
        if !self.has(GRANTEES) {
            return Some(Grade::Direct);
        }
        let number = self.lines().1.number()?;
        let grantees = self.code.grantees.get(place(number))?;
        grantees.grade(&ask.context, self.effect(), ask.bounded)
    }

    /// Whether every condition holds.
    #[inline]
    pub(crate) fn holds(self, ask: &Ask<'_>) -> bool {
        let mut lines = Line::each(self.lines().0);
        lines.all(|line| line.holds(self.code, &ask.context, self.effect()))
    }

    /// Whether the rule applies, and how it names the caller.
    #[inline]
    pub(crate) fn applies(self, ask: &Ask<'_>) -> Option<Grade> {
        if !self.about_action(ask) || !self.about_resource(ask) {
            return None;
        }
        let grade = self.grade(ask)?;
        self.holds(ask).then_some(grade)
    }

    /// Its `Sid`.
    pub(crate) fn sid(self) -> Option<String> {
        let (_, mut rest) = self.lines();
        if self.has(GRANTEES) {
            rest.number()?;
        }
        let sid = if self.has(SID) { rest.text()? } else { return None };
        std::str::from_utf8(sid).ok().map(str::to_owned)
    }

    /// The keys of the variables of its resources.
    pub(crate) fn resource_keys(self) -> impl Iterator<Item = KeyRef<'a>> {
        Pattern::each(self.resources().0).flat_map(move |pattern| pattern.keys(self.code))
    }

    /// The keys that its conditions read, as they are written.
    pub(crate) fn condition_keys(self) -> impl Iterator<Item = KeyRef<'a>> {
        Line::each(self.lines().0).flat_map(move |line| line.keys(self.code))
    }

    /// Whether it ignores case where names of a service do not differ by case: where matching more
    /// means denying more, so that `user/BOB` cannot slip past a deny on `user/bob`.
    pub(crate) fn folds(self) -> bool {
        folds(self.effect(), self.resource_sense())
    }
}

fn folds(effect: Effect, sense: Option<Sense>) -> bool {
    (effect == Effect::Deny) == (sense == Some(Sense::Is))
}
