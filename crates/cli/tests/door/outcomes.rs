//! Every row of the operation table meets every outcome that it can have, and leaves one entry each
//! time: what it names is not there, what it is asked is wrong, the server cannot do it. That it is
//! allowed, denied or nobody's is `rows.rs`, that its client goes away is `parted.rs`.
//!
//! A row that cannot have an outcome is in a list with the reason, which these tests hold to be as
//! short as it can be.

use std::collections::{BTreeMap, BTreeSet};

use api::operation::{Effect, table};
use audit::Reader;
use audit::disk::FileDisk;
use audit::entry::{Closed, Ending, Entrance, Leaf, Opened};

use crate::client::{Ask, By, Client, FILE_BYTES_MAX};
use crate::fixture::{EVERYTHING, Maker};
use crate::golden::key;
use crate::samples::{Sample, samples};
use crate::server::{Server, root};

/// Rows for which nothing can be missing, and why.
const NOTHING_TO_MISS: &[(&str, &[&str])] = &[
    (
        "it makes what it names",
        &[
            "CreateBucket",
            "POST accounts",
            "POST backup",
            "POST providers",
            "PUT audit/holds/{}",
            "iam:CreateAccountAlias",
            "iam:CreateGroup",
            "iam:CreateOpenIDConnectProvider",
            "iam:CreatePolicy",
            "iam:CreateRole",
            "iam:CreateSAMLProvider",
            "iam:CreateUser",
            "iam:CreateVirtualMFADevice",
            "organizations:CreatePolicy",
        ],
    ),
    (
        "it tells what there is, if only nothing",
        &[
            "GET accounts",
            "GET audit",
            "GET audit/holds",
            "GET audit/stats",
            "GET audit/tail",
            "GET audit/timeline",
            "GET providers",
            "GET sessions",
            "ListBuckets",
            "iam:GetAccountAuthorizationDetails",
            "iam:ListAccountAliases",
            "iam:ListGroups",
            "iam:ListOpenIDConnectProviders",
            "iam:ListPolicies",
            "iam:ListRoles",
            "iam:ListSAMLProviders",
            "iam:ListUsers",
            "iam:ListVirtualMFADevices",
            "organizations:ListAWSServiceAccessForOrganization",
            "organizations:ListAccounts",
            "organizations:ListPolicies",
            "organizations:ListRoots",
        ],
    ),
    (
        "it is about the caller, its account or the installation, which are there",
        &[
            "DeleteAccountPublicAccessBlock",
            "GET audit/checkpoint",
            "GET audit/verify",
            "GET whoami",
            "POST keys/rotate",
            "PutAccountPublicAccessBlock",
            "iam:GenerateCredentialReport",
            "iam:GetAccountSummary",
            "iam:UpdateAccountPasswordPolicy",
            "organizations:DescribeOrganization",
            "sts:GetCallerIdentity",
            "sts:GetFederationToken",
            "sts:GetSessionToken",
        ],
    ),
    (
        "all that it looks at is in the request",
        &[
            "POST providers/check",
            "access-analyzer:/policy/check-access-not-granted",
            "access-analyzer:/policy/check-no-new-access",
            "access-analyzer:/policy/check-no-public-access",
            "access-analyzer:/policy/validation",
            "iam:GetContextKeysForCustomPolicy",
            "iam:SimulateCustomPolicy",
        ],
    ),
    ("a role that is not there is one that may not be assumed (403)", &["sts:AssumeRole"]),
    (
        "what is past the end of the record is asked wrongly (400)",
        &["GET audit/export", "GET audit/growth", "GET audit/prove"],
    ),
    ("what no decision left is no message (400)", &["sts:DecodeAuthorizationMessage"]),
];

/// Rows that are answered from memory, or take something away: no disk that is full keeps them.
fn needs_no_room(effect: Effect) -> bool {
    match effect {
        // It goes on while the disk is full; a broken one: `faulted` in the server.
        Effect::Read | Effect::Remove => true,
        Effect::Write => false,
    }
}

/// What a request was called, and the leaves of its entry.
struct Entry {
    opened: Vec<Opened>,
    closed: Vec<Closed>,
}

