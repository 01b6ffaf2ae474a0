//! Search filters (RFC 4515): read, written, and made from a template without injection.
//!
//! A person's text never becomes syntax: a template is read into a tree first, and what a person
//! typed is put into the values of that tree. Escaping happens when the tree is written.

use std::fmt;
use std::str::FromStr;

/// Longest filter that is read, in bytes.
pub const FILTER_BYTES_MAX: usize = 65_536;
/// How deep filters may be nested.
pub const FILTER_DEPTH_MAX: usize = 32;

/// A filter.
///
/// ```
/// use strongroom_federation::ldap::Filter;
/// let filter: Filter = "(&(objectClass=person)(uid=%s))".parse().unwrap();
/// let made = filter.filled("*)(uid=*", "");
/// assert_eq!(made.to_string(), r"(&(objectClass=person)(uid=\2a\29\28uid=\2a))");
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Filter {
    /// All of them hold.
    And(Vec<Self>),
    /// One of them holds.
    Or(Vec<Self>),
    /// It does not hold.
    Not(Box<Self>),
    /// The attribute has the value, by the operator's rule.
    Compare {
        /// The attribute.
        attribute: String,
        /// How.
        operator: Operator,
        /// The value, as bytes.
        value: Vec<u8>,
    },
    /// The attribute has a value.
    Present {
        /// The attribute.
        attribute: String,
    },
    /// The attribute has a value with these parts in this order.
    Substrings {
        /// The attribute.
        attribute: String,
        /// The parts between the stars; the first and the last are empty where the text begins or
        /// ends with a star.
        parts: Vec<Vec<u8>>,
    },
    /// A matching rule holds of the value (RFC 4511 §4.5.1.7.7).
    Extensible {
        /// What stands before `:=`: attribute, `dn`, rule.
        rule: String,
        /// The value, as bytes.
        value: Vec<u8>,
    },
}

/// How an attribute is compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operator {
    /// `=`
    Equal,
    /// `~=`
    Approximately,
    /// `>=`
    AtLeast,
    /// `<=`
    AtMost,
}

/// The text is not a filter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a search filter: {problem} (byte {at})")]
pub struct BadFilter {
    /// What is wrong.
    pub problem: &'static str,
    /// Where, in bytes from the beginning.
    pub at: usize,
}

impl Filter {
    /// `(attribute=value)`.
    #[must_use]
    pub fn equal(attribute: &str, value: impl Into<Vec<u8>>) -> Self {
        let (attribute, value) = (attribute.to_owned(), value.into());
        Self::Compare { attribute, operator: Operator::Equal, value }
    }

    /// The filter with `%s` replaced by a login name and `%d` by a distinguished name, in values
    /// only.
    #[must_use]
    pub fn filled(&self, name: &str, dn: &str) -> Self {
        let all = |some: &[Self]| some.iter().map(|one| one.filled(name, dn)).collect();
        let fill = |value: &[u8]| fill(value, name, dn);
        match self {
            Self::And(some) => Self::And(all(some)),
            Self::Or(some) => Self::Or(all(some)),
            Self::Not(one) => Self::Not(Box::new(one.filled(name, dn))),
            Self::Compare { attribute, operator, value } => Self::Compare {
                attribute: attribute.clone(),
                operator: *operator,
                value: fill(value),
            },
            Self::Present { attribute } => Self::Present { attribute: attribute.clone() },
            Self::Substrings { attribute, parts } => Self::Substrings {
                attribute: attribute.clone(),
                parts: parts.iter().map(|part| fill(part)).collect(),
            },
            Self::Extensible { rule, value } => {
                Self::Extensible { rule: rule.clone(), value: fill(value) }
            }
        }
    }

    /// Whether a value of the filter has that placeholder, `%s` or `%d`.
    #[must_use]
    pub fn mentions(&self, placeholder: &str) -> bool {
        let within = |value: &[u8]| {
            value.windows(placeholder.len()).any(|part| part == placeholder.as_bytes())
        };
        match self {
            Self::And(some) | Self::Or(some) => some.iter().any(|one| one.mentions(placeholder)),
            Self::Not(one) => one.mentions(placeholder),
            Self::Compare { value, .. } | Self::Extensible { value, .. } => within(value),
            Self::Present { .. } => false,
            Self::Substrings { parts, .. } => parts.iter().any(|part| within(part)),
        }
    }
}

