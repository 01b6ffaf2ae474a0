//! Distinguished names: how directories name their entries, in one canonical form.
//!
//! Two texts that mean the same entry become the same value: attribute types in lower case and by
//! their short names, values prepared as RFC 4518 prepares them for comparison, attributes of one
//! level in order, one way to escape. A rule that was written `UID=Alice, OU=People` is met by
//! the entry that the directory calls `uid=alice,ou=people`.

use std::fmt::Write as _;
use std::str::FromStr;

use icu_normalizer::ComposingNormalizerBorrowed;

use crate::word::word;

/// Longest text of a distinguished name, in bytes.
pub const DN_BYTES_MAX: usize = 8192;
/// Most levels of one.
pub const DN_LEVELS_MAX: usize = 128;
/// Most attributes of one level.
const LEVEL_ATTRIBUTES_MAX: usize = 16;

/// A distinguished name (RFC 4514) in canonical form; the empty one names the root.
///
/// Values of the attributes that name people, groups and places are compared without regard to
/// case and repeated spaces (RFC 4519: all of them are `caseIgnoreMatch`, `dc` and `mail` are
/// `caseIgnoreIA5Match`); values of an attribute that is not among those keep their case.
///
/// ```
/// use strongroom_names::DistinguishedName;
/// let one: DistinguishedName = r"UID=Alice\20 Smith, OU=People,dc=example".parse().unwrap();
/// let other: DistinguishedName = "uid=alice smith,2.5.4.11=people,DC=EXAMPLE".parse().unwrap();
/// assert_eq!(one, other);
/// assert_eq!(one.as_str(), "uid=alice smith,ou=people,dc=example");
/// assert!(one.is_within(&"ou=people,dc=example".parse().unwrap()));
/// assert!("alice".parse::<DistinguishedName>().is_err());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DistinguishedName(String);

word!(DistinguishedName, BadDistinguishedName);

/// The text is not a distinguished name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a distinguished name: {problem} (byte {at})")]
pub struct BadDistinguishedName {
    /// What is wrong.
    pub problem: &'static str,
    /// Where, in bytes from the beginning.
    pub at: usize,
}

impl DistinguishedName {
    /// Whether this names an entry below `base`, or `base` itself.
    #[must_use]
    pub fn is_within(&self, base: &Self) -> bool {
        // The canonical form escapes every comma of a value, so that a level begins after a bare
        // one only.
        base.0.is_empty()
            || self.0 == base.0
            || self.0.strip_suffix(&base.0).is_some_and(|rest| {
                rest.ends_with(',')
                    && rest.bytes().rev().skip(1).take_while(|b| *b == b'\\').count() % 2 == 0
            })
    }

    /// Whether it names the root of every directory, which is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromStr for DistinguishedName {
    type Err = BadDistinguishedName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > DN_BYTES_MAX {
            return Err(BadDistinguishedName { problem: "it is too long", at: DN_BYTES_MAX });
        }
        let mut reader = Reader { text, at: 0 };
        reader.spaces();
        let mut levels: Vec<String> = Vec::new();
        while !reader.rest().is_empty() {
            if levels.len() >= DN_LEVELS_MAX {
                return Err(reader.bad("it has too many levels"));
            }
            levels.push(reader.level()?);
            match reader.next() {
                None => break,
                Some(',') => reader.spaces(),
                Some(_) => return Err(reader.bad("a `,` or `+` must follow a value")),
            }
            if reader.rest().is_empty() {
                return Err(reader.bad("it ends with a `,`"));
            }
        }
        Ok(Self(levels.join(",")))
    }
}

