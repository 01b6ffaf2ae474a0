//! From a parsed document to its program.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::compile::line::{self, Line};
use crate::compile::pattern::{self, Pattern, count};
use crate::compile::{
    DENY, GRANTEES, LONG, NOT_ACTION, NOT_RESOURCE, NOTED, PARTS, Program, RESOURCE, SID, action,
    code, folds, key,
};
use crate::condition::Condition;
use crate::glob::{ARN_PARTS, Token};
use crate::grantee::Grantees;
use crate::operator::{Operand, Sense};
use crate::statement::{Effect, Listed, ResourcePattern, Statement};
use crate::template::{Part, Template};

/// The keys of an object's tags.
const OBJECT_TAGS: &str = "s3:existingobjecttag/";

/// A program that grows.
#[derive(Default)]
struct Writer {
    code: Vec<u8>,
    rules: Vec<u32>,
    grantees: Vec<Grantees>,
    /// What one statement refers to.
    pool: Pool,
    reads_object_tags: bool,
    /// The lists of one statement.
    actions: Vec<u8>,
    resources: Vec<u8>,
    lines: Vec<u8>,
    /// A list within one of them.
    values: Vec<u8>,
}

/// Keys and variables, and where the keys are.
#[derive(Default)]
struct Pool {
    bytes: Vec<u8>,
    keys: HashMap<String, u32>,
}

impl Program {
    /// Compiles the statements of a document.
    pub(crate) fn compile(statements: &[Statement], public: bool) -> Self {
        let mut writer = Writer::default();
        for statement in statements {
            writer.rule(statement);
        }
        Self {
            code: writer.code.into(),
            rules: writer.rules.into(),
            grantees: writer.grantees.into(),
            public,
            reads_object_tags: writer.reads_object_tags,
        }
    }
}

fn starts_folded(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
}

impl Writer {
    /// Writes a statement: what [`Rule::read`](super::Rule::read) reads.
    fn rule(&mut self, statement: &Statement) {
        self.pool = Pool::default();
        [&mut self.actions, &mut self.resources, &mut self.lines].into_iter().for_each(Vec::clear);
        for one in &statement.actions.patterns {
            action::write(one, &mut self.actions);
        }
        if let Some(Listed { patterns, sense }) = &statement.resources {
            let fold = folds(statement.effect, Some(*sense));
            for resource in patterns {
                self.resource(resource, fold);
            }
        }
        for condition in &statement.conditions {
            self.line(condition);
        }
        self.rules.push(count(self.code.len()));
        let parts = [&self.pool.bytes, &self.actions, &self.resources, &self.lines];
        put_lengths(flags(statement), parts.map(Vec::len), &mut self.code);
        parts.into_iter().for_each(|part| self.code.extend_from_slice(part));
        if let Some(grantees) = &statement.grantees {
            code::put_number(count(self.grantees.len()), &mut self.code);
            self.grantees.push(grantees.clone());
        }
        if let Some(sid) = &statement.sid {
            code::put(sid.as_bytes(), &mut self.code);
        }
        let is_tag = |key: &String| starts_folded(key, OBJECT_TAGS);
        self.reads_object_tags = self.reads_object_tags || self.pool.keys.keys().any(is_tag);
    }

    fn resource(&mut self, resource: &ResourcePattern, fold: bool) {
        let ResourcePattern::Of { template, .. } = resource else {
            return Pattern::EVERY.write(&mut self.resources);
        };
        match lowered(template).filter(|_| fold) {
            Some(lowered) => {
                let own = self.pool.template(&lowered);
                Pattern::of(&own).fold().short().write(&mut self.resources);
            }
            None => {
                let own = self.pool.template(template);
                Pattern::of(&own).short().write(&mut self.resources);
            }
        }
    }

    fn line(&mut self, condition: &Condition) {
        let key = self.pool.key(&condition.key_text);
        self.values.clear();
        for operand in &condition.operands {
            self.pool.value(operand, &mut self.values);
        }
        Line::write(condition.operator, key, &self.values, &mut self.lines);
    }
}

/// Writes a statement's flags, and how long its parts are.
fn put_lengths(flags: u8, lengths: [usize; PARTS], bytes: &mut Vec<u8>) {
    if let [Ok(a), Ok(b), Ok(c), Ok(d)] = lengths.map(u8::try_from) {
        return bytes.extend([flags, a, b, c, d]);
    }
    bytes.extend([flags | LONG, 0, 0, 0, 0]);
    lengths.into_iter().for_each(|length| code::put_number(count(length), bytes));
}

fn flags(statement: &Statement) -> u8 {
    let noted = !statement.resource_keys.is_empty() || !statement.conditions.is_empty();
    let sense = statement.resources.as_ref().map(|resources| resources.sense);
    let held = [
        (DENY, statement.effect == Effect::Deny),
        (NOT_ACTION, statement.actions.sense == Sense::Not),
        (RESOURCE, sense.is_some()),
        (NOT_RESOURCE, sense == Some(Sense::Not)),
        (GRANTEES, statement.grantees.is_some()),
        (SID, statement.sid.is_some()),
        (NOTED, noted),
    ];
    held.iter().filter(|(_, holds)| *holds).fold(0, |flags, (flag, _)| flags | flag)
}