/// The entries of the requests by their ids, as the server's journal has them.
fn entries(server: &Server, client: Client) -> BTreeMap<String, Entry> {
    client.send(&Ask::admin("GET", "audit?limit=1", ""), By::Key(&root())).expect(200);
    let disk = FileDisk::new(server.journal());
    let mut found: BTreeMap<String, Entry> = BTreeMap::new();
    let mut of = |id: names::RequestId, take: &mut dyn FnMut(&mut Entry)| {
        let fresh = || Entry { opened: Vec::new(), closed: Vec::new() };
        take(found.entry(id.to_string()).or_insert_with(fresh));
    };
    for leaf in Reader::open(&disk).unwrap().leaves(0) {
        match leaf.unwrap().1 {
            Leaf::Opened(leaf) => of(leaf.id, &mut |entry| entry.opened.push((*leaf).clone())),
            Leaf::Closed(leaf) => of(leaf.id, &mut |entry| entry.closed.push(leaf.clone())),
            _ => {}
        }
    }
    found
}

/// A request of a sample with nothing that the others would have made: every name is another one.
fn alone(sample: &Sample) -> Ask {
    let headers = sample.ask.headers.iter().map(|(name, value)| match *name {
        "x-amz-copy-source" => (*name, elsewhere(value)),
        _ => (*name, value.clone()),
    });
    let body = elsewhere(std::str::from_utf8(&sample.ask.body).unwrap()).into_bytes();
    let (target, headers) = (elsewhere(&sample.ask.target), headers.collect());
    Ask { target, headers, body, ..sample.ask.clone() }
}

/// What names of samples, and places in them, are here: right to read, and never made.
const ELSEWHERE: &[(&str, &str)] = &[
    ("/rows", "/never-made"),
    (":::rows", ":::never-made"),
    ("exact", "never-was"),
    ("Rested", "NeverWas"),
    ("leaf:0", "leaf:99999999"),
    ("size=1", "size=99999999"),
    ("from=0&to=1", "from=99999998&to=99999999"),
    (r#""RootId":"{root}""#, r#""RootId":"r-zzzz""#),
    ("{root}", "ou-zzzz-yyyyyyyy"),
    ("{unit}", "ou-zzzz-zzzzzzzz"),
    ("{control}", "p-zzzzzzzz"),
    ("{key}", "AKIANEVERNEVERNEVERN"),
    ("{holder}", "AKIANEVERNEVERNEVERN"),
    ("{service}", "AKIANEVERNEVERNEVERN"),
    ("{decision}", "01KDYH7VPE0000000000000001-0"),
    ("{job}", "00000000-0000-4000-8000-000000000000"),
    ("{code-2}", "123456"),
    ("{code-1}", "234567"),
    ("{code+0}", "345678"),
    ("{code+1}", "456789"),
    ("{upload}", "never"),
    ("{given-up}", "never"),
    ("{etag}", "never"),
    ("{directory}", "/dev/null"),
];

fn elsewhere(text: &str) -> String {
    ELSEWHERE.iter().fold(text.to_owned(), |text, (here, there)| text.replace(here, there))
}

/// The same, asked wrongly, in the way of its dialect.
fn wrong(sample: &Sample) -> Ask {
    let ask = alone(sample);
    let body = String::from_utf8(ask.body.clone()).unwrap();
    match ask.service {
        "iam" | "sts" => ask.body(format!("{body}&NobodyKnowsThis=1")),
        "organizations" | "access-analyzer" => ask.body(format!("{body} and more")),
        // The policy of the form lets in no file so long.
        _ if !ask.fields.is_empty() => ask.body("x".repeat(FILE_BYTES_MAX + 1)),
        // Of every other row: whose bucket it is said to be is no account.
        _ => ask.with("x-amz-expected-bucket-owner", "nobody"),
    }
}

struct Asked {
    row: &'static str,
    what: String,
    id: String,
    status: u16,
}

/// Asks for each sample as that user, what removes before what makes: nothing is there yet.
fn ask_all(client: Client, by: By<'_>, made: impl Fn(&Sample) -> Ask) -> Vec<Asked> {
    let asked = samples().into_iter().rev().map(|sample| {
        let ask = made(&sample);
        let answer = client.send(&ask, by);
        let (id, status) = (answer.request_id().to_owned(), answer.status);
        let what =
            format!("{} {} {}: {} {}", sample.row, ask.method, ask.target, status, answer.code());
        Asked { row: sample.row, what, id, status }
    });
    asked.collect()
}

/// Each has one entry, whole, that says what was answered.
fn recorded(server: &Server, client: Client, asked: &[Asked]) -> BTreeMap<String, Entry> {
    let entries = entries(server, client);
    let bad = asked.iter().filter(|one| {
        let entry = entries.get(&one.id).map(|entry| (&*entry.opened, &*entry.closed));
        !matches!(entry, Some(([_], [closed]))
            if closed.status == one.status && closed.outcome == Ending::Done)
    });
    let bad: Vec<_> = bad.map(|one| format!("{} ({})", one.what, one.id)).collect();
    assert!(bad.is_empty(), "without an entry that says so:\n{}", bad.join("\n"));
    entries
}

/// The rows of samples.
fn rows() -> BTreeSet<&'static str> {
    samples().iter().map(|sample| sample.row).collect()
}

