//! The workload: groups of commits, appends, blobs and their deletion, in seeded order.

use audit::Random;
use futures_util::future::join_all;
use identity::StateLogError;
use names::Revision;
use objects::{BlobId, CommitError, Expect, StoreError, WriteBatch};

use super::model::{Blob, Model, There, pair_keys, pair_value, record};
use crate::contract::{Ports, blobs};
use crate::random::SeededRandom;
use crate::violation::Violation;

/// Pairs of keys that the workload writes.
const PAIRS: u64 = 12;

/// One round of seeded work. A full disk is lived with; any other failure ends the work.
pub(crate) async fn round(
    ports: &Ports,
    model: &mut Model,
    random: &SeededRandom,
) -> Result<(), Violation> {
    match random.below(8) {
        0..=2 => commits(ports, model, random).await,
        3 | 4 => append(ports, model).await,
        5 | 6 => store(ports, model, random).await,
        _ => delete(ports, model, random).await,
    }
}

async fn commits(ports: &Ports, model: &mut Model, random: &SeededRandom) -> Result<(), Violation> {
    let first = random.below(PAIRS);
    let count = random.below(5).saturating_add(1);
    let numbers: Vec<u64> = (0..count).map(|n| (first.wrapping_add(n)) % PAIRS).collect();
    let wanted: Vec<Option<u64>> =
        numbers.iter().map(|_| Some(random.next()).filter(|_| !random.once_in(5))).collect();
    let batches: Vec<WriteBatch> =
        numbers.iter().zip(&wanted).map(|(number, value)| batch(model, *number, *value)).collect();
    let answers = join_all(batches.into_iter().map(|batch| ports.metadata.commit(batch))).await;
    let mut failed = None;
    for ((number, value), answer) in numbers.iter().zip(wanted).zip(answers) {
        let allowed = model.pairs.entry(*number).or_insert_with(|| vec![None]);
        match answer {
            Ok(()) => *allowed = vec![value],
            Err(CommitError::Store(StoreError::Full)) => {}
            Err(CommitError::Conflict(_)) => {
                failed = Some("a condition that holds was refused".to_owned());
            }
            Err(error) => {
                allowed.push(value);
                failed = Some(error.to_string());
            }
        }
    }
    failed.map_or(Ok(()), |failed| Err(Violation(failed)))
}

/// Both keys of a pair, on the condition that they are what they are known to be.
fn batch(model: &Model, number: u64, value: Option<u64>) -> WriteBatch {
    let mut batch = WriteBatch::default();
    for key in pair_keys(number) {
        match model.pairs.get(&number).map(Vec::as_slice) {
            None => batch.expect(key.clone(), Expect::Absent),
            Some([Some(known)]) => {
                batch.expect(key.clone(), Expect::Equals(pair_value(*known)));
            }
            Some([None]) => batch.expect(key.clone(), Expect::Absent),
            Some(_) => {}
        }
        match value {
            Some(value) => batch.put(key, pair_value(value)),
            None => batch.delete(key),
        }
    }
    batch
}

async fn append(ports: &Ports, model: &mut Model) -> Result<(), Violation> {
    let next = model.revision.saturating_add(1);
    match ports.state.append(Revision(next), record(next)).await {
        Ok(()) => {
            model.revision = next;
            Ok(())
        }
        Err(StateLogError::Full) => Ok(()),
        Err(error) => {
            model.next_in_doubt = true;
            Err(Violation(error.to_string()))
        }
    }
}

async fn store(ports: &Ports, model: &mut Model, random: &SeededRandom) -> Result<(), Violation> {
    let mut bytes = [0; 16];
    random.fill(&mut bytes);
    // Few directories, so that some blobs share theirs.
    let [first, second, ..] = &mut bytes;
    (*first, *second) = (*first % 2, *second % 2);
    let id = BlobId::from_random(bytes);
    let length = if random.once_in(6) { 1_200_000 } else { random.below(70_000) };
    let length = usize::try_from(length).unwrap_or(0);
    let answer = blobs::store(&*ports.blobs, id, &blobs::pattern(length)).await;
    let there = match &answer {
        Ok(_) => There::Yes,
        Err(_) => There::Maybe,
    };
    model.blobs.insert(id, Blob { length, there });
    match answer {
        Ok(_) | Err(StoreError::Full) => Ok(()),
        Err(error) => Err(Violation(error.to_string())),
    }
}

async fn delete(ports: &Ports, model: &mut Model, random: &SeededRandom) -> Result<(), Violation> {
    let there: Vec<BlobId> =
        model.blobs.iter().filter(|(_, b)| b.there == There::Yes).map(|(id, _)| *id).collect();
    let chosen = random.below(there.len() as u64);
    let Some(id) = usize::try_from(chosen).ok().and_then(|n| there.get(n)).copied() else {
        return Ok(());
    };
    let answer = ports.blobs.delete(&id).await;
    if let Some(blob) = model.blobs.get_mut(&id) {
        blob.there = if answer.is_ok() { There::No } else { There::Maybe };
    }
    match answer {
        Ok(()) | Err(StoreError::Full) => Ok(()),
        Err(error) => Err(Violation(error.to_string())),
    }
}
