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
use crate::facts::{Known, Origin};
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

/// What a statement refers to: its keys and variables.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Code<'a> {
    pool: &'a [u8],
}

/// A statement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule<'a> {
    code: Code<'a>,
    /// Whom the statements of its document name.
    grantees: &'a [Grantees],
    flags: u8,
    /// The patterns of its actions.
    actions: &'a [u8],
    /// Those of its resources.
    resources: &'a [u8],
    /// Its conditions.
    lines: &'a [u8],
    /// What follows them: whom it names, its `Sid`.
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
/// Some of its parts are too long to say so in a byte: how long they are follows in numbers.
const LONG: u8 = 1 << 7;
/// A statement's parts: what it refers to, its actions, its resources, its conditions.
const PARTS: usize = 4;

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
    /// Whether the caller has an account.
    pub(crate) signed: bool,
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
            Some((code.get(..code.len().checked_sub(rule.rest.0.len())?)?, rule))
        })
    }

    /// Bytes on the heap.
    pub(crate) fn bytes_resident(&self) -> usize {
        let lists = [self.code.len(), size_of_val(&*self.rules), size_of_val(&*self.grantees)];
        lists.iter().sum()
    }
}

impl<'a> Code<'a> {
    #[inline(always)]
    fn key(self, at: u32) -> Option<KeyRef<'a>> {
        KeyRef::read(Reader(self.pool.get(place(at)..)?))
    }

    /// The same of a key of the table, without its name.
    #[inline(always)]
    fn known_key(self, at: u32) -> Option<(Origin, Known)> {
        key::read_known(self.pool.get(place(at)..)?)
    }
}

impl<'a> Rule<'a> {
    /// Reads a statement: how long its parts are, then each.
    #[inline(always)]
    pub(crate) fn read(code: &'a [u8], grantees: &'a [Grantees]) -> Option<Self> {
        let ([flags, a, b, c, d], body) = code.split_first_chunk::<{ 1 + PARTS }>()?;
        let (lengths, body) = if flags & LONG == 0 {
            ([*a, *b, *c, *d].map(usize::from), body)
        } else {
            long(Reader(body))?
        };
        let (pool, body) = body.split_at_checked(lengths[0])?;
        let (actions, body) = body.split_at_checked(lengths[1])?;
        let (resources, body) = body.split_at_checked(lengths[2])?;
        let (lines, rest) = body.split_at_checked(lengths[3])?;
        let (code, rest) = (Code { pool }, Reader(rest));
        Some(Self { code, grantees, flags: *flags, actions, resources, lines, rest })
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

    /// Whether the action is listed.
    #[inline(always)]
    pub(crate) fn about_action(self, ask: &Ask<'_>) -> bool {
        let listed = ActionMatch::lists(self.actions, &ask.action);
        listed == (self.action_sense() == Sense::Is)
    }

    /// Whether the resource is listed.
    #[inline(always)]
    pub(crate) fn about_resource(self, ask: &Ask<'_>) -> bool {
        let Some(sense) = self.resource_sense() else { return true };
        // The patterns of such rules are in lower case too.
        let name = if self.folds() { ask.folded() } else { &ask.resource };
        let listed = Pattern::is_every(self.resources)
            || Pattern::lists(self.resources, name, self.code, &ask.context);
        listed == (sense == Sense::Is)
    }

    /// How the rule names the caller, if it does.
    #[inline(always)]
    pub(crate) fn grade(self, ask: &Ask<'_>) -> Option<Grade> {
        if !self.has(GRANTEES) {
            return Some(Grade::Direct);
        }
        let number = { self.rest }.number()?;
        let grantees = self.grantees.get(place(number))?;
        grantees.grade(&ask.context, self.effect(), ask.bounded)
    }

    /// Whether every condition holds.
    #[inline(always)]
    pub(crate) fn holds(self, ask: &Ask<'_>) -> bool {
        let mut reader = Reader(self.lines);
        while let Some(line) = Line::read(&mut reader) {
            if !line.holds(self.code, &ask.context, self.effect()) {
                return false;
            }
        }
        true
    }

    /// Whether the rule applies, and how it names the caller.
    #[inline(always)]
    pub(crate) fn applies(self, ask: &Ask<'_>) -> Option<Grade> {
        if !self.about_action(ask) || !self.about_resource(ask) {
            return None;
        }
        let grade = self.grade(ask)?;
        self.holds(ask).then_some(grade)
    }

    /// Whether a statement that names nobody applies: reading and asking in one piece, for this is
    /// what most of a decision's time goes into.
    #[inline(never)]
    pub(crate) fn read_applies(code: &[u8], ask: &Ask<'_>) -> bool {
        Rule::read(code, &[]).is_some_and(|rule| rule.applies(ask).is_some())
    }

    /// Its `Sid`.
    pub(crate) fn sid(self) -> Option<String> {
        let mut rest = self.rest;
        if self.has(GRANTEES) {
            rest.number()?;
        }
        let sid = if self.has(SID) { rest.text()? } else { return None };
        std::str::from_utf8(sid).ok().map(str::to_owned)
    }

    /// The keys of the variables of its resources.
    pub(crate) fn resource_keys(self) -> impl Iterator<Item = KeyRef<'a>> {
        Pattern::each(self.resources).flat_map(move |pattern| pattern.keys(self.code))
    }

    /// The keys that its conditions read, as they are written.
    pub(crate) fn condition_keys(self) -> impl Iterator<Item = KeyRef<'a>> {
        Line::each(self.lines).flat_map(move |line| line.keys(self.code))
    }

    /// Whether it ignores case where names of a service do not differ by case: where matching more
    /// means denying more, so that `user/BOB` cannot slip past a deny on `user/bob`.
    pub(crate) fn folds(self) -> bool {
        folds(self.effect(), self.resource_sense())
    }
}

/// How long the parts of a long statement are, and what follows.
#[cold]
fn long(mut rest: Reader<'_>) -> Option<([usize; PARTS], &[u8])> {
    let mut next = || rest.number().map(place);
    let lengths = [next()?, next()?, next()?, next()?];
    Some((lengths, rest.0))
}

fn folds(effect: Effect, sense: Option<Sense>) -> bool {
    (effect == Effect::Deny) == (sense == Some(Sense::Is))
}
