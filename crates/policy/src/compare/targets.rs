//! Actions and resources: one for each way in which the patterns of both sides can match or not.
//! Well-known ones come first, so that an example reads like a request.

use std::collections::HashSet;

use names::{AccountId, Action, Arn};

use super::automaton::{Language, Machine, Space, Track};
use super::budget::{Budget, Spent};
use super::reading::{Rules, Scene};
use crate::glob::{self, Token};
use crate::operation::{Check, Need};
use crate::question::ResourceKind;

/// Actions that make good examples.
const ACTIONS: &[&str] = &[
    "s3:GetObject",
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:ListBucket",
    "s3:GetObjectVersion",
    "s3:DeleteObjectVersion",
    "s3:PutObjectAcl",
    "s3:GetObjectAcl",
    "s3:GetObjectTagging",
    "s3:PutObjectTagging",
    "s3:AbortMultipartUpload",
    "s3:ListMultipartUploadParts",
    "s3:ListBucketMultipartUploads",
    "s3:ListBucketVersions",
    "s3:GetBucketLocation",
    "s3:ListAllMyBuckets",
    "s3:CreateBucket",
    "s3:DeleteBucket",
    "s3:GetBucketPolicy",
    "s3:PutBucketPolicy",
    "s3:DeleteBucketPolicy",
    "s3:GetBucketAcl",
    "s3:PutBucketAcl",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:GetLifecycleConfiguration",
    "s3:BypassGovernanceRetention",
    "sts:AssumeRole",
    "sts:AssumeRoleWithWebIdentity",
    "sts:AssumeRoleWithSAML",
    "sts:TagSession",
    "sts:SetSourceIdentity",
    "sts:GetCallerIdentity",
    "sts:GetSessionToken",
    "iam:GetUser",
    "iam:CreateUser",
    "iam:DeleteUser",
    "iam:ListUsers",
    "iam:CreateAccessKey",
    "iam:PassRole",
    "iam:CreateRole",
    "iam:AttachUserPolicy",
    "iam:PutUserPolicy",
    "ec2:StartInstances",
];

/// What the engine itself knows by name.
const SPECIAL: &[&str] =
    &["sts:GetCallerIdentity", "s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"];

/// Resources that make good examples.
const RESOURCES: &[&str] = &[
    "arn:aws:s3:::bucket/key",
    "arn:aws:s3:::bucket",
    "arn:aws:iam::111122223333:role/Analyst",
    "arn:aws:iam::111122223333:user/alice",
];

/// Resource names that the engine itself tells apart.
const KINDS: &[&str] = &["arn:*:s3:*:*:*", "arn:*:iam:*:*:*", "arn:*:iam:*:*:role/*"];

/// Actions of every kind that the rules tell apart.
pub(super) fn actions(rules: &Rules<'_>, budget: &mut Budget) -> Result<Vec<Action>, Spent> {
    let mut machines: Vec<Machine> = rules
        .action_patterns()
        .map(|text| Machine::glob(&glob::tokens(text), 0).folded())
        .collect();
    machines.extend(SPECIAL.iter().map(|text| Machine::literal(text, 0).folded()));
    // The resource `*` is read with the action's service, whose case matters then.
    let patterns = rules.resource_patterns().filter_map(|(_, text)| text.split(':').nth(2));
    for service in patterns.chain(["sts"]) {
        let tokens = service.chars().map(Token::Char);
        let tokens: Vec<Token> = tokens.chain([Token::Char(':'), Token::Run]).collect();
        machines.push(Machine::glob(&tokens, 0));
    }
    let track =
        Track { segments: vec![Some(String::new()), Some(":".to_owned())], after: String::new() };
    let space = Space { languages: vec![Language::Word, Language::Word], tracks: vec![track] };
    let words = space.words(&machines, budget)?;
    let found = words.iter().map(|word| word.join(":"));
    let all = ACTIONS.iter().map(|text| (*text).to_owned()).chain(found);
    let mut known = HashSet::new();
    Ok(all
        .filter_map(|text| text.parse::<Action>().ok())
        .filter(|action| {
            let check = check(action.clone(), Arn::any());
            let about: Vec<bool> =
                rules.rules.iter().map(|rule| rule.is_about_action(&check)).collect();
            let special = special(action);
            let service = rules
                .resource_patterns()
                .filter_map(|(_, text)| text.split(':').nth(2))
                .position(|service| service == action.service());
            known.insert((about, special, service, action.service() == "sts"))
        })
        .collect())
}

