//! A small universe, enumerated whole: every combination of a few documents in every layer, a few
//! callers, owners and requests; every operator over a few values; every short pattern.

use std::sync::Arc;

use names::Revision;
use strongroom_policy::decision::Verdict;
use strongroom_policy::facts::{Facts, Value};
use strongroom_policy::operation::{Check, Need};
use strongroom_policy::principal::Principal;
use strongroom_policy::reference::Read;
use strongroom_policy::{
    Attached, CallerPolicies, Document, Kind, Question, ResourceKind, ResourceSide,
    RestrictPublicBuckets,
};

use super::engines::{self, Answers};
use super::words::{self, OPERATORS, Type};
use super::world::Form;

/// What an enumeration met.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) cases: u64,
    pub(crate) failures: Vec<String>,
}

/// Differences that are kept.
const FAILURES_MAX: usize = 8;

impl Seen {
    fn add(&mut self, agreed: bool, what: impl FnOnce() -> String) {
        self.cases = self.cases.saturating_add(1);
        if !agreed && self.failures.len() < FAILURES_MAX {
            self.failures.push(what());
        }
    }

    pub(crate) fn join(&mut self, other: Self) {
        self.cases = self.cases.saturating_add(other.cases);
        self.failures.extend(other.failures);
        self.failures.truncate(FAILURES_MAX);
    }
}

/// Statements about actions and resources alone, without braces.
const ALLOW: &str = r#""Effect":"Allow","Action":"*","Resource":"*""#;
const DENY: &str = r#""Effect":"Deny","Action":"*","Resource":"*""#;
const ALLOW_IF: &str = r#""Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:UserAgent":"a"}}"#;
const DENY_UNLESS: &str = r#""Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"aws:UserAgent":"a"}}"#;
const ALLOW_GET: &str = r#""Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::b/k""#;
const ALLOW_REST: &str =
    r#""Effect":"Allow","NotAction":"s3:GetObject","NotResource":"arn:aws:s3:::b/x/*""#;
const ALLOW_OWN: &str =
    r#""Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b/${aws:username, 'k'}*""#;

const IDENTITY: &[&[&str]] =
    &[&[], &[ALLOW], &[DENY], &[ALLOW_IF], &[ALLOW_GET], &[ALLOW, DENY_UNLESS], &[ALLOW_REST]];
const BOUNDARY: &[&[&str]] = &[&[], &[ALLOW], &[DENY], &[ALLOW_IF], &[ALLOW_REST]];
/// The first is none at all, the second is empty.
const SESSION: &[&[&str]] = &[&[], &[], &[ALLOW], &[DENY], &[ALLOW_GET], &[ALLOW_OWN]];
/// Each statement is a level.
const CONTROL: &[&[&str]] = &[&[], &[ALLOW], &[ALLOW, DENY_UNLESS], &[ALLOW, ALLOW_IF]];

const GRANTEES: &[&str] = &[
    r#""Principal":"*""#,
    r#""Principal":{"AWS":"arn:aws:iam::111122223333:user/alice"}"#,
    r#""Principal":{"AWS":"111122223333"}"#,
    r#""Principal":{"AWS":"arn:aws:iam::111122223333:role/team/Analyst"}"#,
    r#""Principal":{"AWS":"arn:aws:sts::111122223333:assumed-role/Analyst/morning"}"#,
    r#""Principal":{"AWS":"arn:aws:sts::111122223333:federated-user/made"}"#,
    r#""Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/idp.example","Service":"logging.s3.amazonaws.com"}"#,
];
const SPARED: &str =
    r#""NotPrincipal":{"AWS":["arn:aws:iam::111122223333:user/alice","111122223333"]}"#;

/// The documents of every layer, parsed once.
pub(crate) struct Universe {
    callers: Vec<Principal>,
    identity: Vec<Vec<Attached>>,
    boundary: Vec<Vec<Attached>>,
    session: Vec<Option<Vec<Attached>>>,
    service: Vec<Vec<Vec<Attached>>>,
    bucket: Vec<Option<Attached>>,
    trust: Vec<Option<Attached>>,
    control: Vec<Vec<Vec<Attached>>>,
    facts: [Facts; 2],
}

