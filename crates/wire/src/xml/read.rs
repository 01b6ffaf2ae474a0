//! Reads a body into a tree: no DTD, no entities but the five, everything bounded.
//!
//! Namespaces are not compared and attributes but `xsi:type` are not read (AWS reads neither); a
//! prefix is dropped from a name. Comments are skipped. A character reference may name any
//! character but NUL, so that keys which S3 itself prints as `&#x1;` can be sent back.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};

use crate::element::Element;
use crate::malformed::Place;

/// The most bytes of an XML body: 10,000 parts with a checksum each, or 1,000 keys of 1,024 bytes
/// with every byte escaped, fit.
pub const XML_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The most elements of an XML body: 10,000 parts with nine members each fit.
pub const XML_ELEMENTS_MAX: usize = 100_001;

/// The deepest nesting of elements in an XML body; the dialects need six.
pub const XML_DEPTH_MAX: usize = 16;

/// A body is not XML of the kind that the dialects speak. S3: `MalformedXML`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum XmlError {
    /// More bytes than [`XML_BYTES_MAX`].
    #[error("the XML has {0} bytes, more than {max}", max = XML_BYTES_MAX)]
    Bytes(usize),
    /// More elements than [`XML_ELEMENTS_MAX`].
    #[error("the XML has more than {max} elements", max = XML_ELEMENTS_MAX)]
    Elements,
    /// Deeper than [`XML_DEPTH_MAX`].
    #[error("the XML is nested more than {max} deep", max = XML_DEPTH_MAX)]
    Depth,
    /// A document type: entities could be declared there, so none is read.
    #[error("the XML has a document type declaration")]
    DocumentType,
    /// A processing instruction, or an XML declaration that is not first.
    #[error("the XML has a processing instruction")]
    Instruction,
    /// An entity other than `amp`, `lt`, `gt`, `quot` and `apos`, or a reference to no character.
    #[error("the XML has an unknown entity or character reference")]
    Entity,
    /// Not UTF-8, or declared to be something else.
    #[error("the XML is not UTF-8")]
    Encoding,
    /// A character that XML 1.0 §2.2 does not allow.
    #[error("the XML holds a character that XML does not allow")]
    Character,
    /// Text beside elements.
    #[error("the XML has text beside elements")]
    Mixed,
    /// Not exactly one root element, or an element that is not closed.
    #[error("the XML does not have exactly one whole root element")]
    Root,
    /// Anything else that breaks the grammar.
    #[error("the XML is not well formed")]
    Syntax,
}

/// Reads a whole body.
///
/// # Errors
/// Any [`XmlError`].
pub(crate) fn read(text: &str) -> Result<Element, XmlError> {
    if text.len() > XML_BYTES_MAX {
        return Err(XmlError::Bytes(text.len()));
    }
    let mut reader = Reader::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
    let mut tree = Tree::default();
    let mut first = true;
    loop {
        match reader.read_event().map_err(|_| XmlError::Syntax)? {
            Event::Start(start) => tree.open(&start)?,
            Event::Empty(start) => tree.open(&start).and_then(|()| tree.close())?,
            Event::End(_) => tree.close()?,
            Event::Text(text) => tree.text(&text)?,
            Event::CData(text) => tree.text(&text)?,
            Event::GeneralRef(reference) => tree.character(resolve(&reference)?)?,
            Event::Comment(_) => {}
            Event::Decl(declaration) if first => check(&declaration)?,
            Event::Decl(_) | Event::PI(_) => return Err(XmlError::Instruction),
            Event::DocType(_) => return Err(XmlError::DocumentType),
            Event::Eof => return tree.finish(),
        }
        first = false;
    }
}

/// The elements that are open, outermost first, and the root once it is closed.
#[derive(Default)]
struct Tree {
    open: Vec<Element>,
    root: Option<Element>,
    elements: usize,
}

