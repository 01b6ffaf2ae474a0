//! A document that is parsed, checked, compiled and asked: every way of deciding agrees.

use std::sync::Arc;

use names::{Action, Arn, Revision};
use strongroom_policy::decision::Verdict;
use strongroom_policy::facts::{Facts, Value};
use strongroom_policy::operation::{Check, Need};
use strongroom_policy::principal::Principal;
use strongroom_policy::{
    Attached, CallerPolicies, Document, Kind, Question, ResourceKind, ResourceSide,
    RestrictPublicBuckets, case, check, compare, decide, explain, judge, reference,
};

use super::KINDS;

/// Longer documents are not compared: what a comparison costs grows with both.
const COMPARED_BYTES_MAX: usize = 600;

const ACTIONS: [&str; 8] = [
    "s3:GetObject",
    "s3:PutObject",
    "s3:ListBucket",
    "iam:PassRole",
    "sts:AssumeRole",
    "sts:AssumeRoleWithWebIdentity",
    "sts:GetCallerIdentity",
    "strongroom:ReadAudit",
];
const RESOURCES: [&str; 6] = [
    "*",
    "arn:aws:s3:::finance",
    "arn:aws:s3:::finance/q3.csv",
    "arn:aws:iam::111122223333:role/Analyst",
    "arn:aws:iam::111122223333:user/Bob",
    "arn:aws:iam::444455556666:role/x/Other",
];
const VALUES: [&str; 10] =
    ["", "true", "FALSE", "5", "-0.5e1", "10.1.2.3", "2001:db8::1", "2026-01-31", "YWJj", "alice"];

/// Any bytes as a policy that is checked: every finding stands in the text, and what has no error
/// is what the parser takes.
pub(crate) fn findings(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for kind in KINDS {
        let found = check::findings(text, kind);
        assert!(found.len() <= check::FINDINGS_MAX + 1);
        for finding in &found {
            let end = finding.span.offset + finding.span.length;
            assert!(end <= text.len() && finding.span.start.line <= finding.span.end.line);
            assert!(!finding.message.contains(char::is_control), "{}", finding.message);
        }
        let sound = found.iter().all(|finding| finding.level != check::Level::Error);
        assert!(!sound || Document::parse(text, kind).is_ok(), "{kind:?} {text}");
    }
}

/// A line of bytes that say who asks for what, and a document: the engine, its explanation and the
/// reference agree on the verdict and the layer.
pub(crate) fn compiled(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Some((line, text)) = text.split_once('\n') else { return };
    let mut dice = Dice(line.as_bytes().iter());
    let kind = KINDS[dice.below(KINDS.len())];
    let Ok(document) = Document::parse(text, kind) else { return };
    let _ = check::findings(text, kind);
    let words = words(text);
    let question = Asked::draw(&mut dice, &document, &words);
    let caller = question.caller(&document);
    let resource = question.resource(&document);
    let ask = Question {
        principal: &question.principal,
        caller: &caller,
        resource: &resource,
        facts: &question.facts,
        revision: Revision::default(),
    };
    let specified = reference::decide(&question.check, &ask);
    let ruling = judge(&question.check, &ask);
    let said = (specified.verdict, specified.because);
    assert_eq!((ruling.verdict, ruling.because), said, "{kind:?} {question:?} {text}");
    let decision = decide(&question.check, &ask);
    assert_eq!((decision.verdict(), decision.because()), said);
    assert_eq!(explain(&question.check, &ask).decision, decision);
}

/// Two documents with a line `---` between them: each difference that a comparison finds replays.
pub(crate) fn compared(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Some((old, new)) = text.split_once("\n---\n") else { return };
    if old.len() > COMPARED_BYTES_MAX || new.len() > COMPARED_BYTES_MAX {
        return;
    }
    for kind in KINDS {
        let read = |text: &str| {
            let document = Arc::new(Document::parse(text, kind).ok()?);
            Some(Attached { name: "compared".to_owned(), document })
        };
        let (Some(old), Some(new)) = (read(old), read(new)) else { continue };
        let found = compare::documents(&old, &new).expect("one kind");
        for difference in &found.differences {
            let verdicts = [&old, &new].map(|side| replay(difference, side));
            let said = [difference.old.verdict, difference.new.verdict];
            assert_eq!(verdicts, said, "{difference}");
            assert_ne!(said[0], said[1], "{difference}");
        }
        if old.document == new.document {
            assert_eq!(found.differences, []);
        }
    }
}

/// The verdict of the policy case that an example stands for.
fn replay(difference: &compare::Difference, policy: &Attached) -> Verdict {
    let mut own = difference.request.beside.clone();
    let text = policy.document.text();
    let document: Box<serde_json::value::RawValue> = serde_json::from_str(text).expect("JSON");
    let (member, levels) = match policy.document.kind() {
        Kind::Identity => ("identity_policies", 1),
        Kind::Session => ("session_policies", 1),
        Kind::Boundary => ("permissions_boundaries", 1),
        Kind::ServiceControl => ("service_control_policies", 2),
        Kind::ResourceControl => ("resource_control_policies", 2),
        Kind::Bucket | Kind::RoleTrust => ("resource_policy", 0),
    };
    let (open, close) = ("[".repeat(levels), "]".repeat(levels));
    own["request"] = difference.request.to_json();
    let beside = own.as_object_mut().expect("members");
    beside.remove(member);
    let rest = serde_json::to_string(beside).expect("JSON");
    let rest = rest.strip_prefix('{').expect("an object");
    let named = format!(r#"{open}{{"name":"compared","document":{document}}}{close}"#);
    let text = format!(r#"{{"{member}":{named},{rest}"#);
    case::run(&text).unwrap_or_else(|error| panic!("{error} in {text}"))[0].verdict
}

/// Bytes as numbers; zeros when they are used up.
struct Dice<'a>(std::slice::Iter<'a, u8>);

impl Dice<'_> {
    fn below(&mut self, bound: usize) -> usize {
        usize::from(self.0.next().copied().unwrap_or_default()) % bound.max(1)
    }
}

