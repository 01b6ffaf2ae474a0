//! Patterns: text with wildcards and variables (1.2, 2), matched by the obvious table.

use crate::facts::Value;
use crate::reference::asked::Asked;
use crate::reference::document::Version;

/// One character of a pattern.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Symbol {
    /// This character.
    Is(char),
    /// `?`: exactly one character.
    One,
    /// `*`: any run of characters, the empty one too.
    Any,
}

/// Whether letters of different case are the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Case {
    Exact,
    Ignored,
}

/// 1.2: whether the whole text matches the whole pattern, code point by code point. After each
/// symbol, `reached` says which beginnings of the text the pattern so far can be.
pub(super) fn matches(pattern: &[Symbol], text: &str, case: Case) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut reached: Vec<bool> = text.iter().map(|_| false).collect();
    reached.insert(0, true);
    for symbol in pattern {
        let taking_one = |fits: &dyn Fn(char) -> bool| {
            let grown = reached.iter().zip(&text).map(|(reached, next)| *reached && fits(*next));
            std::iter::once(false).chain(grown).collect()
        };
        reached = match symbol {
            Symbol::Is(c) => taking_one(&|next| same(*c, next, case)),
            Symbol::One => taking_one(&|_| true),
            Symbol::Any => {
                let mut any = false;
                reached
                    .iter()
                    .map(|reached| {
                        any |= reached;
                        any
                    })
                    .collect()
            }
        };
    }
    reached.last() == Some(&true)
}

fn same(one: char, other: char, case: Case) -> bool {
    match case {
        Case::Exact => one == other,
        Case::Ignored => one.eq_ignore_ascii_case(&other),
    }
}

/// Text in which `*` and `?` are wildcards, and nothing is a variable.
pub(super) fn wildcards(text: &str) -> Vec<Symbol> {
    text.chars()
        .map(|c| match c {
            '*' => Symbol::Any,
            '?' => Symbol::One,
            c => Symbol::Is(c),
        })
        .collect()
}

fn literal(text: &str) -> impl Iterator<Item = Symbol> + '_ {
    text.chars().map(Symbol::Is)
}

/// 2: the pattern that a text with variables is for this request; `None` if a variable in it has
/// no value. What is put in is literal and is not read again. The older version knows neither
/// variables nor escapes: all from `${` to `}` is literal (decision).
pub(super) fn pattern(text: &str, version: Version, asked: &Asked<'_>) -> Option<Vec<Symbol>> {
    filled(text, version, |variable| variable.value(asked))
}

/// The pattern that a text is for every request; `None` if there is a variable in it.
pub(super) fn constant_pattern(text: &str, version: Version) -> Option<Vec<Symbol>> {
    filled(text, version, |variable| variable.escaped().map(str::to_owned))
}

fn filled(
    text: &str,
    version: Version,
    value: impl Fn(&Variable<'_>) -> Option<String>,
) -> Option<Vec<Symbol>> {
    let mut symbols = Vec::new();
    let mut rest = text;
    while let Some((before, opened)) = rest.split_once("${") {
        match version {
            Version::Of2008 => {
                let Some((inside, after)) = opened.split_once('}') else { break };
                symbols.extend(wildcards(before));
                symbols.extend(literal("${").chain(literal(inside)).chain(literal("}")));
                rest = after;
            }
            Version::Of2012 => {
                let (variable, after) = Variable::read(opened)?;
                symbols.extend(wildcards(before));
                symbols.extend(literal(&value(&variable)?));
                rest = after;
            }
        }
    }
    symbols.extend(wildcards(rest));
    Some(symbols)
}

/// 2: `${key}` or `${key, 'default'}`.
struct Variable<'a> {
    key: &'a str,
    default: Option<&'a str>,
}

impl<'a> Variable<'a> {
    /// Reads what stands after `${`, and gives what follows the brace.
    fn read(opened: &'a str) -> Option<(Self, &'a str)> {
        let (key, after) = opened.split_once('}')?;
        match opened.split_once(", '") {
            Some((named, quoted)) if named.len() < key.len() => {
                let (default, after) = quoted.split_once("'}")?;
                Some((Self { key: named, default: Some(default) }, after))
            }
            _ => Some((Self { key, default: None }, after)),
        }
    }

    /// 2: an escape is the character; a key of one value is its value, empty or not; a key of many
    /// values has none (decision); the default steps in for an absent key.
    fn value(&self, asked: &Asked<'_>) -> Option<String> {
        match (self.escaped(), asked.value(self.key)) {
            (Some(character), _) => Some(character.to_owned()),
            (None, Some(Value::One(value))) => Some(value),
            (None, Some(Value::Many(_))) => None,
            (None, None) => self.default.map(str::to_owned),
        }
    }

    fn escaped(&self) -> Option<&'a str> {
        matches!(self.key, "*" | "?" | "$").then_some(self.key)
    }
}

/// The pattern as plain text, for operators that know no wildcards.
pub(super) fn plain(symbols: &[Symbol]) -> String {
    symbols
        .iter()
        .map(|symbol| match symbol {
            Symbol::Is(c) => *c,
            Symbol::One => '?',
            Symbol::Any => '*',
        })
        .collect()
}

const ARN_PARTS: usize = 6;

