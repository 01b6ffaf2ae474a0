//! Records of one kind in a snapshot, parsed when they are first asked for.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use serde::de::DeserializeOwned;

use super::section::{Frame, Section};
use super::texts::Texts;

/// How many records' places are made at once.
const CHUNK: usize = 16;

/// What all tables of a snapshot share.
#[derive(Default)]
pub(crate) struct Care {
    /// A record could not be read: whoever depends on it must not be let in.
    damaged: AtomicBool,
    /// How many records have been parsed and are kept.
    kept: AtomicUsize,
}

impl Care {
    /// Whether a record could not be read.
    pub(crate) fn is_damaged(&self) -> bool {
        self.damaged.load(Ordering::Acquire)
    }

    /// How many records are kept in their parsed form.
    pub(crate) fn kept(&self) -> usize {
        self.kept.load(Ordering::Relaxed)
    }

    /// The same without what is kept.
    pub(crate) fn again(&self) -> Self {
        Self { damaged: AtomicBool::new(self.is_damaged()), kept: AtomicUsize::new(0) }
    }
}

/// Records of one kind. Cloning is cheap.
pub(crate) struct Table<T> {
    section: Section,
    texts: Arc<Texts>,
    care: Arc<Care>,
    slots: Arc<Slots<T>>,
}

impl<T> Clone for Table<T> {
    fn clone(&self) -> Self {
        Self {
            section: self.section.clone(),
            texts: Arc::clone(&self.texts),
            care: Arc::clone(&self.care),
            slots: Arc::clone(&self.slots),
        }
    }
}

type Slot<T> = OnceLock<Option<Arc<T>>>;
type Chunk<T> = OnceLock<Box<[Slot<T>]>>;

/// A place for each record in its parsed form.
struct Slots<T>(Box<[Chunk<T>]>);

impl<T> Slots<T> {
    fn new(records: usize) -> Self {
        Self((0..records.div_ceil(CHUNK)).map(|_| OnceLock::new()).collect())
    }

    fn at(&self, number: usize) -> Option<&Slot<T>> {
        let chunk = self.0.get(number / CHUNK)?;
        let made = chunk.get_or_init(|| (0..CHUNK).map(|_| OnceLock::new()).collect());
        made.get(number % CHUNK)
    }

    /// What is there already.
    fn found(&self, number: usize) -> Option<&Arc<T>> {
        let chunk = self.0.get(number / CHUNK)?.get()?;
        chunk.get(number % CHUNK)?.get()?.as_ref()
    }
}

impl<T: DeserializeOwned> Table<T> {
    pub(crate) fn new(section: Section, texts: Arc<Texts>, care: Arc<Care>) -> Self {
        let slots = Arc::new(Slots::new(section.len()));
        Self { section, texts, care, slots }
    }

    /// Where the records lie.
    pub(crate) fn section(&self) -> &Section {
        &self.section
    }

    /// The same records, none of them parsed.
    pub(crate) fn again(&self, care: &Arc<Care>) -> Self {
        Self::new(self.section.clone(), Arc::clone(&self.texts), Arc::clone(care))
    }

    /// A record, which is kept in its parsed form as long as this table.
    pub(crate) fn kept(&self, number: usize) -> Option<&Arc<T>> {
        let slot = self.slots.at(number)?;
        let parse = || {
            self.care.kept.fetch_add(1, Ordering::Relaxed);
            self.parse(number)
        };
        slot.get_or_init(parse).as_ref()
    }

    /// A record for now: listings pass over more of them than can be kept.
    pub(crate) fn read(&self, number: usize) -> Option<Arc<T>> {
        match self.slots.found(number) {
            Some(record) => Some(Arc::clone(record)),
            None => self.parse(number),
        }
    }

    fn parse(&self, number: usize) -> Option<Arc<T>> {
        let parsed = self.section.frame(number).and_then(|frame| {
            let text = self.texts.expand(frame)?;
            serde_json::from_slice(&text).ok()
        });
        if parsed.is_none() {
            self.care.damaged.store(true, Ordering::Release);
            let key = self.section.frame(number).map(|frame: Frame<'_>| frame.key);
            let key = String::from_utf8_lossy(key.unwrap_or_default()).into_owned();
            tracing::error!(number, key, "a record of the state's snapshot cannot be read");
        }
        parsed.map(Arc::new)
    }
}
