//! What would help whoever wrote a policy that was refused: the nearest word that is known, or the
//! form that was meant.

use crate::error::Fault;
use crate::{actions, operator};

/// Words that differ in more letters than this from what was written are no guess at it.
const EDITS_MAX: usize = 3;
/// Longer words are not compared.
const WORD_BYTES_MAX: usize = 64;

/// The keys of a document and of its statements.
pub(crate) const ELEMENTS: &[&str] = &[
    "Action",
    "Condition",
    "Effect",
    "Id",
    "NotAction",
    "NotPrincipal",
    "NotResource",
    "Principal",
    "Resource",
    "Sid",
    "Statement",
    "Version",
];

impl Fault {
    /// What would help, where something does.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            Self::UnknownKey(key) => return mean(nearest(key, ELEMENTS.iter().copied())),
            Self::Operator(name) => return operator_hint(name),
            Self::Effect(effect) => return mean(nearest(effect, ["Allow", "Deny"].into_iter())),
            Self::TooLarge { .. } => "split it into several policies",
            Self::Both(..) => "write two statements",
            Self::Missing("Statement") => "a policy has at least one statement",
            Self::Missing("Principal") => "say whom it is about: `\"Principal\": {\"AWS\": \"…\"}`",
            Self::Missing("Resource") => "write `\"Resource\": \"*\"` for everything",
            Self::Prohibited("Resource" | "NotResource") => {
                "a trust policy is about the role that it is attached to"
            }
            Self::Prohibited(_) => "a policy is about whom it is attached to",
            Self::ActionVendor(action) => {
                let row = ["s3", "iam", "sts", "strongroom"]
                    .iter()
                    .find_map(|service| actions::find(&format!("{service}:{action}")));
                return mean(row.map(actions::ActionRow::name));
            }
            Self::Resource(_) => "write `*`, or all six parts as in `arn:aws:s3:::bucket/key`",
            Self::Principal(_) => {
                "name an account by its twelve digits, or a user, role or session by its ARN"
            }
            Self::NoSuchPrincipal(_) => "create the user or role first",
            Self::PrincipalWildcard(_) => {
                "name each, or allow `*` and test `aws:PrincipalArn` in a condition"
            }
            Self::ConditionVendor(key) => {
                return mean(
                    actions::condition_key(&format!("aws:{key}"))
                        .or_else(|| actions::condition_key(&format!("s3:{key}")))
                        .map(actions::ConditionKey::name),
                );
            }
            Self::OneValue(_) => "write a single `true` or `false`",
            Self::VariableHere(_) => {
                "variables stand in the last part of resources and in texts of conditions"
            }
            _ => return None,
        };
        Some(text.to_owned())
    }
}

fn operator_hint(name: &str) -> Option<String> {
    let lower = name.to_ascii_lowercase();
    if lower.ends_with("ifexists") && lower.contains("null") {
        return Some("`Null` asks whether the key exists, and takes no `IfExists`".to_owned());
    }
    let base = name.rsplit(':').next().unwrap_or(name);
    let base = base.strip_suffix("IfExists").unwrap_or(base);
    mean(nearest(base, operator::NAMES.iter().copied()))
}

fn mean(word: Option<&str>) -> Option<String> {
    word.map(|word| format!("did you mean `{word}`?"))
}

/// The word that is nearest to what was written, if any is near; case does not count.
pub(crate) fn nearest<'a>(written: &str, words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if written.len() > WORD_BYTES_MAX {
        return None;
    }
    let written = written.to_ascii_lowercase();
    let most = EDITS_MAX.min(written.chars().count() / 3);
    words
        .filter(|word| word.len().abs_diff(written.len()) <= EDITS_MAX)
        .map(|word| (distance(&written, &word.to_ascii_lowercase()), word))
        .filter(|(edits, _)| *edits <= most)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, word)| word)
}