impl Tree {
    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), XmlError> {
        self.elements = self.elements.saturating_add(1);
        if self.elements > XML_ELEMENTS_MAX {
            return Err(XmlError::Elements);
        }
        if self.open.len() >= XML_DEPTH_MAX {
            return Err(XmlError::Depth);
        }
        if self.root.is_some() {
            return Err(XmlError::Root);
        }
        let name = start.name();
        let name: &str = name.as_ref();
        let local = name.rsplit_once(':').map_or(name, |(_, local)| local);
        if !local.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            return Err(XmlError::Syntax);
        }
        if let Some(parent) = self.open.last_mut() {
            parent.settle()?;
        }
        let mut element = Element::new(Place::Body, local);
        element.kind = kind(start)?;
        self.open.push(element);
        Ok(())
    }

    fn close(&mut self) -> Result<(), XmlError> {
        let mut element = self.open.pop().ok_or(XmlError::Syntax)?;
        if !element.children.is_empty() {
            element.settle()?;
        }
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
        Ok(())
    }

    /// Text as it stands between tags; line ends become `\n` (XML 1.0 §2.11).
    fn text(&mut self, text: &str) -> Result<(), XmlError> {
        if !text.chars().all(is_character) {
            return Err(XmlError::Character);
        }
        let text = match text.contains('\r') {
            true => Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")),
            false => Cow::Borrowed(text),
        };
        match self.open.last_mut() {
            Some(element) => element.text.push_str(&text),
            None if text.trim().is_empty() => {}
            None => return Err(XmlError::Root),
        }
        Ok(())
    }

    fn character(&mut self, character: char) -> Result<(), XmlError> {
        self.open.last_mut().ok_or(XmlError::Root)?.text.push(character);
        Ok(())
    }

    fn finish(self) -> Result<Element, XmlError> {
        if self.open.is_empty() { self.root.ok_or(XmlError::Root) } else { Err(XmlError::Root) }
    }
}

impl Element {
    /// Drops the white space between children.
    fn settle(&mut self) -> Result<(), XmlError> {
        if !self.text.trim().is_empty() {
            return Err(XmlError::Mixed);
        }
        self.text.clear();
        Ok(())
    }
}

/// The `xsi:type` of an element; the prefix is the sender's.
fn kind(start: &BytesStart<'_>) -> Result<Option<String>, XmlError> {
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|_| XmlError::Syntax)?;
        let name: &str = attribute.key.as_ref();
        if name.rsplit_once(':').is_some_and(|(_, local)| local == "type") {
            return Ok(Some(attribute.value.into_owned()));
        }
    }
    Ok(None)
}

/// The five entities of XML 1.0 §4.6, and references to characters.
fn resolve(reference: &BytesRef<'_>) -> Result<char, XmlError> {
    let name: &str = reference;
    let number = match name {
        "amp" => return Ok('&'),
        "lt" => return Ok('<'),
        "gt" => return Ok('>'),
        "quot" => return Ok('"'),
        "apos" => return Ok('\''),
        other => other.strip_prefix('#').ok_or(XmlError::Entity)?,
    };
    let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |hex| (hex, 16));
    if !digits.chars().all(|c| c.is_digit(radix)) {
        return Err(XmlError::Entity);
    }
    let code = u32::from_str_radix(digits, radix).map_err(|_| XmlError::Entity)?;
    char::from_u32(code).filter(|&c| c != '\0').ok_or(XmlError::Entity)
}

/// The bytes were read as UTF-8, so a declaration of anything else is a lie.
fn check(declaration: &BytesDecl<'_>) -> Result<(), XmlError> {
    let text: &str = declaration;
    let Some((_, encoding)) = text.split_once("encoding") else { return Ok(()) };
    let encoding = encoding.trim_start().strip_prefix('=').ok_or(XmlError::Syntax)?.trim_start();
    let mut quoted = encoding.split(['"', '\'']);
    let name = quoted.nth(1).ok_or(XmlError::Syntax)?;
    let utf8 = ["utf-8", "utf8", "us-ascii"].iter().any(|known| name.eq_ignore_ascii_case(known));
    if utf8 { Ok(()) } else { Err(XmlError::Encoding) }
}

/// XML 1.0 §2.2, production 2.
pub(crate) fn is_character(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}
