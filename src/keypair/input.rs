//! Classifies the bytes of a file as DER or text, decodes base64, UTF-8 and UTF-16, and unescapes PEM in a string.

use crate::error::{Code, Error, Result};
use base64ct::{Base64, Base64Unpadded, Encoding};
use zeroize::Zeroizing;

/// The maximum size of an input in bytes. The SPKI of an 8192-bit key takes less than 2 KiB in PEM, so the maximum
/// leaves room for explanatory text and certificates.
const LIMIT: usize = 64 * 1024;

/// An input, classified as DER or text by its bytes alone.
pub(super) enum Input<'a> {
    /// DER: bytes that begin with the tag of a SEQUENCE and contain control characters.
    Der(&'a [u8]),
    /// Any other input, decoded as text. The text may contain a private key, so it is wiped on drop.
    Text(Zeroizing<String>),
}

/// Determines whether the bytes are DER or text, and decodes text. A byte-order mark selects UTF-8 or UTF-16 and is
/// removed; text without a byte-order mark is decoded as UTF-8. Invalid sequences are replaced with U+FFFD.
///
/// # Errors
/// Returns `input_too_large` if the input is larger than 64 KiB.
pub(super) fn decode(bytes: &[u8]) -> Result<Input<'_>> {
    if bytes.len() > LIMIT {
        return Err(Error::new(
            Code::InputTooLarge,
            format!("the input has {} bytes; the maximum is {LIMIT}", bytes.len()),
            "use a file that contains only the key",
        ));
    }
    Ok(match bytes {
        // 0x30 is the tag of a SEQUENCE, but also the digit 0. Unlike text, DER contains control characters after it.
        [0x30, rest @ ..] if rest.iter().any(|&byte| is_control(byte)) => Input::Der(bytes),
        [0xff, 0xfe, rest @ ..] => Input::Text(utf16(rest, u16::from_le_bytes)),
        [0xfe, 0xff, rest @ ..] => Input::Text(utf16(rest, u16::from_be_bytes)),
        [0xef, 0xbb, 0xbf, rest @ ..] => Input::Text(utf8(rest)),
        _ => Input::Text(utf8(bytes)),
    })
}

/// The minimum length, in bytes, of text that [`unwrapped`] decodes: the base64 digits of an Ed25519 public key in SPKI,
/// the shortest DER structure that the function accepts.
const LEAST_DIGITS: usize = 59;

/// Decodes an input that consists only of base64 (RFC 4648, section 4), on one or more lines, if the decoded bytes
/// begin like a key in DER or contain `BEGIN`. Returns `None` for any other input, and for an input of less than 59
/// bytes or more than 64 KiB.
pub(super) fn unwrapped(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let text = str::from_utf8(bytes).ok().filter(|_| bytes.len() <= LIMIT)?;
    let is_digit = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=') || b.is_ascii_whitespace();
    if text.len() < LEAST_DIGITS || !text.trim_start_matches('\u{feff}').bytes().all(is_digit) {
        return None;
    }
    let mut bare = Zeroizing::new(String::with_capacity(text.len()));
    bare.extend(text.chars().filter(|c| c.is_ascii() && !c.is_whitespace()));
    let inner = Base64::decode_vec(&bare).or_else(|_| Base64Unpadded::decode_vec(&bare)).ok().map(Zeroizing::new)?;
    let is_der = match inner.as_slice() {
        [0x30, 0x81 | 0x82, ..] => true,
        [0x30, length @ 0..=0x7f, content @ ..] => usize::from(*length) == content.len(),
        _ => false,
    };
    (is_der || inner.windows(5).any(|word| word == b"BEGIN")).then_some(inner)
}

/// Returns `true` if the text consists only of whitespace and of characters that editors add at the start or end of a
/// file.
pub(super) fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || matches!(c, '\0' | '\u{1a}' | '\u{feff}'))
}

fn is_control(byte: u8) -> bool {
    byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1a)
}

// Both of the following functions reserve space for the worst case, because growing a string would leave an unwiped
// copy behind.

fn utf8(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(bytes.len() * 3));
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    text
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(bytes.len() * 2));
    let units = bytes.as_chunks::<2>().0.iter().map(|&pair| unit(pair));
    for decoded in char::decode_utf16(units) {
        text.push(decoded.unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    text
}

/// Extracts PEM from a string in JSON, YAML or a `.env` file, in which line feeds are written as `\n`: the text from
/// the first BEGIN line to the last END line. Returns `None` if `text` contains no complete PEM block, or if the
/// extracted text contains no escaped line feed.
pub(super) fn unescape_pem(text: &str) -> Option<Zeroizing<String>> {
    let rest = &text[text.find("-----BEGIN ")?..];
    let end = rest.rfind("-----END ")? + "-----END ".len();
    let end = end + rest[end..].find("-----")? + "-----".len();
    let mut lines = rest[..end].split("\\n");
    let mut pem = Zeroizing::new(String::with_capacity(end));
    pem.push_str(lines.next()?);
    let before = pem.len();
    for line in lines {
        pem.push('\n');
        pem.push_str(line);
    }
    (pem.len() > before).then_some(pem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> String {
        match decode(bytes).unwrap() {
            Input::Text(text) => text.to_string(),
            Input::Der(_) => panic!("not text"),
        }
    }

    #[test]
    fn byte_order_marks_are_removed() {
        assert_eq!(text(b"\xef\xbb\xbfkey"), "key");
        assert_eq!(text(b"\xff\xfek\0e\0y\0"), "key");
        assert_eq!(text(b"\xfe\xff\0k\0e\0y"), "key");
        assert_eq!(text(b"k\xffy"), "k\u{fffd}y");
    }

    #[test]
    fn a_pem_inside_a_string_is_unescaped() {
        let pem = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----";
        let string = format!("KEY=\"{}\\n\"\n", pem.replace('\n', "\\n"));
        assert_eq!(*unescape_pem(&string).unwrap(), pem);
        for text in [pem, "", "-----BEGIN ", "-----END -----BEGIN \\n", "-----BEGIN a\\n-----END b"] {
            assert!(unescape_pem(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_text_that_begins_with_zero_is_not_der() {
        assert_eq!(text(b"0123\r\n"), "0123\r\n");
        assert!(matches!(decode(&[0x30, 0x03, 0x02, 0x01, 0x05]).unwrap(), Input::Der(_)));
    }

    #[test]
    fn the_limit_is_inclusive() {
        assert!(decode(&vec![b'a'; LIMIT]).is_ok());
        assert_eq!(decode(&vec![b'a'; LIMIT + 1]).err().unwrap().code(), Code::InputTooLarge);
    }
}
