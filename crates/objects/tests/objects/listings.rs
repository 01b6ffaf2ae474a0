//! Listings against a naive model: sort, filter, roll up, cut into pages.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use proptest::prelude::*;
use strongroom_objects::ops::{ListObjectVersions, ListObjects, ListObjectsV2};
use strongroom_objects::{ObjectError, ObjectPage};

use crate::house::{House, alice, bucket};

/// What is asked of a listing.
#[derive(Clone, Debug)]
struct Asked {
    prefix: String,
    delimiter: String,
    after: String,
    max: usize,
}

/// The entries of a page, in order: keys and common prefixes together.
fn entries(page: &ObjectPage) -> Vec<String> {
    let keys = page.objects.iter().map(|object| object.key.as_str().to_owned());
    let mut all: Vec<String> = keys.chain(page.common_prefixes.iter().cloned()).collect();
    all.sort();
    all
}

/// All entries that a listing has, and whether each is a common prefix.
fn model(keys: &BTreeSet<String>, asked: &Asked) -> Vec<(String, bool)> {
    let roll = |key: &str| -> Option<String> {
        let rest = key.strip_prefix(asked.prefix.as_str())?;
        let at = rest.find(asked.delimiter.as_str()).filter(|_| !asked.delimiter.is_empty())?;
        key.get(..asked.prefix.len() + at + asked.delimiter.len()).map(str::to_owned)
    };
    // A marker that is itself a common prefix stands for all that it holds.
    let group = roll(&asked.after).filter(|group| *group == asked.after);
    let mut entries: Vec<(String, bool)> = Vec::new();
    for key in keys {
        let passed = match &group {
            Some(group) => key <= group || key.starts_with(group.as_str()),
            None => key <= &asked.after,
        };
        if !key.starts_with(asked.prefix.as_str()) || (!asked.after.is_empty() && passed) {
            continue;
        }
        let entry = roll(key).map_or((key.clone(), false), |group| (group, true));
        if entries.last() != Some(&entry) {
            entries.push(entry);
        }
    }
    entries
}

async fn v2(house: &House, asked: &Asked, token: Option<String>) -> ObjectPage {
    let op = ListObjectsV2 {
        bucket: bucket("finance"),
        prefix: asked.prefix.clone(),
        delimiter: asked.delimiter.clone(),
        start_after: asked.after.clone(),
        token,
        max_keys: asked.max,
    };
    house.objects.list_objects_v2(house.permit(op, &alice()).await).await.unwrap()
}

async fn v1(house: &House, asked: &Asked) -> ObjectPage {
    let op = ListObjects {
        bucket: bucket("finance"),
        prefix: asked.prefix.clone(),
        delimiter: asked.delimiter.clone(),
        marker: asked.after.clone(),
        max_keys: asked.max,
    };
    house.objects.list_objects(house.permit(op, &alice()).await).await.unwrap()
}

async fn versions(house: &House, asked: &Asked) -> ObjectPage {
    let op = ListObjectVersions {
        bucket: bucket("finance"),
        prefix: asked.prefix.clone(),
        delimiter: asked.delimiter.clone(),
        key_marker: asked.after.clone(),
        version_marker: None,
        max_keys: asked.max,
    };
    house.objects.list_object_versions(house.permit(op, &alice()).await).await.unwrap()
}

/// Walks all pages, and checks each against the model.
async fn compare(house: &House, keys: &BTreeSet<String>, asked: Asked) {
    let expected = model(keys, &asked);
    let names: Vec<String> = expected.iter().map(|(name, _)| name.clone()).collect();
    let (mut token, mut seen) = (None, Vec::new());
    loop {
        let page = v2(house, &asked, token).await;
        assert!(page.count() <= asked.max);
        let groups =
            expected.iter().filter(|(name, group)| *group && entries(&page).contains(name));
        assert_eq!(groups.count(), page.common_prefixes.len());
        seen.extend(entries(&page));
        assert_eq!(page.truncated, page.next_token.is_some());
        assert_eq!(page.truncated, seen.len() < names.len(), "{asked:?}");
        token = page.next_token;
        if token.is_none() {
            break;
        }
    }
    assert_eq!(seen, names, "version 2, {asked:?}");
    let (mut marker, mut first, mut third) = (asked.clone(), Vec::new(), Vec::new());
    loop {
        let page = v1(house, &marker).await;
        let same = versions(house, &marker).await;
        first.extend(entries(&page));
        third.extend(entries(&same));
        match page.next_marker {
            Some(next) => marker.after = next,
            None => break,
        }
    }
    assert_eq!(first, names, "version 1, {asked:?}");
    assert_eq!(third, names, "versions, {asked:?}");
}

/// Keys of few letters, so that they share prefixes, with what is awkward about keys.
fn key() -> impl Strategy<Value = String> {
    let letter = prop::sample::select(vec![
        "a",
        "b",
        "/",
        "/",
        "//",
        "..",
        "-",
        "ü",
        "\u{10ffff}",
        " ",
        "%2F",
        "\u{1}",
        "\u{7f}",
    ]);
    prop::collection::vec(letter, 1..6).prop_map(|letters| letters.concat())
}