/// Reads a text from left to right.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at = self.at.saturating_add(next.len_utf8());
        Some(next)
    }

    fn take(&mut self, fits: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let taken = rest.split(|c| !fits(c)).next().unwrap_or_default();
        self.at = self.at.saturating_add(taken.len());
        taken
    }

    fn spaces(&mut self) {
        self.take(|c| c == ' ');
    }

    fn bad(&self, problem: &'static str) -> BadDistinguishedName {
        BadDistinguishedName { problem, at: self.at }
    }

    /// One level: `type=value`, or several of them joined by `+`.
    fn level(&mut self) -> Result<String, BadDistinguishedName> {
        let mut attributes: Vec<String> = Vec::new();
        loop {
            if attributes.len() >= LEVEL_ATTRIBUTES_MAX {
                return Err(self.bad("a level has too many attributes"));
            }
            attributes.push(self.attribute()?);
            if self.peek() != Some('+') {
                break;
            }
            self.next();
            self.spaces();
        }
        attributes.sort();
        attributes.dedup();
        Ok(attributes.join("+"))
    }

    fn attribute(&mut self) -> Result<String, BadDistinguishedName> {
        let kind = self.take(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.');
        let kind = attribute_type(kind).ok_or_else(|| self.bad("an attribute type is expected"))?;
        self.spaces();
        if self.next() != Some('=') {
            return Err(self.bad("a `=` must follow an attribute type"));
        }
        self.spaces();
        let value = match self.peek() {
            Some('#') => self.hexadecimal()?,
            _ => Value::Text(self.string()?),
        };
        self.spaces();
        Ok(format!("{kind}={}", value.canonical(&kind)))
    }

    /// `#` and pairs of hexadecimal digits: the BER encoding of a value (RFC 4514 §2.4).
    fn hexadecimal(&mut self) -> Result<Value, BadDistinguishedName> {
        self.next();
        let digits = self.take(|c| c.is_ascii_hexdigit());
        let bytes =
            bytes_of(digits).ok_or_else(|| self.bad("an odd number of digits after `#`"))?;
        if bytes.is_empty() {
            return Err(self.bad("digits must follow `#`"));
        }
        Ok(match ber_text(&bytes) {
            Some(text) => Value::Text(text),
            None => Value::Opaque(digits.to_ascii_lowercase()),
        })
    }

    /// A value as text: what is escaped is taken literally, and spaces at its ends do not count.
    fn string(&mut self) -> Result<String, BadDistinguishedName> {
        let mut bytes: Vec<u8> = Vec::new();
        let mut kept = 0;
        while let Some(next) = self.peek() {
            match next {
                ',' | '+' => break,
                '"' | ';' | '<' | '>' | '\0' => {
                    return Err(self.bad("a character must be escaped"));
                }
                '\\' => {
                    self.next();
                    bytes.push(self.escaped()?);
                    kept = bytes.len();
                }
                other => {
                    self.next();
                    let mut buffer = [0; 4];
                    bytes.extend_from_slice(other.encode_utf8(&mut buffer).as_bytes());
                    kept = if other == ' ' { kept } else { bytes.len() };
                }
            }
        }
        bytes.truncate(kept);
        String::from_utf8(bytes).map_err(|_| self.bad("a value is not UTF-8"))
    }

    /// What follows a backslash: a special character, or two hexadecimal digits.
    fn escaped(&mut self) -> Result<u8, BadDistinguishedName> {
        let first = self.next().and_then(|c| u8::try_from(c).ok());
        match first {
            Some(special) if b" \"#+,;<=>\\".contains(&special) => Ok(special),
            Some(high) if high.is_ascii_hexdigit() => {
                let low = self.next().and_then(|c| u8::try_from(c).ok());
                let pair = low.and_then(|low| {
                    bytes_of(std::str::from_utf8(&[high, low]).ok()?)?.first().copied()
                });
                pair.ok_or_else(|| self.bad("two hexadecimal digits must follow `\\`"))
            }
            _ => Err(self.bad("nothing that can be escaped follows `\\`")),
        }
    }
}

/// The value of an attribute.
enum Value {
    Text(String),
    /// The encoding of a value that is no text.
    Opaque(String),
}

impl Value {
    fn canonical(&self, kind: &str) -> String {
        match self {
            Self::Opaque(digits) => format!("#{digits}"),
            Self::Text(text) => escape(&prepared(text, ignores_case(kind))),
        }
    }
}

