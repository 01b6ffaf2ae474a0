//! What is computed over a body as it passes, and compared with what was declared of it.

use bytes::Bytes;
use md5::{Digest as _, Md5};
use names::Checksum;

use crate::digest::Sum;
use crate::error::ObjectError;
use crate::ingest::{Wanted, algorithm};
use crate::lane::Lane;
use crate::ports::{StoreError, TrailerSlot};

/// The sums of a body, so far.
pub(crate) struct Sums {
    md5: Option<Md5>,
    others: Others,
}

struct Others {
    /// The one that is kept.
    kept: Sum,
    /// The declared one, if it is of another algorithm.
    declared: Option<Sum>,
}

/// Sums that are computed beside whoever brings the body: the MD5 on one core, hashes on another.
pub(crate) struct Hashing {
    md5: Option<Lane<Md5, Vec<Bytes>>>,
    others: Way,
}

/// Where sums are computed.
enum Way {
    /// By whoever brings the body: a CRC takes less time than handing it to another.
    Here(Box<Others>),
    /// Beside it.
    Beside(Lane<Others, Vec<Bytes>>),
}

/// What was computed, and is what was declared.
pub(crate) struct Compared {
    /// `None` where it was not computed.
    pub(crate) md5: Option<[u8; 16]>,
    /// Of the algorithm that is kept.
    pub(crate) kept: Checksum,
    /// Of the declared algorithm, if that is another.
    pub(crate) declared: Option<Checksum>,
}

impl Others {
    fn are_crcs(&self) -> bool {
        self.kept.is_crc() && self.declared.as_ref().is_none_or(Sum::is_crc)
    }

    fn update(&mut self, batch: &[Bytes]) {
        for bytes in batch {
            self.kept.update(bytes);
            if let Some(declared) = &mut self.declared {
                declared.update(bytes);
            }
        }
    }
}

impl Sums {
    pub(crate) fn new(wanted: &Wanted<'_>) -> Self {
        Self { md5: Some(Md5::new()), ..Self::without_md5(wanted) }
    }

    /// Without an MD5, which takes longer than everything else together.
    pub(crate) fn without_md5(wanted: &Wanted<'_>) -> Self {
        let declared = algorithm(wanted.declared).filter(|sent| *sent != wanted.keep);
        let others = Others { kept: Sum::new(wanted.keep), declared: declared.map(Sum::new) };
        Self { md5: None, others }
    }

    pub(crate) fn update(&mut self, batch: &[Bytes]) {
        if let Some(md5) = &mut self.md5 {
            batch.iter().for_each(|bytes| md5.update(bytes));
        }
        self.others.update(batch);
    }

    /// Compares what was computed with what was declared, and with what the trailer declares.
    pub(crate) fn compared(
        self,
        wanted: &Wanted<'_>,
        trailer: &TrailerSlot,
    ) -> Result<Compared, ObjectError> {
        let md5: Option<[u8; 16]> = self.md5.map(|md5| md5.finalize().into());
        if wanted.declared.md5.is_some() && wanted.declared.md5 != md5 {
            return Err(ObjectError::Md5Mismatch);
        }
        let kept = self.others.kept.finish()?;
        let other = self.others.declared.map(Sum::finish).transpose()?;
        let computed = other.as_ref().unwrap_or(&kept);
        if let Some(algorithm) = wanted.declared.trailer
            && trailer.declared().is_none_or(|sent| sent.algorithm() != algorithm)
        {
            return Err(ObjectError::TrailerMissing(algorithm));
        }
        for sent in [wanted.declared.checksum.as_ref(), trailer.declared()].into_iter().flatten() {
            if sent != computed {
                return Err(ObjectError::ChecksumMismatch(sent.algorithm()));
            }
        }
        Ok(Compared { md5, kept, declared: other })
    }
}

impl Hashing {
    pub(crate) fn new(sums: Sums) -> Self {
        let update = |md5: &mut Md5, batch: Vec<Bytes>| {
            batch.iter().for_each(|bytes| md5.update(bytes));
        };
        let md5 = sums.md5.map(|md5| Lane::new(md5, update));
        let others = if sums.others.are_crcs() {
            Way::Here(Box::new(sums.others))
        } else {
            let update = |others: &mut Others, batch: Vec<Bytes>| others.update(&batch);
            Way::Beside(Lane::new(sums.others, update))
        };
        Self { md5, others }
    }

    /// Hashes a batch beside us, once there is room for it.
    pub(crate) async fn add(&mut self, batch: &[Bytes]) -> Result<(), StoreError> {
        if let Some(md5) = &self.md5 {
            md5.add(batch.to_vec()).await?;
        }
        match &mut self.others {
            Way::Here(others) => {
                others.update(batch);
                Ok(())
            }
            Way::Beside(others) => others.add(batch.to_vec()).await,
        }
    }

    /// The sums of everything that was added.
    pub(crate) async fn done(self) -> Result<Sums, StoreError> {
        let md5 = match self.md5 {
            Some(md5) => Some(md5.done().await?),
            None => None,
        };
        let others = match self.others {
            Way::Here(others) => *others,
            Way::Beside(others) => others.done().await?,
        };
        Ok(Sums { md5, others })
    }
}
