//! Documents compiled: flat and small, so that a decision touches few lines of memory, allocates
//! nothing and takes time that grows with the request and not with the policies.

pub(crate) mod action;
mod hash;
pub(crate) mod hold;
pub(crate) mod index;
pub(crate) mod line;
pub(crate) mod pattern;
pub(crate) mod resource;
mod wild;
mod write;

pub(crate) use hash::folded as key_hash;

use crate::compile::action::{ActionMatch, Asked};
use crate::compile::line::{Line, Value};
use crate::compile::pattern::{Pattern, Pool, Variable, place};
use crate::context::{Context, Derived};
use crate::facts::Origin;
use crate::grantee::{Bounded, Grade, Grantees};
use crate::operator::{Operator, Sense};
use crate::statement::Effect;

/// A document, compiled.
#[derive(Clone, Debug, Default)]
pub(crate) struct Program {
    rules: Box<[Rule]>,
    actions: Box<[ActionMatch]>,
    /// The patterns of resources, and those that actions refer to.
    patterns: Box<[Pattern]>,
    lines: Box<[WrittenLine]>,
    values: Box<[Value]>,
    variables: Box<[Variable]>,
    keys: Box<[Key]>,
    grantees: Box<[Grantees]>,
    bytes: Box<[u8]>,
    /// Whether anybody is allowed something (S3 guide, "The meaning of 'public'").
    pub(crate) public: bool,
    /// Whether a tag of the object is read.
    pub(crate) reads_object_tags: bool,
}

/// A stretch of one of a program's lists.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Span {
    start: u32,
    len: u32,
}

/// A statement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    pub(crate) effect: Effect,
    action_sense: Sense,
    /// None in trust policies: the role itself.
    resource_sense: Option<Sense>,
    /// Whether it names context keys, which a decision about it records.
    pub(crate) noted: Noted,
    sid: Option<Pattern>,
    actions: Span,
    resources: Span,
    lines: Span,
    grantees: Option<u32>,
}

/// Where a rule names context keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Noted {
    /// Nowhere.
    Nowhere,
    /// In its conditions: they count where its actions and resources match.
    Conditions,
    /// In its resources: they count where its actions match.
    Resources,
}

/// A condition line, by its place.
#[derive(Clone, Copy, Debug)]
struct WrittenLine {
    operator: Operator,
    key: u32,
    values: Span,
}

/// A condition key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    /// As it is written.
    text: Pattern,
    hash: u32,
    origin: Origin,
    derived: Option<Derived>,
}

/// The keys of a program.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keys<'a> {
    keys: &'a [Key],
    bytes: &'a [u8],
}

/// A key, as it is looked up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyRef<'a> {
    pub(crate) text: &'a [u8],
    pub(crate) hash: u32,
    pub(crate) origin: Origin,
    pub(crate) derived: Option<Derived>,
}

impl<'a> Keys<'a> {
    #[inline]
    pub(crate) fn key(&self, number: u32) -> Option<KeyRef<'a>> {
        let key = self.keys.get(place(number))?;
        let text = key.text.text(self.bytes);
        let Key { hash, origin, derived, .. } = *key;
        Some(KeyRef { text, hash, origin, derived })
    }

    pub(crate) fn text(&self, number: u32) -> Option<&'a str> {
        self.key(number).and_then(|key| std::str::from_utf8(key.text).ok())
    }
}

/// What is asked of each rule.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ask<'a> {
    pub(crate) action: Asked<'a>,
    /// The resource; `*` is read as `arn:aws:SERVICE:::*`.
    pub(crate) resource: &'a str,
    /// The resource with its sixth part in lower case, where names do not differ by case.
    pub(crate) folded: &'a str,
    pub(crate) context: Context<'a>,
    pub(crate) bounded: Bounded,
}

impl Span {
    fn of<T>(self, list: &[T]) -> &[T] {
        let start = place(self.start);
        list.get(start..start.saturating_add(place(self.len))).unwrap_or_default()
    }
}

impl Program {
    /// How many rules there are.
    pub(crate) fn len(&self) -> usize {
        self.rules.len()
    }

    pub(crate) fn rule(&self, index: usize) -> Option<&Rule> {
        self.rules.get(index)
    }