fn asked() -> impl Strategy<Value = Asked> {
    let some = |strategy: BoxedStrategy<String>| prop_oneof![Just(String::new()), strategy];
    let delimiters = ["/", "//", "a", "-", "ü", "b/"].map(str::to_owned).to_vec();
    (
        some(key().boxed()),
        some(prop::sample::select(delimiters).boxed()),
        some(key().boxed()),
        1..5_usize,
    )
        .prop_map(|(prefix, delimiter, after, max)| Asked { prefix, delimiter, after, max })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_listing_is_what_the_naive_model_says(
        keys in prop::collection::btree_set(key(), 0..40),
        asked in prop::collection::vec(asked(), 1..8),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let house = House::with_bucket("finance").await;
            for key in &keys {
                house.put(key, b"").await.unwrap();
            }
            for mut asked in asked {
                compare(&house, &keys, asked.clone()).await;
                // Markers that are keys or common prefixes are the ones that clients send.
                for marker in model(&keys, &Asked { after: String::new(), ..asked.clone() }) {
                    asked.after = marker.0;
                    compare(&house, &keys, asked.clone()).await;
                }
            }
        });
    }
}

#[tokio::test]
async fn a_common_prefix_is_passed_over_by_seeking() {
    let house = House::with_bucket("finance").await;
    for group in 0..5 {
        for key in 0..1_000 {
            house.put(&format!("{group}/{key:04}"), b"").await.unwrap();
        }
    }
    house.meta.ranged.store(0, Ordering::Relaxed);
    let asked =
        Asked { prefix: String::new(), delimiter: "/".into(), after: String::new(), max: 1000 };
    let page = v2(&house, &asked, None).await;
    assert_eq!(page.common_prefixes, ["0/", "1/", "2/", "3/", "4/"]);
    let read = house.meta.ranged.load(Ordering::Relaxed);
    assert!(read < 1_000, "{read} of 5000 records were read");
}

#[tokio::test]
async fn a_page_has_at_most_a_thousand_entries_and_none_if_none_are_wanted() {
    let house = House::with_bucket("finance").await;
    for key in 0..1_001 {
        house.put(&format!("{key:04}"), b"").await.unwrap();
    }
    let mut asked =
        Asked { prefix: String::new(), delimiter: String::new(), after: String::new(), max: 5000 };
    let page = v2(&house, &asked, None).await;
    assert_eq!((page.objects.len(), page.truncated), (1000, true));
    let rest = v2(&house, &asked, page.next_token).await;
    assert_eq!((rest.objects.len(), rest.truncated), (1, false));
    asked.max = 0;
    let none = v2(&house, &asked, None).await;
    assert_eq!((none.count(), none.truncated), (0, false));
}

#[tokio::test]
async fn a_token_that_no_listing_gave_is_refused() {
    let house = House::with_bucket("finance").await;
    for token in ["", "!", "MA", "MQ", "////", "AAAA"] {
        let op = ListObjectsV2 {
            bucket: bucket("finance"),
            prefix: String::new(),
            delimiter: String::new(),
            start_after: String::new(),
            token: Some(token.to_owned()),
            max_keys: 1000,
        };
        let refused = house.objects.list_objects_v2(house.permit(op, &alice()).await).await;
        assert!(matches!(refused, Err(ObjectError::Token)), "{token}");
    }
}

#[tokio::test]
async fn a_token_goes_on_with_its_own_listing_and_no_other() {
    let house = House::with_bucket("finance").await;
    for key in ["a/1", "a/2", "b/1", "b/2"] {
        house.put(key, b"").await.unwrap();
    }
    let ask = |prefix: &str| Asked {
        prefix: prefix.into(),
        delimiter: String::new(),
        after: String::new(),
        max: 1,
    };
    let token = v2(&house, &ask("a/"), None).await.next_token;
    let page = v2(&house, &Asked { max: 10, ..ask("a/") }, token.clone()).await;
    assert_eq!(entries(&page), ["a/2"]);
    let of = |name: &str, prefix: &str, delimiter: &str, token: &str| ListObjectsV2 {
        bucket: bucket(name),
        prefix: prefix.into(),
        delimiter: delimiter.into(),
        start_after: String::new(),
        token: Some(token.into()),
        max_keys: 10,
    };
    let token = token.unwrap();
    assert!(!token.contains("YS8"), "the token shows the key: {token}");
    house.create("other", &alice()).await.unwrap();
    let mut refused = vec![
        (of("finance", "b/", "", &token), alice()),
        (of("finance", "a/", "/", &token), alice()),
        (of("other", "a/", "", &token), alice()),
    ];
    for at in 0..token.len() {
        let mut bytes = token.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        refused.push((of("finance", "a/", "", &changed), alice()));
    }
    for (op, who) in refused {
        let refused = house.objects.list_objects_v2(house.permit(op, &who).await).await;
        assert!(matches!(refused, Err(ObjectError::Token)), "{refused:?}");
    }
    // A page may have another length than the one before.
    let twin = of("finance", "a/", "", &token);
    assert!(house.objects.list_objects_v2(house.permit(twin, &alice()).await).await.is_ok());
}

#[tokio::test]
async fn a_version_marker_needs_a_key_marker() {
    let house = House::with_bucket("finance").await;
    let op = ListObjectVersions {
        bucket: bucket("finance"),
        prefix: String::new(),
        delimiter: String::new(),
        key_marker: String::new(),
        version_marker: Some("null".into()),
        max_keys: 1,
    };
    let refused = house.objects.list_object_versions(house.permit(op, &alice()).await).await;
    assert!(matches!(refused, Err(ObjectError::VersionMarker)));
}
