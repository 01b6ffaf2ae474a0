//! Walking keys in order, rolled up by a delimiter: what every listing of a bucket is made of.
//!
//! A common prefix is passed over by seeking to the first key after it, however many keys it holds.

use bytes::Bytes;

use crate::error::ObjectError;
use crate::layout;
use crate::ports::{MetadataStore, StoreError};

/// One entry of a listing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Entry {
    /// A record: the text of its key, all of its key, its value.
    Record { name: String, key: Bytes, value: Bytes },
    /// A common prefix.
    Group(String),
}

impl Entry {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Record { name, .. } | Self::Group(name) => name,
        }
    }
}

/// A page of entries.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Page {
    pub(crate) entries: Vec<Entry>,
    pub(crate) truncated: bool,
}

/// What is walked.
#[derive(Clone, Copy)]
pub(crate) struct Walk<'a> {
    /// The key of the record whose name is the given text, or of the first whose name begins so.
    pub(crate) key: &'a (dyn Fn(&str) -> Vec<u8> + Sync),
    pub(crate) prefix: &'a str,
    pub(crate) delimiter: &'a str,
    pub(crate) max: usize,
}

/// How many records are read at a time: few, because values may be as large as inline bodies.
const PAGE_RECORDS: usize = 128;

impl Walk<'_> {
    /// The common prefix that a name is rolled up into.
    fn group<'n>(&self, name: &'n str) -> Option<&'n str> {
        if self.delimiter.is_empty() {
            return None;
        }
        let rest = name.strip_prefix(self.prefix)?;
        let at = rest.find(self.delimiter)?;
        let end = self.prefix.len().checked_add(at)?.checked_add(self.delimiter.len())?;
        name.get(..end)
    }

    /// Where the walk goes on after an entry: past the whole group, if the entry names one.
    pub(crate) fn after(&self, name: &str) -> Vec<u8> {
        if self.group(name) == Some(name) {
            layout::after_prefix(&(self.key)(name))
        } else {
            layout::after_key(&(self.key)(name))
        }
    }

    /// At most `max` entries from `from` on.
    pub(crate) async fn run(
        &self,
        meta: &dyn MetadataStore,
        from: Vec<u8>,
    ) -> Result<Page, ObjectError> {
        let first = (self.key)(self.prefix);
        let end = layout::after_prefix(&first);
        let mut from = from.max(first);
        let mut page = Page::default();
        if self.max == 0 {
            return Ok(page);
        }
        while from < end {
            let left = self.max.saturating_sub(page.entries.len()).saturating_add(1);
            let limit = left.min(PAGE_RECORDS);
            let records = meta.range(&from, &end, limit).await?;
            let exhausted = records.len() < limit;
            for (key, value) in records {
                if key.as_ref() < from.as_slice() {
                    continue; // within a group that was passed over
                }
                if page.entries.len() >= self.max {
                    page.truncated = true;
                    return Ok(page);
                }
                let name = name(&key)?;
                if let Some(group) = self.group(name) {
                    from = layout::after_prefix(&(self.key)(group));
                    page.entries.push(Entry::Group(group.to_owned()));
                } else {
                    from = layout::after_key(&key);
                    let name = name.to_owned();
                    page.entries.push(Entry::Record { name, key, value });
                }
            }
            if exhausted {
                break;
            }
        }
        Ok(page)
    }
}

/// The object key in a record's key: all up to a NUL.
fn name(key: &[u8]) -> Result<&str, StoreError> {
    let rest = key.get(layout::BUCKET_PREFIX_BYTES..).unwrap_or_default();
    let text = rest.split(|b| *b == 0).next().unwrap_or_default();
    std::str::from_utf8(text)
        .map_err(|_| StoreError::Corrupt { what: "a key is not UTF-8".to_owned() })
}