fn one(kind: Kind, statements: &[&str], more: &str) -> Option<Attached> {
    let body: Vec<String> = statements.iter().map(|s| format!("{{{more}{s}}}")).collect();
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, body.join(","));
    let document = Document::parse(&text, kind).ok()?;
    Some(Attached { name: text, document: Arc::new(document) })
}

fn all(kind: Kind, documents: &[&[&str]]) -> Vec<Vec<Attached>> {
    documents.iter().map(|statements| one(kind, statements, "").into_iter().collect()).collect()
}

fn levels(kind: Kind, more: &str) -> Vec<Vec<Vec<Attached>>> {
    let level = |statement: &&str| one(kind, &[statement], more).into_iter().collect();
    CONTROL.iter().map(|statements| statements.iter().map(level).collect()).collect()
}

fn resource_policies(kind: Kind, effects: [&str; 3]) -> Vec<Option<Attached>> {
    let [allow, deny, allow_if] = effects;
    let mut found = vec![None];
    for grantees in GRANTEES {
        for effect in [allow, deny] {
            found.push(one(kind, &[effect], &format!("{grantees},")));
        }
    }
    found.push(one(kind, &[allow_if], &format!("{},", GRANTEES.first().unwrap_or(&""))));
    if kind == Kind::Bucket {
        found.push(one(kind, &[allow], &format!("{SPARED},")));
        found.push(one(kind, &[deny], &format!("{SPARED},")));
    }
    found
}

const STS: [&str; 3] = [
    r#""Effect":"Allow","Action":"sts:*""#,
    r#""Effect":"Deny","Action":"sts:AssumeRole*""#,
    r#""Effect":"Allow","Action":"sts:*","Condition":{"StringEquals":{"aws:UserAgent":"a"}}"#,
];

