//! Errors that the readers of different formats share, each with a hint.

use crate::error::{Code, Error};

/// The hint for an input that is not a private key in a supported format.
pub(super) const PRIVATE_KEY_WANTED: &str =
    "use an RSA or Ed25519 private key: PKCS#8, or PKCS#1 for RSA, in PEM or DER";

/// The format of a private key, which determines the command that converts the key or extracts its public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PrivateForm {
    /// PKCS#8, PKCS#1 or SEC 1, in PEM or DER, encrypted or not. `openssl` reads all of these formats.
    Asn1,
    /// The format of `ssh-keygen`, or an SSH2 block (RFC 4716).
    OpenSsh,
    /// A PuTTY `.ppk` file.
    Putty,
    /// PKCS#12 (RFC 7292).
    Pkcs12,
    /// A JSON Web Key (RFC 7517).
    Jwk,
    /// An `OpenPGP` key block.
    Pgp,
}

impl PrivateForm {
    /// Returns the format that the label of a PEM block indicates, which is [`PrivateForm::Asn1`] by default.
    pub(super) fn of_label(label: &str) -> Self {
        if label.starts_with("OPENSSH") || label.starts_with("SSH2") {
            Self::OpenSsh
        } else if label.starts_with("PGP") {
            Self::Pgp
        } else {
            Self::Asn1
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Asn1 => "a private key",
            Self::OpenSsh => "an OpenSSH private key",
            Self::Putty => "a PuTTY private key",
            Self::Pkcs12 => "a PKCS#12 file, which contains a private key",
            Self::Jwk => "a JWK with private or symmetric members",
            Self::Pgp => "an OpenPGP private key",
        }
    }

    const fn public_half(self) -> &'static str {
        match self {
            Self::Asn1 => "extract the public key: `openssl pkey -in FILE -pubout -out PUBLIC.pem`",
            Self::OpenSsh => "extract the public key: `ssh-keygen -y -f FILE`",
            Self::Putty => "extract the public key: `puttygen FILE -O public-openssh`",
            Self::Pkcs12 => {
                "extract the public key: `openssl pkcs12 -in FILE -nodes -nocerts | openssl pkey -pubout -out PUBLIC.pem`"
            }
            Self::Jwk => {
                "use the JWK of the public key, which contains only `kty`, `n` and `e`, or `kty`, `crv` and `x`"
            }
            Self::Pgp => "export the public key: `gpg --export-ssh-key KEY`",
        }
    }

    /// Returns the error for a private key that was given instead of a public key.
    pub(super) fn given(self) -> Error {
        Error::new(
            Code::PrivateKeyGiven,
            format!("the input is {}, but a public key is needed; nothing was stored", self.name()),
            self.public_half(),
        )
    }

    /// Returns the error for a private key in a format that is not supported.
    pub(super) fn unreadable(self) -> Error {
        let convert = match self {
            Self::OpenSsh => {
                "convert a copy of an RSA key: `ssh-keygen -p -N '' -m PEM -f COPY`; ssh-keygen cannot convert an Ed25519 key, so create another one: `openssl genpkey -algorithm ed25519 -out PRIVATE.pem`"
            }
            Self::Putty => {
                "convert an RSA key: `puttygen FILE -O private-openssh -o COPY`, then `ssh-keygen -p -N '' -m PEM -f COPY`; for Ed25519, create another key: `openssl genpkey -algorithm ed25519 -out PRIVATE.pem`"
            }
            Self::Pkcs12 => "extract the key: `openssl pkcs12 -in FILE -nodes -nocerts -out PLAIN`",
            Self::Asn1 | Self::Jwk | Self::Pgp => PRIVATE_KEY_WANTED,
        };
        Error::new(Code::InvalidSecret, format!("the input is {}, which is not supported", self.name()), convert)
    }
}

/// Returns the error for an input that contains no supported private key.
pub(super) fn private(message: &str) -> Error {
    Error::new(Code::InvalidSecret, message, PRIVATE_KEY_WANTED)
}

/// Returns the error for a computation with a valid private key that failed.
pub(super) fn faulty(message: &str) -> Error {
    let hint = "try again; if it fails again, check the hardware, which may be faulty";
    Error::new(Code::Internal, message, hint)
}

/// Returns the error for a public key that cannot be decoded.
pub(super) fn malformed(message: &str) -> Error {
    Error::new(
        Code::PublicKeyMalformed,
        message,
        "export the public key again: `openssl pkey -in PRIVATE.pem -pubout -out PUBLIC.pem`",
    )
}

/// Returns the error for an input that contains no public key.
pub(super) fn missing(message: impl Into<String>) -> Error {
    Error::new(
        Code::PublicKeyMissing,
        message,
        "use an RSA or Ed25519 public key: PEM or DER, an `ssh-rsa` or `ssh-ed25519` line, or a JWK",
    )
}

/// Returns the error for a key with an unsupported algorithm. `name` must be safe to print: a constant, a dotted OID,
/// or the result of [`sanitized`].
pub(super) fn algorithm(name: &str) -> Error {
    Error::new(
        Code::UnsupportedAlgorithm,
        format!("the key is for {name}, not RSA or Ed25519"),
        "create an Ed25519 key: `openssl genpkey -algorithm ed25519 -out PRIVATE.pem`",
    )
}

/// Returns the error for an input that contains several keys instead of one.
pub(super) fn multiple(count: usize) -> Error {
    Error::new(
        Code::MultipleKeys,
        format!("the input contains {count} keys or certificates, but only one can be registered at a time"),
        "use a file that contains only one key",
    )
}

/// Returns the error for an input that contains data after the key.
pub(super) fn trailing(message: &str) -> Error {
    Error::new(Code::TrailingData, message, "remove everything after the key")
}

/// The maximum length of a part of an algorithm's name, such as `nistp256` in `ecdsa-sha2-nistp256`.
const LONGEST_PART: usize = 20;

/// Returns the first 32 ASCII letters, digits and safe punctuation characters in untrusted text, or "an unknown
/// algorithm" if the text contains none or contains a run of more than 20 letters and digits. The result is safe to print on a terminal, and too short to contain a private
/// key.
pub(super) fn sanitized(word: &str) -> String {
    // The name of an algorithm has no such long part, but a secret has, and a part of a secret cannot be recognized.
    let has_long_part = word.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| part.len() > LONGEST_PART);
    let word = if has_long_part { "" } else { word };
    let clean: String = word
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '.' | '_' | '@' | '#'))
        .take(32)
        .collect();
    if clean.trim().is_empty() { "an unknown algorithm".to_owned() } else { clean.trim().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn untrusted_words_are_sanitized() {
        assert_eq!(sanitized("EC\u{1b}[31m"), "EC31m");
        assert_eq!(sanitized("\u{1b}"), "an unknown algorithm");
        assert_eq!(sanitized(&"name-".repeat(9)).len(), 32);
        assert_eq!(sanitized(&"x".repeat(64)), "an unknown algorithm", "it may be a secret");
    }
}
