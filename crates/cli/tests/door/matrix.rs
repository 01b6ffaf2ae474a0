//! Actor × operation × resource, as a golden table of who may (✓) and who may not (✗).
//!
//! Every cell is a request to the server: a new actor, operation or resource is a new line or
//! column of the golden file, and a right that somebody gains or loses is a changed one.

use std::fmt::Write as _;

use serde_json::json;
use signing::sign::Credentials;

use crate::client::{Ask, By};
use crate::fixture::{EVERYTHING, House, Maker, PARTNER, encoded, house, session, trusts};
use crate::golden::compare;
use crate::server::OWNER;

/// The bucket that the rights are about.
const VAULT: &str = "matrix-vault";
/// A bucket of the same account that no policy names.
const OTHER: &str = "matrix-other";

/// Who asks: the name that its own prefix has, and the credential.
struct Actor {
    name: &'static str,
    credentials: Option<Credentials>,
}

/// What is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    GetObject,
    PutObject,
    DeleteObject,
    ListBucket,
    PutBucketPolicy,
    CreateUser,
    AssumeRole,
}

const OPERATIONS: &[(What, &str)] = &[
    (What::GetObject, "GetObject"),
    (What::PutObject, "PutObject"),
    (What::DeleteObject, "DeleteObject"),
    (What::ListBucket, "ListBucket"),
    (What::PutBucketPolicy, "PutBucketPolicy"),
    (What::CreateUser, "CreateUser"),
    (What::AssumeRole, "AssumeRole"),
];

/// A bucket and a prefix in it; `{own}` is the actor's name.
const RESOURCES: &[(&str, &str, &str)] = &[
    ("own prefix", VAULT, "home/{own}/"),
    ("other prefix", VAULT, "home/somebody/"),
    ("public prefix", VAULT, "public/"),
    ("other bucket", OTHER, ""),
];

#[test]
fn everybody_may_do_what_the_reviewed_table_says_and_nothing_else() {
    let house = house();
    let make = house.make();
    make.bucket(VAULT);
    make.bucket(OTHER);
    make.send(&Ask::s3("DELETE", &format!("/{OTHER}?publicAccessBlock"))).expect(204);
    make.role("MatrixTarget", &trusts(&format!("arn:aws:iam::{OWNER}:root")), EVERYTHING);
    let actors = actors(&house, make);
    // A fresh bucket refuses public policies until somebody says otherwise.
    make.send(&Ask::s3("DELETE", &format!("/{VAULT}?publicAccessBlock"))).expect(204);
    make.send(&Ask::s3("PUT", &format!("/{VAULT}?policy")).body(vault_policy())).expect(204);
    let mut table = String::from("# ✓ may, ✗ may not; the answer of a running server to each\n");
    for actor in &actors {
        for (what, operation) in OPERATIONS {
            let cells: Vec<String> = RESOURCES
                .iter()
                .map(|(resource, bucket, prefix)| {
                    let prefix = prefix.replace("{own}", actor.name);
                    let may = may(make, actor, *what, (bucket, &prefix));
                    format!("{} {resource}", if may { "✓" } else { "✗" })
                })
                .collect();
            writeln!(table, "{:<24} {operation:<16} {}", actor.name, cells.join("  ")).unwrap();
        }
    }
    compare("matrix.txt", &table);
}

