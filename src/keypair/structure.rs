//! Recognizes ASN.1 structures in DER by their contents, because labels and file names can be wrong.

use super::algorithm::EC;
use rsa::pkcs8::{
    ObjectIdentifier,
    der::{Decode, Reader, SliceReader, Tag, asn1::AnyRef},
};

/// A structure that users may provide when a key is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Structure<'a> {
    /// `SubjectPublicKeyInfo` (RFC 5280, section 4.1).
    Spki(&'a [u8]),
    /// `RSAPublicKey` (RFC 8017, appendix A.1.1).
    Pkcs1(&'a [u8]),
    /// `Certificate` (RFC 5280, section 4.1), with the SPKI inside it.
    Certificate(&'a [u8]),
    /// `CertificationRequest` (RFC 2986, section 4.2).
    CertificateRequest,
    /// `PrivateKeyInfo` (RFC 5958), `RSAPrivateKey` (RFC 8017), `ECPrivateKey` (RFC 5915), or any other SEQUENCE that
    /// begins with the version 0, 1 or 2.
    Private,
    /// `EncryptedPrivateKeyInfo` (RFC 5958, section 3).
    EncryptedPrivate,
    /// `PFX` (RFC 7292, section 4).
    Pkcs12,
    /// A DER structure of any other kind.
    Other,
    /// Bytes that are not valid DER: truncated DER, BER, or other data.
    Broken,
}

impl Structure<'_> {
    /// Returns `true` for a private key, an encrypted private key, and a PFX, which usually contains a private key.
    pub(super) fn is_private(self) -> bool {
        matches!(self, Self::Private | Self::EncryptedPrivate | Self::Pkcs12)
    }
}

/// Recognizes the structure at the start of the bytes. Returns the structure and the remaining bytes.
///
/// If the structure is broken or was recognized by its version, its end is unknown, and the remaining bytes are empty.
pub(super) fn recognize(bytes: &[u8]) -> (Structure<'_>, &[u8]) {
    // Unencrypted private structures and PFX begin with a version, which is an INTEGER of one byte. They are recognized
    // by it before anything is decoded, so that truncated ones and ones in BER count as private too.
    if let Some(structure) = versioned(bytes) {
        return (structure, &[]);
    }
    let Some((whole, rest)) = split(bytes) else {
        return (Structure::Broken, &[]);
    };
    let children = AnyRef::from_der(whole).ok().filter(|any| any.header().tag() == Tag::Sequence);
    let Some(children) = children.and_then(|any| children_of(any.value())) else {
        return (Structure::Broken, &[]);
    };
    let tags: Vec<Tag> = children.iter().map(|(tag, _)| *tag).collect();
    let structure = match tags.as_slice() {
        [Tag::Sequence, Tag::BitString] => Structure::Spki(whole),
        [Tag::Integer, Tag::Integer] => Structure::Pkcs1(whole),
        [Tag::Sequence, Tag::OctetString] => Structure::EncryptedPrivate,
        [Tag::Sequence, Tag::Sequence, Tag::BitString] => signed(children[0].1),
        _ => Structure::Other,
    };
    (structure, rest)
}

/// Splits the bytes into the first element and the remaining bytes. Returns `None` if the bytes do not begin with a
/// complete DER element.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut reader = SliceReader::new(bytes).ok()?;
    let whole = reader.tlv_bytes().ok()?;
    Some((whole, &bytes[whole.len()..]))
}

/// Returns the tag and the full encoding of each element in the contents of a SEQUENCE, or `None` if an element is not
/// valid DER.
fn children_of(mut contents: &[u8]) -> Option<Vec<(Tag, &[u8])>> {
    let mut children = Vec::new();
    while !contents.is_empty() {
        let (whole, rest) = split(contents)?;
        children.push((AnyRef::from_der(whole).ok()?.header().tag(), whole));
        contents = rest;
    }
    Some(children)
}

/// Recognizes a private key or a PFX by its first bytes: the header of a SEQUENCE of any length, followed by a version.
/// Returns `None` if the bytes begin differently.
fn versioned(bytes: &[u8]) -> Option<Structure<'static>> {
    match bytes.get(header(bytes)?..)? {
        // PFX has version 3. An RSAPublicKey with the modulus 3 would be useless anyway.
        [0x02, 0x01, 3, ..] => Some(Structure::Pkcs12),
        [0x02, 0x01, 0..=2, ..] => Some(Structure::Private),
        _ => None,
    }
}

