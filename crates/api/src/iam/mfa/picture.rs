//! The seed of a device as a picture that apps for one-time codes read: the address of the seed
//! (Google Authenticator wiki, "Key URI Format"), as a QR code (ISO/IEC 18004), as a PNG (W3C PNG
//! third edition) of one bit a dot.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use qrcode::{Color, QrCode};

/// Dots of the picture for one of the code's.
const SCALE: usize = 4;
/// Dots of the code that stay white around it (ISO/IEC 18004, "quiet zone").
const QUIET: usize = 4;

/// The picture; `None` if the address is too long for a code, which names and seeds are not.
pub(super) fn of(device: &str, account: &str, seed: &[u8]) -> Option<Vec<u8>> {
    let seed = std::str::from_utf8(seed).ok()?;
    let label = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let address = zeroize::Zeroizing::new(format!(
        "otpauth://totp/{}@{}?secret={seed}",
        label(device),
        label(account)
    ));
    let code = QrCode::new(address.as_bytes()).ok()?;
    let (width, colors) = (code.width(), code.to_colors());
    let dark = |row: usize, column: usize| {
        let inside = |place: usize| place.checked_sub(QUIET).filter(|place| *place < width);
        let (Some(row), Some(column)) = (inside(row), inside(column)) else { return false };
        let place = row.checked_mul(width).and_then(|start| start.checked_add(column));
        place.and_then(|place| colors.get(place)) == Some(&Color::Dark)
    };
    let dots = width.checked_add(2 * QUIET)?.checked_mul(SCALE)?;
    let mut rows = Vec::new();
    for row in 0..dots {
        // Each row says first that it is not filtered.
        rows.push(0);
        for byte in 0..dots.div_ceil(8) {
            let bit = |place: usize| {
                let column = byte.saturating_mul(8).saturating_add(place) / SCALE;
                u8::from(!dark(row / SCALE, column)) << (7 - place)
            };
            rows.push((0..8).map(bit).fold(0, |all, one| all | one));
        }
    }
    png(u32::try_from(dots).ok()?, &rows)
}

/// A square picture of one bit a dot, zero black.
fn png(dots: u32, rows: &[u8]) -> Option<Vec<u8>> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = Vec::new();
    header.extend(dots.to_be_bytes());
    header.extend(dots.to_be_bytes());
    // One bit, grey, deflated, filtered row by row, not interlaced.
    header.extend([1, 0, 0, 0, 0]);
    chunk(&mut file, *b"IHDR", &header)?;
    chunk(&mut file, *b"IDAT", &stored(rows)?)?;
    chunk(&mut file, *b"IEND", &[])?;
    Some(file)
}

fn chunk(file: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) -> Option<()> {
    file.extend(u32::try_from(data.len()).ok()?.to_be_bytes());
    let body = [&kind, data].concat();
    file.extend(&body);
    file.extend(crc(&body)?.to_be_bytes());
    Some(())
}

/// The checksum of a chunk (W3C PNG, annex D).
fn crc(bytes: &[u8]) -> Option<u32> {
    u32::try_from(crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32IsoHdlc, bytes)).ok()
}

/// Bytes as a stream that is not compressed (RFC 1950, RFC 1951 §3.2.4).
fn stored(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut stream = vec![0x78, 0x01];
    let mut pieces = bytes.chunks(usize::from(u16::MAX)).peekable();
    while let Some(piece) = pieces.next() {
        stream.push(u8::from(pieces.peek().is_none()));
        let length = u16::try_from(piece.len()).ok()?;
        stream.extend(length.to_le_bytes());
        stream.extend((!length).to_le_bytes());
        stream.extend(piece);
    }
    stream.extend(adler32(bytes).to_be_bytes());
    Some(stream)
}

/// The checksum of such a stream (RFC 1950 §8.2).
fn adler32(bytes: &[u8]) -> u32 {
    const MODULUS: u32 = 65_521;
    let sums = bytes.iter().fold((1, 0), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % MODULUS;
        (low, (high + low) % MODULUS)
    });
    sums.1 << 16 | sums.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_becomes_a_picture_with_the_code_in_it() {
        let picture = of("phone", "111122223333", b"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP").unwrap();
        assert!(picture.starts_with(b"\x89PNG\r\n\x1a\n"));
        assert_eq!(&picture[12..16], b"IHDR");
        let width = u32::from_be_bytes(picture[16..20].try_into().unwrap());
        assert_eq!(width % 4, 0);
        assert!(picture.ends_with(&[0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82]));
    }

    #[test]
    fn two_seeds_are_two_pictures_and_what_is_too_long_is_none() {
        let one = of("phone", "home", b"AAAA").unwrap();
        assert_ne!(one, of("phone", "home", b"AAAB").unwrap());
        assert!(of(&"x".repeat(4_000), "home", b"AAAA").is_none());
    }

    #[test]
    fn the_checksum_is_the_published_one() {
        assert_eq!(adler32(b"Wikipedia"), 0x11E6_0398);
    }
}
