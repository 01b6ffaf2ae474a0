//! Hundreds of seeded random pairs over a universe that is small enough to be asked whole: the
//! comparison says *same* if and only if no request of the universe changes outcome.

use serde_json::{Map, Value as Json, json};
use strongroom_policy::compare::Answer;
use strongroom_policy::facts::{Facts, Value};
use strongroom_policy::operation::{Check, Need};
use strongroom_policy::principal::Principal;
use strongroom_policy::{
    Attached, CallerPolicies, Kind, Question, ResourceKind, ResourceSide, RestrictPublicBuckets,
    judge,
};

use crate::pairs::{attached, diff};

/// A seeded source of choices (SplitMix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(sides).unwrap()).unwrap()
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.roll(from.len())]
    }

    /// One to three of them.
    fn some<T: Clone>(&mut self, from: &[T]) -> Vec<T> {
        (0..=self.roll(3)).map(|_| self.pick(from).clone()).collect()
    }
}

const ACTIONS: [&str; 6] = ["s3:Get", "s3:Put", "s3:*", "*", "s3:?ut", "S3:G*"];
const RESOURCES: [&str; 8] = [
    "*",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/a",
    "arn:aws:s3:::b/a*",
    "arn:aws:s3:::b/*b",
    "arn:aws:s3:::?/?",
    "arn:aws:s3:::b",
    "arn:*:s3:*:*:b/a?",
];
const TEXTS: [&str; 6] = ["a", "b", "a*", "*b", "?", "A"];
const NUMBERS: [&str; 4] = ["1", "1.5", "2", "-3"];
const NETS: [&str; 4] = ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "2001:db8::/32"];
const ARNS: [&str; 4] = ["arn:aws:s3:::a", "arn:aws:s3:*:*:?", "*", "arn:aws:*:::a*"];

const TEXT_OPERATORS: [&str; 6] = [
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
];
const NUMBER_OPERATORS: [&str; 5] = [
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
];
const KEYS: [&str; 4] = ["t:text", "t:number", "t:net", "t:arn"];

/// Conditions on one key, and on a second that is only there or not.
fn condition(dice: &mut Dice, key: &str) -> Json {
    let mut block: Map<String, Json> = Map::new();
    for _ in 0..dice.roll(3) {
        let prefix = *dice.pick(&["", "", "", "ForAnyValue:", "ForAllValues:"]);
        let suffix = *dice.pick(&["", "", "IfExists"]);
        let (operators, values): (&[&str], _) = match key {
            "t:text" => (&TEXT_OPERATORS, dice.some(&TEXTS)),
            "t:number" => (&NUMBER_OPERATORS, dice.some(&NUMBERS)),
            "t:net" => (&["IpAddress", "NotIpAddress"], dice.some(&NETS)),
            _ => (&["ArnLike", "ArnNotLike"], dice.some(&ARNS)),
        };
        if dice.roll(4) == 0 {
            let absent = *dice.pick(&["true", "false"]);
            block.insert("Null".to_owned(), json!({ *dice.pick(&[key, "t:other"]): absent }));
        } else {
            let operator = dice.pick(operators);
            block.insert(format!("{prefix}{operator}{suffix}"), json!({ key: values }));
        }
    }
    Json::Object(block)
}

fn statement(dice: &mut Dice, key: &str) -> Json {
    let action = *dice.pick(&["Action", "Action", "Action", "NotAction"]);
    let resource = *dice.pick(&["Resource", "Resource", "Resource", "NotResource"]);
    json!({
        "Effect": dice.pick(&["Allow", "Allow", "Deny"]),
        action: dice.some(&ACTIONS),
        resource: dice.some(&RESOURCES),
        "Condition": condition(dice, key),
    })
}

/// A policy, and one that is much like it.
fn pair(dice: &mut Dice, key: &str) -> (Json, Json) {
    let old: Vec<Json> = (0..=dice.roll(3)).map(|_| statement(dice, key)).collect();
    let mut new = old.clone();
    match dice.roll(5) {
        0 => new.push(statement(dice, key)),
        1 => {
            let place = dice.roll(new.len());
            new[place] = statement(dice, key);
        }
        2 => {
            let place = dice.roll(new.len());
            let other = statement(dice, key);
            let member = *dice.pick(&["Condition", "Effect"]);
            new[place][member] = other[member].clone();
        }
        3 => new.reverse(),
        _ => {
            // Said twice, or said of fewer: often no difference.
            let place = dice.roll(new.len());
            let mut copy = new[place].clone();
            copy["Condition"] = condition(dice, key);
            new.push(copy);
        }
    }
    (Json::Array(old), Json::Array(new))
}

