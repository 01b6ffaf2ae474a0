//! Answers of Kafka, read.

use audit::SinkError;

use crate::sinks::heard::{ANSWER_BYTES_MAX, Parsed, later};

/// A request: its number and its version, none of them with tagged fields.
#[derive(Clone, Copy)]
pub(super) struct Api {
    pub(super) key: i16,
    pub(super) version: i16,
}

impl Api {
    pub(super) const PRODUCE: Self = Self { key: 0, version: 7 };
    pub(super) const METADATA: Self = Self { key: 3, version: 4 };
    pub(super) const SASL_HANDSHAKE: Self = Self { key: 17, version: 1 };
    pub(super) const SASL_AUTHENTICATE: Self = Self { key: 36, version: 0 };
}

/// Most members of an array that is walked.
const MEMBERS_MAX: i32 = 100_000;

/// Reads an answer: the number of its request, and its body.
pub(in crate::sinks) fn frame(bytes: &[u8]) -> Parsed<(i32, Vec<u8>)> {
    let Some((length, rest)) = bytes.split_first_chunk() else { return Ok(None) };
    let length = usize::try_from(i32::from_be_bytes(*length)).ok();
    let length = length.filter(|length| (4..ANSWER_BYTES_MAX).contains(length));
    let length = length.ok_or_else(strange)?;
    let Some(answer) = rest.get(..length) else { return Ok(None) };
    let (number, body) = answer.split_first_chunk().ok_or_else(strange)?;
    Ok(Some(((i32::from_be_bytes(*number), body.to_vec()), length.saturating_add(4))))
}

fn strange() -> SinkError {
    later("its answer is not of Kafka")
}

/// Reads what answers are made of.
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    fn number<const N: usize>(&mut self) -> Result<[u8; N], SinkError> {
        let (number, rest) = self.0.split_first_chunk().ok_or_else(strange)?;
        self.0 = rest;
        Ok(*number)
    }

    fn short(&mut self) -> Result<i16, SinkError> {
        Ok(i16::from_be_bytes(self.number()?))
    }

    fn int(&mut self) -> Result<i32, SinkError> {
        Ok(i32::from_be_bytes(self.number()?))
    }

    fn take(&mut self, length: i64) -> Result<&'a [u8], SinkError> {
        // Absent is as good as empty.
        let length = usize::try_from(length.max(0)).map_err(|_| strange())?;
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(strange)?;
        self.0 = rest;
        Ok(taken)
    }

    /// A text, as it may be printed.
    pub(super) fn text(&mut self) -> Result<String, SinkError> {
        let length = self.short()?;
        Ok(String::from_utf8_lossy(self.take(i64::from(length))?).into_owned())
    }

    pub(super) fn bytes(&mut self) -> Result<&'a [u8], SinkError> {
        let length = self.int()?;
        self.take(i64::from(length))
    }

    /// How many members an array has.
    fn count(&mut self) -> Result<i32, SinkError> {
        self.int().and_then(|count| if count > MEMBERS_MAX { Err(strange()) } else { Ok(count) })
    }

    /// Reads an error code: of none nothing comes.
    pub(super) fn fine(&mut self, what: &str) -> Result<(), SinkError> {
        match self.short()? {
            0 => Ok(()),
            code => Err(refused(what, code)),
        }
    }
}

/// What an error code means to us (kafka.apache.org/protocol, error codes).
fn refused(what: &str, code: i16) -> SinkError {
    let name = match code {
        // Smaller ones are tried, and one record alone is put aside.
        10 | 18 | 87 => {
            return SinkError::Refused { why: format!("it refuses records: error {code}") };
        }
        3 => "unknown topic or partition",
        5 => "leader not available",
        6 => "not the leader",
        19 | 20 => "not enough replicas",
        29 => "not allowed to write to the topic",
        33 => "unsupported mechanism of SASL",
        58 => "wrong user or password",
        _ => "another one",
    };
    later(format!("it refuses {what}: error {code}, {name}"))
}

