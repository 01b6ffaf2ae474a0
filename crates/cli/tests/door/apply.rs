//! `strongroom apply` on the real server, each test in an account of its own.

use std::io::Write as _;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::Arc;

use serde_json::{Value, json};
use signing::sign::Credentials;

use crate::client::{Ask, By, Client};
use crate::fixture::{House, Maker, house};
use crate::server::Server;

/// An account, and whoever applies files to it.
struct Land {
    house: Arc<House>,
    root: Credentials,
    by: Credentials,
}

/// What a run left behind.
struct Ran {
    status: i32,
    out: String,
    err: String,
}

impl Ran {
    /// Applies a file at a server.
    fn of(server: SocketAddr, by: &Credentials, (file, flags): (&Value, &[&str])) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_strongroom"))
            .args(["apply", "-", "--endpoint", &format!("http://{server}")])
            .args(flags)
            .env_clear()
            .env("AWS_ACCESS_KEY_ID", by.access_key_id.as_str())
            .env("AWS_SECRET_ACCESS_KEY", by.secret.expose())
            .envs(by.session_token.as_ref().map(|token| ("AWS_SESSION_TOKEN", token)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(file.to_string().as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        Self {
            status: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Land {
    fn new(id: &str) -> Self {
        let house = house();
        let root = house.make().account(id, &format!("applied {id}"));
        let by = root.clone();
        Self { house, root, by }
    }

    fn make(&self) -> Maker<'_> {
        Maker { client: self.house.client, by: &self.root }
    }

    fn apply(&self, file: &Value, flags: &[&str]) -> Ran {
        Ran::of(self.house.server.address, &self.by, (file, flags))
    }

    #[track_caller]
    fn applied(&self, file: &Value, flags: &[&str]) -> String {
        let ran = self.apply(file, flags);
        assert_eq!(ran.status, 0, "{}\n{}", ran.out, ran.err);
        ran.out
    }

    fn has_user(&self, name: &str) -> bool {
        let ask = Ask::form("iam", "GetUser", &format!("UserName={name}"));
        self.house.send(&ask, &self.root).status == 200
    }
}

fn allow(action: &str) -> Value {
    json!({"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]})
}

/// A file with something of every kind.
fn everything(account: &str, bucket: &str) -> Value {
    json!({
        "policies": {
            "Read": {"document": allow("s3:GetObject"), "description": "reads",
                "tags": {"team": "a b=c"}},
            "Bound": {"path": "/bounds/", "document": allow("s3:*")},
        },
        "groups": {"readers": {"policies": ["Read"], "inline": {"own": allow("s3:ListBucket")}}},
        "users": {
            "ana": {"path": "/people/", "groups": ["readers"], "boundary": "Bound",
                "tags": {"team": "a"},
                "policies": ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]},
        },
        "roles": {
            "First": {"session_seconds_max": 7200, "description": "one",
                "trust": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
                    "Principal": {"AWS": format!("arn:aws:iam::{account}:role/Second")},
                    "Action": "sts:AssumeRole"}]},
                "policies": ["Read"]},
            "Second": {"trust": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
                "Principal": {"AWS": format!("arn:aws:iam::{account}:user/people/ana")},
                "Action": "sts:AssumeRole"}]}, "inline": {"own": allow("s3:PutObject")}},
        },
        "oidc_providers": {"https://apply.example": {"client_ids": ["x", "y"],
            "tags": {"k": "v"}}},
        "buckets": {bucket: {"policy": {"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{account}:role/Second")},
            "Action": "s3:GetObject", "Resource": format!("arn:aws:s3:::{bucket}/*")}]}}},
    })
}

#[test]
fn a_file_that_is_applied_twice_changes_nothing_the_second_time() {
    let land = Land::new("700000000001");
    let file = everything("700000000001", "applied-bucket");
    let plan = land.apply(&file, &["--plan"]);
    assert_eq!(plan.status, 0, "{}", plan.err);
    assert!(plan.out.contains("user ana") && !land.has_user("ana"), "{}", plan.out);
    assert_eq!(land.apply(&file, &["--check"]).status, 1);
    let first = land.applied(&file, &[]);
    assert!(first.contains("user ana may do more than before"), "{first}");
    assert!(!first.contains("aws:userid"), "{first}");
    assert!(land.has_user("ana"));
    let second = land.apply(&file, &["--check", "--prune"]);
    assert_eq!((second.status, second.out.trim()), (0, "nothing to change"), "{}", second.err);
    assert_eq!(land.applied(&file, &[]).trim(), "nothing to change");
}

