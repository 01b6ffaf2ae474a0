//! The tree that an XML body and a form both become, and how messages read it.

use std::ops::RangeInclusive;

use crate::malformed::{Fault, Place, WireError};
use crate::rule::Rule;
use crate::scalar::{Found, Scalar, read_scalar};

/// One element: text or children, not both (white space between children is dropped).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) place: Place,
    pub(crate) name: String,
    /// Its `xsi:type`, the one attribute that a dialect has.
    pub(crate) kind: Option<String>,
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
}

/// What can be read from one element: a scalar under a rule, or a structure.
pub(crate) trait FromElement: Sized {
    /// # Errors
    /// A member is absent, given twice, of another kind, or against its rule.
    fn from_element(from: &Element, rule: &Rule) -> Result<Self, WireError>;
}

impl<T: Scalar> FromElement for T {
    fn from_element(from: &Element, rule: &Rule) -> Result<Self, WireError> {
        let text = if from.children.is_empty() { Ok(&from.text) } else { Err(Fault::Structure) };
        text.and_then(|text| read_scalar(text, rule)).map_err(|fault| from.broken(fault))
    }
}

impl Element {
    /// An element without content.
    pub(crate) fn new(place: Place, name: &str) -> Self {
        Self { place, name: name.to_owned(), kind: None, text: String::new(), children: Vec::new() }
    }

    /// The scalar `member`.
    pub(crate) fn leaf<'a>(&'a self, member: &'static str) -> Found<'a> {
        let text = self.single(member).and_then(|found| match found {
            Some(element) if !element.children.is_empty() => Err(Fault::Structure),
            Some(element) => Ok(Some(element.text.as_str())),
            None => Ok(None),
        });
        Found { place: self.place, member, text }
    }

    /// The attribute `member`, which is `xsi:type`.
    pub(crate) fn attribute<'a>(&'a self, member: &'static str) -> Found<'a> {
        Found { place: self.place, member, text: Ok(self.kind.as_deref()) }
    }

    /// The structure `member`.
    ///
    /// # Errors
    /// Given twice, or its content is wrong.
    pub(crate) fn structure<T: FromElement>(
        &self,
        member: &'static str,
    ) -> Result<Option<T>, WireError> {
        let found = self.single(member).map_err(|fault| self.fault(member, fault))?;
        found.map(|found| T::from_element(found, &Rule::Any)).transpose()
    }

    /// The wrapped list `member` of elements `item`; `None` if there is no wrapper.
    ///
    /// # Errors
    /// The wrapper is given twice or holds text, there are too few or too many items, or one of
    /// them is wrong.
    pub(crate) fn list<T: FromElement>(
        &self,
        (member, item): (&'static str, &'static str),
        items: RangeInclusive<usize>,
        rule: &Rule,
    ) -> Result<Option<Vec<T>>, WireError> {
        let found = self.single(member).map_err(|fault| self.fault(member, fault))?;
        let Some(list) = found else { return Ok(None) };
        if !list.text.is_empty() {
            return Err(self.fault(member, Fault::Structure));
        }
        list.collect(member, item, items, rule).map(Some)
    }

    /// The elements `item` directly inside this one.
    ///
    /// # Errors
    /// There are too few or too many, or one of them is wrong.
    pub(crate) fn flat<T: FromElement>(
        &self,
        item: &'static str,
        items: RangeInclusive<usize>,
        rule: &Rule,
    ) -> Result<Vec<T>, WireError> {
        self.collect(item, item, items, rule)
    }

    /// The error that this member is absent.
    pub(crate) fn missing(&self, member: &'static str) -> WireError {
        self.fault(member, Fault::Missing)
    }

    fn collect<T: FromElement>(
        &self,
        member: &'static str,
        item: &'static str,
        items: RangeInclusive<usize>,
        rule: &Rule,
    ) -> Result<Vec<T>, WireError> {
        let count = self.children.iter().filter(|child| child.name == item).count();
        if !items.contains(&count) {
            let (min, max) = (*items.start(), *items.end());
            return Err(self.fault(member, Fault::Items { items: count, min, max }));
        }
        let found = self.children.iter().filter(|child| child.name == item);
        found.map(|child| T::from_element(child, rule)).collect()
    }

    fn single(&self, member: &str) -> Result<Option<&Self>, Fault> {
        let mut found = self.children.iter().filter(|child| child.name == member);
        match (found.next(), found.next()) {
            (Some(_), Some(_)) => Err(Fault::Duplicate),
            (one, _) => Ok(one),
        }
    }

    fn fault(&self, member: &'static str, fault: Fault) -> WireError {
        WireError::Member { place: self.place, member: member.into(), fault }
    }

    fn broken(&self, fault: Fault) -> WireError {
        WireError::Member { place: self.place, member: self.name.clone().into(), fault }
    }
}
