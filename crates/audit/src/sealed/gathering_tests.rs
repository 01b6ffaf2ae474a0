//! Terms are, byte for byte, those that a plain way makes of the same leaves: one that reads every
//! leaf as JSON, hashes every word, and writes the file as `docs/storage-format/journal.md` says.

#![cfg(test)]

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use names::RequestId;
use serde_json::json;

use crate::entry::{Closed, LeafHead, LeafKind, Opened, written};
use crate::filter::entity_of;
use crate::glance::Glance;
use crate::sealed::file::{SealedHead, Writing, crc};
use crate::sealed::gathering::Gathering;
use crate::sealed::written::{Before, read};
use crate::tamper_tests::{leaves, stopped};
use crate::who::ChainLink;

type Blocks<'l> = [Vec<&'l [u8]>];

fn head(blocks: usize) -> SealedHead {
    let leaves = u64::try_from(blocks).unwrap() * 1024;
    let mut writing = Writing::new(0..leaves).unwrap();
    (0..blocks).for_each(|_| writing.block(b"").unwrap());
    writing.finish().0
}

fn gathered(blocks: &Blocks<'_>) -> Vec<u8> {
    let mut gathering = Gathering::default();
    for block in blocks {
        gathering.block();
        block.iter().for_each(|leaf| gathering.leaf(leaf));
    }
    gathering.finish(&head(blocks.len())).bytes()
}