/// Values of a key that meet every cell of the patterns above.
fn values(key: &str) -> Vec<Option<Value>> {
    let singles: &[&str] = match key {
        "t:text" => &["a", "b", "A", "x", "", "ab", "aa", "bb", "xx"],
        "t:number" => &["1", "1.2", "1.5", "1.7", "2", "3", "-3", "-4", "x"],
        "t:net" => &["10.0.0.1", "10.1.0.1", "10.1.2.3", "2001:db8::1", "::9", "x"],
        _ => &["arn:aws:s3:::a", "arn:aws:s3:r:1:b", "arn:aws:x:::ab", "arn:aws:s3:::xx", "x"],
    };
    let mut all: Vec<Option<Value>> = singles.iter().map(|text| Some((*text).into())).collect();
    let mut set = |texts: Vec<&&str>| {
        let texts = texts.into_iter().map(|text| (*text).to_owned()).collect();
        all.push(Some(Value::Many(texts)));
    };
    set(Vec::new());
    for (place, one) in singles.iter().enumerate() {
        set(vec![one]);
        set(singles.iter().filter(|text| *text != one).collect());
        singles[..place].iter().for_each(|other| set(vec![one, other]));
    }
    set(singles.iter().collect());
    all.push(None);
    all
}

/// Every context: the values of the key, with and without the other.
fn contexts(key: &str, policies: &[&Json]) -> Vec<Facts> {
    let reads = |key: &str| policies.iter().any(|policy| policy.to_string().contains(key));
    let mut all = vec![Facts::default()];
    let others: &[Option<Value>] = &[None, Some("x".into())];
    for (key, values) in [(key, values(key)), ("t:other", others.to_vec())] {
        if reads(key) {
            let with = |facts: &Facts, value: &Option<Value>| {
                let mut facts = facts.clone();
                value.iter().for_each(|value| facts.suppose(key, value.clone()));
                facts
            };
            all = all.iter().flat_map(|f| values.iter().map(move |v| with(f, v))).collect();
        }
    }
    all
}

fn alice() -> Principal {
    user("111122223333", "alice")
}

fn user(account: &str, name: &str) -> Principal {
    Principal::User {
        account: account.parse().unwrap(),
        name: name.parse().unwrap(),
        arn: format!("arn:aws:iam::{account}:user/{name}").parse().unwrap(),
        id: "AIDAAAAAAAAAAAAAAAAA1".parse().unwrap(),
    }
}

fn check(action: &str, resource: &str) -> Check {
    Check {
        action: action.parse().unwrap(),
        resource: resource.parse().unwrap(),
        need: Need::Required,
        with: Vec::new(),
    }
}

/// Whether any request of the universe changes outcome.
fn some_differ(old: &Attached, new: &Attached, facts: &[Facts]) -> bool {
    let who = alice();
    let side = ResourceSide::plain(who.account());
    let caller = |policy: &Attached| CallerPolicies {
        identity: vec![policy.clone()].into(),
        ..CallerPolicies::default()
    };
    let (before, after) = (caller(old), caller(new));
    let resources = ["b", "b/a", "b/b", "b/ab", "b/ax", "b/x", "b/xb", "b/axx", "b/axb", "x/x"];
    let others = ["arn:x:s3:::b/ax", "arn:aws:s3:r::b/ab"];
    let s3 = resources.iter().map(|text| format!("arn:aws:s3:::{text}"));
    let more = others.iter().map(|text| (*text).to_owned());
    let all: Vec<String> =
        s3.chain(more).chain(["arn:aws:x:::y".to_owned(), "*".to_owned()]).collect();
    for action in ["s3:Get", "s3:Put", "s3:Xut", "s3:Gx", "x:x"] {
        for resource in &all {
            let check = check(action, resource);
            for facts in facts {
                let ask = |caller| {
                    let question = Question {
                        principal: &who,
                        caller,
                        resource: &side,
                        facts,
                        revision: names::Revision::default(),
                    };
                    judge(&check, &question).verdict
                };
                if ask(&before) != ask(&after) {
                    return true;
                }
            }
        }
    }
    false
}

/// Pairs of every test run; `cargo xtask campaign compare`, which is optimised, asks about more.
const SEEDS: u64 = if cfg!(debug_assertions) { 50 } else { 5_000 };

#[test]
fn a_comparison_agrees_with_asking_everything() {
    let mut counts = [0u64; 2];
    for seed in 0..SEEDS {
        let mut dice = Dice(seed);
        let key = *dice.pick(&KEYS);
        let (old, new) = pair(&mut dice, key);
        let found = diff(Kind::Identity, &old, &new);
        assert_eq!(found.undecided, [], "seed {seed}: {old} {new}");
        let (before, after) = (attached(&old, Kind::Identity), attached(&new, Kind::Identity));
        let differs = match found.answer() {
            // Replayed already.
            Answer::Differs => true,
            _ => some_differ(&before, &after, &contexts(key, &[&old, &new])),
        };
        assert_eq!(found.answer() == Answer::Differs, differs, "seed {seed}: {old} {new}");
        counts[usize::from(differs)] += 1;
    }
    // Both answers are common, so that neither is right by being the only one.
    let least = SEEDS / 5;
    assert!(counts.iter().all(|count| *count > least), "{counts:?}");
}

const NAMED: [&str; 6] = [
    "*",
    "111122223333",
    "444455556666",
    "arn:aws:iam::111122223333:user/alice",
    "arn:aws:iam::111122223333:user/bob",
    "arn:aws:sts::111122223333:assumed-role/R/ss",
];