#[test]
fn what_somebody_changed_by_hand_is_seen_with_its_effect_on_rights_and_put_right() {
    let land = Land::new("700000000002");
    let file = json!({
        "policies": {"P": {"document": allow("s3:GetObject"), "tags": {}}},
        "users": {"eve": {"policies": ["P"], "inline": {}, "tags": {"a": "1"}, "boundary": null}},
    });
    land.applied(&file, &[]);
    land.make().allow("eve", &allow("s3:*").to_string());
    land.make().iam("TagUser", "UserName=eve&Tags.member.1.Key=b&Tags.member.1.Value=2");
    let drift = land.apply(&file, &["--check"]);
    assert_eq!(drift.status, 1, "{}", drift.err);
    for said in
        ["delete inline policy own", "untag b", "user eve may do less than before:", "  - s3:"]
    {
        assert!(drift.out.contains(said), "{said}: {}", drift.out);
    }
    land.applied(&file, &[]);
    assert_eq!(land.apply(&file, &["--check"]).status, 0);
}

#[test]
fn a_member_that_is_not_written_is_left_as_it_is() {
    let land = Land::new("700000000003");
    land.make().user("old", Some(&allow("s3:GetObject").to_string()));
    let file = json!({"users": {"old": {"tags": {"a": "1"}}}});
    let out = land.applied(&file, &[]);
    assert!(out.contains("tag a") && !out.contains("inline"), "{out}");
}

#[test]
fn pruning_removes_what_the_file_does_not_name_of_the_kinds_it_speaks_of() {
    let land = Land::new("700000000004");
    land.make().user("gone", Some(&allow("s3:GetObject").to_string()));
    land.make().user("stays", None);
    land.make().role(
        "Stays",
        &crate::fixture::trusts("arn:aws:iam::700000000004:root"),
        &allow("s3:*").to_string(),
    );
    let file = json!({"users": {"stays": {}}, "policies": {}});
    assert_eq!(land.applied(&file, &[]).trim(), "nothing to change");
    let plan = land.applied(&file, &["--plan", "--prune"]);
    assert!(plan.contains("delete access key") && plan.contains("user gone"), "{plan}");
    land.applied(&file, &["--prune"]);
    assert!(!land.has_user("gone") && land.has_user("stays"));
    assert!(land.applied(&file, &["--prune"]).contains("nothing to change"));
    land.make().iam("GetRole", "RoleName=Stays");
}

#[test]
fn whoever_applies_a_file_cannot_lock_itself_out() {
    let mut land = Land::new("700000000005");
    land.by = land.make().user("boss", Some(&allow("*").to_string()));
    for (file, flags) in [
        (json!({"users": {"ana": {}}}), &["--prune"][..]),
        (json!({"users": {"boss": {"inline": {}}}}), &[]),
        (
            json!({"users": {"boss": {"boundary": "B"}},
            "policies": {"B": {"document": allow("s3:*")}}}),
            &[],
        ),
    ] {
        let ran = land.apply(&file, flags);
        assert_eq!(ran.status, 2, "{file}: {}", ran.out);
        assert!(ran.err.contains("nothing was changed"), "{}", ran.err);
        assert!(land.has_user("boss") && !land.has_user("ana"));
    }
    // With another right to administer in its place it may.
    let file = json!({"users": {"boss": {"inline": {},
        "policies": ["arn:aws:iam::aws:policy/AdministratorAccess"]}}});
    land.applied(&file, &[]);
}

#[test]
fn the_last_administrator_stays_even_for_a_root() {
    let land = Land::new("700000000006");
    land.make().user("boss", Some(&allow("*").to_string()));
    let ran = land.apply(&json!({"users": {"boss": {"inline": {}}}}), &[]);
    assert_eq!(ran.status, 2, "{}", ran.out);
    assert!(ran.err.contains("no user and no role could administer"), "{}", ran.err);
    let file = json!({"users": {"boss": {"inline": {}}, "next": {"inline": {"all": allow("*")}}}});
    land.applied(&file, &[]);
}

