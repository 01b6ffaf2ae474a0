//! An answer of an XML dialect as a client of our own reads it.

use crate::element::Element;
use crate::xml::read::{XmlError, read};

/// One element of an answer: its text, or the elements in it.
///
/// ```
/// use strongroom_wire::Node;
/// let answer = Node::parse("<A><Names><member>a&amp;b</member></Names></A>").unwrap();
/// let names = answer.child("Names").unwrap();
/// assert_eq!(names.children().next().unwrap().text(), "a&b");
/// assert_eq!(answer.find("member").unwrap().text(), "a&b");
/// assert!(Node::parse("<A>").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node(Element);

impl Node {
    /// Reads a whole body.
    ///
    /// # Errors
    /// Any [`XmlError`].
    pub fn parse(text: &str) -> Result<Self, XmlError> {
        read(text).map(Self)
    }

    /// The whole, to go on from.
    fn borrowed(&self) -> NodeRef<'_> {
        NodeRef(&self.0)
    }

    /// Its text; empty if there are elements in it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// The first element of that name directly in it.
    #[must_use]
    pub fn child(&self, name: &str) -> Option<NodeRef<'_>> {
        self.borrowed().child(name)
    }

    /// The elements directly in it.
    pub fn children(&self) -> impl Iterator<Item = NodeRef<'_>> {
        self.borrowed().children()
    }

    /// The first element of that name anywhere in it, outermost first.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<NodeRef<'_>> {
        self.borrowed().find(name)
    }
}

/// An element of a [`Node`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeRef<'a>(&'a Element);

impl<'a> NodeRef<'a> {
    /// Its name, without a prefix.
    #[must_use]
    pub fn name(self) -> &'a str {
        &self.0.name
    }

    /// Its text; empty if there are elements in it.
    #[must_use]
    pub fn text(self) -> &'a str {
        &self.0.text
    }

    /// The first element of that name directly in it.
    #[must_use]
    pub fn child(self, name: &str) -> Option<Self> {
        self.children().find(|child| child.name() == name)
    }

    /// The elements directly in it.
    pub fn children(self) -> impl Iterator<Item = Self> {
        self.0.children.iter().map(NodeRef)
    }

    /// The first element of that name anywhere in it. The depth is bounded by the reader.
    #[must_use]
    pub fn find(self, name: &str) -> Option<Self> {
        self.child(name).or_else(|| self.children().find_map(|child| child.find(name)))
    }
}
