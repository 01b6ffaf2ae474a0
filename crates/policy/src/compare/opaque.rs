//! Documents in which everything that the search can only try by example (variables, keys that are
//! read as two types) is replaced by a switch of its own, thrown either way by every request. Each
//! request of the original is one of the rewritten ones, so what is the same there is the same.

use serde_json::{Map, Value as Json, json};

use super::side::Side;
use crate::document::Document;
use crate::glob::Token;
use crate::operator::Operator;
use crate::template::{Part, Template, Version, Wildcards};

/// Both sides rewritten; `None` if one cannot be.
pub(super) fn rewritten(old: &Side, new: &Side, mixed: &[String]) -> Option<(Side, Side)> {
    let mut switches = Switches { mixed, known: Vec::new() };
    let old = old.rewritten(&mut |document| switches.document(document))?;
    let new = new.rewritten(&mut |document| switches.document(document))?;
    Some((old, new))
}

/// The switches that are given out: equal texts share one.
struct Switches<'a> {
    /// Keys whose conditions become switches.
    mixed: &'a [String],
    known: Vec<String>,
}

impl Switches<'_> {
    fn document(&mut self, document: &Document) -> Option<Document> {
        let mut root: Json = serde_json::from_str(document.text()).ok()?;
        let members = root.as_object_mut()?;
        let version = match members.get("Version").and_then(Json::as_str) {
            Some("2012-10-17") => Version::Y2012,
            _ => Version::Y2008,
        };
        let statements = match members.get_mut("Statement")?.take() {
            Json::Array(statements) => statements,
            one => vec![one],
        };
        let mut all = Vec::new();
        for statement in statements {
            let Json::Object(statement) = statement else { return None };
            all.extend(self.statement(statement, version)?);
        }
        members.insert("Statement".to_owned(), all.into());
        Document::parse(&root.to_string(), document.kind()).ok()
    }

    /// The statements that together stand for one.
    fn statement(&mut self, mut own: Map<String, Json>, version: Version) -> Option<Vec<Json>> {
        own.remove("Sid");
        let effect = own.get("Effect")?.as_str()?.to_owned();
        self.conditions(&mut own, &effect, version)?;
        let mut all = Vec::new();
        if let Some(listed) = own.get("Resource").map(texts) {
            let (open, fixed) = split(&listed?, version);
            if open.is_empty() {
                return Some(vec![Json::Object(own)]);
            }
            for text in open {
                let mut one = own.clone();
                one.insert("Resource".to_owned(), widened(&text)?.into());
                let switch = self.switch(&format!("{effect} Resource {text}"));
                throw(&mut one, &switch, "false")?;
                all.push(Json::Object(one));
            }
            own.insert("Resource".to_owned(), fixed.into());
        } else if let Some(listed) = own.get("NotResource").map(texts) {
            let (open, fixed) = split(&listed?, version);
            own.insert("NotResource".to_owned(), fixed.into());
            for text in open {
                let switch = self.switch(&format!("{effect} NotResource {text}"));
                throw(&mut own, &switch, "true")?;
            }
        }
        all.push(Json::Object(own));
        Some(all)
    }

    /// Puts a switch in the place of each condition that is tried by example only.
    fn conditions(
        &mut self,
        own: &mut Map<String, Json>,
        effect: &str,
        version: Version,
    ) -> Option<()> {
        let Some(Json::Object(block)) = own.get_mut("Condition") else { return Some(()) };
        let mut switches = Vec::new();
        for (operator, lines) in block.iter_mut() {
            let parsed = Operator::parse(operator)?;
            let lines = lines.as_object_mut()?;
            let mut opaque = Vec::new();
            for (key, values) in lines.iter() {
                let folded = super::reading::canonical(&key.to_ascii_lowercase());
                let values = texts(values)?;
                let open = values.iter().any(|text| is_open(text, version));
                if open || self.mixed.contains(&folded) {
                    let text = format!("{effect} {parsed:?} {folded} {values:?}");
                    switches.push(self.switch(&text));
                    opaque.push(key.clone());
                }
            }
            lines.retain(|key, _| !opaque.contains(key));
        }
        for switch in switches {
            throw(own, &switch, "false")?;
        }
        Some(())
    }

    fn switch(&mut self, text: &str) -> String {
        let place = self.known.iter().position(|known| known == text).unwrap_or_else(|| {
            self.known.push(text.to_owned());
            self.known.len().saturating_sub(1)
        });
        format!("switch:{place}")
    }
}