#[test]
fn every_row_whose_thing_is_not_there_says_so_and_is_on_record_and_the_others_are_listed() {
    let server = Server::start("");
    let (client, root) = (Client { address: server.address, now: None }, root());
    let admin = Maker { client, by: &root }.user("outcomes-admin", Some(EVERYTHING));
    let asked = ask_all(client, By::Key(&admin), alone);
    recorded(&server, client, &asked);
    let missed: BTreeSet<&str> = asked
        .iter()
        .filter(|one| matches!(one.status, 404 | 410) || one.what.ends_with("NotFoundException"))
        .map(|one| one.row)
        .collect();
    let listed: BTreeSet<&str> =
        NOTHING_TO_MISS.iter().flat_map(|(_, rows)| rows.iter().copied()).collect();
    let left: BTreeSet<&str> = rows().difference(&missed).copied().collect();
    let told: Vec<_> =
        asked.iter().filter(|one| left.contains(one.row)).map(|one| &one.what).collect();
    assert_eq!(left, listed, "{told:#?}");
}

#[test]
fn every_row_that_is_asked_wrongly_by_one_who_may_is_refused_with_one_entry() {
    let server = Server::start("");
    let (client, root) = (Client { address: server.address, now: None }, root());
    let admin = Maker { client, by: &root }.user("outcomes-admin", Some(EVERYTHING));
    Maker { client, by: &root }.bucket("never-made");
    let asked = ask_all(client, By::Key(&admin), wrong);
    let entries = recorded(&server, client, &asked);
    let fine: Vec<_> = asked.iter().filter(|one| one.status != 400).map(|one| &one.what).collect();
    assert!(fine.is_empty(), "not refused as asked wrongly: {fine:#?}");
    for one in &asked {
        let opened = &entries[&one.id].opened[0];
        let who = opened.credential.as_ref().map(|key| key.as_str());
        assert_eq!(who, Some(admin.access_key_id.as_str()), "{}", one.what);
    }
}

#[test]
fn every_row_that_stores_something_fails_on_a_full_disk_with_one_entry_and_the_others_do_not() {
    // More than any disk has: the reserve is never there.
    let server = Server::start("").again_with("STRONGROOM_STORE_RESERVE_BYTES", "1000000000000000");
    let (client, root) = (Client { address: server.address, now: None }, root());
    let stores = |row: &str| {
        let row = table().iter().find(|one| key(one) == row).unwrap();
        !needs_no_room(row.effect)
    };
    let asked = ask_all(client, By::Key(&root), alone);
    let entries = recorded(&server, client, &asked);
    let mut failed = 0;
    for one in &asked {
        let failing = one.status == 507;
        assert_eq!(failing, stores(one.row), "{}", one.what);
        if failing {
            let opened = &entries[&one.id].opened[0];
            let reason = opened.reason.as_ref().map(|reason| reason.code.as_str());
            assert_eq!((opened.verdict, reason), (Entrance::Refused, Some("no-space")));
            failed += 1;
        }
    }
    assert!(failed > 60, "only {failed} rows store something");
}

#[test]
fn a_backup_to_where_none_can_be_made_is_refused_with_what_is_wrong_with_the_place() {
    let server = Server::start("");
    let (client, root) = (Client { address: server.address, now: None }, root());
    let place = |name: &str| server.directory().join(name).display().to_string();
    std::fs::create_dir(place("used")).unwrap();
    std::fs::write(place("used/a"), "a").unwrap();
    let ask = |directory: &str| {
        let body = serde_json::json!({ "directory": directory }).to_string();
        client.send(&Ask::admin("POST", "backup", &body), By::Key(&root))
    };
    for (directory, status, code, why) in [
        // A file in the way, a file system that takes no directories, and those that are taken.
        (place("used/a/b"), 400, "DirectoryUnusable", "Not a directory"),
        ("/proc/backup".to_owned(), 400, "DirectoryUnusable", "No such file"),
        (place("data"), 409, "DirectoryInUse", "in use"),
        (place("used"), 409, "DirectoryNotEmpty", "not empty"),
        ("used".to_owned(), 400, "ValidationError", "absolute"),
    ] {
        let answer = ask(&directory);
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{answer:?}");
        assert!(answer.body.contains(&directory) && answer.body.contains(why), "{answer:?}");
    }
    ask(&place("fresh")).expect(200);
}
