//! Reads one public key from the bytes of a file, or reports why the file contains no usable key.

use super::armor::{self, PemBlock};
use super::input::{self, Input};
use super::refuse::{self, PrivateForm};
use super::rsa::RsaPublicKey;
use super::structure::{self, Structure};
use super::{PublicKey, jwk, ssh};
use crate::error::{Code, Error, Result};

impl PublicKey {
    /// Reads the only public key in a file.
    ///
    /// The accepted formats are SPKI (RFC 5280) and PKCS#1 (RFC 8017) in PEM or DER, `ssh-rsa` keys in OpenSSH or RFC
    /// 4716 format, and RSA JWKs (RFC 7517), either alone or as the only key in a set. With `allow_certificate`, an
    /// X.509 certificate is accepted too, but only its key is used.
    ///
    /// The whole input may be encoded in base64. Byte-order marks, line endings and indentation do not matter. A block
    /// may have lines of any length and any text around it, except another key.
    ///
    /// A key for id-RSASSA-PSS keeps its SPKI. Any other key gets an SPKI for rsaEncryption, and its fingerprint is
    /// then the digest of the output of `openssl pkey -pubout -outform DER`. [`PublicKey::judge`] checks the modulus
    /// and the exponent; this function does not.
    ///
    /// # Errors
    /// - `private_key_given` if the input contains a private or symmetric key in a recognized format, even next to a
    ///   public key
    /// - `certificate_given` if the input is a certificate and `allow_certificate` is `false`
    /// - `unsupported_algorithm` if the key is not an RSA key
    /// - `unsupported_parameters` if the key's RSASSA-PSS parameters cannot be decoded, or exclude SHA-256,
    ///   MGF1-SHA-256 or a salt of 32 bytes
    /// - `multiple_keys` if the input contains more than one key or certificate
    /// - `trailing_data` if other data follows DER, a JWK, or the numbers of an SSH key
    /// - `public_key_missing` if the input contains no public key in an accepted format
    /// - `public_key_malformed` if the key cannot be decoded
    /// - `input_too_large` if the input is larger than 64 KiB
    ///
    /// The error quotes at most 32 characters of a label or an algorithm's name, 24 characters of the name of a
    /// repeated JSON member, or the OID of an algorithm.
    pub fn read(bytes: &[u8], allow_certificate: bool) -> Result<Self> {
        let inner = input::unwrapped(bytes);
        match input::decode(inner.as_ref().map_or(bytes, |inner| inner.as_slice()))? {
            Input::Der(der) => from_der(der, allow_certificate),
            Input::Text(text) => from_text(&text, allow_certificate),
        }
    }
}

/// Returns the format of the private key in DER data, or `None` if the data contains no private key.
pub(super) fn private_form(der: &[u8]) -> Option<PrivateForm> {
    let (structure, rest) = structure::recognize(der);
    match structure {
        Structure::Pkcs12 => Some(PrivateForm::Pkcs12),
        structure if structure.is_private() || structure::recognize(rest).0.is_private() => Some(PrivateForm::Asn1),
        _ => None,
    }
}

/// Returns `true` if the text contains the header of a PuTTY private key (PuTTY manual, appendix C).
pub(super) fn is_putty(text: &str) -> bool {
    text.contains("PuTTY-User-Key-File-")
}

fn from_der(der: &[u8], allow_certificate: bool) -> Result<PublicKey> {
    if let Some(private) = private_form(der) {
        return Err(private.given());
    }
    let (structure, rest) = structure::recognize(der);
    if !rest.is_empty() {
        return Err(refuse::trailing("there is other data after the key"));
    }
    match structure {
        Structure::Spki(der) => PublicKey::from_foreign_spki(der),
        Structure::Pkcs1(der) => RsaPublicKey::from_pkcs1(der).map(PublicKey::from),
        Structure::Certificate(spki) if allow_certificate => PublicKey::from_foreign_spki(spki),
        Structure::Certificate(_) => Err(certificate()),
        Structure::CertificateRequest => Err(request()),
        Structure::Broken => Err(refuse::malformed("the key is truncated, or is not DER")),
        Structure::Other | Structure::Private | Structure::EncryptedPrivate | Structure::Pkcs12 => {
            Err(refuse::missing("the input is DER, but not a public key"))
        }
    }
}

