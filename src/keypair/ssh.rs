//! OpenSSH public keys: key lines, and the binary format inside a key line or an RFC 4716 block.

use super::ed25519::Ed25519PublicKey;
use super::rsa::RsaPublicKey;
use super::{PublicKey, refuse};
use crate::error::{Error, Result};
use base64ct::{Base64, Encoding};

/// The prefixes of the key types in key lines. The types for hardware security keys start with `sk-`.
const TYPES: [&str; 5] = ["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-", "rsa-sha2-"];

/// Reads the only key line in `text`: `ssh-rsa AAAA… comment`.
///
/// Options may precede the key (`AUTHORIZED_KEYS FILE FORMAT` in sshd(8)), and the text may contain comment lines.
///
/// # Errors
/// - `public_key_missing` if the text contains no key line
/// - `multiple_keys` if the text contains more than one key line
/// - `public_key_malformed` if the base64 in the key line is missing or invalid
/// - any error of [`blob`]
pub(super) fn lines(text: &str) -> Result<PublicKey> {
    let keys: Vec<(&str, Option<&str>)> =
        text.split(['\n', '\r']).map(str::trim).filter(|line| !line.starts_with('#')).filter_map(key_of).collect();
    match keys.as_slice() {
        [] => Err(refuse::missing("the input contains no key in a supported format")),
        [(_, Some(base64))] => {
            let bytes = Base64::decode_vec(base64);
            blob(&bytes.map_err(|_| malformed("the base64 in the SSH key line is invalid"))?)
        }
        [(_, None)] => Err(malformed("the SSH key line contains no key")),
        several => Err(refuse::multiple(several.len())),
    }
}

/// Returns `true` if the text contains a key line with base64 data that begins like that of a key.
pub(super) fn holds_key(text: &str) -> bool {
    // The data of every key begins with the length of its type, and the first three bytes of the length are zero.
    text.lines().filter_map(|line| key_of(line.trim())).any(|(_, key)| key.is_some_and(|key| key.starts_with("AAAA")))
}

/// Returns the key type and, if present, the base64 data in a key line, or `None` if the line is not a key line.
/// Options may precede the type.
fn key_of(line: &str) -> Option<(&str, Option<&str>)> {
    let mut words = words(line).into_iter();
    let mut kind = words.next()?;
    if !is_type(kind) {
        kind = words.next().filter(|word| is_type(word))?;
    }
    Some((kind, words.next()))
}

fn is_type(word: &str) -> bool {
    TYPES.iter().any(|prefix| word.starts_with(prefix))
}

/// Splits a line at whitespace outside double quotes. Options such as `command="a \"b\" c"` contain whitespace and
/// escaped quotes.
fn words(line: &str) -> Vec<&str> {
    let (mut quoted, mut escaped) = (false, false);
    line.split(|c: char| {
        quoted ^= c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        !quoted && c.is_whitespace()
    })
    .filter(|word| !word.is_empty())
    .collect()
}

/// Reads a key in binary format (RFC 4253, section 6.6), which begins with the key type.
///
/// # Errors
/// - `unsupported_algorithm` if the type is neither `ssh-rsa` nor `ssh-ed25519`
/// - `trailing_data` if other data follows the key
/// - `public_key_malformed` if the key is truncated, or for the same reasons as [`RsaPublicKey::from_ssh`] or
///   [`Ed25519PublicKey::from_ssh`]
pub(super) fn blob(bytes: &[u8]) -> Result<PublicKey> {
    let (kind, rest) = string(bytes)?;
    let (key, rest) = match kind {
        b"ssh-rsa" => RsaPublicKey::from_ssh(rest).map(|(key, rest)| (PublicKey::from(key), rest))?,
        b"ssh-ed25519" => Ed25519PublicKey::from_ssh(rest).map(|(key, rest)| (PublicKey::from(key), rest))?,
        other => return Err(refuse::algorithm(&refuse::sanitized(&String::from_utf8_lossy(other)))),
    };
    if rest.is_empty() { Ok(key) } else { Err(refuse::trailing("there is other data after the SSH key")) }
}

/// Splits a `string` (RFC 4251, section 5) off the start of the bytes. Returns the string and the remaining bytes.
///
/// # Errors
/// Returns `public_key_malformed` if the bytes are truncated.
pub(super) fn string(bytes: &[u8]) -> Result<(&[u8], &[u8])> {
    let split = || {
        let (length, rest) = bytes.split_first_chunk()?;
        rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
    };
    split().ok_or_else(|| malformed("the SSH key is truncated"))
}

/// Returns the error for an SSH key that cannot be decoded.
pub(super) fn malformed(message: &str) -> Error {
    refuse::malformed(message).with_hint("print the public key again: `ssh-keygen -y -f PRIVATE`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;
    use crate::testing::key_file;

    fn code(text: &str) -> Code {
        lines(text).unwrap_err().code()
    }

    #[test]
    fn options_and_comments_are_skipped() {
        let line = String::from_utf8(key_file("rsa2048.ssh.pub")).unwrap();
        let key = lines(&line).unwrap();
        assert_eq!(lines(&format!("# note\n\ncommand=\"a ssh-rsa \\\" b\",no-pty {line}")).unwrap(), key);
        assert_eq!(lines(&format!("host.example {line}")).unwrap(), key);
        assert_eq!(lines(line.rsplit_once(' ').unwrap().0).unwrap(), key);
        assert_eq!(code(&format!("{line}{line}")), Code::MultipleKeys);
    }

    #[test]
    fn incomplete_key_lines_are_refused() {
        assert_eq!(code("ssh-rsa"), Code::PublicKeyMalformed);
        assert_eq!(code("ssh-rsa A?"), Code::PublicKeyMalformed);
        assert_eq!(code("ssh-rsa AAAA"), Code::PublicKeyMalformed);
        assert_eq!(code("see ssh-rsa in the manual or not"), Code::PublicKeyMalformed);
        assert_eq!(code("hello there"), Code::PublicKeyMissing);
    }

    fn blob_of(parts: &[&[u8]]) -> Vec<u8> {
        parts.iter().flat_map(|part| [&u32::try_from(part.len()).unwrap().to_be_bytes()[..], part].concat()).collect()
    }

    #[test]
    fn numbers_are_positive_and_canonical() {
        let read = |e: &[u8], n: &[u8]| blob(&blob_of(&[b"ssh-rsa", e, n])).map_err(|error| error.code());
        assert!(read(&[3], &[0, 0xff]).is_ok());
        for bad in [&[0xff][..], &[0], &[], &[0, 1]] {
            assert_eq!(read(bad, &[5]), Err(Code::PublicKeyMalformed));
            assert_eq!(read(&[3], bad), Err(Code::PublicKeyMalformed));
        }
        assert_eq!(blob(&blob_of(&[b"ssh-rsa", &[3], &[5], &[]])).unwrap_err().code(), Code::TrailingData);
        assert_eq!(blob(&[0xff; 8]).unwrap_err().code(), Code::PublicKeyMalformed);
        assert_eq!(blob(&blob_of(&[b"\x1b[2J"])).unwrap_err().code(), Code::UnsupportedAlgorithm);
    }
}
