//! What fuzzing asks of the policy engine, as functions of bytes: `fuzz/` drives them with new
//! bytes, `tests/corpus.rs` with all that were ever interesting.

use names::Revision;
use strongroom_policy::decision::Verdict;
use strongroom_policy::facts::Facts;
use strongroom_policy::operation::{Check, Need};
use strongroom_policy::principal::Principal;
use strongroom_policy::{
    CallerPolicies, Document, Kind, Question, ResourceSide, case, decide, explain, judge, reference,
};

pub(crate) mod asked;

const KINDS: [Kind; 7] = [
    Kind::Identity,
    Kind::Bucket,
    Kind::RoleTrust,
    Kind::Session,
    Kind::Boundary,
    Kind::ServiceControl,
    Kind::ResourceControl,
];

/// Any bytes as a document of each kind: what is accepted is kept as it was, read again alike, and
/// comes back from what is printed of it; what is refused is refused at a place within the text.
pub(crate) fn parser(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for kind in KINDS {
        match Document::parse(text, kind) {
            Ok(document) => {
                assert_eq!(document.text(), text);
                assert!(document.size_bytes() <= kind.bytes_max());
                assert_eq!(Document::parse(document.text(), kind).as_ref(), Ok(&document));
                assert_eq!(document.thaw(&mut |_| None), text);
                let again = Document::parse(&document.to_string(), kind).expect("what is printed");
                assert!(again.says_the_same(&document));
                assert!(again.size_bytes() <= document.size_bytes());
                let _ = (document.is_public(), document.context_keys());
                let _ = document.check_bucket(&"finance".parse().expect("a bucket"));
            }
            Err(error) => {
                assert!(error.offset <= text.len());
                let _ = (error.to_string(), error.aws_code(), error.aws_message());
            }
        }
    }
}

/// Any bytes as policy cases: what is read is decided alike by every way of deciding.
pub(crate) fn cases(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(cases) = case::parse(text) else { return };
    for case in cases {
        let question = case.question();
        let decision = decide(&case.check, &question);
        let specified = reference::decide(&case.check, &question);
        let ruling = judge(&case.check, &question);
        assert_eq!(
            (decision.verdict(), decision.because()),
            (specified.verdict, specified.because)
        );
        assert_eq!((decision.verdict(), decision.because()), (ruling.verdict, ruling.because));
        assert_eq!(explain(&case.check, &question).decision, decision);
    }
}

/// A pattern, a line feed and a text: the engine matches as a wildcard is defined.
pub(crate) fn wildcard(bytes: &[u8]) {
    let Ok(both) = std::str::from_utf8(bytes) else { return };
    let Some((pattern, text)) = both.split_once('\n') else { return };
    // A variable would be looked up.
    if pattern.contains("${") || pattern.len() > 1_000 || text.len() > 1_000 {
        return;
    }
    let letters: Vec<char> = text.chars().collect();
    let expected = matches(&pattern.chars().collect::<Vec<_>>(), &letters);
    let quoted = serde_json::Value::from(pattern).to_string();
    let document = format!(
        r#"{{"Statement":{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{"StringLike":{{"x:key":{quoted}}}}}}}}}"#
    );
    // Letters beyond Latin are for bucket policies.
    let Ok(document) = Document::parse(&document, Kind::Identity) else { return };
    let attached = strongroom_policy::Attached {
        name: String::new(),
        document: std::sync::Arc::new(document),
    };
    let caller = CallerPolicies { identity: vec![attached].into(), ..CallerPolicies::default() };
    let check = Check {
        action: names::Action::known("s3:GetObject"),
        resource: "arn:aws:s3:::b/k".parse().expect("a resource"),
        need: Need::Required,
        with: Vec::new(),
    };
    let mut facts = Facts::default();
    facts.suppose("x:key", text);
    let account = "111122223333".parse().expect("an account");
    let (principal, resource) = (alice(account), ResourceSide::plain(Some(account)));
    let (caller, resource, facts) = (&caller, &resource, &facts);
    let revision = Revision::default();
    let question = Question { principal: &principal, caller, resource, facts, revision };
    let ours = decide(&check, &question).verdict();
    assert_eq!(ours, reference::decide(&check, &question).verdict);
    assert_eq!(ours == Verdict::Allow, expected, "`{pattern}` `{text}`");
}

fn alice(account: names::AccountId) -> Principal {
    Principal::User {
        account,
        name: "alice".parse().expect("a name"),
        arn: "arn:aws:iam::111122223333:user/alice".parse().expect("an ARN"),
        id: "AIDAAAAAAAAAAAAAAAAA1".parse().expect("an id"),
    }
}

/// Wildcards by their definition: which beginnings of the text each beginning of the pattern
/// matches.
fn matches(pattern: &[char], text: &[char]) -> bool {
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    for letter in pattern {
        let mut next = vec![false; text.len() + 1];
        for end in 0..=text.len() {
            next[end] = match letter {
                '*' => reached[end] || end > 0 && next[end - 1],
                '?' => end > 0 && reached[end - 1],
                own => end > 0 && reached[end - 1] && text[end - 1] == *own,
            };
        }
        reached = next;
    }
    reached[text.len()]
}
