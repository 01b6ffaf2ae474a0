//! A leaf as this program writes it, read by the places in its bytes: for what is done with every
//! leaf. Of one that is written otherwise, in whatever it may be, nothing is said here: whoever
//! asks reads it the long way. What is said here is what the long way says.

use names::{RequestId, Timestamp};

use crate::entry::LeafKind;
use crate::glance::begins;
use crate::sealed::callers::Callers;

/// How deep values lie in one another in a leaf, and a little more.
const DEPTH_MAX: u8 = 8;

/// The two leaves of nearly every entry.
pub(crate) enum Written<'l> {
    /// The first.
    Opened(First<'l>),
    /// The last: nothing that a question asks for.
    Closed(RequestId),
}

/// What questions ask for of a first leaf.
pub(crate) struct First<'l> {
    pub(crate) id: RequestId,
    pub(crate) time: Timestamp,
    pub(crate) verdict: &'l [u8],
    pub(crate) reason: Option<&'l [u8]>,
    pub(crate) operation: &'l [u8],
    pub(crate) target: Option<&'l [u8]>,
    /// The place of the caller among [`Callers`].
    pub(crate) caller: Option<usize>,
    pub(crate) mints: Option<&'l [u8]>,
    /// Action and resource of each check.
    pub(crate) checks: Vec<(&'l [u8], &'l [u8])>,
}

/// What leaves of before said, which many say again.
#[derive(Default)]
pub(crate) struct Before {
    pub(crate) callers: Callers,
    minute: Minute,
    /// What followed the resource of a leaf's first checks, to the end of the check.
    rests: [Vec<u8>; 4],
}

/// Reads a leaf; `None` if it is written otherwise, is of another kind, or is damaged.
pub(crate) fn read<'l>(leaf: &'l [u8], before: &mut Before) -> Option<Written<'l>> {
    let (kind, rest) = begins(leaf)?;
    let mut cursor = Cursor { rest };
    let id = std::str::from_utf8(cursor.text()?).ok()?.parse().ok()?;
    cursor.need(br#","time":""#)?;
    let time = before.minute.time(cursor.text()?)?;
    let written = match kind {
        LeafKind::Opened => Written::Opened(first(&mut cursor, (id, time), before)?),
        LeafKind::Closed => {
            last(&mut cursor)?;
            Written::Closed(id)
        }
        _ => return None,
    };
    cursor.rest.is_empty().then_some(written)
}

