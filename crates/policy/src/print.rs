//! Documents as text: one form for everything that is said alike, whatever white space, escapes and
//! order it was written with. What a client has put is given back as it was put; this is for who
//! makes, compares or shows documents.
//!
//! ```
//! use strongroom_policy::{Document, Kind};
//! let text = r#" { "Statement": [ { "Resource": ["*"], "Action": "s3:Get\u002a",
//!     "Effect": "Allow" } ] } "#;
//! let document = Document::parse(text, Kind::Identity).unwrap();
//! assert_eq!(
//!     document.to_string(),
//!     r#"{"Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}}"#
//! );
//! let again = Document::parse(&document.to_string(), Kind::Identity).unwrap();
//! assert!(again.says_the_same(&document));
//! assert_eq!(again.to_string(), document.to_string());
//! ```

use std::fmt::{self, Write as _};

use crate::document::{Document, Kind};
use crate::json::{self, Json, Member, Node, Span};
use crate::statement::Statement;

/// The order of the elements of a document.
const DOCUMENT: [&str; 3] = ["Version", "Id", "Statement"];
/// The order of the elements of a statement.
const STATEMENT: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];
/// Blanks of one step of the form for people, `{:#}`.
const INDENT: usize = 2;

impl fmt::Display for Document {
    /// The document in one form: its elements in the order of the guide, a list of one as the one,
    /// no white space (`{:#}`: each member on a line of its own) and no escape that JSON and the
    /// kind of policy do not need. Never longer than the quotas count what was parsed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // It was read before.
        let Ok(root) = json::read(&self.source) else { return f.write_str(&self.source) };
        let mut printer = Printer { kind: self.kind, lines: f.alternate(), out: f };
        printer.value(&root, At::Document, 0)
    }
}

impl Document {
    /// Whether two documents have the same statements in the same order, however they are spaced,
    /// escaped and ordered within.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        let read = |document: &Self| document.statements().into_iter().map(without_places);
        self.kind == other.kind && read(self).eq(read(other))
    }
}

/// A statement, wherever it stands.
fn without_places(statement: Statement) -> Statement {
    let mut own = Statement { span: Span::default(), ..statement };
    for (_, span) in own.grantees.iter_mut().flat_map(|grantees| &mut grantees.named) {
        *span = Span::default();
    }
    own
}

/// Which object is printed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Document,
    Statement,
    Within,
}

struct Printer<'f, 'g> {
    kind: Kind,
    lines: bool,
    out: &'f mut fmt::Formatter<'g>,
}

impl Printer<'_, '_> {
    fn value(&mut self, node: &Node, at: At, depth: usize) -> fmt::Result {
        match &node.json {
            Json::Null => self.out.write_str("null"),
            Json::Bool(value) => write!(self.out, "{value}"),
            Json::Number(text) => self.out.write_str(text),
            Json::Text(text) => self.text(text),
            Json::Array(nodes) => match nodes.as_slice() {
                [one] => self.value(one, at, depth),
                many => self.array(many, at, depth),
            },
            Json::Object(members) => self.object(members, at, depth),
            Json::Unread => Ok(()),
        }
    }

    fn array(&mut self, nodes: &[Node], at: At, depth: usize) -> fmt::Result {
        self.out.write_char('[')?;
        for (place, node) in nodes.iter().enumerate() {
            self.next(place, depth)?;
            self.value(node, at, depth.saturating_add(1))?;
        }
        self.close(nodes.is_empty(), depth, ']')
    }

    fn object(&mut self, members: &[Member], at: At, depth: usize) -> fmt::Result {
        let order: &[&str] = match at {
            At::Document => &DOCUMENT,
            At::Statement => &STATEMENT,
            At::Within => &[],
        };
        let rank = |member: &&Member| order.iter().position(|own| *own == member.key);
        let mut sorted: Vec<&Member> = members.iter().collect();
        sorted.sort_by_key(rank);
        self.out.write_char('{')?;
        for (place, member) in sorted.iter().enumerate() {
            self.next(place, depth)?;
            self.text(&member.key)?;
            self.out.write_str(if self.lines { ": " } else { ":" })?;
            let inner = if at == At::Document { At::Statement } else { At::Within };
            self.value(&member.value, inner, depth.saturating_add(1))?;
        }
        self.close(members.is_empty(), depth, '}')
    }

    /// Goes on to an item.
    fn next(&mut self, place: usize, depth: usize) -> fmt::Result {
        if place > 0 {
            self.out.write_char(',')?;
        }
        self.line(depth.saturating_add(1))
    }

    fn close(&mut self, empty: bool, depth: usize, with: char) -> fmt::Result {
        if !empty {
            self.line(depth)?;
        }
        self.out.write_char(with)
    }

    fn line(&mut self, depth: usize) -> fmt::Result {
        if self.lines {
            let width = depth.saturating_mul(INDENT);
            write!(self.out, "\n{:width$}", "")?;
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> fmt::Result {
        self.out.write_char('"')?;
        for letter in text.chars() {
            match letter {
                '"' => self.out.write_str("\\\"")?,
                '\\' => self.out.write_str("\\\\")?,
                '\u{8}' => self.out.write_str("\\b")?,
                '\u{c}' => self.out.write_str("\\f")?,
                '\n' => self.out.write_str("\\n")?,
                '\r' => self.out.write_str("\\r")?,
                '\t' => self.out.write_str("\\t")?,
                // Documents of IAM are Latin-1 as they stand; what is beyond is escaped there.
                _ if letter < ' ' || (letter > '\u{ff}' && self.kind != Kind::Bucket) => {
                    for unit in letter.encode_utf16(&mut [0; 2]) {
                        write!(self.out, "\\u{unit:04x}")?;
                    }
                }
                _ => self.out.write_char(letter)?,
            }
        }
        self.out.write_char('"')
    }
}
