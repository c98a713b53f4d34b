//! The refusals that several readers share, each with the command that gets the user on.

use crate::error::{Code, Error};

/// The private material that turns up where a public key was asked for; each has its own way to the public half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PrivateForm {
    /// PKCS#8, PKCS#1 or SEC 1, in PEM or DER, encrypted or not; openssl reads them all.
    Asn1,
    OpenSsh,
    Putty,
    Pkcs12,
    Jwk,
    Pgp,
}

impl PrivateForm {
    /// By the label of a PEM block.
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
            Self::Pkcs12 => "a PKCS#12 file, which holds a private key",
            Self::Jwk => "a JWK with private or symmetric members",
            Self::Pgp => "an OpenPGP private key",
        }
    }

    const fn public_half(self) -> &'static str {
        match self {
            Self::Asn1 => "make the public half: `openssl pkey -in FILE -pubout -out PUBLIC.pem`",
            Self::OpenSsh => "make the public half: `ssh-keygen -e -m PKCS8 -f FILE`",
            Self::Putty => "make the public half: `puttygen FILE -O public-openssh`",
            Self::Pkcs12 => {
                "make the public half: `openssl pkcs12 -in FILE -nodes -nocerts | openssl pkey -pubout -out PUBLIC.pem`"
            }
            Self::Jwk => "give a JWK with nothing but `kty`, `n` and `e`",
            Self::Pgp => "make the public half: `gpg --export-ssh-key KEY`",
        }
    }

    /// The refusal, where a public key was asked for.
    pub(super) fn given(self) -> Error {
        Error::new(
            Code::PrivateKeyGiven,
            format!("this is {}; the public half belongs here, and nothing was stored", self.name()),
            self.public_half(),
        )
    }

    /// The refusal, where a private key in another form was asked for.
    pub(super) fn unreadable(self) -> Error {
        let convert = match self {
            Self::OpenSsh => "convert a copy: `ssh-keygen -p -N '' -m PEM -f COPY`",
            Self::Putty => {
                "convert it: `puttygen FILE -O private-openssh -o COPY`, then `ssh-keygen -p -m PEM -f COPY`"
            }
            Self::Pkcs12 => "take the key out: `openssl pkcs12 -in FILE -nodes -nocerts -out PLAIN`",
            Self::Asn1 | Self::Jwk | Self::Pgp => "give an RSA private key in PEM or DER, PKCS#8 or PKCS#1",
        };
        Error::new(Code::InvalidSecret, format!("this is {}, which is not read here", self.name()), convert)
    }
}

/// Bytes that should be a public key do not decode.
pub(super) fn malformed(message: &str) -> Error {
    Error::new(
        Code::PublicKeyMalformed,
        message,
        "export it again, for example with `openssl pkey -pubin -in FILE -out PUBLIC.pem`",
    )
}

/// There is no public key in the input.
pub(super) fn missing(message: impl Into<String>) -> Error {
    Error::new(Code::PublicKeyMissing, message, "give an RSA public key: PEM or DER, an `ssh-rsa` line, or a JWK")
}

/// The key is of another kind. The name must be one of ours or have gone through [`sanitised`].
pub(super) fn algorithm(name: &str) -> Error {
    Error::new(
        Code::UnsupportedAlgorithm,
        format!("the key is for {name}, not RSA"),
        "make an RSA key: `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out PRIVATE.pem`",
    )
}

/// Several keys where one belongs.
pub(super) fn multiple(count: usize) -> Error {
    Error::new(
        Code::MultipleKeys,
        format!("the input holds {count} keys or certificates; one is registered at a time"),
        "give a file with one of them",
    )
}

/// Something follows the key.
pub(super) fn trailing(message: &str) -> Error {
    Error::new(Code::TrailingData, message, "remove what follows the key")
}

/// A word of foreign text that is fit for a terminal and too short to hold a key.
pub(super) fn sanitised(word: &str) -> String {
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
    fn foreign_words_are_tamed() {
        assert_eq!(sanitised("EC\u{1b}[31m"), "EC31m");
        assert_eq!(sanitised("\u{1b}"), "an unknown algorithm");
        assert_eq!(sanitised(&"x".repeat(99)).len(), 32);
    }
}