fn allow(statements: &serde_json::Value) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn actors(house: &House, make: Maker<'_>) -> Vec<Actor> {
    let reads =
        json!({"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "*"});
    let home = json!([
        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
         "Resource": format!("arn:aws:s3:::{VAULT}/home/${{aws:username}}/*")},
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": format!("arn:aws:s3:::{VAULT}"),
         "Condition": {"StringLike": {"s3:prefix": "home/${aws:username}/*"}}},
    ]);
    let vault = json!({"Effect": "Allow", "Action": "s3:*",
        "Resource": [format!("arn:aws:s3:::{VAULT}"), format!("arn:aws:s3:::{VAULT}/*")]});
    let narrow = json!({"Effect": "Allow", "Action": "s3:GetObject",
        "Resource": format!("arn:aws:s3:::{VAULT}/home/narrowed-session/*")});
    let bound = json!({"Effect": "Allow", "Action": ["s3:Get*", "s3:List*"], "Resource": "*"});
    let own_root = trusts(&format!("arn:aws:iam::{OWNER}:root"));
    make.role("Vault", &own_root, &allow(&vault));
    let admins = Maker { client: house.client, by: &house.admin };
    let bounded = make.user("bounded-user", Some(EVERYTHING));
    let fields = format!("PolicyName=Bound&PolicyDocument={}", encoded(&allow(&bound)));
    make.iam("CreatePolicy", &fields);
    let arn = encoded(&format!("arn:aws:iam::{OWNER}:policy/Bound"));
    let fields = format!("UserName=bounded-user&PermissionsBoundary={arn}");
    make.iam("PutUserPermissionsBoundary", &fields);
    let actor = |name, credentials| Actor { name, credentials: Some(credentials) };
    vec![
        actor("root", house.root.clone()),
        actor("admin-user", make.user("admin-user", Some(EVERYTHING))),
        actor("reader-user", make.user("reader-user", Some(&allow(&reads)))),
        actor("prefix-reader", make.user("prefix-reader", Some(&allow(&home)))),
        actor("role-session", admins.session("Vault", "role-session", "")),
        actor("narrowed-session", admins.session("Vault", "narrowed-session", &allow(&narrow))),
        actor("bounded-user", bounded),
        actor("partner-root", house.partner.clone()),
        actor("partner-role", partner_role(house)),
        Actor { name: "anonymous", credentials: None },
    ]
}

/// A session of a role of the other account, whose own policies allow everything.
fn partner_role(house: &House) -> Credentials {
    let partner = Maker { client: house.client, by: &house.partner };
    let trust = trusts(&format!("arn:aws:iam::{PARTNER}:root"));
    partner.role("Partner", &trust, EVERYTHING);
    let user = partner.user("partner-user", Some(EVERYTHING));
    let role = encoded(&format!("arn:aws:iam::{PARTNER}:role/Partner"));
    let fields = format!("RoleArn={role}&RoleSessionName=partner-role");
    let assume = Ask::form("sts", "AssumeRole", &fields);
    session(&house.send(&assume, &user).expect(200))
}

/// Anybody reads below `public/`; the partner's role reads and writes its own prefix.
fn vault_policy() -> String {
    allow(&json!([
        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
         "Resource": format!("arn:aws:s3:::{VAULT}/public/*")},
        {"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{PARTNER}:role/Partner")},
         "Action": ["s3:GetObject", "s3:PutObject"],
         "Resource": format!("arn:aws:s3:::{VAULT}/home/partner-role/*")},
    ]))
}

/// Asks, and says whether it was let in. Whatever the request takes away is put back first.
fn may(make: Maker<'_>, actor: &Actor, what: What, (bucket, prefix): (&str, &str)) -> bool {
    let object = format!("/{bucket}/{prefix}file");
    make.object(&object);
    let ask = match what {
        What::GetObject => Ask::s3("GET", &object),
        What::PutObject => Ask::s3("PUT", &object).body("new content"),
        What::DeleteObject => Ask::s3("DELETE", &object),
        What::ListBucket => {
            Ask::s3("GET", &format!("/{bucket}?list-type=2&prefix={}", encoded(prefix)))
        }
        What::PutBucketPolicy => Ask::s3("PUT", &format!("/{bucket}?policy")).body(policy(bucket)),
        What::CreateUser => {
            let path = encoded(&format!("/{bucket}/"));
            Ask::form("iam", "CreateUser", &format!("UserName=made&Path={path}"))
        }
        What::AssumeRole => {
            let role = encoded(&format!("arn:aws:iam::{OWNER}:role/MatrixTarget"));
            Ask::form("sts", "AssumeRole", &format!("RoleArn={role}&RoleSessionName=made"))
        }
    };
    let by = actor.credentials.as_ref().map_or(By::Nobody, By::Key);
    let answer = make.client.send(&ask, by);
    assert!(
        answer.status < 300 || answer.status == 403,
        "{} {}: {answer:?}",
        actor.name,
        ask.target
    );
    if what == What::CreateUser && answer.status < 300 {
        let by = Maker { client: make.client, by: actor.credentials.as_ref().unwrap() };
        by.iam("DeleteUser", "UserName=made");
    }
    answer.status < 300
}

/// The policy that the bucket has already.
fn policy(bucket: &str) -> String {
    match bucket {
        VAULT => vault_policy(),
        _ => allow(&json!({"Effect": "Deny", "Principal": "*", "Action": "s3:GetObjectTorrent",
            "Resource": format!("arn:aws:s3:::{bucket}/*")})),
    }
}
