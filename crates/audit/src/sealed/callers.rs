//! What leaves say of who asks, remembered by its bytes: in a segment few ask for much, and every
//! leaf of theirs says the same of them.

use std::borrow::Cow;

use crate::glance::{GlanceHuman, GlancePrincipal};
use crate::sealed::terms::Caller;
use crate::sealed::written::Cursor;
use crate::who::ChainLink;

/// How many are remembered: two for each of 512 places.
const CALLERS_MAX: usize = 1024;
/// Most bytes of what is remembered of one.
const CALLER_BYTES_MAX: usize = 4096;
/// How many bytes say where one is remembered: in callers that differ they mostly do.
const PLACE_BYTES: usize = 256;

/// The callers of a segment that asked lately.
#[derive(Default)]
pub(crate) struct Callers(Vec<Remembered>);

/// The bytes from `account` to the name of `source`, whole: whatever begins with them says the same
/// of its caller, and goes on after them.
#[derive(Clone, Default)]
struct Remembered {
    bytes: Vec<u8>,
    terms: Vec<u32>,
}

impl Callers {
    /// Goes over what a leaf says of its caller, up to the value of `source`: the place of its
    /// terms, unless it says nothing; `None` if it is not written as this program does.
    pub(crate) fn read(&mut self, cursor: &mut Cursor<'_>) -> Option<Option<usize>> {
        let from = cursor.rest;
        if cursor.lit(SOURCE) {
            return Some(None);
        }
        self.0.resize(CALLERS_MAX, Remembered::default());
        let place = place(from);
        for (number, remembered) in (place..).zip(self.0.get(place..)?.iter().take(2)) {
            if !remembered.bytes.is_empty() && cursor.lit(&remembered.bytes) {
                return Some(Some(number));
            }
        }
        let mut terms = Vec::new();
        fields(cursor, |term| terms.push(term))?;
        let bytes = cursor.since(from).filter(|bytes| bytes.len() <= CALLER_BYTES_MAX)?;
        // The one that came before the last goes.
        let [remembered, older, ..] = self.0.get_mut(place..)? else { return None };
        std::mem::swap(remembered, older);
        remembered.terms = terms;
        remembered.bytes.clear();
        remembered.bytes.extend_from_slice(bytes);
        Some(Some(place))
    }

    /// The terms of the caller in that place.
    pub(crate) fn terms(&self, place: usize) -> &[u32] {
        self.0.get(place).map_or(&[], |remembered| &remembered.terms)
    }
}

const SOURCE: &[u8] = br#","source":"#;

fn place(bytes: &[u8]) -> usize {
    let (words, _) = bytes.get(..PLACE_BYTES).unwrap_or(bytes).as_chunks::<8>();
    let mixed = words.iter().fold(0_u64, |mixed, word| {
        (mixed.rotate_left(5) ^ u64::from_le_bytes(*word)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    });
    usize::try_from(mixed >> 55).unwrap_or(0).saturating_mul(2)
}

fn fields(cursor: &mut Cursor<'_>, put: impl FnMut(u32)) -> Option<()> {
    cursor.skip(br#","account":"#)?;
    let mut principal = None;
    if cursor.lit(br#","principal":{"kind":"#) {
        cursor.value()?;
        let arn = optional(cursor, br#","arn":""#)?.map(Cow::Borrowed);
        cursor.need(br#","id":""#)?;
        principal = Some(GlancePrincipal { arn, id: text(cursor)?.into() });
        cursor.need(b"}")?;
    }
    let credential = optional(cursor, br#","credential":""#)?;
    cursor.skip(br#","how":"#)?;
    let mut human = None;
    if cursor.lit(br#","human":{"provider":"#) {
        cursor.value()?;
        cursor.need(br#","subject":""#)?;
        let subject = text(cursor)?.into();
        let display = optional(cursor, br#","display":""#)?.map(Cow::Borrowed);
        human = Some(GlanceHuman { subject, display });
        cursor.need(b"}")?;
    }
    let mut chain: Vec<ChainLink> = Vec::new();
    if cursor.lit(br#","chain":"#) {
        let from = cursor.rest;
        cursor.value()?;
        chain = serde_json::from_slice(cursor.since(from)?).ok()?;
    }
    cursor.skip(br#","session_expires":"#)?;
    cursor.need(SOURCE)?;
    let (principal, human) = (principal.as_ref(), human.as_ref());
    Caller { principal, credential, chain: &chain, human }.words(put);
    Some(())
}

/// The string of a field that may be there.
fn optional<'l>(cursor: &mut Cursor<'l>, name: &[u8]) -> Option<Option<&'l str>> {
    if cursor.lit(name) { text(cursor).map(Some) } else { Some(None) }
}

fn text<'l>(cursor: &mut Cursor<'l>) -> Option<&'l str> {
    std::str::from_utf8(cursor.text()?).ok()
}
