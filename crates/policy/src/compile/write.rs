//! From a parsed document to its program.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::compile::action::ActionMatch;
use crate::compile::line::Value;
use crate::compile::pattern::{Pattern, Variable, count};
use crate::compile::{Key, Noted, Program, Rule, Span, WrittenLine, folds, key_hash};
use crate::condition::Condition;
use crate::context::Derived;
use crate::facts::Origin;
use crate::glob::{ARN_PARTS, Token};
use crate::operator::Operand;
use crate::statement::{Listed, ResourcePattern, Statement};
use crate::template::{Part, Template};

/// The keys of an object's tags.
const OBJECT_TAGS: &str = "s3:existingobjecttag/";

/// A program that grows.
#[derive(Default)]
struct Writer {
    rules: Vec<Rule>,
    actions: Vec<ActionMatch>,
    patterns: Vec<Pattern>,
    lines: Vec<WrittenLine>,
    values: Vec<Value>,
    tables: Tables,
    grantees: Vec<crate::grantee::Grantees>,
    bytes: Vec<u8>,
}

/// What patterns and lines refer to by number.
#[derive(Default)]
struct Tables {
    variables: Vec<Variable>,
    keys: Vec<Key>,
    known: HashMap<String, u32>,
}

impl Program {
    /// Compiles the statements of a document.
    pub(crate) fn compile(statements: &[Statement], public: bool) -> Self {
        let mut writer = Writer::default();
        for statement in statements {
            let rule = writer.rule(statement);
            writer.rules.push(rule);
        }
        let reads_object_tags =
            writer.tables.known.keys().any(|key| starts_folded(key, OBJECT_TAGS));
        Self {
            rules: writer.rules.into(),
            actions: writer.actions.into(),
            patterns: writer.patterns.into(),
            lines: writer.lines.into(),
            values: writer.values.into(),
            variables: writer.tables.variables.into(),
            keys: writer.tables.keys.into(),
            grantees: writer.grantees.into(),
            bytes: writer.bytes.into(),
            public,
            reads_object_tags,
        }
    }
}

fn starts_folded(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
}

impl Writer {
    fn rule(&mut self, statement: &Statement) -> Rule {
        let start = self.actions.len();
        for action in &statement.actions.patterns {
            let action = ActionMatch::compile(action, &mut self.bytes, &mut self.patterns);
            self.actions.push(action);
        }
        let actions = span(start, self.actions.len());
        let sense = statement.resources.as_ref().map(|resources| resources.sense);
        let fold = folds(statement.effect, sense);
        let start = self.patterns.len();
        if let Some(Listed { patterns, .. }) = &statement.resources {
            for resource in patterns {
                let pattern = self.resource(resource, fold);
                self.patterns.push(pattern);
            }
        }
        let resources = span(start, self.patterns.len());
        let start = self.lines.len();
        for condition in &statement.conditions {
            let line = self.line(condition);
            self.lines.push(line);
        }
        let lines = span(start, self.lines.len());
        let grantees = statement.grantees.as_ref().map(|grantees| {
            self.grantees.push(grantees.clone());
            count(self.grantees.len().saturating_sub(1))
        });
        Rule {
            effect: statement.effect,
            action_sense: statement.actions.sense,
            resource_sense: sense,
            noted: match (&*statement.resource_keys, &*statement.conditions) {
                ([], []) => Noted::Nowhere,
                ([], _) => Noted::Conditions,
                _ => Noted::Resources,
            },
            sid: statement.sid.as_deref().map(|sid| Pattern::literal(sid, &mut self.bytes)),
            actions,
            resources,
            lines,
            grantees,
        }
    }

    fn resource(&mut self, resource: &ResourcePattern, fold: bool) -> Pattern {
        let ResourcePattern::Of { template, .. } = resource else { return Pattern::EVERY };
        match lowered(template).filter(|_| fold) {
            Some(lowered) => self.template(&lowered).fold(),
            None => self.template(template),
        }
    }

    fn template(&mut self, template: &Template) -> Pattern {
        let tables = &mut self.tables;
        Pattern::write(template, &mut self.bytes, |key, default, bytes| {
            tables.variable(key, default, bytes)
        })
    }

    fn line(&mut self, condition: &Condition) -> WrittenLine {
        let key = self.tables.key(&condition.key_text, &mut self.bytes);
        let start = self.values.len();
        for operand in &condition.operands {
            let value = self.value(operand);
            self.values.push(value);
        }
        WrittenLine { operator: condition.operator, key, values: span(start, self.values.len()) }
    }

    fn value(&mut self, operand: &Operand) -> Value {
        match operand {
            Operand::Text(template) => Value::Text(self.template(template)),
            Operand::Number(text) => Value::Number(Pattern::literal(text, &mut self.bytes)),
            Operand::Time(time) => Value::Time(*time),
            Operand::Truth(truth) => Value::Truth(*truth),
            Operand::Bytes(bytes) => {
                Value::Bytes(Pattern::literal(&STANDARD.encode(bytes), &mut self.bytes))
            }
            Operand::Net(net) => Value::Net(*net),
        }
    }
}

impl Tables {
    fn variable(&mut self, key: &str, default: Option<&str>, bytes: &mut Vec<u8>) -> u32 {
        let key = self.key(key, bytes);
        let default = default.map(|text| Pattern::literal(text, bytes));
        self.variables.push(Variable { key, default });
        count(self.variables.len().saturating_sub(1))
    }

    fn key(&mut self, text: &str, bytes: &mut Vec<u8>) -> u32 {
        if let Some(known) = self.known.get(text) {
            return *known;
        }
        let number = count(self.keys.len());
        let folded = text.to_ascii_lowercase();
        self.keys.push(Key {
            text: Pattern::literal(text, bytes),
            hash: key_hash(text),
            origin: Origin::of(&folded),
            derived: Derived::of(&folded),
        });
        self.known.insert(text.to_owned(), number);
        number
    }
}

fn span(start: usize, end: usize) -> Span {
    Span { start: count(start), len: count(end.saturating_sub(start)) }
}

/// The pattern with its sixth part in lower case, if it is one of IAM's, whose names do not differ
/// by case.
fn lowered(template: &Template) -> Option<Template> {
    let parts: Vec<Part> = match template {
        Template::Fixed(tokens) => tokens.iter().copied().map(Part::Token).collect(),
        Template::Open(parts) => parts.clone(),
    };
    let mut colons = 0_usize;
    let mut service = String::new();
    let lower = |part: Part| {
        if let Part::Token(Token::Char(character)) = part {
            match (character, colons) {
                (':', _) => colons = colons.saturating_add(1),
                (other, 2) => service.push(other),
                _ => {}
            }
        }
        match part {
            Part::Token(Token::Char(character)) if colons >= SIXTH => {
                Part::Token(Token::Char(character.to_ascii_lowercase()))
            }
            Part::Variable { key, default } if colons >= SIXTH => {
                Part::Variable { key, default: default.map(|text| text.to_ascii_lowercase()) }
            }
            other => other,
        }
    };
    let parts = parts.into_iter().map(lower).collect();
    (service == "iam").then_some(Template::Open(parts))
}

/// How many colons stand before the sixth part.
const SIXTH: usize = ARN_PARTS - 1;
