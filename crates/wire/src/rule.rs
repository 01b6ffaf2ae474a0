//! The constraints of the service models, as the generated tables write them.

use crate::malformed::Fault;

/// What one scalar member must satisfy.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Rule {
    /// Nothing.
    Any,
    /// A length in characters, and which characters.
    Text(Text),
    /// An inclusive range.
    Number(i64, i64),
    /// One of these words, exactly.
    OneOf(&'static [&'static str]),
}

/// The part of a [`Rule`] that speaks of texts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text {
    min: usize,
    max: usize,
    first: Option<char>,
    last: Option<char>,
    of: &'static [Chars],
}

/// A set of characters.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Chars {
    /// These and all between.
    Range(char, char),
    /// Each of these.
    Among(&'static str),
    /// `\w`: ASCII letters, digits and `_`.
    Word,
    /// `\p{L}`, read as Unicode's Alphabetic.
    Letter,
    /// `\p{N}`.
    Number,
    /// `\p{Z}`.
    Separator,
}

impl Rule {
    /// Between `min` and `max` characters.
    pub(crate) const fn text(min: usize, max: usize) -> Text {
        Text { min, max, first: None, last: None, of: &[] }
    }

    /// # Errors
    /// The text breaks the rule.
    pub(crate) fn check_text(&self, text: &str) -> Result<(), Fault> {
        match self {
            Self::Any | Self::Number(..) => Ok(()),
            Self::OneOf(allowed) if allowed.contains(&text) => Ok(()),
            Self::OneOf(allowed) => Err(Fault::Choice { allowed }),
            Self::Text(rule) => rule.check(text),
        }
    }

    /// # Errors
    /// The number is out of range.
    pub(crate) fn check_number(&self, value: i64) -> Result<(), Fault> {
        match *self {
            Self::Number(min, max) if !(min..=max).contains(&value) => {
                Err(Fault::Range { value, min, max })
            }
            _ => Ok(()),
        }
    }
}

impl Text {
    /// Begins with this character.
    pub(crate) const fn first(self, first: char) -> Self {
        Self { first: Some(first), ..self }
    }

    /// Ends with this character.
    pub(crate) const fn last(self, last: char) -> Self {
        Self { last: Some(last), ..self }
    }

    /// Holds only these characters.
    pub(crate) const fn of(self, of: &'static [Chars]) -> Self {
        Self { of, ..self }
    }

    /// The finished rule.
    pub(crate) const fn rule(self) -> Rule {
        Rule::Text(self)
    }

    fn check(&self, text: &str) -> Result<(), Fault> {
        let characters = text.chars().count();
        if !(self.min..=self.max).contains(&characters) {
            return Err(Fault::Length { characters, min: self.min, max: self.max });
        }
        let ends = self.first.is_none_or(|c| text.starts_with(c))
            && self.last.is_none_or(|c| text.ends_with(c));
        let inside = self.of.is_empty() || text.chars().all(|c| self.of.iter().any(|s| s.has(c)));
        if ends && inside { Ok(()) } else { Err(Fault::Characters) }
    }
}

impl Chars {
    fn has(self, c: char) -> bool {
        match self {
            Self::Range(low, high) => (low..=high).contains(&c),
            Self::Among(these) => these.contains(c),
            Self::Word => c.is_ascii_alphanumeric() || c == '_',
            Self::Letter => c.is_alphabetic(),
            Self::Number => c.is_numeric(),
            Self::Separator => matches!(
                c,
                ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'
                    ..='\u{200a}' | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: Rule =
        Rule::text(1, 4).of(&[Chars::Range('a', 'z'), Chars::Range('/', '/')]).rule();
    const PATH: Rule = Rule::text(1, 9).first('/').last('/').rule();

    #[test]
    fn a_length_is_counted_in_characters_at_its_limits_and_past_them() {
        let rule = Rule::text(1, 4).rule();
        for (text, good) in [("", false), ("é", true), ("éééé", true), ("ééééé", false)] {
            assert_eq!(rule.check_text(text).is_ok(), good, "{text}");
        }
    }

    #[test]
    fn a_character_outside_the_set_is_refused() {
        assert_eq!(NAME.check_text("a/z"), Ok(()));
        assert_eq!(NAME.check_text("a z"), Err(Fault::Characters));
    }

    #[test]
    fn a_path_begins_and_ends_with_its_slash() {
        for (text, good) in [("/", true), ("/a/", true), ("/a", false), ("a/", false)] {
            assert_eq!(PATH.check_text(text).is_ok(), good, "{text}");
        }
    }

    #[test]
    fn a_number_at_its_limits_is_taken_and_one_past_them_is_not() {
        let rule = Rule::Number(900, 43_200);
        for (value, good) in [(899, false), (900, true), (43_200, true), (43_201, false)] {
            assert_eq!(rule.check_number(value).is_ok(), good, "{value}");
        }
    }

    #[test]
    fn a_word_outside_the_list_is_refused_whatever_its_case() {
        let rule = Rule::OneOf(&["Active", "Inactive"]);
        assert!(rule.check_text("Active").is_ok());
        assert!(rule.check_text("active").is_err());
    }

    #[test]
    fn a_tag_may_hold_letters_of_any_script_and_no_quote() {
        let rule = Rule::text(0, 9).of(&[Chars::Letter, Chars::Number, Chars::Separator]).rule();
        assert!(rule.check_text("Straße 7").is_ok());
        assert!(rule.check_text("\"").is_err());
    }
}
