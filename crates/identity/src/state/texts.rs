//! Records as a snapshot holds them: JSON in which single bytes stand for what recurs.
//!
//! Bytes below 32 never occur in JSON as it is written here: 1 stands for the first twelve bytes
//! of the record's key (the account), 2 for the rest of the key, 3 for its second, and 4 to 31 for
//! the texts that the snapshot lists.

use super::section::Frame;

/// The byte that stands for the first listed text.
const FIRST_LISTED: u8 = 4;
/// Bytes from here on stand for themselves.
const PLAIN: u8 = 32;
/// Most texts that a snapshot lists.
const LISTED_MAX: usize = 28;
/// Bytes of an account in a key.
pub(super) const ACCOUNT_BYTES: usize = 12;

/// What recurs in the records of this version.
const RECURRING: [&str; 24] = [
    r#"{"id":""#,
    r#"","account":""#,
    r#"","path":"/","name":""#,
    r#"","created":""#,
    r#"","groups":[""#,
    r#""],"policies":{}}"#,
    r#"","policies":{}}"#,
    r#"","policies":{"attached":[""#,
    r#""],"policies":{"attached":[""#,
    r#"","owner":""#,
    r#"","secret":{"key":""#,
    r#"","data":""#,
    r#""},"status":"active","created":""#,
    r#""},"status":"inactive","created":""#,
    r#"","updated":""#,
    r#"","versions":{""#,
    r#"","document":{"kind":"identity","text":""#,
    r#"{\"Version\":\"2012-10-17\",\"Statement\":"#,
    r#"{\"Effect\":\"Allow\",\"Action\":"#,
    r#",\"Resource\":"#,
    r#"","tags":{""#,
    "arn:aws:iam::",
    "arn:aws:s3:::",
    r#""]}}"#,
];

/// The texts for which single bytes stand.
pub(crate) struct Texts {
    listed: Vec<String>,
    /// For each byte the texts that begin with it, and what stands for them; the longest first.
    by_first: Vec<Vec<(u8, String)>>,
}

impl Texts {
    /// What recurs in every snapshot, and what does in this one.
    pub(crate) fn recurring(own: impl Iterator<Item = String>) -> Self {
        let texts = RECURRING.iter().map(|text| (*text).to_owned());
        Self::listed(texts.chain(own).take(LISTED_MAX).collect())
    }

    /// The texts that a snapshot lists.
    pub(crate) fn listed(listed: Vec<String>) -> Self {
        let mut by_first = vec![Vec::new(); 256];
        for (byte, text) in (FIRST_LISTED..PLAIN).zip(&listed) {
            let first = text.as_bytes().first().filter(|_| text.len() > 1);
            let place = first.and_then(|first| by_first.get_mut(usize::from(*first)));
            if let Some(place) = place {
                place.push((byte, text.clone()));
            }
        }
        for texts in &mut by_first {
            texts.sort_by_key(|(_, text)| std::cmp::Reverse(text.len()));
        }
        Self { listed, by_first }
    }

    /// The texts, to be listed.
    pub(crate) fn list(&self) -> &[String] {
        &self.listed
    }

    /// What of the record itself recurs in it.
    fn own(frame: Frame<'_>) -> [&[u8]; 3] {
        let [account, name] = match frame.key.split_at_checked(ACCOUNT_BYTES) {
            Some((account, name)) => [account, name],
            None => [frame.key, &[]],
        };
        [account, name, frame.second]
    }

    /// Puts single bytes in the place of what they stand for. `None` if the text has such bytes.
    pub(crate) fn press(&self, frame: Frame<'_>) -> Option<Vec<u8>> {
        // A text of one byte would be no shorter.
        let long = |(_, text): &(u8, &[u8])| text.len() > 1;
        let own: Vec<(u8, &[u8])> = (1..FIRST_LISTED).zip(Self::own(frame)).filter(long).collect();
        let texts = |first: u8| {
            let listed = self.by_first.get(usize::from(first)).into_iter().flatten();
            let listed = listed.map(|(byte, text)| (*byte, text.as_bytes()));
            own.iter().copied().chain(listed)
        };
        let mut rest = frame.body;
        let mut pressed = Vec::with_capacity(rest.len() / 2);
        while let Some((first, behind)) = rest.split_first() {
            if *first < PLAIN {
                return None;
            }
            let found =
                texts(*first).find_map(|(byte, text)| Some((byte, rest.strip_prefix(text)?)));
            let (byte, after) = found.unwrap_or((*first, behind));
            pressed.push(byte);
            rest = after;
        }
        Some(pressed)
    }

    /// The reverse of [`Texts::press`]. `None` if a byte stands for nothing.
    pub(crate) fn expand(&self, frame: Frame<'_>) -> Option<Vec<u8>> {
        let own = Self::own(frame);
        let mut text = Vec::with_capacity(frame.body.len().saturating_mul(3));
        for byte in frame.body {
            match *byte {
                PLAIN.. => text.push(*byte),
                FIRST_LISTED.. => {
                    let listed = self.listed.get(usize::from(byte.checked_sub(FIRST_LISTED)?))?;
                    text.extend_from_slice(listed.as_bytes());
                }
                _ => text.extend_from_slice(own.get(usize::from(byte.checked_sub(1)?))?),
            }
        }
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_recurs_takes_a_byte_each() {
        let texts = Texts::recurring(std::iter::once("0123456789abcdef".to_owned()));
        let body = concat!(
            r#"{"id":"AIDAX","account":"111122223333","path":"/","name":"alice","#,
            r#""created":"2026","policies":{}}"#
        );
        let frame = Frame { key: b"111122223333alice", second: b"AIDAX", body: body.as_bytes() };
        let pressed = texts.press(frame).unwrap();
        assert_eq!(pressed, b"\x04\x03\x05\x01\x06\x02\x072026\x0a");
        let back = texts.expand(Frame { body: &pressed, ..frame }).unwrap();
        assert_eq!(back, body.as_bytes());
    }

    #[test]
    fn bytes_that_stand_for_nothing_are_refused() {
        let texts = Texts::recurring(std::iter::empty());
        let frame = |body| Frame { key: b"111122223333alice", second: b"AIDAX", body };
        assert!(texts.press(frame(b"a\nb")).is_none());
        assert!(texts.expand(frame(b"a\x00b")).is_none());
        assert!(texts.expand(frame(b"a\x1fb")).is_none());
        assert!(texts.expand(frame(b"a\x03b")).is_some());
    }

    proptest! {
        #[test]
        fn what_was_pressed_is_as_it_was(
            body in "([ -~é]|arn:aws:iam::|\",\"account\":\"|bob){0,40}",
            key in "[0-9]{12}[a-z]{0,3}",
            second in "[A-Z]{0,4}",
        ) {
            let texts = Texts::recurring(std::iter::once("own".to_owned()));
            let body = body.as_bytes();
            let frame = Frame { key: key.as_bytes(), second: second.as_bytes(), body };
            let pressed = texts.press(frame).unwrap();
            prop_assert!(pressed.len() <= body.len());
            prop_assert_eq!(texts.expand(Frame { body: &pressed, ..frame }).unwrap(), body);
        }
    }
}