/// A value as it is compared (RFC 4518 §2): compatibility forms and what is not seen are mapped
/// away, spaces at the ends do not count and those between words count once.
fn prepared(text: &str, ignores_case: bool) -> String {
    let mapped: String = text.chars().filter_map(mapped).collect();
    let folded = if ignores_case { mapped.to_lowercase() } else { mapped };
    let normal = ComposingNormalizerBorrowed::new_nfkc().normalize(&folded);
    // Compatibility forms may hold upper case.
    let normal = if ignores_case { normal.to_lowercase() } else { normal.into_owned() };
    normal.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// RFC 4518 §2.2: every space is a space; controls, soft hyphens, joiners and variation selectors
/// are nothing.
fn mapped(c: char) -> Option<char> {
    match c {
        '\t' | '\n' | '\u{b}' | '\u{c}' | '\r' | '\u{85}' => Some(' '),
        '\u{ad}' | '\u{1806}' | '\u{34f}' | '\u{180b}'..='\u{180d}' => None,
        '\u{fe00}'..='\u{fe0f}' | '\u{fffc}' | '\u{feff}' | '\u{200b}'..='\u{200f}' => None,
        '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2063}' | '\u{206a}'..='\u{206f}' => None,
        c if c.is_control() => None,
        c if c.is_whitespace() => Some(' '),
        c => Some(c),
    }
}

/// A value as RFC 4514 §2.4 writes it, one way only.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        match c {
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' | '=' => escaped.extend(['\\', c]),
            '#' if at == 0 => escaped.push_str("\\#"),
            // Writing to a string cannot fail.
            c if c.is_control() => c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| {
                let _ = write!(escaped, "\\{byte:02x}");
            }),
            c => escaped.push(c),
        }
    }
    escaped
}

fn bytes_of(digits: &str) -> Option<Vec<u8>> {
    let digits: Vec<u32> = digits.chars().map(|c| c.to_digit(16)).collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    let byte = |[high, low]: &[u32; 2]| u8::try_from(high.checked_mul(16)?.checked_add(*low)?).ok();
    rest.is_empty().then(|| pairs.iter().map(byte).collect::<Option<Vec<u8>>>()).flatten()
}

/// The text of a value whose BER encoding is that of a string (X.690 §8.1): a short or a one-byte
/// long length that is exactly what follows.
fn ber_text(bytes: &[u8]) -> Option<String> {
    const STRINGS: [u8; 6] = [0x04, 0x0c, 0x12, 0x13, 0x16, 0x1a];
    let (tag, rest) = bytes.split_first()?;
    let (length, content) = match rest.split_first()? {
        (0x81, rest) => rest.split_first()?,
        (length, content) if *length < 0x80 => (length, content),
        _ => return None,
    };
    let fits = STRINGS.contains(tag) && usize::from(*length) == content.len();
    fits.then(|| String::from_utf8(content.to_vec()).ok()).flatten()
}

/// The canonical name of an attribute type: a short name, or numbers and dots.
fn attribute_type(text: &str) -> Option<String> {
    let text = text.to_ascii_lowercase();
    let named = text.starts_with(|c: char| c.is_ascii_alphabetic()) && !text.contains('.');
    let numbers = text.strip_prefix("oid.").unwrap_or(&text);
    let numbered = numbers.split('.').count() > 1
        && numbers.split('.').all(|arc| {
            !arc.is_empty()
                && arc.bytes().all(|b| b.is_ascii_digit())
                && (arc == "0" || !arc.starts_with('0'))
        });
    let wanted = if named { text.as_str() } else { numbers };
    let known = TYPES.iter().find(|(oid, names)| *oid == wanted || names.contains(&wanted));
    match known {
        Some((_, names)) => names.first().map(|name| (*name).to_owned()),
        None if named || numbered => Some(wanted.to_owned()),
        None => None,
    }
}

fn ignores_case(kind: &str) -> bool {
    TYPES.iter().any(|(_, names)| names.first() == Some(&kind))
}

/// The attribute types that name entries, whose values ignore case (RFC 4519 §2, RFC 4524,
/// RFC 2985); the first name is the canonical one.
const TYPES: &[(&str, &[&str])] = &[
    ("2.5.4.3", &["cn", "commonname"]),
    ("2.5.4.4", &["sn", "surname"]),
    ("2.5.4.5", &["serialnumber"]),
    ("2.5.4.6", &["c", "countryname"]),
    ("2.5.4.7", &["l", "localityname"]),
    ("2.5.4.8", &["st", "stateorprovincename"]),
    ("2.5.4.9", &["street", "streetaddress"]),
    ("2.5.4.10", &["o", "organizationname"]),
    ("2.5.4.11", &["ou", "organizationalunitname"]),
    ("2.5.4.12", &["title"]),
    ("2.5.4.42", &["givenname", "gn"]),
    ("0.9.2342.19200300.100.1.1", &["uid", "userid"]),
    ("0.9.2342.19200300.100.1.3", &["mail", "rfc822mailbox"]),
    ("0.9.2342.19200300.100.1.25", &["dc", "domaincomponent"]),
    ("1.2.840.113549.1.9.1", &["emailaddress", "e", "email"]),
];

#[cfg(test)]
mod tests;