#[test]
fn a_file_in_which_something_is_wrong_changes_nothing() {
    let land = Land::new("700000000007");
    let good = json!({"inline": {"p": allow("s3:GetObject")}});
    for (more, said) in [
        (json!({"users": {"good": good, "bad": {"policies": ["Missing"]}}}), "no policy `Missing`"),
        (json!({"users": {"good": good, "bad": {"groups": ["missing"]}}}), "no group `missing`"),
        (json!({"users": {"good": good, "b d": {}}}), "user `b d`"),
        (json!({"users": {"good": good, "bad": {"trust": {}}}}), "a user has no `trust`"),
        (json!({"users": {"good": good}, "roles": {"R": {}}}), "a role needs `trust`"),
        (json!({"users": {"good": good, "bad": {"inline": {"p": {"Statement": 3}}}}}), "inline"),
        (json!({"users": {"good": good, "bad": {"polices": []}}}), "polices"),
        (json!({"users": {"good": good, "bad": {"tags": {"a": "b&c"}}}}), "the tag `a`"),
    ] {
        let ran = land.apply(&more, &[]);
        assert_eq!(ran.status, 2, "{more}: {}", ran.out);
        assert!(ran.err.contains(said), "{said}: {}", ran.err);
        assert!(!land.has_user("good"));
    }
}

#[test]
fn whoever_may_not_is_refused_as_by_every_other_way() {
    let mut land = Land::new("700000000008");
    land.by = land.make().user("nobody", None);
    let ran = land.apply(&json!({"users": {"new": {}}}), &[]);
    assert_eq!(ran.status, 4, "{}", ran.err);
    let reads = allow("iam:Get*");
    land.make().allow("nobody", &reads.to_string());
    let ran = land.apply(&json!({"users": {"new": {}}}), &[]);
    assert_eq!(ran.status, 4, "{}", ran.err);
    assert!(ran.err.contains("iam:CreateUser") && !land.has_user("new"), "{}", ran.err);
}

#[test]
fn an_account_is_made_with_the_id_and_the_root_credential_that_are_given_and_no_secret_is_shown() {
    let mut land = Land::new("700000000009");
    land.by = land.house.root.clone();
    let directory = tempfile::tempdir().unwrap();
    let key = directory.path().join("root.key");
    let secret = "a-given-secret-of-at-least-32-characters";
    std::fs::write(&key, format!("AKIAGIVENGIVENGIVEN0\n{secret}\n")).unwrap();
    let account = |more: Value| {
        let mut account = json!({"name": "fixed"});
        account.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"accounts": {"700000000010": account}})
    };
    let without = land.apply(&account(json!({})), &[]);
    assert_eq!(without.status, 2, "{}", without.out);
    assert!(without.err.contains("root_key_file"), "{}", without.err);
    let file = account(json!({"root_key_file": key, "session_seconds_max": 7200}));
    let made = land.apply(&file, &[]);
    assert_eq!(made.status, 0, "{}", made.err);
    assert!(!made.out.contains(secret) && !made.err.contains(secret));
    assert_eq!(land.applied(&file, &["--check"]).trim(), "nothing to change");
    let root = crate::server::credentials("AKIAGIVENGIVENGIVEN0", secret, None);
    let who = land.house.send(&Ask::admin("GET", "whoami", ""), &root).expect(200).json();
    assert_eq!(who["arn"], "arn:aws:iam::700000000010:root");
    let file = account(json!({"session_seconds_max": null}));
    assert!(land.applied(&file, &[]).contains("change what bounds it"));
    // Whoever is not the operator may not.
    land.by = land.root.clone();
    assert_eq!(land.apply(&account(json!({"session_seconds_max": 900})), &[]).status, 4);
}

#[test]
fn an_account_keeps_its_buckets_from_the_public_and_says_who_owns_what_is_in_them() {
    let land = Land::new("700000000011");
    let block = |on: bool| {
        json!({"block_public_acls": true, "ignore_public_acls": on, "block_public_policy": on,
            "restrict_public_buckets": on})
    };
    let file = |on: bool, ownership: Value| {
        json!({"account": {"public_access_block": block(on)},
            "buckets": {"applied-owned": {"ownership": ownership}}})
    };
    let first = file(true, json!("ObjectWriter"));
    let said = land.applied(&first, &[]);
    assert!(said.contains("set its public-access block"), "{said}");
    assert!(said.contains("say who owns what is in it"), "{said}");
    assert_eq!(land.applied(&first, &["--check"]).trim(), "nothing to change");
    let second = file(false, Value::Null);
    assert_eq!(land.apply(&second, &["--check"]).status, 1);
    land.applied(&second, &[]);
    assert_eq!(land.applied(&second, &["--check"]).trim(), "nothing to change");
    let ask = Ask::s3("GET", "/applied-owned?ownershipControls");
    land.house.send(&ask, &land.root).expect(404);
    let gone = json!({"account": {"public_access_block": null}});
    land.applied(&gone, &[]);
    assert_eq!(land.applied(&gone, &["--check"]).trim(), "nothing to change");
    let wrong = land.apply(&file(true, json!("Nobody")), &[]);
    assert_eq!(wrong.status, 2, "{}", wrong.out);
    assert!(wrong.err.contains("`ownership` is one of"), "{}", wrong.err);
}

