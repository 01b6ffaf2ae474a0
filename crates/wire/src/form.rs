//! The forms of the query protocol: `application/x-www-form-urlencoded`, decoded once.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::element::Element;
use crate::malformed::{Fault, Place, WireError};
use crate::percent::percent_decoded;

/// The most bytes of a form. A policy document of 128 Ki characters fits, every byte encoded.
pub const FORM_BYTES_MAX: usize = 1024 * 1024;

/// The most parameters of a form.
pub const FORM_PARAMETERS_MAX: usize = 1_000;

/// The most bytes of a parameter's name, decoded.
pub const FORM_NAME_BYTES_MAX: usize = 256;

/// The most dotted parts of a parameter's name; the dialects need four (`Tags.member.1.Key`).
pub const FORM_DEPTH_MAX: usize = 8;

/// The verified parameters of a query-protocol request, as a tree. Not `Debug`: forms hold tokens.
pub struct Form {
    root: Element,
}

/// Bytes that are not a form which the query protocol takes. Names parameters, never values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormError {
    /// More bytes than [`FORM_BYTES_MAX`].
    #[error("the form has {0} bytes, more than {max}", max = FORM_BYTES_MAX)]
    Bytes(usize),
    /// More parameters than [`FORM_PARAMETERS_MAX`].
    #[error("the form has more than {max} parameters", max = FORM_PARAMETERS_MAX)]
    Parameters,
    /// A name longer than [`FORM_NAME_BYTES_MAX`], or of more parts than [`FORM_DEPTH_MAX`].
    #[error("the form has a parameter with too long a name")]
    Name,
    /// A `%` without two hexadecimal digits, or bytes that are not UTF-8.
    #[error("the form is not percent-encoded UTF-8")]
    Encoding,
    /// Two parameters whose names are equal but for their case.
    #[error("the parameter `{0}` is given more than once")]
    Duplicate(String),
    /// An empty part in a name, a list number that is not 1 or more in its one spelling, or two of
    /// a value, names and numbers at one place.
    #[error("the parameter name `{0}` is malformed")]
    Structure(String),
}

impl Form {
    /// Reads the bytes of a body, or of a query string as it was sent.
    ///
    /// # Errors
    /// Any [`FormError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, FormError> {
        if bytes.len() > FORM_BYTES_MAX {
            return Err(FormError::Bytes(bytes.len()));
        }
        let parts = bytes.split(|&b| b == b'&').filter(|part| !part.is_empty());
        let mut pairs = Vec::new();
        for part in parts {
            if pairs.len() >= FORM_PARAMETERS_MAX {
                return Err(FormError::Parameters);
            }
            let mut halves = part.splitn(2, |&b| b == b'=');
            let mut half =
                || percent_decoded(halves.next().unwrap_or_default()).ok_or(FormError::Encoding);
            pairs.push((half()?, half()?));
        }
        Self::from_pairs(pairs.iter().map(|(name, value)| (&**name, &**value)))
    }

    /// A form from parameters that are decoded already: a GET request's verified query.
    ///
    /// # Errors
    /// Any [`FormError`] but `Bytes` and `Encoding`.
    pub fn from_pairs<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, FormError> {
        let mut names = Vec::new();
        let mut root = Node::default();
        for (count, (name, value)) in pairs.into_iter().enumerate() {
            if count >= FORM_PARAMETERS_MAX {
                return Err(FormError::Parameters);
            }
            if name.len() > FORM_NAME_BYTES_MAX || name.split('.').count() > FORM_DEPTH_MAX {
                return Err(FormError::Name);
            }
            names.push(name);
            root.insert(name, value)?;
        }
        if let Some(twice) = given_twice(names) {
            return Err(FormError::Duplicate(twice.to_owned()));
        }
        root.check("")?;
        Ok(Self { root: root.into_element(String::new()) })
    }

    /// The operation asked for.
    #[must_use]
    pub fn action(&self) -> Option<&str> {
        self.single("Action")
    }

    /// The version of the service model that the client speaks.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.single("Version")
    }

    /// Refuses a parameter that is not among those of an operation: one that nobody reads would
    /// be accepted and not acted on, and a misspelled `Policy` narrows no session. What every
    /// request may carry (`Action`, `Version`, the parameters of a signature) is not looked at.
    ///
    /// # Errors
    /// [`Fault::Unknown`], of the first in the order of names.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), WireError> {
        let own = |child: &&Element| {
            !ENVELOPE.contains(&child.name.as_str()) && !child.name.starts_with(SIGNATURE_PREFIX)
        };
        self.root.children.iter().filter(own).try_for_each(|child| only(child, "", known))
    }

    pub(crate) fn root(&self) -> &Element {
        &self.root
    }

    fn single(&self, name: &'static str) -> Option<&str> {
        self.root.leaf(name).text.ok().flatten()
    }
}

