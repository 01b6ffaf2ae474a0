//! What a directory may send: whole messages (RFC 4511 §4.1.1, §5.1) of a known form, that answer
//! what was asked, within bounds of length, depth and number. Pure.
//!
//! The library that unpacks messages follows values within values as deep as they go, keeps
//! whatever comes, and gives up by a panic on a form that it does not know. So it is shown nothing
//! that has not been read here.

/// Longest message, in bytes: a person with 5,000 groups is about half of a megabyte.
pub(super) const MESSAGE_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Most bytes that answer one request: a page of entries, or all of them.
pub(super) const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Most values of one answer, those that contain others included.
pub(super) const ANSWER_VALUES_MAX: usize = 1_000_000;
/// Deepest values within values. The value of an attribute lies six deep.
pub(super) const DEPTH_MAX: usize = 16;

/// Bytes of the longest integer that is read: ids of messages and codes.
const INTEGER_BYTES_MAX: usize = 4;
const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const BOOLEAN: u8 = 0x01;
const ENUMERATED: u8 = 0x0a;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const CONTROLS: u8 = 0xa0;
/// Where Active Directory puts the name of a notice of disconnection.
const NAME_OUTSIDE: u8 = 0x8a;
/// The bit of a tag that says that its value is made of values.
const CONSTRUCTED: u8 = 0x20;
/// The bits of a tag that are its number; all of them set begin a longer one.
const NUMBER: u8 = 0x1f;
/// Results in pages (RFC 2696): the one control whose value the library unpacks.
const PAGED_RESULTS: &[u8] = b"1.2.840.113556.1.4.319";

/// What may follow the three parts of a result, by number (RFC 4511 §4.1.9, §4.2.2, §4.12).
const REFERRAL: u8 = 3;
const SASL_CREDENTIALS: u8 = 7;
const RESPONSE_NAME: u8 = 10;
const RESPONSE_VALUE: u8 = 11;

/// `protocolOp`s (RFC 4511 §4).
const BIND_REQUEST: u8 = 0x60;
const BIND_RESPONSE: u8 = 0x61;
const SEARCH_REQUEST: u8 = 0x63;
const SEARCH_ENTRY: u8 = 0x64;
const SEARCH_DONE: u8 = 0x65;
const SEARCH_REFERENCE: u8 = 0x73;
const EXTENDED_RESPONSE: u8 = 0x78;
const INTERMEDIATE_RESPONSE: u8 = 0x79;

/// What is wrong with what a directory sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MessageFault {
    /// It is no message, or one whose parts do not fit into it.
    #[error("it is not a message of LDAP")]
    Form,
    /// A message is longer than any.
    #[error("a message of more than {MESSAGE_BYTES_MAX} bytes")]
    Long,
    /// Values within values.
    #[error("values more than {DEPTH_MAX} deep within others")]
    Deep,
    /// An answer that does not end.
    #[error("an answer of more than {ANSWER_BYTES_MAX} bytes or {ANSWER_VALUES_MAX} values")]
    Endless,
    /// It answers something else than what was asked.
    #[error("an answer to something that was not asked")]
    Unasked,
}

/// A value: its tag, what is in it, and what comes after it.
type Value<'a> = (u8, &'a [u8], &'a [u8]);

/// How many bytes the first message of these has; `None` if they do not tell yet.
pub(super) fn message_bytes(bytes: &[u8]) -> Result<Option<usize>, MessageFault> {
    match bytes.first() {
        None => return Ok(None),
        Some(&SEQUENCE) => {}
        Some(_) => return Err(MessageFault::Form),
    }
    let Some((length, header)) = length(bytes.get(1..).unwrap_or_default())? else {
        return Ok(None);
    };
    if length > MESSAGE_BYTES_MAX {
        return Err(MessageFault::Long);
    }
    Ok(Some(length.saturating_add(header).saturating_add(1)))
}

