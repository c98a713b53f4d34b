//! From the bytes a user gives to one public key, or to the reason why not.

use super::armor::{self, Block};
use super::form::{self, Form};
use super::refuse::{self, PrivateForm};
use super::text::{self, Input};
use super::{PublicKey, jwk, ssh};
use crate::error::{Code, Error, Result};

impl PublicKey {
    /// Reads the one public key in a file: SPKI (RFC 5280) or PKCS#1 (RFC 8017) in PEM or DER, an OpenSSH or
    /// RFC 4716 `ssh-rsa` key, an RSA JWK (RFC 7517) alone or in a set of one, and, if `allow_certificate`, an
    /// X.509 certificate, of which nothing but the key is looked at.
    ///
    /// Byte-order marks, line ends, indentation, line widths and text before the key do not matter. A key for
    /// id-RSASSA-PSS keeps its SPKI; every other one gets that of rsaEncryption, so that the fingerprint is the
    /// one that `openssl pkey -pubout` leads to. The key is not judged.
    ///
    /// # Errors
    ///
    /// `private_key_given` for private material of any kind, even beside a public key; `certificate_given`,
    /// `unsupported_algorithm`, `unsupported_parameters`, `multiple_keys`, `trailing_data`, `public_key_missing`,
    /// `public_key_malformed`; `input_too_large` over 64 KiB. None of them quotes the input.
    pub fn read(bytes: &[u8], allow_certificate: bool) -> Result<Self> {
        match text::open(bytes)? {
            Input::Der(der) => from_der(der, allow_certificate),
            Input::Text(text) => from_text(&text, allow_certificate),
        }
    }
}

/// The private form in DER, if it is one.
pub(super) fn private_form(der: &[u8]) -> Option<PrivateForm> {
    let (form, rest) = form::recognise(der);
    match form {
        Form::Pkcs12 => Some(PrivateForm::Pkcs12),
        form if form.is_private() || form::recognise(rest).0.is_private() => Some(PrivateForm::Asn1),
        _ => None,
    }
}

/// Whether the text is a PuTTY private key (`putty(1)`, appendix C).
pub(super) fn is_putty(text: &str) -> bool {
    text.contains("PuTTY-User-Key-File-")
}

fn from_der(der: &[u8], allow_certificate: bool) -> Result<PublicKey> {
    if let Some(private) = private_form(der) {
        return Err(private.given());
    }
    let (form, rest) = form::recognise(der);
    if !rest.is_empty() {
        return Err(refuse::trailing(&format!("{} bytes follow the key", rest.len())));
    }
    match form {
        Form::Spki(der) => PublicKey::from_foreign_spki(der),
        Form::Pkcs1(der) => PublicKey::from_pkcs1(der),
        Form::Certificate(spki) if allow_certificate => PublicKey::from_foreign_spki(spki),
        Form::Certificate(_) => Err(certificate()),
        Form::CertificateRequest => Err(request()),
        Form::Broken => Err(refuse::malformed("the DER is cut short or not DER")),
        Form::Other | Form::Private | Form::EncryptedPrivate | Form::Pkcs12 => {
            Err(refuse::missing("the DER is of a structure that is not a public key"))
        }
    }
}

fn from_text(text: &str, allow_certificate: bool) -> Result<PublicKey> {
    if is_putty(text) {
        return Err(PrivateForm::Putty.given());
    }
    let armored = armor::blocks(text);
    // Every block is looked at before any is believed: a private key hides behind a public one, or its label.
    if let Some(block) = armored.blocks.iter().find(|block| block.is_private()) {
        return Err(PrivateForm::of_label(block.label).given());
    }
    let hidden = |block: &Block<'_>| block.decode().and_then(|der| private_form(&der));
    if let Some(private) = armored.blocks.iter().find_map(hidden) {
        return Err(private.given());
    }
    // An ssh line in front of a block is no explanatory text: it is a second key, and perhaps the one that was meant.
    let before = text.split("BEGIN ").next().unwrap_or_default();
    match armored.blocks.as_slice() {
        [] => from_lines(text),
        several if ssh::holds_key(before) => Err(refuse::multiple(several.len() + 1)),
        [block] if text::is_blank(armored.after) => from_block(block, allow_certificate),
        [_] => Err(refuse::trailing("text follows the key's END line")),
        several => Err(refuse::multiple(several.len())),
    }
}

fn from_block(block: &Block<'_>, allow_certificate: bool) -> Result<PublicKey> {
    let decoded = || {
        if !block.closed {
            return Err(refuse::malformed("the block has no END line that belongs to its BEGIN line"));
        }
        block.decode().ok_or_else(|| refuse::malformed("the base64 of the block does not decode"))
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
            "give the RSA key inside: `gpg --export-ssh-key KEY`",
        )),
        label => Err(match label.strip_suffix(" PUBLIC KEY") {
            Some(algorithm) => refuse::algorithm(&refuse::sanitised(algorithm)),
            None => refuse::missing(format!("the block is labelled {}", refuse::sanitised(label))),
        }),
    }
}

/// Text without a block: a JWK, or lines.
fn from_lines(text: &str) -> Result<PublicKey> {
    let text = text.trim_matches(|c: char| text::is_blank(c.encode_utf8(&mut [0; 4])));
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
        "this is a certificate; its name, dates and issuer would be ignored",
        "add `--from-cert` to register the key inside it",
    )
}

fn request() -> Error {
    Error::new(
        Code::PublicKeyMissing,
        "this is a certificate request",
        "take the key out of it: `openssl req -in FILE -noout -pubkey -out PUBLIC.pem`",
    )
}

#[cfg(test)]
mod mutilation;
#[cfg(test)]
mod tests;