/// A name that is there before, but for its case.
fn given_twice(mut names: Vec<&str>) -> Option<&str> {
    names.sort_by(|one, other| {
        let folded = [one, other].map(|name| name.bytes().map(|byte| byte.to_ascii_lowercase()));
        let [one, other] = folded;
        one.cmp(other)
    });
    let pairs = names.array_windows().find(|[one, other]| one.eq_ignore_ascii_case(other));
    pairs.map(|[_, other]| *other)
}

/// What every request of the query protocol may carry.
const ENVELOPE: [&str; 2] = ["Action", "Version"];

/// How the parameters of a signature in the query begin.
const SIGNATURE_PREFIX: &str = "X-Amz-";

/// Refuses what is unknown in an element below that path. An empty value at the place of a list is
/// an empty list.
fn only(element: &Element, above: &str, known: &[&str]) -> Result<(), WireError> {
    let path = match above {
        "" => Cow::Borrowed(element.name.as_str()),
        _ => Cow::Owned(format!("{above}{}", element.name)),
    };
    if element.children.is_empty() && known.contains(&&*path) {
        return Ok(());
    }
    let below = format!("{path}.");
    if !element.children.is_empty() {
        return element.children.iter().try_for_each(|child| only(child, &below, known));
    }
    let list = element.text.is_empty() && known.iter().any(|name| name.starts_with(&below));
    if list {
        return Ok(());
    }
    let member = path.into_owned().into();
    Err(WireError::Member { place: Place::Form, member, fault: Fault::Unknown })
}

/// One dotted place of the form: its own value, its named members, its numbered items.
#[derive(Default)]
struct Node {
    text: Option<String>,
    members: BTreeMap<String, Node>,
    items: BTreeMap<u32, Node>,
}

impl Node {
    fn insert(&mut self, name: &str, value: &str) -> Result<(), FormError> {
        let bad = || FormError::Structure(name.to_owned());
        let mut node = self;
        for part in name.split('.') {
            node = match part.bytes().next() {
                None => return Err(bad()),
                Some(b'0') => return Err(bad()),
                Some(b'1'..=b'9') => {
                    let digits = part.bytes().all(|b| b.is_ascii_digit());
                    let number = if digits { part.parse().ok() } else { None };
                    node.items.entry(number.ok_or_else(bad)?).or_default()
                }
                Some(_) => node.members.entry(part.to_owned()).or_default(),
            };
        }
        node.text = Some(value.to_owned());
        Ok(())
    }

    /// A place is a value, or names, or numbers; an empty value beside them is an empty list.
    fn check(&self, name: &str) -> Result<(), FormError> {
        let valued = self.text.as_ref().is_some_and(|text| !text.is_empty());
        let kinds = [valued, !self.members.is_empty(), !self.items.is_empty()];
        if kinds.into_iter().filter(|kind| *kind).count() > 1 {
            return Err(FormError::Structure(name.to_owned()));
        }
        self.members.iter().try_for_each(|(name, node)| node.check(name))?;
        self.items.values().try_for_each(|node| node.check(name))
    }

    /// Numbered items become so many elements of the same name, in order of their numbers; gaps
    /// are closed, since clients send them.
    fn into_elements(self, name: String, to: &mut Vec<Element>) {
        if self.items.is_empty() {
            to.push(self.into_element(name));
            return;
        }
        for item in self.items.into_values() {
            item.into_elements(name.clone(), to);
        }
    }