/// A length, and how many bytes say it (X.690 §8.1.3): LDAP has none that is left open
/// (RFC 4511 §5.1).
fn length(bytes: &[u8]) -> Result<Option<(usize, usize)>, MessageFault> {
    let Some((first, rest)) = bytes.split_first() else { return Ok(None) };
    match first {
        0..=0x7f => Ok(Some((usize::from(*first), 1))),
        0x81..=0x84 => {
            let count = usize::from(first & 0x7f);
            let Some(bytes) = rest.get(..count) else { return Ok(None) };
            let add = |sum: usize, byte: &u8| sum.checked_mul(256)?.checked_add(usize::from(*byte));
            let length = bytes.iter().try_fold(0, add).ok_or(MessageFault::Long)?;
            Ok(Some((length, count.saturating_add(1))))
        }
        _ => Err(MessageFault::Form),
    }
}

/// The first value of these bytes.
fn value(bytes: &[u8]) -> Result<Value<'_>, MessageFault> {
    let (tag, rest) = bytes.split_first().ok_or(MessageFault::Form)?;
    let (length, header) = length(rest)?.ok_or(MessageFault::Form)?;
    let rest = rest.get(header..).ok_or(MessageFault::Form)?;
    let (content, rest) = rest.split_at_checked(length).ok_or(MessageFault::Form)?;
    if tag & NUMBER == NUMBER {
        return Err(MessageFault::Form);
    }
    Ok((*tag, content, rest))
}

/// Counts values, and those within them.
fn walk(mut bytes: &[u8], depth: usize, count: &mut usize) -> Result<(), MessageFault> {
    if depth > DEPTH_MAX {
        return Err(MessageFault::Deep);
    }
    while !bytes.is_empty() {
        let (tag, content, rest) = value(bytes)?;
        *count = count.saturating_add(1);
        if *count > ANSWER_VALUES_MAX {
            return Err(MessageFault::Endless);
        }
        if tag & CONSTRUCTED != 0 {
            walk(content, depth.saturating_add(1), count)?;
        }
        bytes = rest;
    }
    Ok(())
}

/// A request of ours, and what has answered it so far.
#[derive(Debug, Default)]
pub(super) struct Exchange {
    /// Its id, and what it asks for.
    asked: Option<(u64, u8)>,
    bytes: usize,
    values: usize,
}

impl Exchange {
    /// What we send; the answer to what was sent before does not count any more.
    pub(super) fn asks(&mut self, message: &[u8]) -> Result<(), MessageFault> {
        let (_, content, _) = value(message)?;
        let (_, id, rest) = value(content)?;
        let (operation, _, _) = value(rest)?;
        *self = Self { asked: Some((number(id), operation)), ..Self::default() };
        Ok(())
    }

    /// Whether a message of the directory's is handed on. Those that refer elsewhere, and those
    /// that say nothing yet, are not: nobody follows or reads them.
    pub(super) fn answers(&mut self, message: &[u8]) -> Result<bool, MessageFault> {
        self.bytes = self.bytes.saturating_add(message.len());
        if self.bytes > ANSWER_BYTES_MAX {
            return Err(MessageFault::Endless);
        }
        walk(message, 0, &mut self.values)?;
        let (_, content, _) = value(message)?;
        let (id, rest) = integer(content, INTEGER)?;
        let (operation, body, rest) = value(rest)?;
        controls(rest)?;
        let id = number(id);
        if id == 0 {
            // A notice that the connection ends (RFC 4511 §4.4): it will.
            return Ok(false);
        }
        let (asked, request) = self.asked.ok_or(MessageFault::Unasked)?;
        let known = match request {
            BIND_REQUEST => [BIND_RESPONSE].as_slice(),
            SEARCH_REQUEST => &[SEARCH_ENTRY, SEARCH_DONE, SEARCH_REFERENCE, INTERMEDIATE_RESPONSE],
            _ => &[EXTENDED_RESPONSE],
        };
        if asked != id || !known.contains(&operation) {
            return Err(MessageFault::Unasked);
        }
        match operation {
            SEARCH_ENTRY => entry(body).map(|()| true),
            SEARCH_REFERENCE | INTERMEDIATE_RESPONSE => Ok(false),
            _ => result(body).map(|()| true),
        }
    }
}

/// A value with that tag, and what comes after it.
fn tagged(bytes: &[u8], wanted: u8) -> Result<(&[u8], &[u8]), MessageFault> {
    let (tag, content, rest) = value(bytes)?;
    if tag == wanted { Ok((content, rest)) } else { Err(MessageFault::Form) }
}

