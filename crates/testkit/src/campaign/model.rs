//! What must be there: everything acknowledged; what was in doubt may be there, but whole.

use std::collections::BTreeMap;

use bytes::Bytes;
use names::Revision;
use objects::{BlobId, StoreError};

use crate::contract::{Ports, blobs};
use crate::violation::{During, Violation, must};

/// Everything that was ever asked of a store, and what was answered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    /// What each pair of keys may hold: one value if the last answer was clear.
    pub(crate) pairs: BTreeMap<u64, Vec<Option<u64>>>,
    pub(crate) blobs: BTreeMap<BlobId, Blob>,
    /// The last acknowledged revision, and whether the next one is in doubt.
    pub(crate) revision: u64,
    pub(crate) next_in_doubt: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Blob {
    pub(crate) length: usize,
    pub(crate) there: There,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum There {
    Yes,
    No,
    Maybe,
}

/// The two keys that every commit writes together.
pub(crate) fn pair_keys(number: u64) -> [Vec<u8>; 2] {
    ["a", "b"].map(|half| format!("pair/{number:02}/{half}").into_bytes())
}

/// A value long enough to reach across pages.
pub(crate) fn pair_value(value: u64) -> Bytes {
    let length = usize::try_from(value % 3000).unwrap_or(0);
    let mut bytes = value.to_le_bytes().to_vec();
    bytes.resize(length.saturating_add(8), 0xc3);
    bytes.into()
}

/// The record of a revision.
pub(crate) fn record(revision: u64) -> Vec<u8> {
    format!("record {revision}").repeat(usize::try_from(revision % 90).unwrap_or(1)).into_bytes()
}

impl Model {
    /// Compares a store with the model, and settles what was in doubt by what was found.
    pub(crate) async fn check(&mut self, ports: &Ports) -> Result<(), Violation> {
        self.check_pairs(ports).await?;
        self.check_log(ports).await?;
        self.check_blobs(ports).await
    }

    async fn check_pairs(&mut self, ports: &Ports) -> Result<(), Violation> {
        for (number, allowed) in &mut self.pairs {
            let [a, b] = pair_keys(*number);
            let one = ports.metadata.read(&a).await.during("reading")?;
            let two = ports.metadata.read(&b).await.during("reading")?;
            must(one == two, format!("pair {number} was written together"))?;
            let found = allowed.iter().find(|value| value.map(pair_value) == one).copied();
            let Some(found) = found else {
                return Err(Violation(format!("pair {number} holds what was not written last")));
            };
            *allowed = vec![found];
        }
        Ok(())
    }

    async fn check_log(&mut self, ports: &Ports) -> Result<(), Violation> {
        let records = ports.state.read(Revision(0), 100_000).await.during("reading the log")?;
        let last = records.len() as u64;
        let expected = (1..=last).map(|n| (Revision(n), record(n)));
        must(records.into_iter().eq(expected), "the log has every record as it was appended")?;
        let most = self.revision.saturating_add(u64::from(self.next_in_doubt));
        let range = self.revision..=most;
        must(range.contains(&last), format!("the log ends at {last}, due is {range:?}"))?;
        self.revision = last;
        self.next_in_doubt = false;
        Ok(())
    }

    async fn check_blobs(&mut self, ports: &Ports) -> Result<(), Violation> {
        let listed = ports.blobs.list(None, 100_000).await.during("listing blobs")?;
        for id in &listed {
            must(self.blobs.contains_key(id), format!("blob {id} was never stored"))?;
        }
        for (id, blob) in &mut self.blobs {
            let opened = ports.blobs.read(id, 0, 0).await;
            let there = match opened {
                Ok(_) => There::Yes,
                Err(StoreError::NotFound) => There::No,
                Err(error) => return Err(Violation(format!("blob {id}: {error}"))),
            };
            must(
                blob.there == There::Maybe || blob.there == there,
                format!("blob {id} is there: due {:?}, found {there:?}", blob.there),
            )?;
            let named = listed.contains(id);
            must(named == (there == There::Yes), "what is listed can be read")?;
            blob.there = there;
            if there == There::Yes {
                let bytes = blobs::read(&*ports.blobs, *id, 0, blob.length as u64).await;
                let bytes = bytes.during(format!("blob {id}"))?;
                must(bytes == blobs::pattern(blob.length), format!("blob {id} is whole"))?;
            }
        }
        Ok(())
    }
}