/// Replaces the placeholders of a value in one pass: what is put in is not looked at again.
fn fill(value: &[u8], name: &str, dn: &str) -> Vec<u8> {
    let mut filled = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some((first, after)) = rest.split_first() {
        let put = match (first, after.first()) {
            (b'%', Some(b's')) => Some(name),
            (b'%', Some(b'd')) => Some(dn),
            _ => None,
        };
        match put {
            Some(text) => {
                filled.extend_from_slice(text.as_bytes());
                rest = after.get(1..).unwrap_or_default();
            }
            None => {
                filled.push(*first);
                rest = after;
            }
        }
    }
    filled
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(some) => joined(f, '&', some),
            Self::Or(some) => joined(f, '|', some),
            Self::Not(one) => write!(f, "(!{one})"),
            Self::Compare { attribute, operator, value } => {
                write!(f, "({attribute}{}{})", operator.as_str(), Escaped(value))
            }
            Self::Present { attribute } => write!(f, "({attribute}=*)"),
            Self::Substrings { attribute, parts } => {
                write!(f, "({attribute}=")?;
                for (at, part) in parts.iter().enumerate() {
                    let star = if at == 0 { "" } else { "*" };
                    write!(f, "{star}{}", Escaped(part))?;
                }
                f.write_str(")")
            }
            Self::Extensible { rule, value } => write!(f, "({rule}:={})", Escaped(value)),
        }
    }
}

fn joined(f: &mut fmt::Formatter<'_>, sign: char, some: &[Filter]) -> fmt::Result {
    write!(f, "({sign}")?;
    some.iter().try_for_each(|one| write!(f, "{one}"))?;
    f.write_str(")")
}

impl Operator {
    fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::Approximately => "~=",
            Self::AtLeast => ">=",
            Self::AtMost => "<=",
        }
    }
}

/// A value as RFC 4515 §3 writes it, and more is escaped than must be: only letters, digits and a
/// few signs that nothing gives a meaning stay as they are.
struct Escaped<'a>(&'a [u8]);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|&byte| {
            if byte.is_ascii_alphanumeric() || b" -_.,@=:/+".contains(&byte) {
                write!(f, "{}", char::from(byte))
            } else {
                write!(f, "\\{byte:02x}")
            }
        })
    }
}