/// How many characters must be put in, taken out or replaced.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (number, left) in (1..).zip(a.chars()) {
        let mut before: usize = number;
        let mut next = vec![number];
        for (right, pair) in b.chars().zip(row.windows(2)) {
            let [diagonal, above] = pair else { continue };
            let swap = diagonal.saturating_add(usize::from(left != right));
            before = swap.min(above.saturating_add(1)).min(before.saturating_add(1));
            next.push(before);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_names_the_nearest_known_word() {
        for (fault, word) in [
            (Fault::UnknownKey("effect".to_owned()), "`Effect`"),
            (Fault::UnknownKey("Resources".to_owned()), "`Resource`"),
            (Fault::Operator("StringEqual".to_owned()), "`StringEquals`"),
            (Fault::Operator("ForAnyValue:StringsLikeIfExists".to_owned()), "`StringLike`"),
            (Fault::Operator("NullIfExists".to_owned()), "no `IfExists`"),
            (Fault::Effect("allow".to_owned()), "`Allow`"),
            (Fault::ActionVendor("GetObject".to_owned()), "`s3:GetObject`"),
            (Fault::ConditionVendor("SourceIp".to_owned()), "`aws:SourceIp`"),
        ] {
            assert!(fault.hint().is_some_and(|hint| hint.contains(word)), "{fault}");
        }
        for fault in [
            Fault::UnknownKey("Colour".to_owned()),
            Fault::UnknownKey("x".repeat(10_000)),
            Fault::Operator(String::new()),
            Fault::ActionVendor("Fly".to_owned()),
        ] {
            assert_eq!(fault.hint(), None, "{fault}");
        }
    }

    #[test]
    fn a_distance_counts_edits() {
        for (a, b, edits) in [("", "abc", 3), ("abc", "abc", 0), ("abc", "axc", 1), ("ab", "b", 1)]
        {
            assert_eq!(distance(a, b), edits, "{a} {b}");
            assert_eq!(distance(b, a), edits, "{b} {a}");
        }
    }

    #[test]
    fn a_form_that_was_meant_is_shown_where_no_word_was() {
        let x = || "x".to_owned();
        for (fault, words) in [
            (Fault::TooLarge { size: 2, max: 1 }, "split it"),
            (Fault::Both("Action", "NotAction"), "two statements"),
            (Fault::Missing("Statement"), "at least one statement"),
            (Fault::Missing("Principal"), "say whom"),
            (Fault::Missing("Resource"), "for everything"),
            (Fault::Prohibited("Resource"), "about the role"),
            (Fault::Prohibited("NotResource"), "about the role"),
            (Fault::Prohibited("Principal"), "about whom it is attached to"),
            (Fault::Resource(x()), "all six parts"),
            (Fault::Principal(x()), "twelve digits"),
            (Fault::NoSuchPrincipal(x()), "create the user"),
            (Fault::PrincipalWildcard(x()), "name each"),
            (Fault::ConditionVendor("prefix".to_owned()), "`s3:prefix`"),
            (Fault::OneValue(x()), "a single"),
            (Fault::VariableHere(x()), "in the last part"),
        ] {
            let hint = fault.hint();
            assert!(hint.as_ref().is_some_and(|hint| hint.contains(words)), "{fault}: {hint:?}");
        }
        for fault in [Fault::Missing("Effect"), Fault::TooDeep, Fault::ConditionVendor(x())] {
            assert_eq!(fault.hint(), None, "{fault}");
        }
        let null = |name: &str| Fault::Operator(name.to_owned()).hint();
        assert_eq!(null("Nulll").as_deref(), Some("did you mean `Null`?"));
    }

    #[test]
    fn a_word_is_near_if_a_third_of_its_letters_differ_and_three_at_the_most() {
        let near = |written: &str, word: &'static str| nearest(written, [word].into_iter());
        for (written, word, expected) in [
            ("abc", "abd", true),
            ("abc", "add", false),
            ("ab", "ac", false),
            ("abcdefghijkl", "abcdefghixxx", true),
            ("abcdefghijkl", "abcdefghxxxx", false),
            ("ABC", "abd", true),
            ("abcdefghijkl", "abcdefghijklmno", true),
            ("abcdefghijkl", "abcdefghijklmnop", false),
        ] {
            assert_eq!(near(written, word).is_some(), expected, "{written} {word}");
        }
        assert_eq!(nearest("abcdef", ["abcdxx", "abcdex", "xbcdef"].into_iter()), Some("abcdex"));
        let long = "a".repeat(WORD_BYTES_MAX);
        let longer = format!("{long}a");
        assert!(nearest(&long, [long.as_str()].into_iter()).is_some());
        assert!(nearest(&longer, [longer.as_str()].into_iter()).is_none());
    }
}
