//! Whether `state.redb` is as it was written: a file of moderate size is compared with redb's own
//! checksums before it is used. One that is too large for that before the first request has a
//! checksum with each of its records; what a start believes is checked as it is read, and all of it
//! by a thread of its own while the server works.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};
use std::thread;

use redb::ReadableDatabase;

use super::database::{Shelf, Trouble};
use super::state::{LOG, SNAPSHOTS, STATE_FILE, checks_itself, snapshot_read};
use super::state_format;

/// How many records of the log one transaction of the check reads.
const CHECKED_RECORDS: usize = 1000;

/// Whether every record of the file has a checksum. A file at which redb panics is damaged.
pub(crate) fn is_checked_as_read(shelf: &Shelf) -> Result<bool, Trouble> {
    careful(|| shelf.read(|database| checks_itself(&database.begin_read()?)))
}

/// Runs what reads pages that nothing vouches for: redb panics at some that are not as it wrote
/// them.
pub(crate) fn careful<T>(read: impl FnOnce() -> Result<T, Trouble>) -> Result<T, Trouble> {
    let damaged =
        || Trouble::Damaged { file: STATE_FILE, what: "a page of it cannot be read".to_owned() };
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(damaged()))
}

/// Reads everything in the file against its checksums, on a thread that ends with the shelf. What
/// is damaged stops the engine, as a failing disk does.
pub(crate) fn check_in_the_background(shelf: &Arc<Shelf>) -> io::Result<()> {
    let shelf = Arc::downgrade(shelf);
    let thread = thread::Builder::new().name("check state.redb".to_owned());
    thread.spawn(move || check(&shelf)).map(drop)
}

fn check(shelf: &Weak<Shelf>) {
    let mut after = 0_u64;
    let mut checked = Ok(Some(0));
    while let (Ok(Some(last)), Some(shelf)) = (checked, shelf.upgrade()) {
        after = after.max(last);
        checked = careful(|| shelf.read(|database| some_records(database, after)))
            .unwrap_or_else(|trouble| Err(trouble.to_string()));
        if let Err(what) = &checked {
            shelf.health().stop("read", shelf.name(), io::Error::other(what.clone()));
        }
        thread::yield_now();
    }
    let mut after = Some(0);
    while let (Some(from), Some(shelf)) = (after, shelf.upgrade()) {
        let checked = careful(|| shelf.read(|database| one_snapshot(database, from)));
        after = match checked.unwrap_or_else(|trouble| Err(trouble.to_string())) {
            Ok(next) => next,
            Err(what) => {
                shelf.health().stop("read", shelf.name(), io::Error::other(what));
                None
            }
        };
    }
}

/// Checks the records after a revision. Answers the last of them, or what is damaged.
fn some_records(
    database: &redb::Database,
    after: u64,
) -> Result<Result<Option<u64>, String>, redb::Error> {
    let log = database.begin_read()?.open_table(LOG)?;
    let mut last = None;
    let mut due = after;
    for entry in log.range(after.saturating_add(1)..)?.take(CHECKED_RECORDS) {
        let (revision, value) = entry?;
        let revision = revision.value();
        due = due.saturating_add(1);
        let whole = revision == due && state_format::record(revision, value.value()).is_ok();
        if !whole {
            return Ok(Err(format!("revision {due} of the state log is damaged")));
        }
        last = Some(revision);
    }
    Ok(Ok(last))
}

/// Checks the first snapshot of a revision or a later one. Answers where to go on.
fn one_snapshot(
    database: &redb::Database,
    from: u64,
) -> Result<Result<Option<u64>, String>, redb::Error> {
    let transaction = database.begin_read()?;
    let snapshots = transaction.open_table(SNAPSHOTS)?;
    let Some(entry) = snapshots.range(from..)?.next() else { return Ok(Ok(None)) };
    let (revision, row) = entry?;
    let at = revision.value();
    let checked = snapshot_read(&transaction, at, row.value(), &mut |_| Ok(()))?;
    Ok(checked.map(|()| at.checked_add(1)).map_err(|error| error.to_string()))
}