    pub(crate) fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter()
    }

    fn pool(&self) -> Pool<'_> {
        Pool {
            bytes: &self.bytes,
            variables: &self.variables,
            keys: Keys { keys: &self.keys, bytes: &self.bytes },
        }
    }

    /// Whether the action is listed.
    #[inline]
    pub(crate) fn about_action(&self, rule: &Rule, ask: &Ask<'_>) -> bool {
        let pool = self.pool();
        let matches =
            |own: &ActionMatch| own.matches(&ask.action, &self.patterns, pool, &ask.context);
        let listed = rule.actions.of(&self.actions).iter().any(matches);
        listed == (rule.action_sense == Sense::Is)
    }

    /// Whether the resource is listed.
    #[inline]
    pub(crate) fn about_resource(&self, rule: &Rule, ask: &Ask<'_>) -> bool {
        let Some(sense) = rule.resource_sense else { return true };
        let pool = self.pool();
        // The patterns of such rules are in lower case too.
        let text = if rule.folds() { ask.folded } else { ask.resource };
        let matches = |own: &Pattern| own.matches_arn(text, pool, &ask.context);
        let listed = rule.resources.of(&self.patterns).iter().any(matches);
        listed == (sense == Sense::Is)
    }

    /// How the rule names the caller, if it does.
    #[inline]
    pub(crate) fn grade(&self, rule: &Rule, ask: &Ask<'_>) -> Option<Grade> {
        let Some(number) = rule.grantees else { return Some(Grade::Direct) };
        let grantees = self.grantees.get(place(number))?;
        grantees.grade(&ask.context, rule.effect, ask.bounded)
    }

    /// The first condition that does not hold.
    #[inline]
    pub(crate) fn fails_at(&self, rule: &Rule, ask: &Ask<'_>) -> Option<usize> {
        let mut lines = rule.lines.of(&self.lines).iter();
        lines.position(|line| !self.line(line).holds(&ask.context, rule.effect))
    }

    /// Whether the rule applies, and how it names the caller.
    #[inline]
    pub(crate) fn applies(&self, rule: &Rule, ask: &Ask<'_>) -> Option<Grade> {
        if !self.about_action(rule, ask) || !self.about_resource(rule, ask) {
            return None;
        }
        let grade = self.grade(rule, ask)?;
        self.fails_at(rule, ask).is_none().then_some(grade)
    }

    fn line(&self, line: &WrittenLine) -> Line<'_> {
        let values = line.values.of(&self.values);
        Line { operator: line.operator, key: line.key, values, pool: self.pool() }
    }

    /// The rule's `Sid`.
    pub(crate) fn sid(&self, rule: &Rule) -> Option<String> {
        let text = rule.sid?.text(&self.bytes);
        std::str::from_utf8(text).ok().map(str::to_owned)
    }

    /// The keys of the variables of the rule's resources, in lower case.
    pub(crate) fn resource_keys(&self, rule: &Rule) -> impl Iterator<Item = &str> {
        let pool = self.pool();
        rule.resources.of(&self.patterns).iter().flat_map(move |pattern| pattern.keys(pool))
    }

    /// The keys that the rule's conditions read, as they are written.
    pub(crate) fn condition_keys(&self, rule: &Rule) -> impl Iterator<Item = &str> {
        let pool = self.pool();
        rule.lines.of(&self.lines).iter().flat_map(move |line| {
            let variables = line.values.of(&self.values).iter().flat_map(move |value| {
                let pattern = if let Value::Text(own) = value { *own } else { Pattern::EVERY };
                pattern.keys(pool)
            });
            pool.keys.text(line.key).into_iter().chain(variables)
        })
    }

    /// Bytes on the heap.
    pub(crate) fn bytes_resident(&self) -> usize {
        let lists = [
            size_of_val(&*self.rules),
            size_of_val(&*self.actions),
            size_of_val(&*self.patterns),
            size_of_val(&*self.lines),
            size_of_val(&*self.values),
            size_of_val(&*self.variables),
            size_of_val(&*self.keys),
            size_of_val(&*self.grantees),
            self.bytes.len(),
        ];
        lists.iter().sum()
    }
}

impl Rule {
    /// Whether it ignores case where names of a service do not differ by case: where matching more
    /// means denying more, so that `user/BOB` cannot slip past a deny on `user/bob`.
    pub(crate) fn folds(&self) -> bool {
        folds(self.effect, self.resource_sense)
    }
}

fn folds(effect: Effect, sense: Option<Sense>) -> bool {
    (effect == Effect::Deny) == (sense == Some(Sense::Is))
}