fn first<'l>(
    cursor: &mut Cursor<'l>,
    (id, time): (RequestId, Timestamp),
    before: &mut Before,
) -> Option<First<'l>> {
    cursor.need(br#","verdict":""#)?;
    let verdict = cursor.text()?;
    let reason = cursor.word(br#","reason":{"code":""#, br#","detail":"#)?;
    cursor.need(br#","operation":""#)?;
    let operation = cursor.text()?;
    let target = cursor.word(br#","target":{"resource":""#, br#","detail":"#)?;
    let caller = before.callers.read(cursor)?;
    // Where the request came from.
    cursor.value()?;
    cursor.skip(br#","revision":"#)?;
    cursor.need(br#","durability":"#)?;
    cursor.value()?;
    let mints = cursor.word(br#","mints":{"credential":""#, br#","expires":"#)?;
    cursor.skip(br#","parts":"#)?;
    let mut checks = Vec::new();
    if cursor.lit(br#","checks":["#) {
        let mut rests = before.rests.iter_mut();
        checks.push(check(cursor, rests.next())?);
        while cursor.lit(b",") {
            checks.push(check(cursor, rests.next())?);
        }
        cursor.need(b"]")?;
    }
    cursor.need(b"}")?;
    Some(First { id, time, verdict, reason, operation, target, caller, mints, checks })
}

fn check<'l>(cursor: &mut Cursor<'l>, known: Option<&mut Vec<u8>>) -> Option<(&'l [u8], &'l [u8])> {
    cursor.need(br#"{"decision":"#)?;
    cursor.value()?;
    cursor.skip(br#","item":"#)?;
    cursor.need(br#","action":""#)?;
    let action = cursor.text()?;
    cursor.need(br#","resource":""#)?;
    let resource = cursor.text()?;
    if known.as_ref().is_some_and(|known| !known.is_empty() && cursor.lit(known)) {
        return Some((action, resource));
    }
    let from = cursor.rest;
    for name in [&br#","need":"#[..], br#","verdict":"#, br#","layer":"#] {
        cursor.need(name)?;
        cursor.value()?;
    }
    for name in [&br#","by":"#[..], br#","context":"#, br#","truncated":"#] {
        cursor.skip(name)?;
    }
    cursor.need(b"}")?;
    if let Some(known) = known {
        known.clear();
        known.extend_from_slice(cursor.since(from)?);
    }
    Some((action, resource))
}

fn last(cursor: &mut Cursor<'_>) -> Option<()> {
    cursor.need(br#","outcome":"#)?;
    cursor.value()?;
    cursor.skip(br#","cut_at":"#)?;
    cursor.need(br#","status":"#)?;
    cursor.value()?;
    cursor.skip(br#","code":"#)?;
    for name in [&br#","bytes_in":"#[..], br#","bytes_out":"#, br#","duration_us":"#] {
        cursor.need(name)?;
        cursor.value()?;
    }
    cursor.skip(br#","parts":"#)?;
    cursor.skip(br#","items":"#)?;
    cursor.need(b"}")
}

/// What of a leaf was not read yet. Each step is `None` where the bytes are not what it is for.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'l> {
    pub(crate) rest: &'l [u8],
}

impl<'l> Cursor<'l> {
    /// What was gone over since.
    pub(crate) fn since(&self, from: &'l [u8]) -> Option<&'l [u8]> {
        from.get(..from.len().checked_sub(self.rest.len())?)
    }

    /// Goes over those bytes, if they come next.
    pub(crate) fn lit(&mut self, expected: &[u8]) -> bool {
        let after = self.rest.strip_prefix(expected);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    pub(crate) fn need(&mut self, expected: &[u8]) -> Option<()> {
        self.lit(expected).then_some(())
    }

    /// Goes over a field that may be there.
    pub(crate) fn skip(&mut self, name: &[u8]) -> Option<()> {
        if self.lit(name) { self.value() } else { Some(()) }
    }

    /// The first field of an object that may be there and has at most one more.
    fn word(&mut self, opening: &[u8], more: &[u8]) -> Option<Option<&'l [u8]>> {
        if !self.lit(opening) {
            return Some(None);
        }
        let word = self.text()?;
        self.skip(more)?;
        self.need(b"}")?;
        Some(Some(word))
    }

    /// A string after its opening quote, in which every character stands for itself.
    pub(crate) fn text(&mut self) -> Option<&'l [u8]> {
        let (text, rest) = self.rest.split_at_checked(plain(self.rest))?;
        self.rest = rest.strip_prefix(b"\"")?;
        (text.is_ascii() || std::str::from_utf8(text).is_ok()).then_some(text)
    }

    /// Goes over a value of any kind that this program writes.
    pub(crate) fn value(&mut self) -> Option<()> {
        self.nested(DEPTH_MAX)
    }

    fn nested(&mut self, depth: u8) -> Option<()> {
        match self.rest {
            [b'"', rest @ ..] => {
                self.rest = rest;
                self.string()
            }
            [b'{', rest @ ..] => {
                self.rest = rest;
                self.list(depth.checked_sub(1)?, b"}", Self::field)
            }
            [b'[', rest @ ..] => {
                self.rest = rest;
                self.list(depth.checked_sub(1)?, b"]", Self::nested)
            }
            [b'0', rest @ ..] => {
                self.rest = rest;
                Some(())
            }
            [b'1'..=b'9', rest @ ..] => {
                let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
                self.rest = rest.get(digits..)?;
                Some(())
            }
            _ => [&b"true"[..], b"false", b"null"].iter().any(|word| self.lit(word)).then_some(()),
        }
    }

    fn list(
        &mut self,
        depth: u8,
        end: &[u8],
        one: impl Fn(&mut Self, u8) -> Option<()>,
    ) -> Option<()> {
        if self.lit(end) {
            return Some(());
        }
        one(self, depth)?;
        while self.lit(b",") {
            one(self, depth)?;
        }
        self.need(end)
    }

    fn field(&mut self, depth: u8) -> Option<()> {
        self.need(b"\"")?;
        self.string()?;
        self.need(b":")?;
        self.nested(depth)
    }

    /// Goes over a string after its opening quote; characters of four digits are left to others.
    fn string(&mut self) -> Option<()> {
        loop {
            self.rest = self.rest.get(plain(self.rest)..)?;
            match self.rest {
                [b'"', rest @ ..] => {
                    self.rest = rest;
                    return Some(());
                }
                [b'\\', b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', rest @ ..] => {
                    self.rest = rest;
                }
                _ => return None,
            }
        }
    }
}

/// How many bytes stand for themselves before a quote, a backslash or a control character.
fn plain(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut before = 0_usize;
    for word in words {
        let ends = ends(u64::from_le_bytes(*word));
        if ends != 0 {
            return before.saturating_add(usize::try_from(ends.trailing_zeros() / 8).unwrap_or(0));
        }
        before = before.saturating_add(8);
    }
    let end = |byte: &u8| matches!(byte, b'"' | b'\\' | ..0x20);
    before.saturating_add(rest.iter().position(end).unwrap_or(rest.len()))
}

/// Eight bytes at once: the lowest bit that is set is in the first that ends a run, if one does
/// ("Bit Twiddling Hacks", Anderson, "Determine if a word has a byte less than n").
fn ends(word: u64) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const TOP: u64 = EACH << 7;
    let below = |word: u64, least: u8| word.wrapping_sub(EACH * u64::from(least)) & !word & TOP;
    let is = |byte: u8| below(word ^ (EACH * u64::from(byte)), 1);
    is(b'"') | is(b'\\') | below(word, 0x20)
}

/// The minute of the last time that was read: most are of the same.
#[derive(Default)]
pub(crate) struct Minute(Option<([u8; 17], Timestamp)>);

impl Minute {
    /// A time as this program writes it: `2026-01-31T12:34:56.789Z`.
    fn time(&mut self, text: &[u8]) -> Option<Timestamp> {
        let (minute, rest) = text.split_first_chunk::<17>()?;
        let [tens @ b'0'..=b'5', ones, b'.', thousandths @ .., b'Z'] = rest else { return None };
        let mut millis = 0_i64;
        for digit in [tens, ones].into_iter().chain(thousandths) {
            let digit = digit.checked_sub(b'0').filter(|digit| *digit < 10)?;
            millis = millis.checked_mul(10)?.checked_add(i64::from(digit))?;
        }
        if thousandths.len() != 3 {
            return None;
        }
        if let Some((known, begins)) = &self.0
            && known == minute
        {
            return Timestamp::from_millis(begins.millis().checked_add(millis)?).ok();
        }
        let [_, _, _, _, b'-', _, _, b'-', _, _, b'T', _, _, b':', _, _, b':'] = minute else {
            return None;
        };
        let time: Timestamp = std::str::from_utf8(text).ok()?.parse().ok()?;
        let whole = Timestamp::from_millis(time.millis().checked_sub(millis)?).ok()?;
        self.0 = Some((*minute, whole));
        Some(time)
    }
}