    fn into_element(self, name: String) -> Element {
        let mut children = Vec::with_capacity(self.members.len());
        for (name, node) in self.members {
            node.into_elements(name, &mut children);
        }
        let text = self.text.unwrap_or_default();
        Element { place: Place::Form, name, kind: None, text, children }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_decoded_once() {
        let form = Form::parse(b"Action=a%2Bb+c&Version=%2541").unwrap();
        assert_eq!(form.action(), Some("a+b c"));
        assert_eq!(form.version(), Some("%41"));
    }

    #[test]
    fn a_parameter_given_twice_is_refused_even_in_another_case() {
        let twice = [&b"Action=a&Action=b"[..], b"Action=GetUser&action=DeleteUser", b"A=1&%41=1"];
        for bytes in twice {
            assert!(matches!(Form::parse(bytes), Err(FormError::Duplicate(_))));
        }
        assert!(Form::parse(b"Action=a&Actions=b").is_ok());
    }

    #[test]
    fn items_are_ordered_by_number_and_gaps_are_closed() {
        let form = Form::parse(b"L.member.10=c&L.member.2=b&L.member.1=a").unwrap();
        let list = form.root().list(("L", "member"), 0..=9, &crate::rule::Rule::Any);
        assert_eq!(list.unwrap(), Some(vec!["a".to_owned(), "b".to_owned(), "c".to_owned()]));
    }

    #[test]
    fn a_list_number_has_one_spelling() {
        for bad in ["L.member.0", "L.member.01", "L.member.1x", "L.member.99999999999", "L..1", ""]
        {
            let form = format!("{bad}=x");
            assert!(matches!(Form::parse(form.as_bytes()), Err(FormError::Structure(_))), "{bad}");
        }
        assert!(Form::parse(b"L.member.1=x").is_ok());
    }

    #[test]
    fn a_place_is_a_value_or_names_or_numbers() {
        for bad in ["L.m.1=x&L.m.n=y", "L.m=x&L.m.1=y", "L.1=x&L=y", "A.B=x&A=y"] {
            assert!(matches!(Form::parse(bad.as_bytes()), Err(FormError::Structure(_))), "{bad}");
        }
        assert!(Form::parse(b"L.m.1=x&L.n=y&M=").is_ok());
    }

    #[test]
    fn a_parameter_that_the_operation_has_is_taken_and_any_other_is_not() {
        let known = ["Policy", "Tags.member.Key", "Tags.member.Value", "Names.member"];
        let only = |form: &str| Form::parse(form.as_bytes()).unwrap().only(&known);
        let taken = "Action=a&Version=b&X-Amz-Date=c&Policy=p&Tags.member.1.Key=k\
                     &Tags.member.2.Value=v&Names.member.3=n";
        for good in [taken, "", "Tags=", "Tags.member=", "Names=", "Policy="] {
            assert_eq!(only(good), Ok(()), "{good}");
        }
        for (bad, named) in [
            ("Polcy=p", "Polcy"),
            ("policy=p", "policy"),
            ("Polcy=", "Polcy"),
            ("Tags.1.Key=k", "Tags.Key"),
            ("Tags=k", "Tags"),
            ("Tags.member.1.Kay=k", "Tags.member.Kay"),
            ("Policy.Text=p", "Policy.Text"),
            ("X-Amx-Date=c", "X-Amx-Date"),
        ] {
            let (place, member) = (Place::Form, named.to_owned().into());
            let unknown = WireError::Member { place, member, fault: Fault::Unknown };
            assert_eq!(only(bad), Err(unknown), "{bad}");
        }
    }

    #[test]
    fn a_form_at_its_limits_is_taken_and_one_past_them_is_not() {
        let parameters = |count| (0..count).map(|i| format!("p{i}=&")).collect::<String>();
        assert!(Form::parse(parameters(FORM_PARAMETERS_MAX).as_bytes()).is_ok());
        let past = Form::parse(parameters(FORM_PARAMETERS_MAX + 1).as_bytes());
        assert_eq!(past.err(), Some(FormError::Parameters));

        assert!(Form::parse("n".repeat(FORM_NAME_BYTES_MAX).as_bytes()).is_ok());
        let past = Form::parse("n".repeat(FORM_NAME_BYTES_MAX + 1).as_bytes());
        assert_eq!(past.err(), Some(FormError::Name));

        assert!(Form::parse(["n"; FORM_DEPTH_MAX].join(".").as_bytes()).is_ok());
        let past = Form::parse(["n"; FORM_DEPTH_MAX + 1].join(".").as_bytes());
        assert_eq!(past.err(), Some(FormError::Name));

        let value = |bytes: usize| format!("n={}", "v".repeat(bytes - 2));
        assert!(Form::parse(value(FORM_BYTES_MAX).as_bytes()).is_ok());
        let past = Form::parse(value(FORM_BYTES_MAX + 1).as_bytes());
        assert_eq!(past.err(), Some(FormError::Bytes(FORM_BYTES_MAX + 1)));
    }

    #[test]
    fn a_malformed_escape_is_refused() {
        for bad in [&b"a=%"[..], b"a=%4", b"a=%zz", b"a=%ff", b"%=a"] {
            assert_eq!(Form::parse(bad).err(), Some(FormError::Encoding));
        }
    }
}