/// Where the leader of a partition is.
pub(in crate::sinks) fn leader(
    answer: &[u8],
    topic: &str,
    partition: i32,
) -> Result<(String, u16), SinkError> {
    let mut reader = Reader::new(answer);
    reader.int()?;
    let mut brokers = Vec::new();
    for _ in 0..reader.count()? {
        brokers.push((reader.int()?, reader.text()?, reader.int()?));
        reader.text()?;
    }
    reader.text()?;
    reader.int()?;
    let mut found = None;
    for _ in 0..reader.count()? {
        let error = reader.short()?;
        let ours = reader.text()? == topic;
        reader.number::<1>()?;
        if ours && error != 0 {
            return Err(refused("the topic", error));
        }
        for _ in 0..reader.count()? {
            reader.short()?;
            let (index, leads) = (reader.int()?, reader.int()?);
            for _ in 0..2 {
                let replicas = reader.count()?;
                reader.take(i64::from(replicas).saturating_mul(4))?;
            }
            if ours && index == partition {
                found = Some(leads);
            }
        }
    }
    let leads = found.ok_or_else(|| later("the topic has no such partition"))?;
    let broker = brokers.into_iter().find(|(id, _, _)| *id == leads);
    let (_, host, port) = broker.ok_or_else(|| later("the partition has no leader"))?;
    Ok((host, u16::try_from(port).map_err(|_| strange())?))
}

/// Whether the records were taken, which all were for one partition.
pub(in crate::sinks) fn produced(
    answer: &[u8],
    topic: &str,
    partition: i32,
) -> Result<(), SinkError> {
    let mut reader = Reader::new(answer);
    let mut taken = false;
    for _ in 0..reader.count()? {
        let ours = reader.text()? == topic;
        for _ in 0..reader.count()? {
            let index = reader.int()?;
            reader.fine("records")?;
            // Offset, time, and where the log starts.
            reader.number::<24>()?;
            taken |= ours && index == partition;
        }
    }
    if taken { Ok(()) } else { Err(later("it says nothing of the records")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &mut Vec<u8>, text: &str) {
        bytes.extend(i16::try_from(text.len()).unwrap().to_be_bytes());
        bytes.extend(text.as_bytes());
    }

    fn ints(bytes: &mut Vec<u8>, ints: &[i32]) {
        ints.iter().for_each(|int| bytes.extend(int.to_be_bytes()));
    }

    fn metadata(error: i16) -> Vec<u8> {
        let mut bytes = Vec::new();
        ints(&mut bytes, &[0, 1, 5]);
        text(&mut bytes, "b.example");
        ints(&mut bytes, &[9093]);
        bytes.extend((-1_i16).to_be_bytes());
        text(&mut bytes, "cluster");
        ints(&mut bytes, &[5, 1]);
        bytes.extend(error.to_be_bytes());
        text(&mut bytes, "audit");
        bytes.push(0);
        ints(&mut bytes, &[1]);
        bytes.extend(0_i16.to_be_bytes());
        ints(&mut bytes, &[0, 5, 1, 5, 1, 5]);
        bytes
    }

    #[test]
    fn the_leader_is_the_broker_of_the_partition() {
        let fine = metadata(0);
        assert_eq!(leader(&fine, "audit", 0), Ok(("b.example".to_owned(), 9093)));
        assert!(leader(&fine, "audit", 1).is_err());
        assert!(leader(&fine, "other", 0).is_err());
        assert!(leader(&metadata(3), "audit", 0).is_err());
        for cut in 0..fine.len() {
            assert!(leader(&fine[..cut], "audit", 0).is_err(), "{cut}");
        }
    }

    #[test]
    fn what_is_too_large_is_tried_smaller_and_all_else_later() {
        let answer = |error: i16| {
            let mut bytes = Vec::new();
            ints(&mut bytes, &[1]);
            text(&mut bytes, "audit");
            ints(&mut bytes, &[1, 0]);
            bytes.extend(error.to_be_bytes());
            bytes.extend([0; 24]);
            ints(&mut bytes, &[0]);
            bytes
        };
        let produced = |bytes: &[u8]| produced(bytes, "audit", 0);
        assert_eq!(produced(&answer(0)), Ok(()));
        assert!(matches!(produced(&answer(10)), Err(SinkError::Refused { .. })));
        for later in [2, 6, 19, 29] {
            assert!(matches!(produced(&answer(later)), Err(SinkError::Later { .. })), "{later}");
        }
        assert!(produced(&[0; 4]).is_err());
        for (topic, partition) in [("other", 0), ("audit", 1)] {
            assert!(super::produced(&answer(0), topic, partition).is_err(), "{topic} {partition}");
        }
    }

    #[test]
    fn frames_are_read_whole_or_not_yet() {
        let bytes = [0, 0, 0, 5, 0, 0, 0, 9, 7];
        for cut in 0..bytes.len() {
            assert_eq!(frame(&bytes[..cut]), Ok(None));
        }
        assert_eq!(frame(&bytes), Ok(Some(((9, vec![7]), 9))));
        assert!(frame(&[0, 0, 0, 3, 0]).is_err());
        assert!(frame(b"HTTP/1.1").is_err());
    }
}