fn from_text(text: &str, allow_certificate: bool) -> Result<PublicKey> {
    if is_putty(text) {
        return Err(PrivateForm::Putty.given());
    }
    let armored = armor::blocks(text);
    // All blocks are checked first, because a private key may follow a public one or have the label of one.
    if let Some(block) = armored.blocks.iter().find(|block| block.is_private()) {
        return Err(PrivateForm::of_label(block.label).given());
    }
    let hidden = |block: &PemBlock<'_>| block.decode().and_then(|der| private_form(&der));
    if let Some(private) = armored.blocks.iter().find_map(hidden) {
        return Err(private.given());
    }
    // An SSH key line before a block is a second key, not explanatory text, and may be the key that the user meant.
    let before = text.split("BEGIN ").next().unwrap_or_default();
    match armored.blocks.as_slice() {
        [] => from_lines(text),
        several if ssh::holds_key(before) => Err(refuse::multiple(several.len() + 1)),
        // Likewise, an SSH key line after the block is a second key. Any other text after the block is ignored.
        [_] if ssh::holds_key(armored.after) => Err(refuse::multiple(2)),
        [block] => from_block(block, allow_certificate),
        several => Err(refuse::multiple(several.len())),
    }
}

fn from_block(block: &PemBlock<'_>, allow_certificate: bool) -> Result<PublicKey> {
    let decoded = || {
        if !block.closed {
            return Err(refuse::malformed("the PEM block has no END line that matches its BEGIN line"));
        }
        block.decode().ok_or_else(|| refuse::malformed("the base64 of the PEM block is invalid"))
    };
    match block.label {
        "CERTIFICATE" | "X509 CERTIFICATE" if !allow_certificate => Err(certificate()),
        "PUBLIC KEY" | "RSA PUBLIC KEY" | "CERTIFICATE" | "X509 CERTIFICATE" => {
            from_der(&decoded()?, allow_certificate)
        }
        "SSH2 PUBLIC KEY" => ssh::blob(&decoded()?),
        "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => Err(request()),
        "PGP PUBLIC KEY BLOCK" => Err(Error::new(
            Code::PublicKeyMissing,
            "the input is an OpenPGP key block",
            "export the RSA key: `gpg --export-ssh-key KEY`",
        )),
        label => Err(match label.strip_suffix(" PUBLIC KEY") {
            Some(algorithm) => refuse::algorithm(&refuse::sanitized(algorithm)),
            None => refuse::missing(format!(
                "the PEM block is labeled as {}, not as a public key",
                refuse::sanitized(label)
            )),
        }),
    }
}

/// Reads a key from text without PEM blocks: a JWK or an SSH key line.
fn from_lines(text: &str) -> Result<PublicKey> {
    let text = text.trim_matches(|c: char| input::is_blank(c.encode_utf8(&mut [0; 4])));
    match text.chars().next() {
        None => Err(refuse::missing("the input is empty")),
        Some('{' | '[') => jwk::read(text),
        Some('<') => Err(refuse::missing("the input is a web page or XML")),
        Some(_) => ssh::lines(text),
    }
}

fn certificate() -> Error {
    Error::new(
        Code::CertificateGiven,
        "the input is a certificate, whose name, dates and issuer would be ignored",
        "add `--from-cert`, which takes the key inside it",
    )
}

fn request() -> Error {
    Error::new(
        Code::PublicKeyMissing,
        "the input is a certificate request",
        "extract the key: `openssl req -in FILE -noout -pubkey -out PUBLIC.pem`",
    )
}

#[cfg(test)]
mod mutilation;
#[cfg(test)]
mod tests;
