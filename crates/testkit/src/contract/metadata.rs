//! What [`MetadataStore`] promises.

use bytes::Bytes;
use futures_util::future::join_all;
use objects::{CommitError, Expect, MetadataStore, WriteBatch};

use super::Subject;
use crate::violation::{During, Violation, must};

/// Atomic conditional batches, order and bounds of ranges, durability across reopening.
///
/// # Errors
/// The first promise that was not kept.
pub async fn suite(subject: &dyn Subject) -> Result<(), Violation> {
    let ports = subject.open()?;
    let store = &*ports.metadata;
    a_batch_is_read_as_it_was_written(store).await?;
    a_failed_condition_changes_nothing(store).await?;
    each_expectation_holds_and_fails(store).await?;
    a_range_is_ordered_bounded_and_limited(store).await?;
    of_many_that_swap_one_value_one_wins(store).await?;
    concurrent_batches_lose_nothing(store).await?;
    drop(ports);
    what_was_acknowledged_is_there_after_reopening(subject).await
}

fn put(pairs: &[(&str, &str)]) -> WriteBatch {
    let mut batch = WriteBatch::default();
    for (key, value) in pairs {
        batch.put(key.as_bytes().to_vec(), value.as_bytes().to_vec());
    }
    batch
}

async fn value(store: &dyn MetadataStore, key: &str) -> Result<Option<Bytes>, Violation> {
    store.read(key.as_bytes()).await.during(format!("reading `{key}`"))
}

fn text(text: &str) -> Option<Bytes> {
    Some(Bytes::copy_from_slice(text.as_bytes()))
}

async fn a_batch_is_read_as_it_was_written(store: &dyn MetadataStore) -> Result<(), Violation> {
    must(value(store, "a").await?.is_none(), "an absent key has no value")?;
    store.commit(put(&[("a", "1"), ("b", ""), ("\0\u{ff}", "3")])).await.during("a commit")?;
    must(value(store, "a").await? == text("1"), "a put is read")?;
    must(value(store, "b").await? == text(""), "an empty value is a value")?;
    must(value(store, "\0\u{ff}").await? == text("3"), "keys are bytes")?;
    let mut batch = put(&[("a", "2")]);
    batch.delete(b"b".to_vec());
    batch.delete(b"never there".to_vec());
    store.commit(batch).await.during("a commit that deletes")?;
    must(value(store, "a").await? == text("2"), "a later put replaces")?;
    must(value(store, "b").await?.is_none(), "a delete removes")
}

async fn a_failed_condition_changes_nothing(store: &dyn MetadataStore) -> Result<(), Violation> {
    store.commit(put(&[("c/1", "old")])).await.during("a commit")?;
    let mut batch = put(&[("c/1", "new"), ("c/2", "new")]);
    batch.expect(b"c/1".to_vec(), Expect::Present);
    batch.expect(b"c/3".to_vec(), Expect::Present);
    match store.commit(batch).await {
        Err(CommitError::Conflict(key)) => must(key == b"c/3", "a conflict names its key")?,
        other => must(false, format!("a failed condition is a conflict, not {other:?}"))?,
    }
    must(value(store, "c/1").await? == text("old"), "a refused batch changes nothing")?;
    must(value(store, "c/2").await?.is_none(), "a refused batch adds nothing")
}

async fn each_expectation_holds_and_fails(store: &dyn MetadataStore) -> Result<(), Violation> {
    store.commit(put(&[("e/there", "x")])).await.during("a commit")?;
    let equals = |value: &'static str| Expect::Equals(Bytes::from_static(value.as_bytes()));
    let cases = [
        ("e/there", Expect::Present, true),
        ("e/there", Expect::Absent, false),
        ("e/there", equals("x"), true),
        ("e/there", equals("y"), false),
        ("e/gone", Expect::Present, false),
        ("e/gone", Expect::Absent, true),
        ("e/gone", equals("x"), false),
    ];
    for (key, expect, holds) in cases {
        let mut batch = put(&[("e/mark", "m")]);
        batch.expect(key.as_bytes().to_vec(), expect.clone());
        let result = store.commit(batch).await;
        must(result.is_ok() == holds, format!("`{key}` {expect:?} gives {result:?}"))?;
    }
    Ok(())
}

async fn a_range_is_ordered_bounded_and_limited(
    store: &dyn MetadataStore,
) -> Result<(), Violation> {
    // More than an adapter reads in one go, committed out of order.
    let names: Vec<String> = (0..300).map(|n| format!("r/{:03}", (n * 7) % 300)).collect();
    let pairs: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "v")).collect();
    store.commit(put(&pairs)).await.during("a commit")?;
    let all = store.range(b"r/", b"r0", 1000).await.during("a range")?;
    must(all.len() == 300, "a range yields every key")?;
    must(all.is_sorted_by(|a, b| a.0 < b.0), "a range ascends")?;
    let part = store.range(b"r/010", b"r/020", 1000).await.during("a range")?;
    let first = part.first().map(|pair| pair.0.as_ref());
    let last = part.last().map(|pair| pair.0.as_ref());
    must(first == Some(b"r/010"), "a range includes where it starts")?;
    must(last == Some(b"r/019"), "a range excludes where it ends")?;
    let few = store.range(b"r/", b"r0", 3).await.during("a range")?;
    must(few.len() == 3 && few.iter().eq(all.iter().take(3)), "a limit cuts the end off")?;
    let empty = store.range(b"r/5", b"r/4", 10).await.during("a range that ends first")?;
    must(empty.is_empty(), "a range that ends before it starts is empty")?;
    let none = store.range(b"r/", b"r0", 0).await.during("a range of none")?;
    must(none.is_empty(), "a limit of zero yields nothing")
}

async fn of_many_that_swap_one_value_one_wins(store: &dyn MetadataStore) -> Result<(), Violation> {
    store.commit(put(&[("swap", "0")])).await.during("a commit")?;
    for round in 0..10_u32 {
        let seen = value(store, "swap").await?;
        let swaps = (0..16_u32).map(|who| {
            let mut batch = put(&[("swap", &format!("{round}.{who}"))]);
            batch.expect(b"swap".to_vec(), Expect::unchanged(seen.as_ref()));
            store.commit(batch)
        });
        let results = join_all(swaps).await;
        let won = results.iter().filter(|result| result.is_ok()).count();
        must(won == 1, format!("of sixteen that swap one value one wins, not {won}"))?;
        let lost = |result: &&Result<_, _>| matches!(result, Err(CommitError::Conflict(_)));
        must(results.iter().filter(lost).count() == 15, "the others are told of a conflict")?;
    }
    Ok(())
}

async fn concurrent_batches_lose_nothing(store: &dyn MetadataStore) -> Result<(), Violation> {
    let commits = (0..200_u32).map(|n| store.commit(put(&[(&format!("many/{n:03}"), "v")])));
    for result in join_all(commits).await {
        result.during("one of many commits")?;
    }
    let found = store.range(b"many/", b"many0", 1000).await.during("a range")?;
    must(found.len() == 200, "every acknowledged commit is listed")
}

async fn what_was_acknowledged_is_there_after_reopening(
    subject: &dyn Subject,
) -> Result<(), Violation> {
    let ports = subject.open()?;
    ports.metadata.commit(put(&[("kept", "1")])).await.during("a commit")?;
    drop(ports);
    let ports = subject.open()?;
    must(value(&*ports.metadata, "kept").await? == text("1"), "a commit survives reopening")?;
    let found = ports.metadata.range(b"many/", b"many0", 1000).await.during("a range")?;
    must(found.len() == 200, "many commits survive reopening")
}
