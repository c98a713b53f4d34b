//! From the bytes of a file to DER or to text, whatever the editor that saved it did.

use crate::error::{Code, Error, Result};
use zeroize::Zeroizing;

/// The most bytes an input may have. An SPKI of 8192 bits is under 2 KiB in PEM; the rest is room for
/// explanatory text and certificates.
const LIMIT: usize = 64 * 1024;

/// An input, told apart by its bytes alone; nobody says in advance which it is.
pub(super) enum Input<'a> {
    /// Begins as a DER SEQUENCE and is not text.
    Der(&'a [u8]),
    /// Anything else. Wiped on drop, since it may turn out to be a private key.
    Text(Zeroizing<String>),
}

/// Tells DER from text, and decodes the text.
pub(super) fn open(bytes: &[u8]) -> Result<Input<'_>> {
    if bytes.len() > LIMIT {
        return Err(Error::new(
            Code::InputTooLarge,
            format!("the input has {} bytes; {LIMIT} is the most", bytes.len()),
            "give a file with nothing but the key",
        ));
    }
    Ok(match bytes {
        // 0x30 is SEQUENCE, and also the digit 0: only control characters tell the two apart.
        [0x30, rest @ ..] if rest.iter().any(|&byte| is_control(byte)) => Input::Der(bytes),
        [0xff, 0xfe, rest @ ..] => Input::Text(utf16(rest, u16::from_le_bytes)),
        [0xfe, 0xff, rest @ ..] => Input::Text(utf16(rest, u16::from_be_bytes)),
        [0xef, 0xbb, 0xbf, rest @ ..] => Input::Text(utf8(rest)),
        _ => Input::Text(utf8(bytes)),
    })
}

/// Whether the text holds nothing a reader would miss; besides blanks, the marks that editors leave at an end.
pub(super) fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || matches!(c, '\0' | '\u{1a}' | '\u{feff}'))
}

fn is_control(byte: u8) -> bool {
    byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1a)
}

// Both reserve the worst case first: growing would leave an unwiped copy behind.

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

/// The PEM in a string of JSON, YAML or a `.env` file, where its line feeds are written `\\n`.
pub(super) fn unescaped(text: &str) -> Option<Zeroizing<String>> {
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
        match open(bytes).unwrap() {
            Input::Text(text) => text.to_string(),
            Input::Der(_) => panic!("not text"),
        }
    }

    #[test]
    fn byte_order_marks_are_taken_off() {
        assert_eq!(text(b"\xef\xbb\xbfkey"), "key");
        assert_eq!(text(b"\xff\xfek\0e\0y\0"), "key");
        assert_eq!(text(b"\xfe\xff\0k\0e\0y"), "key");
        assert_eq!(text(b"k\xffy"), "k\u{fffd}y");
    }

    #[test]
    fn a_pem_in_a_string_is_taken_out_of_it() {
        let pem = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----";
        let string = format!("KEY=\"{}\\n\"\n", pem.replace('\n', "\\n"));
        assert_eq!(*unescaped(&string).unwrap(), pem);
        for text in [pem, "", "-----BEGIN ", "-----END -----BEGIN \\n", "-----BEGIN a\\n-----END b"] {
            assert!(unescaped(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_digit_zero_is_not_a_sequence() {
        assert_eq!(text(b"0123\r\n"), "0123\r\n");
        assert!(matches!(open(&[0x30, 0x03, 0x02, 0x01, 0x05]).unwrap(), Input::Der(_)));
    }

    #[test]
    fn the_limit_is_inclusive() {
        assert!(open(&vec![b'a'; LIMIT]).is_ok());
        assert_eq!(open(&vec![b'a'; LIMIT + 1]).err().unwrap().code(), Code::InputTooLarge);
    }
}