/// Adds the condition that a switch is absent (`"true"`) or there (`"false"`).
fn throw(statement: &mut Map<String, Json>, switch: &str, absent: &str) -> Option<()> {
    let block = statement.entry("Condition").or_insert_with(|| json!({})).as_object_mut()?;
    let name = block.keys().find(|name| name.eq_ignore_ascii_case("Null")).cloned();
    let lines = block.entry(name.unwrap_or_else(|| "Null".to_owned())).or_insert_with(|| json!({}));
    lines.as_object_mut()?.insert(switch.to_owned(), absent.into());
    Some(())
}

/// The texts of an element; `None` for numbers that would not be read back as they were written.
fn texts(value: &Json) -> Option<Vec<String>> {
    let text = |value: &Json| match value {
        Json::String(text) => Some(text.clone()),
        Json::Bool(truth) => Some(truth.to_string()),
        Json::Number(number) if !number.is_f64() => Some(number.to_string()),
        _ => None,
    };
    match value {
        Json::Array(values) => values.iter().map(text).collect(),
        one => Some(vec![text(one)?]),
    }
}

fn is_open(text: &str, version: Version) -> bool {
    let template = Template::parse(text, version, Wildcards::Yes);
    template.is_ok_and(|template| template.fixed().is_none())
}

fn split(texts: &[String], version: Version) -> (Vec<String>, Vec<String>) {
    texts.iter().cloned().partition(|text| is_open(text, version))
}

/// The pattern with `*` for each variable.
fn widened(text: &str) -> Option<String> {
    let Template::Open(parts) = Template::parse(text, Version::Y2012, Wildcards::Yes).ok()? else {
        return None;
    };
    let mut wide = String::new();
    for part in parts {
        match part {
            Part::Token(Token::Char(c)) if "*?$".contains(c) => {
                wide.push_str("${");
                wide.push(c);
                wide.push('}');
            }
            Part::Token(Token::Char(c)) => wide.push(c),
            Part::Token(Token::One) => wide.push('?'),
            Part::Token(Token::Run) | Part::Variable { .. } => wide.push('*'),
        }
    }
    Some(wide)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Kind;

    #[test]
    fn each_variable_becomes_a_switch_behind_the_widest_pattern() {
        let text = json!({ "Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Action": "s3:*",
            "Resource": ["arn:aws:s3:::b/${aws:username}/${*}", "arn:aws:s3:::b/x"],
            "Condition": { "StringLike": { "s3:prefix": ["${aws:userid}", "a"], "a:b": "c" } }
        }});
        let document = Document::parse(&text.to_string(), Kind::Identity).unwrap();
        let mut switches = Switches { mixed: &[], known: Vec::new() };
        let rewritten = switches.document(&document).unwrap();
        let root: Json = serde_json::from_str(rewritten.text()).unwrap();
        let block = json!({ "StringLike": { "a:b": "c" },
            "Null": { "switch:0": "false", "switch:1": "false" } });
        assert_eq!(root["Statement"][0]["Resource"], "arn:aws:s3:::b/*/${*}");
        assert_eq!(root["Statement"][0]["Condition"], block);
        assert_eq!(root["Statement"][1]["Resource"], json!(["arn:aws:s3:::b/x"]));
    }

    #[test]
    fn a_number_that_would_change_is_not_rewritten() {
        assert_eq!(
            texts(&json!([1, "a", true])),
            Some(vec!["1".into(), "a".into(), "true".into()])
        );
        assert_eq!(texts(&json!(1.5)), None);
    }
}
