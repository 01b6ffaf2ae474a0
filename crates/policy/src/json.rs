//! A JSON reader for strangers' documents (RFC 8259): every value knows where it stands, a key
//! given twice is an error, and nesting is bounded before it can cost any stack.

use crate::error::Fault;

/// How deep arrays and objects may nest. The policy grammar needs seven levels.
pub const DEPTH_MAX: usize = 32;

/// Byte offsets of a value in the text: from the first byte to one past the last.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// A value and where it stands.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Node {
    pub(crate) span: Span,
    pub(crate) json: Json,
}

/// A JSON value; numbers keep the text that they were written as.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    Array(Vec<Node>),
    Object(Vec<Member>),
    /// An object or array that was passed over: only its place is known.
    Unread,
}

/// One key of an object.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Member {
    pub(crate) key: String,
    pub(crate) key_span: Span,
    pub(crate) value: Node,
}

/// A fault and the byte it stands at.
pub(crate) type Located = (usize, Fault);

/// Reads exactly one value.
pub(crate) fn read(text: &str) -> Result<Node, Located> {
    let mut reader = Reader { text, at: 0, doubled: None, unread: None };
    reader.document()
}

/// Reads exactly one value in which a key may stand twice; also returns where that is so.
pub(crate) fn read_leniently(text: &str) -> Result<(Node, Vec<Located>), Located> {
    let mut reader = Reader { text, at: 0, doubled: Some(Vec::new()), unread: None };
    let node = reader.document()?;
    Ok((node, reader.doubled.unwrap_or_default()))
}

/// The values of a text that follow each other, as in JSON lines; where one of them is an array,
/// its items count instead. Objects and arrays under the key `unread` are passed over: whoever
/// reads them later says what is wrong with them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Values<'a> {
    text: &'a str,
    at: usize,
    place: Place,
    unread: &'static str,
}

/// Where the next value is looked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    Outside,
    /// Behind the `[` of an array.
    Opened,
    /// Behind an item of an array.
    Behind,
}

impl<'a> Values<'a> {
    /// From the beginning of a text.
    pub(crate) fn of(text: &'a str, unread: &'static str) -> Self {
        Self { text, at: 0, place: Place::Outside, unread }
    }

    /// The byte behind the value that was read last.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Reads the next one; `None` at the end of the text.
    pub(crate) fn read(&mut self) -> Result<Option<Node>, Located> {
        self.step(Reader::value)
    }

    /// Passes over the next one, which is not told from what is broken but has as many brackets;
    /// `None` at the end of the text.
    pub(crate) fn pass(&mut self) -> Result<Option<Node>, Located> {
        self.step(Reader::pass_over)
    }

    fn step(
        &mut self,
        take: impl Fn(&mut Reader<'a>, usize) -> Result<Node, Located>,
    ) -> Result<Option<Node>, Located> {
        let Self { text, at, unread, .. } = *self;
        let mut reader = Reader { text, at, doubled: None, unread: Some(unread) };
        loop {
            reader.space();
            match (self.place, reader.peek()) {
                (Place::Outside, None) => return Ok(None),
                (Place::Outside, Some(b'[')) => self.place = Place::Opened,
                (Place::Opened | Place::Behind, Some(b']')) => self.place = Place::Outside,
                (Place::Behind, Some(b',')) => {
                    reader.bump();
                    break;
                }
                (Place::Behind, _) => return reader.fault("`,` or `]` is expected"),
                (Place::Outside | Place::Opened, _) => break,
            }
            reader.bump();
        }
        let node = take(&mut reader, usize::from(self.place != Place::Outside))?;
        self.at = reader.at;
        if self.place == Place::Opened {
            self.place = Place::Behind;
        }
        Ok(Some(node))
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// Keys that stand twice, if that is to be told and not refused.
    doubled: Option<Vec<Located>>,
    /// The key whose objects and arrays are passed over.
    unread: Option<&'static str>,
}

impl Reader<'_> {
    fn document(&mut self) -> Result<Node, Located> {
        let node = self.value(0)?;
        self.space();
        match self.peek() {
            None => Ok(node),
            Some(_) => self.fault("something follows the document"),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn bump(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.bump();
        }
    }

    fn fault<T>(&self, what: &'static str) -> Result<T, Located> {
        Err((self.at, Fault::Json(what)))
    }

    fn value(&mut self, depth: usize) -> Result<Node, Located> {
        self.space();
        let start = self.at;
        let json = match self.peek() {
            Some(b'{' | b'[') if depth >= DEPTH_MAX => return Err((start, Fault::TooDeep)),
            Some(b'{') => self.object(depth.saturating_add(1))?,
            Some(b'[') => self.array(depth.saturating_add(1))?,
            Some(b'"') => Json::Text(self.string()?),
            Some(b't') => self.word("true", Json::Bool(true))?,
            Some(b'f') => self.word("false", Json::Bool(false))?,
            Some(b'n') => self.word("null", Json::Null)?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(_) => return self.fault("a value is expected"),
            None => return self.fault("the document ends too early"),
        };
        Ok(Node { span: Span { start, end: self.at }, json })
    }

    fn word(&mut self, word: &'static str, json: Json) -> Result<Json, Located> {
        if self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            self.at = self.at.saturating_add(word.len());
            Ok(json)
        } else {
            self.fault("a value is expected")
        }
    }

    fn digits(&mut self) -> Result<(), Located> {
        if !self.peek().is_some_and(|b| b.is_ascii_digit()) {
            return self.fault("a digit is expected");
        }
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.bump();
        }
        Ok(())
    }