impl Universe {
    pub(crate) fn new() -> Self {
        let mut session: Vec<Option<Vec<Attached>>> =
            all(Kind::Session, SESSION).into_iter().map(Some).collect();
        if let Some(first) = session.first_mut() {
            *first = None;
        }
        let mut said = Facts::default();
        said.suppose("aws:UserAgent", "a");
        Self {
            callers: words::callers(),
            identity: all(Kind::Identity, IDENTITY),
            boundary: all(Kind::Boundary, BOUNDARY),
            session,
            service: levels(Kind::ServiceControl, ""),
            bucket: resource_policies(Kind::Bucket, [ALLOW, DENY, ALLOW_IF]),
            trust: resource_policies(Kind::RoleTrust, STS),
            control: levels(Kind::ResourceControl, r#""Principal":"*","#),
            facts: [Facts::default(), said],
        }
    }

    /// How many combinations of documents there are; each is asked many questions.
    pub(crate) fn combinations(&self) -> u64 {
        let sides = [
            self.identity.len(),
            self.boundary.len(),
            self.session.len(),
            self.service.len(),
            self.bucket.len().saturating_add(self.trust.len()),
            self.control.len(),
        ];
        sides.iter().map(|n| u64::try_from(*n).unwrap_or(0)).product()
    }

    /// Asks every question of one combination of documents.
    pub(crate) fn ask(&self, combination: u64, seen: &mut Seen) {
        let mut left = combination;
        let mut digit = |base: usize| {
            let base = u64::try_from(base).unwrap_or(1).max(1);
            let digit = left % base;
            left /= base;
            usize::try_from(digit).unwrap_or(0)
        };
        let resource = digit(self.bucket.len().saturating_add(self.trust.len()));
        let caller = CallerPolicies {
            identity: at(&self.identity, digit(self.identity.len())).into(),
            boundaries: at(&self.boundary, digit(self.boundary.len())),
            session: at(&self.session, digit(self.session.len())),
            service_control: at(&self.service, digit(self.service.len())),
        };
        let control = at(&self.control, digit(self.control.len()));
        match resource.checked_sub(self.bucket.len()) {
            None => self.bucket_questions(&caller, (at(&self.bucket, resource), control), seen),
            Some(trust) => self.trust_questions(&caller, (at(&self.trust, trust), control), seen),
        }
    }

    fn bucket_questions(
        &self,
        caller: &CallerPolicies,
        (policy, control): (Option<Attached>, Vec<Vec<Attached>>),
        seen: &mut Seen,
    ) {
        let kind = ResourceKind::Bucket;
        let mut side =
            ResourceSide { policy, kind, resource_control: control, ..ResourceSide::plain(None) };
        let checks = [
            check("s3:GetObject", "arn:aws:s3:::b/k"),
            check("s3:PutObject", "arn:aws:s3:::b/x/alice"),
            check("s3:PutBucketPolicy", "arn:aws:s3:::b"),
        ];
        let read = engines::read(caller, &side);
        for owner in [words::HOME, words::AWAY] {
            side.account = owner.parse().ok();
            for restrict in [RestrictPublicBuckets::Off, RestrictPublicBuckets::On] {
                side.restrict_public = restrict;
                for check in checks.iter().flatten() {
                    self.everyone((&read, check), caller, &side, seen);
                }
            }
        }
    }

    fn trust_questions(
        &self,
        caller: &CallerPolicies,
        (policy, control): (Option<Attached>, Vec<Vec<Attached>>),
        seen: &mut Seen,
    ) {
        let kind = ResourceKind::RoleTrust;
        let mut side =
            ResourceSide { policy, kind, resource_control: control, ..ResourceSide::plain(None) };
        let checks = [
            check("sts:AssumeRole", "arn:aws:iam::111122223333:role/team/Analyst"),
            check("sts:GetCallerIdentity", "arn:aws:iam::111122223333:role/team/Analyst"),
        ];
        let read = engines::read(caller, &side);
        for owner in [words::HOME, words::AWAY] {
            side.account = owner.parse().ok();
            for check in checks.iter().flatten() {
                self.everyone((&read, check), caller, &side, seen);
            }
        }
    }

    fn everyone(
        &self,
        (read, check): (&Read, &Check),
        caller: &CallerPolicies,
        resource: &ResourceSide,
        seen: &mut Seen,
    ) {
        for principal in &self.callers {
            for facts in &self.facts {
                let revision = Revision::default();
                let question = Question { principal, caller, resource, facts, revision };
                let answers = Answers::of(read, check, &question);
                seen.add(answers.agree(), || format!("{answers:?}: {check:?} {question:?}"));
            }
        }
    }
}

fn at<T: Clone + Default>(list: &[T], index: usize) -> T {
    list.get(index).cloned().unwrap_or_default()
}

fn check(action: &str, resource: &str) -> Option<Check> {
    let (action, resource) = (action.parse().ok()?, resource.parse().ok()?);
    Some(Check { action, resource, need: Need::Required, with: Vec::new() })
}

/// Every operator in every form, with no, one and two values, for an absent key, an empty set, one
/// and two values, in a statement that allows and in one that denies.
pub(crate) fn conditions(values_max: usize, seen: &mut Seen) {
    for (name, of, _) in OPERATORS {
        for form in Form::ALL {
            for values in lists(words::operands(of), lengths(of, values_max)) {
                for effect in ["Allow", "Deny"] {
                    let operator = format!("{}{name}{}", form.prefix(), form.suffix());
                    let values = serde_json::json!(values);
                    let statement = format!(
                        r#""Effect":"{effect}","Action":"*","Resource":"*","Condition":{{"{operator}":{{"x:key":{values}}}}}"#
                    );
                    let Some(policy) = one(Kind::Identity, &[&statement], "") else { continue };
                    contexts(&policy, (of, values_max), seen);
                }
            }
        }
    }
}

/// How many values of a type are taken, and whether they come in pairs too.
fn lengths(of: Type, values_max: usize) -> (usize, bool) {
    (values_max, !matches!(of, Type::Truth | Type::Absence))
}

/// The empty list, each value, and each pair.
fn lists<'a>(values: &[&'a str], (most, pairs): (usize, bool)) -> Vec<Vec<&'a str>> {
    let some = values.iter().take(most);
    let mut lists = vec![Vec::new()];
    lists.extend(some.clone().map(|one| vec![*one]));
    if pairs {
        let pair = |a: &'a str| some.clone().map(move |b| vec![a, *b]);
        lists.extend(some.clone().flat_map(|a| pair(a)));
    }
    lists
}

