//! The leaves that an append brings: nearly always one, for which no list is made.

use std::ops::Deref;

/// One leaf, or however many there are.
#[derive(Debug)]
pub(crate) enum Leaves<T> {
    One(T),
    Many(Vec<T>),
}

impl<T> Leaves<T> {
    /// What becomes of each.
    pub(crate) fn map<U>(self, each: impl Fn(T) -> U) -> Leaves<U> {
        match self {
            Self::One(leaf) => Leaves::One(each(leaf)),
            Self::Many(leaves) => Leaves::Many(leaves.into_iter().map(each).collect()),
        }
    }

    /// These, and then others.
    pub(crate) fn and(self, more: Self) -> Self {
        let mut all = self.listed();
        all.extend(more.listed());
        Self::Many(all)
    }

    fn listed(self) -> Vec<T> {
        match self {
            Self::One(leaf) => vec![leaf],
            Self::Many(leaves) => leaves,
        }
    }
}

impl<T> Default for Leaves<T> {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl<T> Deref for Leaves<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match self {
            Self::One(leaf) => std::slice::from_ref(leaf),
            Self::Many(leaves) => leaves,
        }
    }
}
