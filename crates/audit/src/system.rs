//! The server's own work: start-up, expiry, collection. Always on record.

use std::sync::Arc;

use policy::operation::Operation;
use policy::principal::Principal;

use crate::attempt::Decided;
use crate::entry::Entrance;
use crate::first::First;
use crate::journal::{Append, Journal, JournalError};
use crate::open_entry::OpenEntry;
use crate::opening::{Opening, Transport};
use crate::permit::{Absence, Permit, Proof};
use crate::who::{How, Who};

/// The server acting on its own behalf. Built in `server/assemble.rs` alone; a golden file lists
/// the uses of its permits.
#[derive(Clone)]
pub struct SystemActor {
    journal: Arc<Journal>,
    who: Arc<Who>,
}

impl SystemActor {
    /// The actor called `name`, such as `strongroom.collector`. Only `server/assemble.rs` may call
    /// this.
    #[must_use]
    pub fn assembled(journal: Arc<Journal>, name: &'static str) -> Self {
        let principal = Principal::Service { name: name.to_owned() };
        let who = Who { principal, how: How::System, ..Who::anonymous() };
        Self { journal, who: Arc::new(who) }
    }

    /// Records the server's own operation and permits it without policy decisions:
    /// `decided.decisions` is ignored. Dropped midway, the entry is recorded as `aborted`.
    ///
    /// # Errors
    /// It could not be recorded, so it must not be done.
    pub async fn permit<Op: Operation>(
        &self,
        decided: Decided<Op>,
    ) -> Result<(Permit<Op>, OpenEntry), JournalError> {
        let request_id = self.journal.request_id();
        let clock = self.journal.clock();
        let (now, began) = (clock.now(), clock.monotonic());
        let mut opening = Opening::new(request_id);
        opening.transport = Transport::Internal;
        opening.operation = Some(Op::NAME);
        let mut opened = First::new(&opening, now, Some(&self.who));
        opened.verdict = Entrance::Allowed;
        opened.aim(Some(&decided.target));
        opened.revision = Some(decided.revision);
        opened.durability = decided.durability;
        opened.mints = decided.mints.as_ref();
        let append = Append::opens(request_id, opened.leaves()?, decided.durability);
        let receipt = self.journal.append(append)?;
        let entry = OpenEntry::new(Arc::clone(&self.journal), request_id, began);
        if let Err(error) = receipt.wait(&self.journal).await {
            entry.never_opened();
            return Err(error);
        }
        let proof = Proof {
            who: Arc::clone(&self.who),
            revision: decided.revision,
            request_id,
            absence: Absence::Reveal,
            minted: decided.mints,
            guard: self.journal.guards().register(&self.who, decided.revision),
        };
        Ok((Permit::new(decided.op, proof), entry))
    }
}
