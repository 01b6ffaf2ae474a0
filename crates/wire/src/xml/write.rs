//! Prints XML. What XML cannot hold as it is — control characters in keys — is written as a
//! character reference, as S3 does, although XML 1.0 has no such reference: SDKs that need to list
//! such keys ask for `encoding-type=url`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::percent::percent_encode;
use crate::scalar::{Scalar, Times};
use crate::xml::read::is_character;

/// An XML document in the making: what the messages of [`crate::RestOutput`] and
/// [`crate::QueryOutput`] print themselves to.
#[derive(Debug)]
pub struct Writer {
    text: String,
    times: Times,
}

/// What can be printed as an element of a given name.
pub(crate) trait ToElement {
    fn to_element(&self, name: &str, to: &mut Writer);
}

impl<T: Scalar> ToElement for T {
    fn to_element(&self, name: &str, to: &mut Writer) {
        to.leaf(name, &self.print(to.times));
    }
}

/// Absent is not printed.
impl<T: ToElement> ToElement for Option<T> {
    fn to_element(&self, name: &str, to: &mut Writer) {
        if let Some(value) = self {
            value.to_element(name, to);
        }
    }
}

/// Bytes in which a short document has room, such as the answer of an operation of STS.
const DOCUMENT_BYTES_USUAL: usize = 2048;

impl Writer {
    pub(crate) fn new(times: Times) -> Self {
        let mut text = String::with_capacity(DOCUMENT_BYTES_USUAL);
        text.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        Self { text, times }
    }

    pub(crate) fn finish(self) -> String {
        self.text
    }

    /// An element whose content `inside` prints.
    pub(crate) fn element(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        self.tag(name, &[], inside);
    }

    /// An element with attributes; the root's is its namespace.
    pub(crate) fn tag(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        inside: impl FnOnce(&mut Self),
    ) {
        self.text.push('<');
        self.text.push_str(name);
        for (attribute, value) in attributes {
            self.text.push(' ');
            self.text.push_str(attribute);
            self.text.push_str("=\"");
            escape(value, &mut self.text);
            self.text.push('"');
        }
        self.text.push('>');
        inside(self);
        self.text.push_str("</");
        self.text.push_str(name);
        self.text.push('>');
    }

    /// An element that holds a text.
    pub(crate) fn leaf(&mut self, name: &str, text: &str) {
        self.element(name, |to| escape(text, &mut to.text));
    }

    /// A text directly inside the element that is open.
    pub(crate) fn content(&mut self, text: Option<&str>) {
        escape(text.unwrap_or_default(), &mut self.text);
    }

    /// A scalar or structure, if present.
    pub(crate) fn member(&mut self, name: &str, value: &impl ToElement) {
        value.to_element(name, self);
    }

    /// A text that is percent-encoded first: policy documents in IAM's answers.
    pub(crate) fn encoded(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.leaf(name, &percent_encode(text));
        }
    }

    /// A wrapped list; printed even if empty.
    pub(crate) fn list(&mut self, name: &str, item: &str, values: &[impl ToElement]) {
        self.element(name, |to| to.flat(item, values));
    }

    /// A wrapped list that may be absent.
    pub(crate) fn optional_list(
        &mut self,
        name: &str,
        item: &str,
        values: Option<&Vec<impl ToElement>>,
    ) {
        if let Some(values) = values {
            self.list(name, item, values);
        }
    }

    /// A list without a wrapper.
    pub(crate) fn flat(&mut self, item: &str, values: &[impl ToElement]) {
        for value in values {
            value.to_element(item, self);
        }
    }

    /// A map, as `entry` elements of `key` and `value`.
    pub(crate) fn map(&mut self, name: &str, values: &BTreeMap<String, impl ToElement>) {
        self.element(name, |to| {
            for (key, value) in values {
                to.element("entry", |to| {
                    to.leaf("key", key);
                    to.member("value", value);
                });
            }
        });
    }
}

fn escape(text: &str, to: &mut String) {
    // Each byte is looked at without regard to the others: so a token goes many bytes at a time.
    let special = text.bytes().fold(false, |special, byte| {
        let named = (byte == b'&') | (byte == b'<') | (byte == b'>') | (byte == b'"');
        special | named | !(b' '..0x7f).contains(&byte)
    });
    if !special {
        to.push_str(text);
        return;
    }
    for c in text.chars() {
        match c {
            '&' => to.push_str("&amp;"),
            '<' => to.push_str("&lt;"),
            '>' => to.push_str("&gt;"),
            '"' => to.push_str("&quot;"),
            // A raw carriage return would be read as a line feed (XML 1.0 §2.11).
            '\r' => to.push_str("&#13;"),
            c if is_character(c) => to.push(c),
            c => _ = write!(to, "&#x{:x};", u32::from(c)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_is_written_alone_as_it_is_among_others() {
        let characters = (0..0x300).chain(0xfff0..0x1_0010).filter_map(char::from_u32);
        for c in characters {
            let (mut alone, mut among) = (String::new(), String::new());
            escape(&c.to_string(), &mut alone);
            escape(&format!("&{c}plain"), &mut among);
            assert_eq!(among, format!("&amp;{alone}plain"), "{c:?}");
        }
    }
}