#[test]
fn a_service_account_has_the_key_of_its_file_and_goes_when_the_file_says_so() {
    let mut land = Land::new("700000000012");
    let directory = tempfile::tempdir().unwrap();
    let key = directory.path().join("bot.key");
    let (id, secret) = ("AKIAAPPLIEDAPPLIED00", "a-given-secret-of-at-least-32-characters");
    std::fs::write(&key, format!("{id}\n{secret}\n")).unwrap();
    let file = |own: Value| {
        json!({"users": {"bot": {"inline": {"own": allow("s3:*")}}},
            "service_accounts": {id: own}})
    };
    let own = json!({"name": "bot", "parent": "user/bot", "key_file": key,
        "policy": allow("s3:List*")});
    let without = land.apply(&file(json!({"name": "bot", "parent": "user/bot"})), &[]);
    assert_eq!(without.status, 2, "{}", without.out);
    assert!(without.err.contains("key_file"), "{}", without.err);
    assert!(!land.has_user("bot"));
    let made = land.apply(&file(own.clone()), &[]);
    assert_eq!(made.status, 0, "{}", made.err);
    assert!(!made.out.contains(secret) && !made.err.contains(secret));
    assert_eq!(land.applied(&file(own), &["--check", "--prune"]).trim(), "nothing to change");
    let bot = crate::server::credentials(id, secret, None);
    land.house.send(&Ask::s3("GET", "/"), &bot).expect(200);
    land.house.send(&Ask::s3("PUT", "/applied-by-bot"), &bot).expect(403);
    let off = file(json!({"name": "bot", "parent": "user/bot", "active": false}));
    land.applied(&off, &[]);
    land.house.send(&Ask::s3("GET", "/"), &bot).expect(403);
    assert_eq!(land.applied(&off, &["--check"]).trim(), "nothing to change");
    // A service account that applies a file stays in use.
    let on = json!({"name": "bot", "parent": "user/bot"});
    land.applied(&file(on.clone()), &[]);
    land.make().allow("bot", &allow("*").to_string());
    let (root, off) =
        (land.by.clone(), json!({"name": "bot", "parent": "user/bot", "active": false}));
    land.by = bot;
    let ran = land.apply(&json!({"service_accounts": {id: off}}), &[]);
    assert!(ran.status == 2 && ran.err.contains("asks for this, itself"), "{}", ran.err);
    assert_eq!(land.apply(&json!({"service_accounts": {id: on}}), &["--check"]).status, 0);
    land.by = root;
    let moved = file(json!({"name": "bot", "parent": "root", "key_file": key}));
    assert_ne!(land.apply(&moved, &[]).status, 0, "a key is nobody else's");
}