fn integer(bytes: &[u8], wanted: u8) -> Result<(&[u8], &[u8]), MessageFault> {
    let (content, rest) = tagged(bytes, wanted)?;
    let fits = (1..=INTEGER_BYTES_MAX).contains(&content.len());
    if fits { Ok((content, rest)) } else { Err(MessageFault::Form) }
}

/// A text, and what comes after it.
fn text(bytes: &[u8]) -> Result<(&[u8], &[u8]), MessageFault> {
    let (content, rest) = tagged(bytes, OCTET_STRING)?;
    ensure(is_text(content))?;
    Ok((content, rest))
}

fn is_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok()
}

/// A number without a sign.
fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |sum: u64, byte| sum.wrapping_mul(256).wrapping_add(u64::from(*byte)))
}

/// Looks at each value of a list.
fn each(
    mut list: &[u8],
    look: fn(u8, &[u8]) -> Result<(), MessageFault>,
) -> Result<(), MessageFault> {
    while !list.is_empty() {
        let (tag, content, rest) = value(list)?;
        look(tag, content)?;
        list = rest;
    }
    Ok(())
}

fn ensure(holds: bool) -> Result<(), MessageFault> {
    if holds { Ok(()) } else { Err(MessageFault::Form) }
}

/// `LDAPResult` (RFC 4511 §4.1.9), and what some operations add to it.
fn result(body: &[u8]) -> Result<(), MessageFault> {
    let (_, rest) = integer(body, ENUMERATED)?;
    let (_, rest) = text(rest)?;
    let (_, rest) = text(rest)?;
    each(rest, |tag, content| {
        let primitive = tag & CONSTRUCTED == 0;
        match tag & NUMBER {
            REFERRAL => {
                ensure(!primitive)?;
                each(content, |tag, place| ensure(tag == OCTET_STRING && is_text(place)))
            }
            SASL_CREDENTIALS | RESPONSE_VALUE => ensure(primitive),
            RESPONSE_NAME => ensure(primitive && is_text(content)),
            // What later versions add is passed over (RFC 4511 §4).
            _ => Ok(()),
        }
    })
}

/// `SearchResultEntry` (RFC 4511 §4.5.2).
fn entry(body: &[u8]) -> Result<(), MessageFault> {
    let (_, rest) = text(body)?;
    let (attributes, _) = tagged(rest, SEQUENCE)?;
    each(attributes, |tag, attribute| {
        ensure(tag == SEQUENCE)?;
        let (_, rest) = text(attribute)?;
        let (values, _) = tagged(rest, SET)?;
        each(values, |tag, _| ensure(tag == OCTET_STRING))
    })
}

/// What may follow the operation (RFC 4511 §4.1.11).
fn controls(rest: &[u8]) -> Result<(), MessageFault> {
    if rest.is_empty() {
        return Ok(());
    }
    let (tag, content, after) = value(rest)?;
    ensure(after.is_empty())?;
    match tag {
        CONTROLS => each(content, |tag, control| {
            ensure(tag == SEQUENCE)?;
            control_of(control)
        }),
        NAME_OUTSIDE => Ok(()),
        _ => Err(MessageFault::Form),
    }
}

fn control_of(control: &[u8]) -> Result<(), MessageFault> {
    let (kind, mut rest) = text(control)?;
    if rest.first() == Some(&BOOLEAN) {
        let (criticality, after) = tagged(rest, BOOLEAN)?;
        ensure(criticality.len() == 1)?;
        rest = after;
    }
    if rest.is_empty() {
        return ensure(kind != PAGED_RESULTS);
    }
    let (content, after) = tagged(rest, OCTET_STRING)?;
    ensure(after.is_empty())?;
    if kind != PAGED_RESULTS {
        return Ok(());
    }
    let (page, after) = tagged(content, SEQUENCE)?;
    let (_, cookie) = integer(page, INTEGER)?;
    let (_, end) = tagged(cookie, OCTET_STRING)?;
    ensure(after.is_empty() && end.is_empty())
}

#[cfg(test)]
mod tests;