fn hash(letter: u8, word: &str) -> u32 {
    let mut mix = 0xcbf2_9ce4_8422_2325_u64;
    for byte in [&[letter], word.as_bytes()].concat() {
        mix = (mix ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    u32::try_from(mix >> 32).unwrap() ^ u32::try_from(mix & 0xffff_ffff).unwrap()
}

fn beginnings(resource: &str) -> Vec<u32> {
    let bytes = resource.as_bytes();
    let ends = (1..=bytes.len()).filter(|end| {
        let before = &bytes[..*end];
        let bucket = before.iter().filter(|byte| **byte == b':').count() >= 5;
        let path = before.contains(&b'/');
        let exactly = before.iter().filter(|byte| **byte == b':').count() == 5;
        matches!(bytes[end - 1], b':' | b'/') || (bucket && exactly && !path)
    });
    let hashed = ends.take(96).map(|end| {
        let mut mix = 0xcbf2_9ce4_8422_2325_u64;
        for byte in [b"r", &bytes[..end]].concat() {
            mix = (mix ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        u32::try_from(mix >> 32).unwrap() ^ u32::try_from(mix & 0xffff_ffff).unwrap()
    });
    hashed.collect()
}

fn plain_words(glance: &Glance<'_>) -> Vec<u32> {
    let mut found = Vec::new();
    if let Some(principal) = &glance.principal {
        found.extend([hash(b'p', &principal.id), hash(b'p', entity_of(&principal.id))]);
        found.extend(principal.arn.as_ref().map(|arn| hash(b'p', arn)));
    }
    found.extend(glance.credential.as_ref().map(|key| hash(b'c', key)));
    found.extend(glance.mints.as_ref().map(|minted| hash(b's', &minted.credential)));
    for link in &glance.chain {
        match link {
            ChainLink::Session(key) => found.push(hash(b's', key.as_str())),
            ChainLink::Key(key) => found.push(hash(b'k', key.as_str())),
            _ => {}
        }
    }
    if let Some(human) = &glance.human {
        found.push(hash(b'h', &human.subject));
        found.extend(human.display.as_ref().map(|label| hash(b'h', label)));
    }
    found.extend(glance.verdict.as_ref().map(|verdict| hash(b'v', verdict)));
    found.extend(glance.reason.as_ref().map(|reason| hash(b'w', &reason.code)));
    let actions = glance.checks.iter().map(|check| &check.action);
    for action in glance.operation.iter().chain(actions) {
        found.push(hash(b'a', &action.to_ascii_lowercase()));
    }
    let target = glance.target.iter().map(|target| &target.resource);
    for resource in target.chain(glance.checks.iter().map(|check| &check.resource)) {
        found.push(hash(b'o', resource));
        found.extend(beginnings(resource));
    }
    found
}

/// The file, made the plain way.
fn plainly(blocks: &Blocks<'_>) -> Vec<u8> {
    let mut terms: BTreeMap<u32, u64> = BTreeMap::new();
    let (mut entries, mut spans) = (0_u64, Vec::new());
    for (number, block) in blocks.iter().enumerate() {
        let mut begun: HashSet<RequestId> = HashSet::new();
        let (mut times, mut ids) = ((i64::MAX, i64::MIN), (i64::MAX, i64::MIN));
        let wide = |(low, high): (i64, i64), value: i64| (low.min(value), high.max(value));
        let mut found = Vec::new();
        for leaf in block {
            let Ok(glance) = serde_json::from_slice::<Glance<'_>>(leaf) else {
                let head = serde_json::from_slice::<LeafHead>(leaf).ok();
                found.extend(head.map(|head| hash(b'x', &head.id.to_string())));
                continue;
            };
            if glance.entry == LeafKind::Opened {
                entries += 1;
                begun.insert(glance.id);
                times = glance.time.map_or(times, |time| wide(times, time.millis()));
                ids = wide(ids, i64::try_from(glance.id.milliseconds()).unwrap());
            } else if !begun.contains(&glance.id) {
                found.push(hash(b'x', &glance.id.to_string()));
            }
            found.extend(plain_words(&glance));
        }
        found.into_iter().for_each(|term| *terms.entry(term).or_default() |= 1 << number);
        spans.extend([times.0, times.1, ids.0, ids.1]);
    }
    let several: Vec<u64> = terms.values().copied().filter(|bits| bits.count_ones() > 1).collect();
    let code = |bits: &u64| match bits.count_ones() {
        1 => u8::try_from(bits.trailing_zeros()).unwrap(),
        _ => 255,
    };
    let count = |count: usize| u32::try_from(count).unwrap().to_be_bytes();
    let head = head(blocks.len());
    let mut out = [&b"strongST\0\x02"[..], &head.run.start.to_be_bytes()].concat();
    out.extend(head.run.end.to_be_bytes());
    out.extend(head.fingerprint().to_be_bytes());
    out.extend(entries.to_be_bytes());
    out.extend(count(blocks.len()));
    out.extend(spans.iter().flat_map(|value| value.to_be_bytes()));
    out.extend(crc(&out).to_be_bytes());
    out.extend(count(terms.len()));
    out.extend(terms.keys().flat_map(|hash| hash.to_be_bytes()));
    out.extend(terms.values().map(code));
    out.extend(count(several.len()));
    out.extend(several.iter().flat_map(|bits| bits.to_be_bytes()));
    out.extend(crc(&out).to_be_bytes());
    out
}

const ID: &str = "01KDYH7VPE0000000000000001";

fn everything() -> serde_json::Value {
    let check = |number: u32, action: &str, resource: &str| {
        json!({"decision": format!("{ID}-{number}"), "item": number, "action": action,
            "resource": resource, "need": "required", "verdict": "explicit-deny",
            "layer": "identity", "by": {"policy": "policy:Pay@v2", "sid": "Müller", "index": 1},
            "context": [{"key": "aws:SourceIp", "values": ["10.1.2.3"]},
                {"key": "x", "values": null}, {"key": "y", "values": ["\"\\\n"]}],
            "truncated": true})
    };
    json!({"v": 1, "entry": "opened", "id": ID, "time": "2026-01-02T03:04:05.678Z",
        "verdict": "refused", "reason": {"code": "denied", "detail": "two \"words\""},
        "operation": "DeleteObjects",
        "target": {"resource": "arn:aws:s3:::pay", "detail": "a\tb"}, "account": "111122223333",
        "principal": {"kind": "role-session", "id": "AROAAAAAAAAAAAAAAAAAA:alice",
            "arn": "arn:aws:sts::111122223333:assumed-role/Clerk/alice"},
        "credential": "ASIAAAAAAAAAAAAAAAAA", "how": "sig-v4-header",
        "human": {"provider": "arn:aws:iam::111122223333:oidc-provider/idp.example.org",
            "subject": "00u1", "display": "Jörg"},
        "chain": [{"account": "111122223333"}, {"key": "AKIAAAAAAAAAAAAAAAAA"},
            {"session": "ASIAAAAAAAAAAAAAAAAA"}, {"address": "10.1.2.3"}],
        "session_expires": "2026-01-02T04:04:05.678Z",
        "source": {"ip": "10.1.2.3", "peer": "10.1.2.3:4711", "transport": "tls",
            "method": "POST", "user_agent": "a \"b\" \\c"},
        "revision": 17, "durability": "strict",
        "mints": {"credential": "ASIABBBBBBBBBBBBBBBB", "expires": "2026-01-02T04:04:05.678Z"},
        "parts": 2, "checks": [
            check(0, "s3:DeleteObject", "arn:aws:s3:::pay/2026/März/q1.csv"),
            check(1, "s3:DeleteObject", "arn:aws:s3:::pay/2026/März/q2.csv"),
            check(2, "s3:ListBucket", "arn:aws:s3:::pay"),
            check(3, "s3:DeleteObject", "arn:aws:s3:::payroll"),
            check(4, "iam:PassRole", &format!("arn:aws:iam::111122223333:role/{}", "d/".repeat(150))),
            check(5, "s3:GetObject", &format!("arn:aws:s3:::b/{}", "e/".repeat(99)))]})
}

/// First and last leaves as this program writes them: with each field that may be absent absent,
/// and with all of them.
fn variety() -> Vec<Vec<u8>> {
    let opened = |value: serde_json::Value| {
        written(&serde_json::from_value::<Opened>(value).unwrap()).unwrap()
    };
    let mut all = vec![opened(everything())];
    for absent in [
        "/reason",
        "/target",
        "/account",
        "/principal",
        "/credential",
        "/how",
        "/human",
        "/chain",
        "/session_expires",
        "/revision",
        "/mints",
        "/parts",
        "/checks",
        "/reason/detail",
        "/target/detail",
        "/principal/arn",
        "/human/display",
        "/source/ip",
        "/source/user_agent",
        "/checks/0/item",
        "/checks/0/by",
        "/checks/0/context",
        "/checks/0/truncated",
    ] {
        let mut value = everything();
        let (of, name) = absent.rsplit_once('/').unwrap();
        value.pointer_mut(of).unwrap().as_object_mut().unwrap().remove(name).unwrap();
        all.push(opened(value));
    }
    let mut stranger = everything();
    let fields = stranger.as_object_mut().unwrap();
    for name in ["account", "principal", "credential", "how", "human", "chain", "session_expires"] {
        fields.remove(name);
    }
    all.push(opened(stranger));
    let closed = json!({"v": 1, "entry": "closed", "id": ID, "time": "2026-01-02T03:04:06.000Z",
        "outcome": "cut", "cut_at": 18, "status": 207, "code": "Slow\"Down\"", "bytes_in": 0,
        "bytes_out": 120, "duration_us": 1, "parts": 1,
        "items": [{"item": 0, "status": 204}, {"item": 1, "status": 403, "code": "AccessDenied",
            "decision": format!("{ID}-1")}]});
    for absent in [None, Some("cut_at"), Some("code"), Some("parts"), Some("items")] {
        let mut closed = closed.clone();
        absent.map(|name| closed.as_object_mut().unwrap().remove(name).unwrap());
        all.push(written(&serde_json::from_value::<Closed>(closed).unwrap()).unwrap());
    }
    all
}

#[test]
fn what_this_program_writes_is_read_by_its_places() {
    let mut before = Before::default();
    for leaf in variety() {
        let text = String::from_utf8_lossy(&leaf).into_owned();
        for time in ["the first", "the second"] {
            assert!(read(&leaf, &mut before).is_some(), "{time} time: {text}");
        }
        let spaced = text.replacen(':', ": ", 1);
        assert!(read(spaced.as_bytes(), &mut before).is_none(), "{spaced}");
    }
}

#[test]
fn terms_are_those_that_a_plain_way_makes() {
    let (variety, record) = (variety(), leaves(&stopped(1, 3000)));
    let all: Vec<&[u8]> =
        variety.iter().chain(&record).chain(&variety).map(Vec::as_slice).collect();
    for leaves in [1, 7, 200, 1024] {
        let blocks: Vec<_> = all.chunks(leaves).take(64).map(<[&[u8]]>::to_vec).collect();
        assert!(gathered(&blocks) == plainly(&blocks), "{leaves} leaves a block");
    }
    assert_eq!(gathered(&[]), plainly(&[]));
    assert_eq!(gathered(&[vec![], vec![b"{}"]]), plainly(&[vec![], vec![b"{}"]]));
}

/// The leaf with something else in one place: each byte another, gone, or twice, and what is after
/// it cut off.
fn damaged(leaf: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    (0..leaf.len()).flat_map(move |at| {
        let (before, after) = leaf.split_at(at);
        let (own, rest) = after.split_at(1);
        let others = [&b"\""[..], b"\\", b",", b"}", b" ", b"\n", b"\xff", b"0"];
        let kinds = others.into_iter().chain([&b""[..], b"null"]);
        let whole = kinds.map(move |new| [before, new, rest].concat());
        whole.chain([[before, own, after].concat(), before.to_vec()])
    })
}

#[test]
fn a_damaged_leaf_adds_what_the_plain_way_finds_in_it_whatever_came_before() {
    let variety = variety();
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/audit_entry");
    let kept = std::fs::read_dir(corpus).unwrap();
    let kept: Vec<Vec<u8>> =
        kept.map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect();
    let mut first = everything();
    first["checks"] = [first["checks"][0].clone()].into();
    let first = written(&serde_json::from_value::<Opened>(first).unwrap()).unwrap();
    let last = variety.last().unwrap();
    for leaf in [&first, last].into_iter().chain(&kept) {
        let damaged: Vec<Vec<u8>> = damaged(leaf).collect();
        for some in damaged.chunks(63) {
            // The leaf itself comes first, so that what is remembered of it could do harm.
            let mut blocks = vec![vec![leaf.as_slice()]];
            blocks.extend(some.iter().map(|leaf| vec![leaf.as_slice()]));
            if gathered(&blocks) != plainly(&blocks) {
                for damaged in some {
                    let blocks = [vec![leaf.as_slice()], vec![damaged.as_slice()]];
                    let text = String::from_utf8_lossy(damaged);
                    assert_eq!(gathered(&blocks), plainly(&blocks), "{text}");
                }
                panic!("only together: {}", String::from_utf8_lossy(leaf));
            }
        }
    }
}
