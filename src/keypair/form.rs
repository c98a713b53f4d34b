//! Determines whether an input contains a private key or only public keys.

use super::armor::{self, PemBlock};
use super::input::{self, Input};
use super::structure::{self, Structure};
use super::{jwk, read, ssh};

/// The kind of key in an input. The key may be in a format that is recognized but not supported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyForm {
    /// A private or symmetric key, alone or together with public keys.
    Private,
    /// A public key, a certificate or a certificate request, without a private key.
    Public,
}

/// Returns the kind of key in an input, or `None` if the input is larger than 64 KiB or contains no recognized key.
#[must_use]
pub fn key_form(bytes: &[u8]) -> Option<KeyForm> {
    let inner = input::unwrapped(bytes);
    match input::decode(inner.as_ref().map_or(bytes, |inner| inner.as_slice())).ok()? {
        Input::Der(der) => of_der(der),
        Input::Text(text) => of_text(&text),
    }
}

fn of_der(der: &[u8]) -> Option<KeyForm> {
    if read::private_form(der).is_some() {
        return Some(KeyForm::Private);
    }
    match structure::recognize(der).0 {
        Structure::Spki(_) | Structure::Pkcs1(_) | Structure::Certificate(_) | Structure::CertificateRequest => {
            Some(KeyForm::Public)
        }
        _ => None,
    }
}

fn of_text(text: &str) -> Option<KeyForm> {
    if read::is_putty(text) {
        return Some(KeyForm::Private);
    }
    let blocks = armor::blocks(text).blocks;
    let is_private = |block: &PemBlock<'_>| {
        block.is_private() || block.decode().is_some_and(|der| of_der(&der) == Some(KeyForm::Private))
    };
    if blocks.iter().any(is_private) {
        return Some(KeyForm::Private);
    }
    let is_public = |block: &PemBlock<'_>| block.label.contains("PUBLIC KEY") || block.label.contains("CERTIFICATE");
    if blocks.iter().any(is_public) || ssh::holds_key(text) {
        return Some(KeyForm::Public);
    }
    jwk::form(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::key_file;
    use base64ct::{Base64, Encoding};

    #[test]
    fn the_form_of_a_key_is_recognized_in_every_format() {
        for (name, form) in [
            ("rsa2048.private.pkcs8.pem", KeyForm::Private),
            ("rsa2048.private.pkcs1.der", KeyForm::Private),
            ("rsa2048.private.encrypted.pem", KeyForm::Private),
            ("rsa2048.openssh", KeyForm::Private),
            ("rsa2048.ppk", KeyForm::Private),
            ("rsa2048.p12", KeyForm::Private),
            ("rsa2048.private.jwk", KeyForm::Private),
            ("ed25519.private.pem", KeyForm::Private),
            ("rsa2048.spki.pem", KeyForm::Public),
            ("rsa2048.spki.der", KeyForm::Public),
            ("rsa2048.pkcs1.der", KeyForm::Public),
            ("rsa2048.ssh.pub", KeyForm::Public),
        ] {
            let bytes = key_file(name);
            assert_eq!(key_form(&bytes), Some(form), "{name}");
            if !["rsa2048.private.jwk", "rsa2048.ssh.pub", "rsa2048.ppk"].contains(&name) {
                assert_eq!(key_form(Base64::encode_string(&bytes).as_bytes()), Some(form), "{name} in base64");
            }
        }
        for text in ["", "hello", "{}", "{\"token\":\"x\"}", "kw_live_abc", "0123", "[1]"] {
            assert_eq!(key_form(text.as_bytes()), None, "{text}");
        }
    }
}