fn bucket_statement(dice: &mut Dice) -> Json {
    let principal = *dice.pick(&["Principal", "Principal", "Principal", "NotPrincipal"]);
    let condition = match dice.roll(4) {
        0 => json!({ "StringLike": { "aws:PrincipalArn": "*user/a*" } }),
        1 => json!({ "StringNotEquals": { "aws:PrincipalAccount": "111122223333" } }),
        2 => json!({ "StringEquals": { "aws:username": dice.pick(&["alice", "bob"]) } }),
        _ => json!({}),
    };
    json!({
        "Effect": dice.pick(&["Allow", "Allow", "Deny"]),
        principal: { "AWS": dice.some(&NAMED) },
        "Action": dice.pick(&["s3:Get", "s3:*"]),
        "Resource": dice.pick(&["arn:aws:s3:::b/*", "arn:aws:s3:::b/a"]),
        "Condition": condition,
    })
}

fn callers() -> Vec<Principal> {
    let session = |role: &str, name: &str| Principal::RoleSession {
        account: "111122223333".parse().unwrap(),
        role: role.parse().unwrap(),
        role_arn: format!("arn:aws:iam::111122223333:role/{role}").parse().unwrap(),
        id: "AROAAAAAAAAAAAAAAAAA2".parse().unwrap(),
        session: name.parse().unwrap(),
    };
    let root = |account: &str| Principal::Root { account: account.parse().unwrap() };
    vec![
        alice(),
        user("111122223333", "bob"),
        user("111122223333", "al"),
        user("111122223333", "carol"),
        user("444455556666", "alice"),
        user("444455556666", "zoe"),
        user("777788889999", "zoe"),
        session("R", "ss"),
        session("R", "tt"),
        session("S", "ss"),
        root("111122223333"),
        root("444455556666"),
        Principal::Anonymous,
        Principal::Service { name: "x.amazonaws.com".to_owned() },
    ]
}

/// Whether any caller of the universe gets another answer, in one of the standings.
fn some_caller_differs(old: &Attached, new: &Attached) -> bool {
    let all =
        attached(&json!({ "Effect": "Allow", "Action": "*", "Resource": "*" }), Kind::Session);
    let none =
        attached(&json!({ "Effect": "Allow", "Action": "*", "Resource": [] }), Kind::Session);
    let standing = |identity: bool, session: Option<&Attached>, boundary: bool| CallerPolicies {
        identity: identity.then(|| all.clone()).into_iter().collect(),
        session: session.map(|session| vec![session.clone()]),
        boundaries: boundary.then(|| all.clone()).into_iter().collect(),
        service_control: Vec::new(),
    };
    let standings = [
        standing(false, None, false),
        standing(true, None, false),
        standing(true, Some(&none), false),
        standing(true, None, true),
    ];
    let owners = ["111122223333", "444455556666", "777788889999"];
    let facts = Facts::default();
    for (who, owner) in callers().iter().flat_map(|who| owners.map(|owner| (who, owner))) {
        let side = |policy: &Attached| ResourceSide {
            policy: Some(policy.clone()),
            kind: ResourceKind::Bucket,
            restrict_public: RestrictPublicBuckets::Off,
            ..ResourceSide::plain(Some(owner.parse().unwrap()))
        };
        let (before, after) = (side(old), side(new));
        for caller in &standings {
            for (action, key) in
                [("s3:Get", "a"), ("s3:Get", "x"), ("s3:Put", "a"), ("s3:Put", "x")]
            {
                let check = check(action, &format!("arn:aws:s3:::b/{key}"));
                let ask = |resource| {
                    let revision = names::Revision::default();
                    let question =
                        Question { principal: who, caller, resource, facts: &facts, revision };
                    judge(&check, &question).verdict
                };
                if ask(&before) != ask(&after) {
                    return true;
                }
            }
        }
    }
    false
}

#[test]
fn a_comparison_of_bucket_policies_agrees_with_asking_everybody() {
    let mut counts = [0u64; 2];
    for seed in 0..SEEDS {
        let mut dice = Dice(seed);
        let old: Vec<Json> = (0..=dice.roll(2)).map(|_| bucket_statement(&mut dice)).collect();
        let mut new = old.clone();
        let place = dice.roll(new.len());
        match dice.roll(3) {
            0 => new.push(bucket_statement(&mut dice)),
            1 => new[place] = bucket_statement(&mut dice),
            _ => new.push(new[place].clone()),
        }
        let (old, new) = (Json::Array(old), Json::Array(new));
        let found = diff(Kind::Bucket, &old, &new);
        assert_eq!(found.undecided, [], "seed {seed}: {old} {new}");
        let (before, after) = (attached(&old, Kind::Bucket), attached(&new, Kind::Bucket));
        let differs = some_caller_differs(&before, &after);
        if differs {
            assert_eq!(found.answer(), Answer::Differs, "seed {seed}: {old} {new}");
        }
        counts[usize::from(found.answer() == Answer::Differs)] += 1;
    }
    let least = SEEDS / 8;
    assert!(counts.iter().all(|count| *count > least), "{counts:?}");
}