#[test]
fn a_user_signs_with_the_keys_of_its_file_and_with_no_others() {
    let mut land = Land::new("700000000014");
    land.by = land.make().user("boss", Some(&allow("*").to_string()));
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str, text: &str| {
        let file = directory.path().join(name);
        std::fs::write(&file, text).unwrap();
        file
    };
    let (id, secret) = ("AKIAAPPLIEDAPPLIED01", "a-given-secret-of-at-least-32-characters");
    let key = at("ana.key", &format!("{id}\n{secret}\n"));
    let password = at("ana.password", "Given-password-1\n");
    let file = |keys: Value, password: Value| {
        json!({"users": {"ana": {"inline": {"own": allow("s3:*")}, "keys": keys,
            "password": password}}})
    };
    let without = land.apply(&file(json!({id: {}}), Value::Null), &[]);
    assert_eq!(without.status, 2, "{}", without.out);
    assert!(without.err.contains("key_file") && !land.has_user("ana"), "{}", without.err);
    let first = file(json!({id: {"key_file": key}}), json!({"file": password, "reset": true}));
    let made = land.apply(&first, &[]);
    assert_eq!(made.status, 0, "{}", made.err);
    for shown in [&made.out, &made.err] {
        assert!(!shown.contains(secret) && !shown.contains("Given-password"), "{shown}");
    }
    assert_eq!(land.applied(&first, &["--check"]).trim(), "nothing to change");
    let ana = crate::server::credentials(id, secret, None);
    land.house.send(&Ask::s3("GET", "/"), &ana).expect(200);
    let profile = Ask::form("iam", "GetLoginProfile", "UserName=ana");
    let told = land.house.send(&profile, &land.root).expect(200);
    assert!(told.body.contains("<PasswordResetRequired>true<"), "{}", told.body);
    // Off, on again, and gone; the password goes where none is wanted.
    for (keys, status) in [(json!({id: {"active": false}}), 403), (json!({id: {}}), 200)] {
        land.applied(&file(keys.clone(), json!({"file": password})), &[]);
        land.house.send(&Ask::s3("GET", "/"), &ana).expect(status);
    }
    land.applied(&file(json!({}), Value::Null), &[]);
    land.house.send(&Ask::s3("GET", "/"), &ana).expect(403);
    land.house.send(&profile, &land.root).expect(404);
    // The key that asks stays.
    let own = json!({"users": {"boss": {"keys": {}}}});
    let ran = land.apply(&own, &[]);
    assert_eq!(ran.status, 2, "{}", ran.out);
    assert!(ran.err.contains("nothing was changed"), "{}", ran.err);
    // Whoever may not make a key makes none this way either.
    let ask = json!({"user": "ana", "access_key_id": id, "secret_access_key": secret});
    let ana = land.make().user("ben", Some(&allow("strongroom:*").to_string()));
    land.house.send(&Ask::admin("POST", "access-keys", &ask.to_string()), &ana).expect(403);
}

#[test]
fn whoever_asks_by_a_session_keeps_what_the_session_was_made_from() {
    let mut land = Land::new("700000000017");
    let boss = land.make().user("boss", Some(&allow("*").to_string()));
    let key = boss.access_key_id.to_string();
    let trust = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::700000000017:user/boss"}, "Action": "sts:AssumeRole"}});
    let role = json!({"roles": {"Chief": {"trust": trust, "inline": {"own": allow("*")}}}});
    land.applied(&role, &[]);
    let assume = "RoleArn=arn:aws:iam::700000000017:role/Chief&RoleSessionName=run";
    let made = land.house.send(&Ask::form("sts", "AssumeRole", assume), &boss).expect(200);
    land.by = crate::fixture::session(&made);
    // The key that the session was made with, off or gone; whoever holds it; and its role.
    for (file, flags) in [
        (json!({"users": {"boss": {"keys": {&key: {"active": false}}}}}), &[][..]),
        (json!({"users": {"boss": {"keys": {}}}}), &[]),
        (json!({"users": {"other": {}}}), &["--prune"]),
        (json!({"roles": {"Other": {"trust": trust}}}), &["--prune"]),
    ] {
        let ran = land.apply(&file, flags);
        assert_eq!(ran.status, 2, "{file} {} {}", ran.out, ran.err);
        assert!(ran.err.contains("nothing was changed"), "{}", ran.err);
    }
    land.house.send(&Ask::admin("GET", "whoami", ""), &boss).expect(200);
    // What the session does not stand on is changed.
    land.applied(&json!({"users": {"boss": {"keys": {&key: {}}}, "other": {}}}), &["--prune"]);
    let told = land.house.send(&Ask::admin("GET", "whoami", ""), &land.by).expect(200).json();
    let [boss, chief] =
        ["user/boss", "role/Chief"].map(|name| format!("arn:aws:iam::700000000017:{name}"));
    assert_eq!(told["behind"], json!([key, boss, chief]), "{told}");
}

#[test]
fn logins_are_worth_what_the_file_says_and_the_last_administrator_among_them_stays() {
    let land = Land::new("700000000015");
    let rule = |policy: &str| json!({"name": "all", "when": [{"on": "group", "equals": "a"}], "policies": [policy]});
    let file = |rules: Value| {
        json!({"policies": {"Everything": {"document": allow("*")}, "Read": {
            "document": allow("s3:GetObject")}},
            "oidc_providers": {"https://mapped.example": {"client_ids": ["x"], "rules": rules}}})
    };
    let first = file(json!([rule("Everything")]));
    let said = land.applied(&first, &[]);
    assert!(said.contains("map its logins by 1 rules"), "{said}");
    assert_eq!(land.applied(&first, &["--check"]).trim(), "nothing to change");
    let told = land.house.send(&Ask::admin("GET", "providers", ""), &land.root).expect(200).json();
    let policies = &told["providers"][0]["rules"][0]["policies"];
    assert_eq!(*policies, json!(["arn:aws:iam::700000000015:policy/Everything"]));
    // Nobody else administers the account, so that right is not taken away.
    for rules in [json!([]), json!([rule("Read")])] {
        let ran = land.apply(&file(rules), &[]);
        assert_eq!(ran.status, 2, "{}", ran.out);
        assert!(ran.err.contains("could administer"), "{}", ran.err);
    }
    land.make().user("boss", Some(&allow("*").to_string()));
    land.applied(&file(json!([rule("Read")])), &[]);
    let missing = land.apply(&file(json!([rule("Missing")])), &[]);
    assert!(missing.status == 2 && missing.err.contains("no policy `Missing`"), "{}", missing.err);
}