impl FromStr for Filter {
    type Err = BadFilter;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > FILTER_BYTES_MAX {
            return Err(BadFilter { problem: "it is too long", at: FILTER_BYTES_MAX });
        }
        let mut reader = Reader { bytes: text.as_bytes(), at: 0 };
        let filter = reader.filter(FILTER_DEPTH_MAX)?;
        if reader.peek().is_some() { Err(reader.bad("text follows it")) } else { Ok(filter) }
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let next = self.peek()?;
        self.at = self.at.saturating_add(1);
        Some(next)
    }

    fn bad(&self, problem: &'static str) -> BadFilter {
        BadFilter { problem, at: self.at }
    }

    fn expect(&mut self, wanted: u8, problem: &'static str) -> Result<(), BadFilter> {
        if self.next() == Some(wanted) { Ok(()) } else { Err(self.bad(problem)) }
    }

    fn filter(&mut self, depth: usize) -> Result<Filter, BadFilter> {
        let depth = depth.checked_sub(1).ok_or_else(|| self.bad("it is nested too deeply"))?;
        self.expect(b'(', "a `(` is expected")?;
        let filter = match self.peek() {
            Some(b'&') => Filter::And(self.list(depth)?),
            Some(b'|') => Filter::Or(self.list(depth)?),
            Some(b'!') => {
                self.next();
                Filter::Not(Box::new(self.filter(depth)?))
            }
            _ => self.item()?,
        };
        self.expect(b')', "a `)` is expected")?;
        Ok(filter)
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Filter>, BadFilter> {
        self.next();
        let mut some = Vec::new();
        while self.peek() == Some(b'(') {
            some.push(self.filter(depth)?);
        }
        if some.is_empty() { Err(self.bad("a filter must follow `&` or `|`")) } else { Ok(some) }
    }

    fn item(&mut self) -> Result<Filter, BadFilter> {
        let name = |b: u8| b.is_ascii_alphanumeric() || b"-.;:".contains(&b);
        let mut attribute = String::new();
        while let Some(byte) = self.peek().filter(|byte| name(*byte)) {
            attribute.push(char::from(byte));
            self.next();
        }
        let operator = match self.peek() {
            Some(b'=') => Operator::Equal,
            Some(b'~') => Operator::Approximately,
            Some(b'>') => Operator::AtLeast,
            Some(b'<') => Operator::AtMost,
            _ => return Err(self.bad("an attribute and `=` are expected")),
        };
        if operator != Operator::Equal {
            self.next();
        }
        self.expect(b'=', "a `=` is expected")?;
        let parts = self.value()?;
        if let Some(rule) = attribute.strip_suffix(':') {
            return match (extensible(rule), parts.as_slice(), operator) {
                (true, [value], Operator::Equal) => {
                    Ok(Filter::Extensible { rule: rule.to_owned(), value: value.clone() })
                }
                _ => Err(self.bad("a matching rule and a value without stars are expected")),
            };
        }
        if !described(&attribute) {
            return Err(self.bad("an attribute is expected"));
        }
        match (parts.as_slice(), operator) {
            ([value], _) => Ok(Filter::Compare { attribute, operator, value: value.clone() }),
            ([a, b], Operator::Equal) if a.is_empty() && b.is_empty() => {
                Ok(Filter::Present { attribute })
            }
            (_, Operator::Equal) if self.filled_between(&parts) => {
                Ok(Filter::Substrings { attribute, parts })
            }
            _ => Err(self.bad("stars are for `=` and have text between them")),
        }
    }

    #[expect(clippy::unused_self, reason = "reads as a rule of the grammar")]
    fn filled_between(&self, parts: &[Vec<u8>]) -> bool {
        let inner = parts.iter().skip(1).take(parts.len().saturating_sub(2));
        inner.clone().all(|part| !part.is_empty())
    }

    /// The parts of a value between its stars.
    fn value(&mut self) -> Result<Vec<Vec<u8>>, BadFilter> {
        let mut parts = Vec::new();
        let mut part = Vec::new();
        while let Some(byte) = self.peek().filter(|byte| *byte != b')') {
            self.next();
            match byte {
                b'*' => parts.push(std::mem::take(&mut part)),
                b'(' | 0 => return Err(self.bad("a character must be escaped")),
                b'\\' => {
                    let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                    let pair = (digit(self.next()), digit(self.next()));
                    let (Some(high), Some(low)) = pair else {
                        return Err(self.bad("two hexadecimal digits must follow `\\`"));
                    };
                    let byte = high.saturating_mul(16).saturating_add(low);
                    part.push(u8::try_from(byte).unwrap_or_default());
                }
                other => part.push(other),
            }
        }
        parts.push(part);
        Ok(parts)
    }
}

/// `attribute[;option]`: a short name or numbers (RFC 4512 §2.5).
fn described(text: &str) -> bool {
    let mut options = text.split(';');
    let kind = options.next().unwrap_or_default();
    let word = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let named = kind.starts_with(|c: char| c.is_ascii_alphabetic()) && word(kind);
    let numbered = oid(kind);
    (named || numbered) && options.all(|option| !option.is_empty() && word(option))
}

fn oid(text: &str) -> bool {
    text.split('.').all(|arc| !arc.is_empty() && arc.bytes().all(|b| b.is_ascii_digit()))
}

/// `[attribute][:dn][:rule]`, of which attribute or rule is there.
fn extensible(text: &str) -> bool {
    let mut parts = text.split(':');
    let attribute = parts.next().unwrap_or_default();
    let mut rest: Vec<&str> = parts.collect();
    if rest.first().is_some_and(|first| first.eq_ignore_ascii_case("dn")) {
        rest.remove(0);
    }
    let attribute_fits = attribute.is_empty() || described(attribute);
    match rest.as_slice() {
        [] => !attribute.is_empty() && attribute_fits,
        [rule] => attribute_fits && described(rule) && !rule.contains(';'),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