/// Resources of every kind that the rules tell apart in a scene: variables have their values there.
pub(super) fn resources(
    rules: &Rules<'_>,
    scene: &Scene<'_>,
    budget: &mut Budget,
) -> Result<Vec<Arn>, Spent> {
    let context = scene.context();
    let mut machines: Vec<Machine> =
        KINDS.iter().filter_map(|text| Machine::arn(&glob::tokens(text), 0)).collect();
    for (template, text) in rules.resource_patterns() {
        let tokens = template.resolve(&context);
        let machine = tokens.and_then(|tokens| Machine::arn(&tokens, 0));
        // Names of IAM are read without regard to case where that denies more.
        let iam = text.split(':').nth(2) == Some("iam");
        machines.extend(machine.clone().filter(|_| iam).map(Machine::folded_in_sixth));
        machines.extend(machine);
    }
    let words = Space::of(Language::Arn).words(&machines, budget)?;
    let role = scene.owner.map(|owner| format!("arn:aws:iam::{owner}:role/Analyst"));
    let plain = RESOURCES.iter().map(|text| (*text).to_owned());
    let all = role.into_iter().chain(plain).chain(words.iter().map(|word| word.concat()));
    let mut known = HashSet::new();
    let get = Action::known("s3:GetObject");
    let found = all.filter_map(|text| text.parse::<Arn>().ok()).filter(|resource| {
        let check = check(get.clone(), resource.clone());
        let about: Vec<bool> =
            rules.rules.iter().map(|rule| rule.is_about_resource(&check, scene)).collect();
        let role = resource.resource().starts_with("role/");
        let service = ["s3", "iam"].iter().position(|own| *own == resource.service());
        known.insert((about, role, service))
    });
    Ok(found.chain([Arn::any()]).collect())
}

/// Which of the actions that the engine itself knows by name it is.
pub(super) fn special(action: &Action) -> Option<usize> {
    SPECIAL.iter().position(|text| text.eq_ignore_ascii_case(action.as_str()))
}

/// A question about an action and a resource.
pub(super) fn check(action: Action, resource: Arn) -> Check {
    Check { action, resource, need: Need::Required, with: Vec::new() }
}

/// A bucket, a role that is being assumed, or anything else: as policy cases have it.
pub(super) fn kind(check: &Check) -> ResourceKind {
    let resource = &check.resource;
    match (resource.service(), check.action.service()) {
        ("s3", _) => ResourceKind::Bucket,
        ("iam", "sts") if resource.resource().starts_with("role/") => ResourceKind::RoleTrust,
        _ => ResourceKind::Plain,
    }
}

/// Text between separators and wildcards: what a variable might stand for.
pub(super) fn words(rules: &Rules<'_>) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let resources = rules.resource_patterns().filter_map(|(_, text)| text.splitn(6, ':').nth(5));
    let values = rules.readings.iter().flat_map(|reading| &reading.condition.texts);
    for text in resources.chain(values.map(String::as_str)) {
        let plain = text.split(['*', '?', '/', ':', '$', '{', '}']);
        for word in plain.filter(|word| !word.is_empty()) {
            if words.len() < WORDS_MAX && !words.iter().any(|own| own == word) {
                words.push(word.to_owned());
            }
        }
    }
    words
}

/// Most values that are tried for a variable because a policy names them elsewhere.
const WORDS_MAX: usize = 16;