    fn number(&mut self) -> Result<Json, Located> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.bump();
        }
        if self.peek() == Some(b'0') {
            self.bump();
            if self.peek().is_some_and(|b| b.is_ascii_digit()) {
                return self.fault("a number must not begin with a zero");
            }
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.bump();
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.bump();
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.bump();
            }
            self.digits()?;
        }
        Ok(Json::Number(self.text.get(start..self.at).unwrap_or_default().to_owned()))
    }

    fn string(&mut self) -> Result<String, Located> {
        self.bump();
        let mut out = String::new();
        loop {
            let start = self.at;
            while !matches!(self.peek(), None | Some(b'"' | b'\\' | 0..=0x1f)) {
                self.bump();
            }
            out.push_str(self.text.get(start..self.at).unwrap_or_default());
            match self.peek() {
                Some(b'"') => {
                    self.bump();
                    return Ok(out);
                }
                Some(b'\\') => {
                    self.bump();
                    out.push(self.escape()?);
                }
                Some(_) => return self.fault("a control character must be escaped"),
                None => return self.fault("a string is not closed"),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Located> {
        let plain = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            _ => return self.fault("this escape is unknown"),
        };
        self.bump();
        Ok(plain)
    }

    /// `\uXXXX`, or the two of a surrogate pair; a lone surrogate is no character.
    fn unicode(&mut self) -> Result<char, Located> {
        let high = self.hex()?;
        let code = if (0xd800..0xdc00).contains(&high) {
            if self.peek() != Some(b'\\') {
                return self.fault("half of a surrogate pair is missing");
            }
            self.bump();
            if self.peek() != Some(b'u') {
                return self.fault("half of a surrogate pair is missing");
            }
            let low = self.hex()?;
            if !(0xdc00..0xe000).contains(&low) {
                return self.fault("half of a surrogate pair is missing");
            }
            0x1_0000_u32.saturating_add(((high & 0x3ff) << 10) | (low & 0x3ff))
        } else {
            high
        };
        char::from_u32(code).map_or_else(|| self.fault("half of a surrogate pair is missing"), Ok)
    }

    /// The four digits after `u`, on which the reader stands.
    fn hex(&mut self) -> Result<u32, Located> {
        self.bump();
        let mut code = 0_u32;
        for _ in 0..4 {
            let digit = self.peek().and_then(|b| char::from(b).to_digit(16));
            let Some(digit) = digit else { return self.fault("four hex digits are expected") };
            code = (code << 4) | digit;
            self.bump();
        }
        Ok(code)
    }

    fn array(&mut self, depth: usize) -> Result<Json, Located> {
        self.bump();
        let mut nodes = Vec::new();
        self.space();
        if self.peek() == Some(b']') {
            self.bump();
            return Ok(Json::Array(nodes));
        }
        loop {
            nodes.push(self.value(depth)?);
            self.space();
            match self.peek() {
                Some(b',') => self.bump(),
                Some(b']') => {
                    self.bump();
                    return Ok(Json::Array(nodes));
                }
                _ => return self.fault("`,` or `]` is expected"),
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json, Located> {
        self.bump();
        let mut members: Vec<Member> = Vec::new();
        let mut seen = Seen::default();
        self.space();
        if self.peek() == Some(b'}') {
            self.bump();
            return Ok(Json::Object(members));
        }
        loop {
            let member = self.member(depth)?;
            if seen.already(&members, &member.key) {
                let located = (member.key_span.start, Fault::DuplicateKey(member.key.clone()));
                match &mut self.doubled {
                    Some(doubled) => doubled.push(located),
                    None => return Err(located),
                }
            }
            members.push(member);
            self.space();
            match self.peek() {
                Some(b',') => self.bump(),
                Some(b'}') => {
                    self.bump();
                    return Ok(Json::Object(members));
                }
                _ => return self.fault("`,` or `}` is expected"),
            }
        }
    }

    /// Finds the end of an object or array without reading it.
    fn pass_over(&mut self, depth: usize) -> Result<Node, Located> {
        self.space();
        if !matches!(self.peek(), Some(b'{' | b'[')) {
            return self.value(depth);
        }
        let start = self.at;
        let bytes = self.text.as_bytes();
        let (mut open, mut at) = (0_usize, start);
        loop {
            match bytes.get(at) {
                Some(b'"') => at = behind_string(bytes, at),
                Some(b'{' | b'[') => open = open.saturating_add(1),
                Some(b'}' | b']') => open = open.saturating_sub(1),
                Some(_) => {}
                None => {
                    self.at = bytes.len();
                    return self.fault("the document ends too early");
                }
            }
            at = at.saturating_add(1);
            if open == 0 {
                break;
            }
        }
        self.at = at;
        Ok(Node { span: Span { start, end: self.at }, json: Json::Unread })
    }

    fn member(&mut self, depth: usize) -> Result<Member, Located> {
        self.space();
        let start = self.at;
        if self.peek() != Some(b'"') {
            return self.fault("a key in quotes is expected");
        }
        let key = self.string()?;
        let key_span = Span { start, end: self.at };
        self.space();
        if self.peek() != Some(b':') {
            return self.fault("`:` is expected");
        }
        self.bump();
        let value = match self.unread {
            Some(unread) if unread == key => self.pass_over(depth)?,
            _ => self.value(depth)?,
        };
        Ok(Member { key, key_span, value })
    }
}

/// Where the quote stands that closes the string of another; where the text ends, if none does.
fn behind_string(bytes: &[u8], opened: usize) -> usize {
    let mut at = opened.saturating_add(1);
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at = at.saturating_add(found);
        if bytes.get(at) == Some(&b'"') {
            return at;
        }
        // What is escaped closes nothing.
        at = at.saturating_add(2);
    }
    bytes.len()
}

/// The most members that are simply looked through for one of the same key.
const MEMBERS_LOOKED_THROUGH_MAX: usize = 16;

/// The keys of an object, hashed as soon as there are many.
#[derive(Default)]
struct Seen(std::collections::HashSet<String>);

impl Seen {
    /// Whether the key was there before.
    fn already(&mut self, members: &[Member], key: &str) -> bool {
        if members.len() < MEMBERS_LOOKED_THROUGH_MAX {
            return members.iter().any(|member| member.key == key);
        }
        if self.0.is_empty() {
            self.0.extend(members.iter().map(|member| member.key.clone()));
        }
        !self.0.insert(key.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(levels: usize) -> String {
        format!("{}{}", "[".repeat(levels), "]".repeat(levels))
    }

    #[test]
    fn nesting_at_its_limit_is_read_and_one_past_it_is_not() {
        assert!(read(&nested(DEPTH_MAX)).is_ok());
        assert_eq!(read(&nested(DEPTH_MAX + 1)).unwrap_err().1, Fault::TooDeep);
        assert_eq!(read(&nested(10_000)).unwrap_err().1, Fault::TooDeep);
        assert_eq!(read(&"{\"a\":".repeat(10_000)).unwrap_err().1, Fault::TooDeep);
    }

    #[test]
    fn an_item_of_an_array_of_values_nests_as_deep_as_the_array_leaves_room_for() {
        let objects = |levels: usize| "{\"a\":".repeat(levels) + "1" + &"}".repeat(levels);
        let read = |text: String| Values::of(&text, "x").read().map(|_| ());
        assert_eq!(read(objects(DEPTH_MAX)), Ok(()));
        assert_eq!(read(objects(DEPTH_MAX + 1)).unwrap_err().1, Fault::TooDeep);
        assert_eq!(read(format!("[{}]", objects(DEPTH_MAX - 1))), Ok(()));
        let too_deep = read(format!("[{}]", objects(DEPTH_MAX)));
        assert_eq!(too_deep.unwrap_err().1, Fault::TooDeep);
    }

    #[test]
    fn each_escape_stands_for_its_character() {
        for (escape, character) in [
            (r#"\""#, '"'),
            (r"\\", '\\'),
            (r"\/", '/'),
            (r"\b", '\u{8}'),
            (r"\f", '\u{c}'),
            (r"\n", '\n'),
            (r"\r", '\r'),
            (r"\t", '\t'),
            (r"\u00e9", 'é'),
            (r"\uABCD", '\u{abcd}'),
            (r"\ud83d\ude00", '\u{1f600}'),
        ] {
            let node = read(&format!("\"{escape}\"")).unwrap();
            assert_eq!(node.json, Json::Text(character.to_string()), "{escape}");
        }
        for bad in [r"\x", r"\u12", r"\ud83d", r"\ud83dx", r"\ude00", r"\u12g4"] {
            assert!(read(&format!("\"{bad}\"")).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_key_given_twice_is_refused_where_it_stands() {
        assert!(read(r#"{"a": 1, "A": 2}"#).is_ok());
        let (at, fault) = read(r#"{"a": 1, "a": 2}"#).unwrap_err();
        assert_eq!((at, fault), (9, Fault::DuplicateKey("a".to_owned())));
        assert!(read(r#"[{"x": {"a": 1, "\u0061": 2}}]"#).is_err());
    }

    #[test]
    fn a_key_given_twice_is_found_among_few_and_among_many() {
        for count in [2, MEMBERS_LOOKED_THROUGH_MAX, MEMBERS_LOOKED_THROUGH_MAX + 1, 100] {
            let members: Vec<String> = (0..count).map(|n| format!("\"k{n}\": {n}")).collect();
            assert!(read(&format!("{{{}}}", members.join(","))).is_ok(), "{count}");
            for twice in [0, count / 2, count - 1] {
                let text = format!("{{{}, \"k{twice}\": 0}}", members.join(","));
                let fault = read(&text).unwrap_err().1;
                assert_eq!(fault, Fault::DuplicateKey(format!("k{twice}")), "{count}");
            }
        }
    }

    #[test]
    fn what_is_passed_over_ends_where_it_ends() {
        let text = r#" {"x": [{"a]": "}\"]", "b": [1, {}]}], "y": 1} {"x": 5} {"x": {"#;
        let mut values = Values::of(text, "x");
        let first = values.read().unwrap().unwrap();
        let Json::Object(members) = &first.json else { panic!("{first:?}") };
        let span = members[0].value.span;
        assert_eq!(members[0].value.json, Json::Unread);
        assert_eq!(text.get(span.start..span.end).unwrap(), r#"[{"a]": "}\"]", "b": [1, {}]}]"#);
        let second = values.read().unwrap().unwrap();
        let Json::Object(members) = &second.json else { panic!("{second:?}") };
        assert_eq!(members[0].value.json, Json::Number("5".to_owned()));
        assert!(values.read().is_err());
        assert_eq!(Values::of("  ", "x").read(), Ok(None));
    }

    #[test]
    fn items_of_arrays_count_as_values_and_are_passed_over_as_they_are_read() {
        let text = r#" 1 [ ] [{"a": "]"} , [2, [3]] ,"4"] true
            [5]{"b": []}[[6]]"#;
        let (mut read, mut passed) = (Values::of(text, "x"), Values::of(text, "x"));
        let mut found = Vec::new();
        while let Some(node) = read.read().unwrap() {
            assert_eq!(passed.pass().unwrap().map(|own| own.span), Some(node.span));
            assert_eq!((passed, read.at()), (read, node.span.end));
            found.push(text.get(node.span.start..node.span.end).unwrap());
        }
        assert_eq!(passed.pass(), Ok(None));
        let expected =
            ["1", r#"{"a": "]"}"#, "[2, [3]]", "\"4\"", "true", "5", r#"{"b": []}"#, "[6]"];
        assert_eq!(found, expected);
    }

    #[test]
    fn an_array_of_values_that_is_broken_is_told_where() {
        for (text, good, at) in
            [("[1 2]", 1, 3), ("[1", 1, 2), ("[", 0, 1), ("[1,]", 1, 3), ("]", 0, 0), ("1,2", 1, 1)]
        {
            let mut values = Values::of(text, "x");
            for _ in 0..good {
                assert!(values.read().is_ok(), "{text}");
            }
            assert_eq!(values.read().unwrap_err().0, at, "{text}");
        }
    }

    #[test]
    fn only_the_json_grammar_is_read() {
        for good in ["null", " [1, -2.5e+3, \"\\ud83d\\ude00\"] ", "{}", "[]", "\"\"", "0"] {
            assert!(read(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "{",
            "[1,]",
            "{\"a\":1,}",
            "{a:1}",
            "'a'",
            "01",
            "1.",
            ".5",
            "+1",
            "nul",
            "1 2",
            "\"\\x\"",
            "\"\\ud800\"",
            "\"\\udc00\"",
            "\"\u{1}\"",
            "\"a",
            "// c",
            "\u{feff}{}",
            "[1",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