impl Pool {
    /// The bytes of a template.
    fn template(&mut self, template: &Template) -> Vec<u8> {
        pattern::coded(template, |key, default| {
            let key = self.key(key);
            let at = count(self.bytes.len());
            pattern::put_variable(key, default, &mut self.bytes);
            at
        })
    }

    /// Where a key is written.
    fn key(&mut self, text: &str) -> u32 {
        if let Some(known) = self.keys.get(text) {
            return *known;
        }
        let at = count(self.bytes.len());
        key::put(text, &mut self.bytes);
        self.keys.insert(text.to_owned(), at);
        at
    }

    fn value(&mut self, operand: &Operand, values: &mut Vec<u8>) {
        match operand {
            Operand::Text(template) => Pattern::of(&self.template(template)).write(values),
            Operand::Number(text) => code::put(text.as_bytes(), values),
            Operand::Time(time) => values.extend(time.millis().to_le_bytes()),
            Operand::Truth(truth) => values.push(u8::from(*truth)),
            Operand::Bytes(bytes) => code::put(STANDARD.encode(bytes).as_bytes(), values),
            Operand::Net(net) => line::put_net(*net, values),
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Document, Kind};
    use crate::template::{Version, Wildcards};

    fn template(text: &str) -> Template {
        Template::parse(text, Version::Y2012, Wildcards::Yes).unwrap()
    }

    fn tokens(template: Template) -> Vec<Part> {
        match template {
            Template::Fixed(tokens) => tokens.into_iter().map(Part::Token).collect(),
            Template::Open(parts) => parts,
        }
    }

    #[test]
    fn names_of_iam_are_lowered_in_their_sixth_part_alone() {
        for (text, expected) in [
            ("arn:AWS:iam::1:user/BoB", Some("arn:AWS:iam::1:user/bob")),
            ("arn:aws:iam::A*:User/B?B*", Some("arn:aws:iam::A*:user/b?b*")),
            (
                "arn:aws:iam::1:user/A${aws:PrincipalTag/T, 'Dee'}B:C",
                Some("arn:aws:iam::1:user/a${aws:PrincipalTag/T, 'dee'}b:c"),
            ),
            ("arn:aws:iam::${aws:userid, 'Dee'}:X", Some("arn:aws:iam::${aws:userid, 'Dee'}:x")),
            ("arn:aws:s3:::Bucket/Key", None),
            ("arn:aws:IAM::1:user/BoB", None),
            ("arn:iam:s3:::B", None),
            ("arn:aws:iamx::1:B", None),
        ] {
            let lowered = lowered(&template(text)).map(tokens);
            assert_eq!(lowered, expected.map(|own| tokens(template(own))), "{text}");
        }
    }

    #[test]
    fn parts_of_any_length_are_read_as_they_were_written() {
        for (length, header) in [(240, 5), (250, 5), (251, 10), (1_000, 10)] {
            let name = "k".repeat(length);
            let text = format!(
                r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Sid": "Own",
                    "Principal": "*", "Action": "s3:GetObject",
                    "Resource": "arn:aws:s3:::b/{name}"}}}}"#
            );
            let document = Document::parse(&text, Kind::Bucket).unwrap();
            let rule = document.program().rule(0).unwrap();
            let pattern = Pattern::each(rule.resources).next().unwrap();
            assert_eq!(pattern.whole_lead(), format!("arn:aws:s3:::b/{name}").into_bytes());
            let parts = [rule.actions, rule.resources, rule.lines].map(<[u8]>::len);
            let (code, _) = document.program().placed().next().unwrap();
            assert_eq!(code.len(), header + parts.iter().sum::<usize>(), "{length}");
            assert_eq!(rule.sid().as_deref(), Some("Own"));
        }
    }

    #[test]
    fn a_prefix_is_one_in_either_case() {
        for (text, expected) in [
            ("s3:ExistingObjectTag/team", true),
            ("S3:EXISTINGOBJECTTAG/", true),
            ("s3:ExistingObjectTag", false),
            ("s3:RequestObjectTag/team", false),
            ("", false),
        ] {
            assert_eq!(starts_folded(text, OBJECT_TAGS), expected, "{text}");
        }
    }

    #[test]
    fn a_tag_of_the_object_is_read_if_any_statement_reads_one() {
        let plain = r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}"#;
        let tag = r#"{"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*",
            "Condition": {"Null": {"s3:ExistingObjectTag/a": "true"}}}"#;
        for (list, expected) in
            [(vec![plain], false), (vec![tag], true), (vec![plain, tag, plain], true)]
        {
            let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, list.join(","));
            let document = Document::parse(&text, Kind::Identity).unwrap();
            assert_eq!(document.reads_object_tags(), expected, "{text}");
        }
    }

    #[test]
    fn a_statement_that_names_a_key_is_noted() {
        for (rest, expected) in [
            (r#""Resource": "*""#, false),
            (r#""Resource": "arn:aws:s3:::b/${aws:username}""#, true),
            (r#""Resource": "*", "Condition": {"Null": {"a:b": "true"}}"#, true),
        ] {
            let text = format!(
                r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow",
                    "Action": "s3:GetObject", {rest}}}}}"#
            );
            let document = Document::parse(&text, Kind::Identity).unwrap();
            assert_eq!(document.program().rule(0).unwrap().is_noted(), expected, "{rest}");
        }
    }
}