fn contexts(policy: &Attached, (of, values_max): (Type, usize), seen: &mut Seen) {
    let alice = words::callers().into_iter().next().unwrap_or(Principal::Anonymous);
    let caller =
        CallerPolicies { identity: vec![policy.clone()].into(), ..CallerPolicies::default() };
    let resource = ResourceSide::plain(None);
    let Some(check) = check("s3:GetObject", "arn:aws:s3:::b/k") else { return };
    let read = engines::read(&caller, &resource);
    let mut values: Vec<Option<Value>> = vec![None];
    values.extend(words::facts(of).iter().map(|one| Some(Value::from(*one))));
    let texts = |list: Vec<&str>| Value::Many(list.into_iter().map(str::to_owned).collect());
    values.extend(
        lists(words::facts(of), (values_max, true)).into_iter().map(|list| Some(texts(list))),
    );
    for value in values {
        let mut facts = Facts::default();
        if let Some(value) = value {
            facts.suppose("x:key", value);
        }
        let revision = Revision::default();
        let question = Question {
            principal: &alice,
            caller: &caller,
            resource: &resource,
            facts: &facts,
            revision,
        };
        let answers = Answers::of(&read, &check, &question);
        seen.add(answers.agree(), || format!("{answers:?}: {question:?}"));
    }
}

/// Every short pattern against every short text, as a resource, an action and a `StringLike`
/// value; a third opinion is the definition of a wildcard, written down.
pub(crate) fn patterns(letters_max: usize, seen: &mut Seen) {
    let texts = words_over(&['a', 'b'], letters_max);
    let Some(alice) = words::callers().into_iter().next() else { return };
    for pattern in words_over(&['a', 'b', '*', '?'], letters_max) {
        let statements = [
            format!(r#""Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b/{pattern}""#),
            format!(r#""Effect":"Allow","Action":"s3:A{pattern}","Resource":"*""#),
            format!(
                r#""Effect":"Allow","Action":"*","Resource":"*","Condition":{{"StringLike":{{"x:key":"{pattern}"}}}}"#
            ),
        ];
        for (place, statement) in statements.iter().enumerate() {
            let Some(policy) = one(Kind::Identity, &[statement], "") else { continue };
            let caller =
                CallerPolicies { identity: vec![policy].into(), ..CallerPolicies::default() };
            let read = engines::read(&caller, &ResourceSide::plain(None));
            for text in &texts {
                let (action, resource) = match place {
                    0 => ("s3:a".to_owned(), format!("arn:aws:s3:::b/{text}")),
                    1 => (format!("s3:a{text}"), "arn:aws:s3:::b".to_owned()),
                    _ => ("s3:a".to_owned(), "arn:aws:s3:::b".to_owned()),
                };
                let Some(check) = check(&action, &resource) else { continue };
                let mut facts = Facts::default();
                facts.suppose("x:key", text.as_str());
                let resource = ResourceSide::plain(None);
                let question = Question {
                    principal: &alice,
                    caller: &caller,
                    resource: &resource,
                    facts: &facts,
                    revision: Revision::default(),
                };
                let answers = Answers::of(&read, &check, &question);
                let matched = answers.ours.verdict == Verdict::Allow;
                let right = matched == wild(pattern.as_bytes(), text.as_bytes());
                seen.add(answers.agree() && right, || {
                    format!("{answers:?}: `{pattern}` `{text}` place {place}")
                });
            }
        }
    }
}

/// Every text of these letters, the empty one first.
fn words_over(letters: &[char], letters_max: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut last = all.clone();
    for _ in 0..letters_max {
        last = last
            .iter()
            .flat_map(|word| letters.iter().map(move |letter| format!("{word}{letter}")))
            .collect();
        all.extend(last.iter().cloned());
    }
    all
}

/// `*` is any run, `?` is one letter: by its definition.
fn wild(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), None) => wild(rest, text),
        (Some((b'*', rest)), Some((_, less))) => wild(rest, text) || wild(pattern, less),
        (Some((b'?', rest)), Some((_, less))) => wild(rest, less),
        (Some((own, rest)), Some((letter, less))) => own == letter && wild(rest, less),
        (None, Some(_)) | (Some(_), None) => false,
    }
}
