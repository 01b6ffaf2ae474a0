//! Matching with `*` and `?` by two pointers: no backtracking deeper than the last `*`, no
//! allocation, so that neither a policy nor a key can make a decision slow.

/// One step of a pattern.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Token {
    /// Exactly this character.
    Char(char),
    /// `?`: exactly one character.
    One,
    /// `*`: any run of characters, the empty one too.
    Run,
}

/// Whether `A` and `a` are the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Case {
    Exact,
    Folded,
}

impl Token {
    fn takes(self, character: char, case: Case) -> bool {
        match (self, case) {
            (Self::Char(own), Case::Exact) => own == character,
            (Self::Char(own), Case::Folded) => own.eq_ignore_ascii_case(&character),
            (Self::One, _) => true,
            (Self::Run, _) => false,
        }
    }
}

/// A pattern from text in which `*` and `?` are wildcards.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(text.len());
    tokens.extend(text.chars().map(|c| match c {
        '*' => Token::Run,
        '?' => Token::One,
        other => Token::Char(other),
    }));
    tokens
}

/// Whether the whole text matches the whole pattern.
pub(crate) fn matches(pattern: &[Token], text: &str, case: Case) -> bool {
    let mut place = 0_usize;
    let mut rest = text;
    let mut retry: Option<(usize, &str)> = None;
    loop {
        let mut characters = rest.chars();
        match (pattern.get(place), characters.next()) {
            (Some(Token::Run), _) => {
                place = place.saturating_add(1);
                if place == pattern.len() {
                    return true;
                }
                retry = Some((place, rest));
            }
            (Some(token), Some(character)) if token.takes(character, case) => {
                place = place.saturating_add(1);
                rest = characters.as_str();
            }
            (None, None) => return true,
            // The text is used up: to begin later would leave even less of it.
            (Some(_), None) => return false,
            _ => {
                let Some((after_run, from)) = retry else { return false };
                let mut later = from.chars();
                if later.next().is_none() {
                    return false;
                }
                retry = Some((after_run, later.as_str()));
                place = after_run;
                rest = later.as_str();
            }
        }
    }
}

/// What a pattern begins with before its first wildcard: most patterns are refused, and the rest
/// shortened, by comparing it as plain bytes.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Lead {
    text: String,
    tokens: usize,
    colons: usize,
}

impl Lead {
    /// The lead of tokens of which `None` is a variable.
    pub(crate) fn of(tokens: impl Iterator<Item = Option<Token>>) -> Self {
        let mut text = String::with_capacity(tokens.size_hint().0);
        text.extend(tokens.map_while(|token| match token {
            Some(Token::Char(character)) => Some(character),
            _ => None,
        }));
        Self { tokens: text.chars().count(), colons: text.matches(':').count(), text }
    }

    /// How many colons stand in it.
    pub(crate) fn colons(&self) -> usize {
        self.colons
    }

    /// The tokens behind it.
    pub(crate) fn rest<'a>(&self, tokens: &'a [Token]) -> &'a [Token] {
        tokens.get(self.tokens..).unwrap_or_default()
    }

    /// What follows it in a text, if the text begins with it.
    pub(crate) fn strip<'t>(&self, text: &'t str, case: Case) -> Option<&'t str> {
        let (head, rest) = text.split_at_checked(self.text.len())?;
        let same = match case {
            Case::Exact => head == self.text,
            Case::Folded => head.eq_ignore_ascii_case(&self.text),
        };
        same.then_some(rest)
    }
}

/// How many parts a resource name has.
pub(crate) const ARN_PARTS: usize = 6;

/// Whether a resource name matches a pattern part by part: no wildcard crosses a colon before the
/// sixth part (IAM guide, "ARN condition operators").
pub(crate) fn matches_arn(pattern: &[Token], arn: &str, case: Case) -> bool {
    let mut patterns = pattern.splitn(ARN_PARTS, |token| *token == Token::Char(':'));
    let mut parts = arn.splitn(ARN_PARTS, ':');
    for count in 0..=ARN_PARTS {
        match (patterns.next(), parts.next()) {
            (Some(pattern), Some(part)) => {
                let folded = if count == 5 { case } else { Case::Exact };
                if !matches(pattern, part, folded) {
                    return false;
                }
            }
            (None, None) => return count == ARN_PARTS,
            _ => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glob(pattern: &str, text: &str) -> bool {
        matches(&tokens(pattern), text, Case::Exact)
    }

    #[test]
    fn a_star_is_any_run_and_a_question_mark_is_one_character() {
        for (pattern, text) in [
            ("*", ""),
            ("*", "a"),
            ("a*c", "abcc"),
            ("a*c", "ac"),
            ("a?c", "aüc"),
            ("**", ""),
            ("*a*b*", "xxaxxbxx"),
            ("*.csv", "a.csv.csv"),
            ("a*b?c", "abbbxc"),
            ("", ""),
        ] {
            assert!(glob(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("?", ""),
            ("a?c", "ac"),
            ("a*c", "abd"),
            ("", "a"),
            ("a", "A"),
            ("*a", "ab"),
            ("a*b?c", "abc"),
            ("*ab", "aab c"),
            ("a", "ab"),
            ("ab", "a"),
        ] {
            assert!(!glob(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn the_examples_of_the_guide_for_object_patterns_hold() {
        let pattern = tokens("arn:aws:s3:::b/*/test/*");
        for key in ["1/test/x", "1/2/test/3/x", "1///test///x", "1/test/.jpg", "/test/x", "1/test/"]
        {
            assert!(matches_arn(&pattern, &format!("arn:aws:s3:::b/{key}"), Case::Exact), "{key}");
        }
        for key in ["1-test/x", "test/x", "1/2/test.jpg"] {
            assert!(!matches_arn(&pattern, &format!("arn:aws:s3:::b/{key}"), Case::Exact), "{key}");
        }
    }

    #[test]
    fn no_wildcard_crosses_a_colon_before_the_sixth_part() {
        let pattern = "arn:aws:svc:*:111122223333:finance/*";
        let arn = "arn:aws:svc:us-east-2:999999999999:store/abc:111122223333:finance/document.txt";
        assert!(glob(pattern, arn));
        assert!(!matches_arn(&tokens(pattern), arn, Case::Exact));
        assert!(matches_arn(&tokens("arn:aws:s3:::b/*"), "arn:aws:s3:::b/a:b:c", Case::Exact));
    }

    #[test]
    fn a_hostile_pattern_costs_no_more_than_its_length_times_the_text() {
        let pattern = tokens(&"*a".repeat(2000));
        assert!(!matches(&pattern, &"a".repeat(1024), Case::Exact));
        let pattern = tokens(&format!("*{}b", "a".repeat(500)));
        assert!(!matches(&pattern, &"a".repeat(1024), Case::Exact));
    }
}