/// Returns the algorithm of a private key, or `None` if the bytes do not begin like a `PrivateKeyInfo` (RFC 5958) or an
/// `ECPrivateKey` (RFC 5915). The rest of the structure may be invalid.
pub(super) fn private_algorithm(bytes: &[u8]) -> Option<ObjectIdentifier> {
    match bytes.get(header(bytes)?..)? {
        [0x02, 0x01, 1, 0x04, ..] => Some(EC),
        [0x02, 0x01, _, algorithm @ ..] => {
            let identifier = algorithm.get(header(algorithm)?..)?;
            ObjectIdentifier::from_der(split(identifier)?.0).ok()
        }
        _ => None,
    }
}

/// Returns the length of the header of a SEQUENCE, or `None` if the bytes do not begin with one.
fn header(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [0x30, 0..0x81, ..] => Some(2),
        [0x30, length @ 0x81..=0x84, ..] => Some(2 + usize::from(length & 0x7f)),
        _ => None,
    }
}

/// Distinguishes a certificate from a certificate request by the fields that are signed. Returns [`Structure::Broken`]
/// if the fields are not valid DER, or [`Structure::Other`] if they are those of neither structure.
fn signed(to_be_signed: &[u8]) -> Structure<'_> {
    let contents = AnyRef::from_der(to_be_signed).ok().and_then(|any| children_of(any.value()));
    let Some(mut fields) = contents else {
        return Structure::Broken;
    };
    // `[0] EXPLICIT Version DEFAULT v1` is absent in a certificate of version 1.
    if fields.first().is_some_and(|(tag, _)| tag.is_context_specific()) {
        fields.remove(0);
    }
    match fields.as_slice() {
        // serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo
        [
            (Tag::Integer, _),
            (Tag::Sequence, _),
            (Tag::Sequence, _),
            (Tag::Sequence, _),
            (Tag::Sequence, _),
            (Tag::Sequence, spki),
            ..,
        ] => Structure::Certificate(spki),
        // version, subject, subjectPKInfo, attributes
        [(Tag::Integer, _), (Tag::Sequence, _), (Tag::Sequence, _), ..] => Structure::CertificateRequest,
        _ => Structure::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::key_file;

    #[test]
    fn structures_are_recognized_by_their_shape() {
        let structure = |name: &str| {
            let der = key_file(name);
            let (structure, rest) = recognize(&der);
            assert!(rest.is_empty(), "{name}");
            match structure {
                Structure::Spki(_) => "spki",
                Structure::Pkcs1(_) => "pkcs1",
                Structure::Certificate(_) => "certificate",
                Structure::CertificateRequest => "request",
                Structure::Private => "private",
                Structure::EncryptedPrivate => "encrypted",
                Structure::Pkcs12 => "pkcs12",
                Structure::Other => "other",
                Structure::Broken => "broken",
            }
        };
        assert_eq!(structure("rsa2048.spki.der"), "spki");
        assert_eq!(structure("rsa2048.pkcs1.der"), "pkcs1");
        assert_eq!(structure("rsa2048.cert.der"), "certificate");
        assert_eq!(structure("rsa2048.csr.der"), "request");
        assert_eq!(structure("rsa2048.private.pkcs8.der"), "private");
        assert_eq!(structure("rsa2048.private.pkcs1.der"), "private");
        assert_eq!(structure("rsa2048.private.encrypted.der"), "encrypted");
        assert_eq!(structure("rsa2048.p12"), "pkcs12");
        assert_eq!(structure("ec.private.der"), "private");
    }

    #[test]
    fn a_truncated_private_key_is_still_private() {
        for name in ["rsa2048.private.pkcs8.der", "rsa2048.private.pkcs1.der", "rsa2048.p12", "ec.private.der"] {
            let der = key_file(name);
            for end in 7..der.len() {
                assert!(recognize(&der[..end]).0.is_private(), "{name} cut at {end}");
            }
        }
    }

    #[test]
    fn indefinite_lengths_are_not_der() {
        assert_eq!(recognize(&[0x30, 0x80, 0x30, 0x00, 0x00, 0x00]).0, Structure::Broken);
        assert_eq!(recognize(&[0x30, 0x80, 0x02, 0x01, 0x03, 0x30]).0, Structure::Pkcs12);
    }
}