/// The strings of a document, as far as they have no escapes.
fn words(text: &str) -> Vec<&str> {
    text.split('"').skip(1).step_by(2).filter(|word| !word.contains('\\')).collect()
}

/// A request, and what stands beside the document.
#[derive(Debug)]
struct Asked {
    principal: Principal,
    check: Check,
    facts: Facts,
    alone: bool,
    restrict: RestrictPublicBuckets,
    owner: &'static str,
}

impl Asked {
    fn draw(dice: &mut Dice<'_>, document: &Document, words: &[&str]) -> Self {
        let plain = |word: &str, by: &str| word.replace(['*', '?'], by);
        let by = ["", "x", "x/y"][dice.below(3)];
        let own: Vec<Action> =
            words.iter().filter_map(|word| plain(word, by).parse().ok()).collect();
        let mut actions: Vec<Action> =
            ACTIONS.iter().map(|text| text.parse().expect("an action")).collect();
        actions.extend(own);
        let mut resources: Vec<Arn> =
            RESOURCES.iter().map(|text| text.parse().expect("a resource")).collect();
        let named = |word: &&&str| word.starts_with("arn:");
        resources
            .extend(words.iter().filter(named).filter_map(|word| plain(word, by).parse().ok()));
        let check = Check {
            action: actions[dice.below(actions.len())].clone(),
            resource: resources[dice.below(resources.len())].clone(),
            need: Need::Required,
            with: Vec::new(),
        };
        let mut facts = Facts::default();
        let value = |dice: &mut Dice<'_>| {
            let place = dice.below(VALUES.len() + words.len());
            let word = VALUES.get(place).or_else(|| words.get(place - VALUES.len()));
            plain(word.expect("a word"), by)
        };
        for key in document.context_keys() {
            let value = match dice.below(6) {
                0 => continue,
                1 => Value::Many(Vec::new()),
                2 => Value::Many(vec![value(dice)]),
                3 => Value::Many(vec![value(dice), value(dice)]),
                _ => Value::One(value(dice)),
            };
            facts.suppose(&key, value);
        }
        Self {
            principal: principal(dice.below(8)),
            check,
            facts,
            alone: dice.below(2) == 0,
            restrict: [RestrictPublicBuckets::On, RestrictPublicBuckets::Off][dice.below(2)],
            owner: ["111122223333", "444455556666"][dice.below(2)],
        }
    }

    fn caller(&self, document: &Document) -> CallerPolicies {
        let own = || attached(document.clone());
        let everything = || attached(allow_all(Kind::Identity));
        let mut caller = CallerPolicies::default();
        if document.kind() != Kind::Identity && !self.alone {
            caller.identity = vec![everything()].into();
        }
        match document.kind() {
            Kind::Identity => caller.identity = vec![own()].into(),
            Kind::Session => caller.session = Some(vec![own()]),
            Kind::Boundary => caller.boundaries = vec![own()],
            Kind::ServiceControl => caller.service_control = vec![vec![own()]],
            Kind::Bucket | Kind::RoleTrust | Kind::ResourceControl => {}
        }
        caller
    }

    fn resource(&self, document: &Document) -> ResourceSide {
        let own = || attached(document.clone());
        let mut side = ResourceSide::plain(Some(self.owner.parse().expect("an account")));
        side.restrict_public = self.restrict;
        match document.kind() {
            Kind::Bucket => (side.kind, side.policy) = (ResourceKind::Bucket, Some(own())),
            Kind::RoleTrust => (side.kind, side.policy) = (ResourceKind::RoleTrust, Some(own())),
            Kind::ResourceControl => side.resource_control = vec![vec![own()]],
            _ => {}
        }
        side
    }
}

fn attached(document: Document) -> Attached {
    Attached { name: "fuzzed".to_owned(), document: Arc::new(document) }
}

fn allow_all(kind: Kind) -> Document {
    let text = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    Document::parse(text, kind).expect("a document")
}

fn principal(number: usize) -> Principal {
    let account = "111122223333".parse().expect("an account");
    let arn = |text: &str| text.parse::<Arn>().expect("an ARN");
    let session = |role: &str, role_arn: &str| Principal::RoleSession {
        account,
        role: role.parse().expect("a role"),
        role_arn: arn(role_arn),
        id: "AROAAAAAAAAAAAAAAAAA1".parse().expect("an id"),
        session: "s1".parse().expect("a session"),
    };
    match number {
        0 => Principal::Anonymous,
        1 => Principal::Root { account },
        2 => session("Analyst", "arn:aws:iam::111122223333:role/Analyst"),
        3 => session("Deep", "arn:aws:iam::111122223333:role/a/b/Deep"),
        4 => Principal::FederatedUser {
            account,
            name: "fred".to_owned(),
            user_arn: arn("arn:aws:iam::111122223333:user/alice"),
            user_id: "AIDAAAAAAAAAAAAAAAAA1".parse().expect("an id"),
        },
        5 => Principal::Federated {
            provider: arn("arn:aws:iam::111122223333:oidc-provider/idp.example"),
        },
        6 => Principal::Service { name: "logging.s3.amazonaws.com".to_owned() },
        _ => super::alice(account),
    }
}
