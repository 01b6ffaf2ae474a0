//! What [`StateLog`] promises.

use identity::{StateLog, StateLogError};
use names::Revision;

use super::Subject;
use crate::violation::{During, Violation, must};

/// Strict sequence, order, snapshots, durability across reopening.
///
/// # Errors
/// The first promise that was not kept.
pub async fn suite(subject: &dyn Subject) -> Result<(), Violation> {
    let ports = subject.open()?;
    let log = &*ports.state;
    revisions_follow_one_another(log).await?;
    records_are_read_in_order_and_limited(log).await?;
    the_newest_snapshot_at_or_before_is_found(log).await?;
    drop(ports);
    let ports = subject.open()?;
    let log = &*ports.state;
    records_are_read_in_order_and_limited(log).await?;
    let newest = log.snapshot(None).await.during("a snapshot")?;
    must(newest == Some((Revision(4), b"four".to_vec())), "snapshots survive reopening")?;
    log.append(Revision(6), b"6".to_vec()).await.during("appending after reopening")
}

async fn revisions_follow_one_another(log: &dyn StateLog) -> Result<(), Violation> {
    let none = log.read(Revision(0), 10).await.during("reading an empty log")?;
    must(none.is_empty(), "an empty log has no records")?;
    refused(log, 2, "the first revision is 1").await?;
    for n in 1..=5_u64 {
        log.append(Revision(n), n.to_string().into_bytes()).await.during("an append")?;
    }
    refused(log, 5, "a revision is made once").await?;
    refused(log, 7, "no revision is skipped").await?;
    refused(log, u64::MAX, "no revision is skipped").await?;
    refused(log, 0, "revision 0 is before the first").await
}

async fn refused(log: &dyn StateLog, next: u64, promise: &str) -> Result<(), Violation> {
    let result = log.append(Revision(next), b"no".to_vec()).await;
    must(matches!(result, Err(StateLogError::Conflict { .. })), format!("{promise}: {result:?}"))
}

async fn records_are_read_in_order_and_limited(log: &dyn StateLog) -> Result<(), Violation> {
    let all = log.read(Revision(0), 100).await.during("reading")?;
    let expected = (1..=5_u64).map(|n| (Revision(n), n.to_string().into_bytes()));
    must(all.iter().cloned().eq(expected), format!("every record in order, not {all:?}"))?;
    let some = log.read(Revision(2), 2).await.during("reading")?;
    must(some.iter().eq(all.iter().skip(2).take(2)), "reading starts after, and stops")?;
    let end = log.read(Revision(5), 2).await.during("reading")?;
    must(end.is_empty(), "nothing is after the last")?;
    let far = log.read(Revision(u64::MAX), 2).await.during("reading")?;
    must(far.is_empty(), "nothing is after the greatest revision")
}

async fn the_newest_snapshot_at_or_before_is_found(log: &dyn StateLog) -> Result<(), Violation> {
    let none = log.snapshot(None).await.during("a snapshot")?;
    must(none.is_none(), "there is no snapshot before one is put")?;
    log.put_snapshot(Revision(2), b"two".to_vec().into()).await.during("a snapshot")?;
    log.put_snapshot(Revision(4), b"four".to_vec().into()).await.during("a snapshot")?;
    let cases = [
        (None, Some((4, "four"))),
        (Some(5), Some((4, "four"))),
        (Some(4), Some((4, "four"))),
        (Some(3), Some((2, "two"))),
        (Some(2), Some((2, "two"))),
        (Some(1), None),
    ];
    for (at, expected) in cases {
        let found = log.snapshot(at.map(Revision)).await.during("a snapshot")?;
        let expected = expected.map(|(at, text)| (Revision(at), text.as_bytes().to_vec()));
        must(found == expected, format!("the snapshot at {at:?}: {found:?}"))?;
    }
    let parts = [(0..2, "fo"), (1..3, "ou"), (2..9, "ur"), (4..9, ""), (9..12, "")];
    for (part, expected) in parts {
        let found = log.snapshot_part(Revision(4), part.clone()).await.during("a part")?;
        must(found == expected.as_bytes(), format!("the part {part:?} of a snapshot: {found:?}"))?;
    }
    let all = log.read(Revision(0), 100).await.during("reading")?;
    must(all.len() == 5, "records before a snapshot stay readable")
}