/// 1.2, 3.2: pattern and name are split on `:` into six parts, the sixth of which may hold more
/// colons, and each part is matched alone; `*` alone matches every name. A pattern of fewer parts
/// is not padded (decision). Only in the sixth part can case be ignored.
pub(super) fn matches_arn(pattern: &[Symbol], arn: &str, case_of_name: Case) -> bool {
    if pattern == [Symbol::Any] {
        return true;
    }
    let patterns: Vec<_> = pattern.splitn(ARN_PARTS, |s| *s == Symbol::Is(':')).collect();
    let parts: Vec<_> = arn.splitn(ARN_PARTS, ':').collect();
    patterns.len() == ARN_PARTS
        && parts.len() == ARN_PARTS
        && (1..).zip(patterns.iter().zip(parts)).all(|(place, (pattern, part))| {
            let case = if place == ARN_PARTS { case_of_name } else { Case::Exact };
            matches(pattern, part, case)
        })
}

/// Whether a text is an ARN: six parts, the first of them `arn`.
pub(super) fn is_arn(text: &str) -> bool {
    text.starts_with("arn:") && text.splitn(ARN_PARTS, ':').count() == ARN_PARTS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::testing::World;

    fn glob(pattern: &str, text: &str) -> bool {
        matches(&wildcards(pattern), text, Case::Exact)
    }

    #[test]
    fn a_star_is_any_run_and_a_question_mark_one_character() {
        for (pattern, text) in
            [("a*c", "abcc"), ("*", ""), ("a?c", "aéc"), ("**", "x"), ("*a*b*", "xxaxxbxx")]
        {
            assert!(glob(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("a*c", "abcd"), ("", "a"), ("a?c", "ac"), ("?", ""), ("A", "a")] {
            assert!(!glob(pattern, text), "{pattern} {text}");
        }
        assert!(matches(&wildcards("gET*"), "GetObject", Case::Ignored));
    }

    #[test]
    fn the_guides_own_examples_hold() {
        let pattern = wildcards("arn:aws:s3:::b/*/test/*");
        let arn = |key: &str| matches_arn(&pattern, &format!("arn:aws:s3:::{key}"), Case::Exact);
        for key in [
            "b/1/test/x",
            "b/1/2/test/3/x",
            "b/1///test///x",
            "b/1/test/.jpg",
            "b//test/x",
            "b/1/test/",
        ] {
            assert!(arn(key), "{key}");
        }
        for key in ["b/1-test/x", "b/test/x", "b/1/2/test.jpg"] {
            assert!(!arn(key), "{key}");
        }
    }

    #[test]
    fn a_star_never_crosses_a_colon_before_the_sixth_part() {
        let pattern = wildcards("arn:aws:svc:*:111122223333:finance/*");
        let far = "arn:aws:svc:us-east-2:999999999999:store/abc:111122223333:finance/document.txt";
        assert!(!matches_arn(&pattern, far, Case::Exact));
        assert!(matches(&pattern, far, Case::Exact));
        assert!(matches_arn(&pattern, "arn:aws:svc:x:111122223333:finance/a:b", Case::Exact));
        assert!(!matches_arn(&wildcards("arn:aws:s3:*"), "arn:aws:s3:::b", Case::Exact));
    }

    #[test]
    fn a_variable_is_literal_text_and_is_read_once() {
        let mut world = World::alice();
        world.facts.suppose("aws:PrincipalTag/team", "*${aws:username}");
        let read = |text: &str, version| world.with_asked(|asked| pattern(text, version, asked));
        let symbols = read("${aws:PrincipalTag/Team}?", Version::Of2012).unwrap();
        assert_eq!(plain(&symbols), "*${aws:username}?");
        assert!(!symbols.contains(&Symbol::Any) && symbols.contains(&Symbol::One));
        assert_eq!(plain(&read("${*}${?}${$}", Version::Of2012).unwrap()), "*?$");
        assert_eq!(plain(&read("${aws:x, 'a}*'}b", Version::Of2012).unwrap()), "a}*b");
        assert_eq!(plain(&read("${aws:username, 'x'}", Version::Of2012).unwrap()), "alice");
        assert_eq!(read("a/${aws:absent}", Version::Of2012), None);
    }

    #[test]
    fn the_older_version_reads_variables_as_text() {
        let world = World::alice();
        let read = |text: &str| world.with_asked(|a| pattern(text, Version::Of2008, a)).unwrap();
        assert!(matches(&read("b/${aws:username}*"), "b/${aws:username}/x", Case::Exact));
        assert!(!matches(&read("b/${aws:username}"), "b/alice", Case::Exact));
        assert!(!matches(&read("b/${*}"), "b/${x}", Case::Exact));
    }

    #[test]
    fn a_key_of_many_values_fills_no_variable() {
        let mut world = World::alice();
        world.facts.suppose("aws:TagKeys", Value::Many(vec!["a".to_owned()]));
        assert_eq!(
            world.with_asked(|asked| pattern("${aws:TagKeys}", Version::Of2012, asked)),
            None
        );
        assert_eq!(
            world.with_asked(|asked| pattern("${aws:TagKeys, 'x'}", Version::Of2012, asked)),
            None
        );
    }
}