#[test]
fn an_account_is_suspended_and_closed_by_its_file_but_not_the_one_that_asks() {
    let mut land = Land::new("700000000016");
    land.by = land.house.root.clone();
    let file = |id: &str, name: &str, status: &str| json!({"accounts": {id: {"name": name, "status": status}}});
    let member = |status: &str| file("700000000016", "applied 700000000016", status);
    let who = Ask::admin("GET", "whoami", "");
    for (status, expected) in [("suspended", 403), ("active", 200), ("closed", 403)] {
        land.applied(&member(status), &[]);
        land.house.send(&who, &land.root).expect(expected);
        assert_eq!(land.applied(&member(status), &["--check"]).trim(), "nothing to change");
    }
    let opened = land.apply(&member("active"), &[]);
    assert!(opened.status == 2 && opened.err.contains("stays closed"), "{}", opened.err);
    let accounts = land.house.send(&Ask::admin("GET", "accounts", ""), &land.by).expect(200).json();
    let all = accounts["accounts"].as_array().unwrap();
    let own = all.iter().find(|one| one["id"] == crate::server::OWNER).unwrap();
    let ran = land.apply(&file(crate::server::OWNER, own["name"].as_str().unwrap(), "closed"), &[]);
    assert!(ran.status == 2 && ran.err.contains("nothing was changed"), "{}", ran.err);
}

#[test]
fn the_organisation_is_as_the_file_says_and_nobody_but_its_manager_says_it() {
    // A server of its own: which kinds of policies count is the whole installation's.
    let server = Server::start("");
    let client = Client { address: server.address, now: None };
    let manager = crate::server::root();
    let member = Maker { client, by: &manager }.account("700000000013", "member");
    let apply =
        |by: &Credentials, file: &Value, flags: &[&str]| Ran::of(server.address, by, (file, flags));
    let applied = |file: &Value| {
        let ran = apply(&manager, file, &[]);
        assert_eq!(ran.status, 0, "{}\n{}", ran.out, ran.err);
        let again = apply(&manager, file, &["--check", "--prune"]);
        assert_eq!((again.status, again.out.trim()), (0, "nothing to change"), "{}", again.err);
        ran.out
    };
    let file = |attach: Value, unit: &str| {
        json!({
            "accounts": {"700000000013": {"name": "member", "unit": unit}},
            "organization": {
                "units": ["applied", "applied/inner"],
                "policies": {"no-users": {"kind": "scp", "attach": attach,
                    "document": {"Version": "2012-10-17", "Statement":
                        {"Effect": "Deny", "Action": "iam:CreateUser", "Resource": "*"}}}},
            },
        })
    };
    let first = file(json!(["applied/inner"]), "applied/inner");
    assert_eq!(apply(&member, &first, &[]).status, 4, "not by any other account");
    let said = applied(&first);
    for what in ["unit applied/inner", "enable scp", "attach to applied/inner", "move to applied"] {
        assert!(said.contains(what), "{what}: {said}");
    }
    let create = |name: &str| Ask::form("iam", "CreateUser", &format!("UserName={name}"));
    client.send(&create("denied"), By::Key(&member)).expect(403);
    let said = applied(&file(json!([]), "root"));
    assert!(said.contains("move to root") && said.contains("detach from ou-"), "{said}");
    client.send(&create("allowed"), By::Key(&member)).expect(200);
    let nothing = json!({"organization": {"units": [], "policies": {}}});
    let gone = apply(&manager, &nothing, &["--prune"]);
    assert_eq!(gone.status, 0, "{}\n{}", gone.out, gone.err);
    let said = apply(&manager, &nothing, &["--check", "--prune"]);
    assert_eq!((said.status, said.out.trim()), (0, "nothing to change"), "{}", said.err);
}