/// Whether the owner of the resource is a part of its name.
pub(super) fn owner_of(resource: &Arn) -> Option<AccountId> {
    resource.account().parse().ok()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::compare::reading::Read;
    use crate::compare::side::Side;
    use crate::document::{Document, Kind};
    use crate::facts::Facts;
    use crate::principal::Principal;
    use crate::question::Attached;

    fn asked<T>(statement: &str, then: impl FnOnce(&Rules<'_>) -> T) -> T {
        let text = format!(r#"{{"Version": "2012-10-17", "Statement": {{{statement}}}}}"#);
        let document = Arc::new(Document::parse(&text, Kind::Identity).unwrap());
        let side = Side::Document(Attached { name: "A".to_owned(), document });
        let read = Read::both(&side, &side);
        then(&Rules::of(&read))
    }

    fn question(action: &str, resource: &str) -> Check {
        check(action.parse().unwrap(), resource.parse().unwrap())
    }

    #[test]
    fn the_actions_that_the_engine_knows_by_name_are_told_apart_in_either_case() {
        for (place, text) in SPECIAL.iter().enumerate() {
            for text in [(*text).to_owned(), text.to_ascii_lowercase()] {
                assert_eq!(special(&text.parse().unwrap()), Some(place), "{text}");
            }
        }
        assert_eq!(special(&"s3:GetObject".parse().unwrap()), None);
    }

    #[test]
    fn a_role_is_one_where_it_is_assumed() {
        let role = "arn:aws:iam::111122223333:role/Analyst";
        for (action, resource, expected) in [
            ("s3:GetObject", "arn:aws:s3:::b/k", ResourceKind::Bucket),
            ("iam:GetUser", "arn:aws:s3:::b/k", ResourceKind::Bucket),
            ("sts:AssumeRole", role, ResourceKind::RoleTrust),
            ("iam:GetRole", role, ResourceKind::Plain),
            ("sts:AssumeRole", "arn:aws:iam::111122223333:user/alice", ResourceKind::Plain),
            ("ec2:Start", "arn:aws:ec2:::x", ResourceKind::Plain),
        ] {
            assert_eq!(kind(&question(action, resource)), expected, "{action} {resource}");
        }
    }

    #[test]
    fn a_service_that_some_pattern_names_and_one_that_none_does_are_both_asked_for() {
        let statement = r#""Effect": "Allow", "Action": "*",
            "Resource": ["arn:aws:s3:::*", "arn:aws:iam:::*"]"#;
        let found = asked(statement, |rules| actions(rules, &mut Budget::default()).unwrap());
        let found: Vec<&str> = found.iter().map(Action::as_str).collect();
        for expected in ["s3:GetObject", "iam:GetUser", "sts:AssumeRole", "ec2:StartInstances"] {
            assert!(found.contains(&expected), "{expected} {found:?}");
        }
        assert!(SPECIAL.iter().all(|special| found.contains(special)), "{found:?}");
        // Nothing tells these from the first of each kind.
        assert!(!found.contains(&"s3:PutObject") && !found.contains(&"iam:CreateUser"));
    }

    #[test]
    fn resources_of_every_kind_that_the_engine_tells_apart_are_asked_for() {
        let scene = Scene {
            principal: &Principal::Anonymous,
            owner: "444455556666".parse().ok(),
            facts: Facts::default(),
        };
        let statement = r#""Effect": "Allow", "Action": "*", "Resource": "*""#;
        let found =
            asked(statement, |rules| resources(rules, &scene, &mut Budget::default()).unwrap());
        let found: Vec<&str> = found.iter().map(Arn::as_str).collect();
        let [role, bucket, user, other, star] = found[..] else { panic!("{found:?}") };
        assert_eq!(role, "arn:aws:iam::444455556666:role/Analyst");
        assert_eq!(bucket, "arn:aws:s3:::bucket/key");
        assert_eq!(user, "arn:aws:iam::111122223333:user/alice");
        assert!(!other.contains(":s3:") && !other.contains(":iam:"), "{other}");
        assert_eq!(star, "*");
    }

    #[test]
    fn words_are_what_stands_between_separators_and_wildcards_once_each() {
        let statement = r#""Effect": "Allow", "Action": "*", "Resource": [
            "arn:aws:s3:::bucket/home/*", "arn:aws:s3:::bucket/${aws:username}?end"],
            "Condition": {"StringLike": {"s3:prefix": ["home/*", "tail"]}}"#;
        let found = asked(statement, words);
        assert_eq!(found, ["bucket", "home", "aws", "username", "end", "tail"]);
        let many: Vec<String> = (0..=WORDS_MAX).map(|own| format!(r#""w{own}""#)).collect();
        let statement = |count: usize| {
            format!(
                r#""Effect": "Allow", "Action": "*", "Resource": "*",
                    "Condition": {{"StringLike": {{"s3:prefix": [{}]}}}}"#,
                many[..count].join(",")
            )
        };
        assert_eq!(asked(&statement(WORDS_MAX), words).len(), WORDS_MAX);
        assert_eq!(asked(&statement(WORDS_MAX + 1), words).len(), WORDS_MAX);
    }

    #[test]
    fn the_owner_of_a_resource_of_iam_is_a_part_of_its_name() {
        let owner = |text: &str| owner_of(&text.parse().unwrap());
        assert_eq!(owner("arn:aws:iam::444455556666:user/a"), "444455556666".parse().ok());
        assert_eq!(owner("arn:aws:s3:::b"), None);
    }
}
