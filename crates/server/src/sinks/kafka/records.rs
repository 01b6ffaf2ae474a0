//! Requests and record batches of Kafka, made (kafka.apache.org/documentation, message format).

use audit::Delivery;

use crate::sinks::compression::Compression;
use crate::sinks::message;

/// Bytes of a batch before those that its checksum covers.
const BEFORE_CHECKSUM_BYTES: usize = 9;

/// Writes what requests are made of.
#[derive(Default)]
pub(super) struct Writer(pub(super) Vec<u8>);

impl Writer {
    pub(super) fn number(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// How many members an array has.
    pub(super) fn count(&mut self, many: i32) {
        self.number(&many.to_be_bytes());
    }

    pub(super) fn text(&mut self, text: &str) {
        self.number(&i16::try_from(text.len()).unwrap_or(i16::MAX).to_be_bytes());
        self.number(text.as_bytes());
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.count(i32::try_from(bytes.len()).unwrap_or(i32::MAX));
        self.number(bytes);
    }

    /// A number as records have it: zigzag, seven bits a byte.
    fn varint(&mut self, number: i64) {
        let mut rest = (number << 1) ^ (number >> 63);
        loop {
            let low = u8::try_from(rest & 0x7f).unwrap_or_default();
            rest = (rest >> 7) & (i64::MAX >> 6);
            self.0.push(if rest == 0 { low } else { low | 0x80 });
            if rest == 0 {
                return;
            }
        }
    }

    fn varbytes(&mut self, bytes: &[u8]) {
        self.varint(long(bytes.len()));
        self.number(bytes);
    }
}

fn long(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// A batch of records: the key is the leaf's id, which is a header too. Their time is that of
/// sending: by their own, a topic's retention would remove old leaves as they come.
pub(super) fn record_batch(some: &[Delivery], compression: Compression, millis: i64) -> Vec<u8> {
    let mut records = Writer::default();
    for (place, delivery) in (0_i64..).zip(some) {
        let mut record = Writer::default();
        record.0.push(0);
        record.varint(0);
        record.varint(place);
        record.varbytes(delivery.id.as_bytes());
        record.varbytes(&message::line(delivery));
        record.varint(1);
        record.varbytes(b"id");
        record.varbytes(delivery.id.as_bytes());
        records.varbytes(&record.0);
    }
    let (kind, records) = match compression {
        Compression::None => (0_i16, records.0),
        Compression::Gzip => (1, compression.of(&records.0)),
        Compression::Zstd => (4, compression.of(&records.0)),
    };
    let many = i32::try_from(some.len()).unwrap_or(i32::MAX);
    let mut covered = Writer::default();
    covered.number(&kind.to_be_bytes());
    covered.count(many.saturating_sub(1));
    covered.number(&millis.to_be_bytes());
    covered.number(&millis.to_be_bytes());
    // No producer id, epoch and sequence: one request at a time keeps the order.
    covered.number(&(-1_i64).to_be_bytes());
    covered.number(&(-1_i16).to_be_bytes());
    covered.number(&(-1_i32).to_be_bytes());
    covered.count(many);
    covered.number(&records);
    let mut batch = Writer::default();
    batch.number(&0_i64.to_be_bytes());
    let length = covered.0.len().saturating_add(BEFORE_CHECKSUM_BYTES);
    batch.count(i32::try_from(length).unwrap_or(i32::MAX));
    batch.number(&(-1_i32).to_be_bytes());
    batch.number(&[2]);
    let checksum = crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32Iscsi, &covered.0);
    batch.number(&u32::try_from(checksum).unwrap_or(0).to_be_bytes());
    batch.number(&covered.0);
    batch.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sinks::samples::leaf;

    #[test]
    fn numbers_of_records_are_zigzag() {
        for (number, bytes) in [
            (0, vec![0]),
            (-1, vec![1]),
            (1, vec![2]),
            (63, vec![126]),
            (64, vec![0x80, 1]),
            (i64::MAX, vec![0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]),
            (i64::MIN, vec![0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]),
        ] {
            let mut writer = Writer::default();
            writer.varint(number);
            assert_eq!(writer.0, bytes, "{number}");
        }
    }

    #[test]
    fn a_batch_says_how_long_it_is_and_how_many_records_it_has() {
        for compression in [Compression::None, Compression::Gzip, Compression::Zstd] {
            let batch = record_batch(&[leaf(7), leaf(8)], compression, 1_767_323_045_678);
            let number = |at: usize| i32::from_be_bytes(batch[at..at + 4].try_into().unwrap());
            assert_eq!(usize::try_from(number(8)).unwrap(), batch.len() - 12);
            assert_eq!((batch[16], number(23), number(57)), (2, 1, 2));
            let time = i64::from_be_bytes(batch[27..35].try_into().unwrap());
            assert_eq!(time, 1_767_323_045_678);
        }
    }
}
