//! Which ASN.1 structure a piece of DER is, told by its shape: labels and file names lie.

use rsa::pkcs8::der::{Decode, Reader, SliceReader, Tag, asn1::AnyRef};

/// The structures that end up where a public key was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form<'a> {
    /// `SubjectPublicKeyInfo` (RFC 5280, section 4.1).
    Spki(&'a [u8]),
    /// `RSAPublicKey` (RFC 8017, appendix A.1.1).
    Pkcs1(&'a [u8]),
    /// `Certificate` (RFC 5280, section 4.1), with the SPKI inside it.
    Certificate(&'a [u8]),
    /// `CertificationRequest` (RFC 2986, section 4.2).
    CertificateRequest,
    /// `PrivateKeyInfo` (RFC 5958), `RSAPrivateKey` (RFC 8017), `ECPrivateKey` (RFC 5915) and the like.
    Private,
    /// `EncryptedPrivateKeyInfo` (RFC 5958, section 3).
    EncryptedPrivate,
    /// `PFX` (RFC 7292, section 4).
    Pkcs12,
    /// DER, of another kind.
    Other,
    /// Not DER: cut short, or BER, or something else altogether.
    Broken,
}

impl Form<'_> {
    /// Whether the structure holds, or would hold if it were complete, a private key.
    pub(super) fn is_private(self) -> bool {
        matches!(self, Self::Private | Self::EncryptedPrivate | Self::Pkcs12)
    }
}

/// Recognises the structure that the bytes begin with; also what follows it.
pub(super) fn recognise(bytes: &[u8]) -> (Form<'_>, &[u8]) {
    // A private structure is recognised before anything is decoded, so that it counts as private although
    // it is cut short or in BER: each begins with its version, an INTEGER of one byte.
    if let Some(form) = versioned(bytes) {
        return (form, &[]);
    }
    let Some((whole, rest)) = split(bytes) else {
        return (Form::Broken, &[]);
    };
    let children = AnyRef::from_der(whole).ok().filter(|any| any.header().tag() == Tag::Sequence);
    let Some(children) = children.and_then(|any| children_of(any.value())) else {
        return (Form::Broken, &[]);
    };
    let tags: Vec<Tag> = children.iter().map(|(tag, _)| *tag).collect();
    let form = match tags.as_slice() {
        [Tag::Sequence, Tag::BitString] => Form::Spki(whole),
        [Tag::Integer, Tag::Integer] => Form::Pkcs1(whole),
        [Tag::Sequence, Tag::OctetString] => Form::EncryptedPrivate,
        [Tag::Sequence, Tag::Sequence, Tag::BitString] => signed(children[0].1),
        _ => Form::Other,
    };
    (form, rest)
}

/// The first whole element, and what follows it.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut reader = SliceReader::new(bytes).ok()?;
    let whole = reader.tlv_bytes().ok()?;
    Some((whole, &bytes[whole.len()..]))
}

/// The elements side by side in the contents of a SEQUENCE, each with its whole encoding.
fn children_of(mut contents: &[u8]) -> Option<Vec<(Tag, &[u8])>> {
    let mut children = Vec::new();
    while !contents.is_empty() {
        let (whole, rest) = split(contents)?;
        children.push((AnyRef::from_der(whole).ok()?.header().tag(), whole));
        contents = rest;
    }
    Some(children)
}

/// A private structure by its first bytes: SEQUENCE, any length, then the version.
fn versioned(bytes: &[u8]) -> Option<Form<'static>> {
    let length = match bytes {
        [0x30, 0..0x81, ..] => 2,
        [0x30, length @ 0x81..=0x84, ..] => 2 + usize::from(length & 0x7f),
        _ => return None,
    };
    match bytes.get(length..)? {
        // Version 3 is that of PFX; an RSAPublicKey whose modulus is 3 is no loss.
        [0x02, 0x01, 3, ..] => Some(Form::Pkcs12),
        [0x02, 0x01, 0..=2, ..] => Some(Form::Private),
        _ => None,
    }
}

/// A certificate or a request, by what was signed.
fn signed(to_be_signed: &[u8]) -> Form<'_> {
    let contents = AnyRef::from_der(to_be_signed).ok().and_then(|any| children_of(any.value()));
    let Some(mut fields) = contents else {
        return Form::Broken;
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
        ] => Form::Certificate(spki),
        // version, subject, subjectPKInfo, attributes
        [(Tag::Integer, _), (Tag::Sequence, _), (Tag::Sequence, _), ..] => Form::CertificateRequest,
        _ => Form::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::key_file;

    #[test]
    fn structures_are_told_by_their_shape() {
        let form = |name: &str| {
            let der = key_file(name);
            let (form, rest) = recognise(&der);
            assert!(rest.is_empty(), "{name}");
            match form {
                Form::Spki(_) => "spki",
                Form::Pkcs1(_) => "pkcs1",
                Form::Certificate(_) => "certificate",
                Form::CertificateRequest => "request",
                Form::Private => "private",
                Form::EncryptedPrivate => "encrypted",
                Form::Pkcs12 => "pkcs12",
                Form::Other => "other",
                Form::Broken => "broken",
            }
        };
        assert_eq!(form("rsa2048.spki.der"), "spki");
        assert_eq!(form("rsa2048.pkcs1.der"), "pkcs1");
        assert_eq!(form("rsa2048.cert.der"), "certificate");
        assert_eq!(form("rsa2048.csr.der"), "request");
        assert_eq!(form("rsa2048.private.pkcs8.der"), "private");
        assert_eq!(form("rsa2048.private.pkcs1.der"), "private");
        assert_eq!(form("rsa2048.private.encrypted.der"), "encrypted");
        assert_eq!(form("rsa2048.p12"), "pkcs12");
        assert_eq!(form("ec.private.der"), "private");
    }

    #[test]
    fn a_private_key_cut_short_is_still_private() {
        for name in ["rsa2048.private.pkcs8.der", "rsa2048.private.pkcs1.der", "rsa2048.p12", "ec.private.der"] {
            let der = key_file(name);
            for end in 7..der.len() {
                assert!(recognise(&der[..end]).0.is_private(), "{name} cut at {end}");
            }
        }
    }

    #[test]
    fn indefinite_lengths_are_not_der() {
        assert_eq!(recognise(&[0x30, 0x80, 0x30, 0x00, 0x00, 0x00]).0, Form::Broken);
        assert_eq!(recognise(&[0x30, 0x80, 0x02, 0x01, 0x03, 0x30]).0, Form::Pkcs12);
    }
}
