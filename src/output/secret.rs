//! Documents that contain a secret. Each document is built once, in memory that is wiped afterwards, and delivered by
//! `delivery`.

mod lines;
mod name;

pub use lines::SecretLines;

use super::contract::fields;
use crate::{
    contract::Template,
    key::{KeyDocument, KeyView, Secret},
};
use name::dns_label;
use std::path::Path;
use zeroize::Zeroizing;

/// The initial capacity, in bytes, of the buffer for the public fields of a key, which is enough for most keys.
const PUBLIC: usize = 1024;

/// The format in which a secret is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SecretFormat {
    /// Only the secret: PEM, or a string with a line feed at the end unless it is passed to a command.
    #[default]
    Raw,
    /// `NAME=value` lines that shells, dotenv libraries and `docker run --env-file` can read. A private key in PEM is in
    /// double quotes with `\n` for each line feed, which shells and Docker do not decode.
    Dotenv,
    /// A Kubernetes Secret (v1) in YAML, for `kubectl apply -f -`.
    K8sSecret,
    /// A JSON object with only the fields needed to use the key.
    Json,
}

/// The `message` field of the JSON document that contains the secret.
const MESSAGE: &str = "This is the only time the secret is shown. Store it now; it cannot be retrieved again.";

/// A new key and its secret, ready to be written.
pub struct IssuedSecret<'a> {
    /// The key in the state that it will have once its secret has been delivered.
    pub document: KeyDocument<'a>,
    /// The secret: a private key in PEM, a token, or an `api_secret`.
    pub secret: &'a Secret,
}

impl IssuedSecret<'_> {
    /// Returns only the secret. No line feed is added, because commands that store secrets store every byte that they
    /// read from standard input.
    #[must_use]
    pub fn bare(&self) -> Secret {
        let mut out = Builder::new(self.secret.expose().len());
        out.put(self.secret.expose());
        out.finish()
    }

    /// Returns the secret in the given format.
    #[must_use]
    pub fn write(&self, format: SecretFormat) -> Secret {
        let facts = self.document.view;
        match format {
            SecretFormat::Raw => self.raw(),
            SecretFormat::Dotenv => self.dotenv(facts),
            SecretFormat::K8sSecret => self.k8s_secret(facts),
            SecretFormat::Json => self.json(facts),
        }
    }

    /// Returns the JSON document with all fields of the key, the secret and the message.
    #[must_use]
    pub fn document(&self) -> Secret {
        let mut public = Vec::with_capacity(PUBLIC);
        self.document.write(&mut public);
        let mut out = Builder::new(self.room(&public));
        self.close(&mut public, &mut out);
        out.finish()
    }

    /// Returns an upper bound for the length of the document, in bytes.
    fn room(&self, public: &[u8]) -> usize {
        public.len() + 2 * self.secret.expose().len() + 256
    }

    /// Appends the document to `out`: first the given public fields, then the secret and the message.
    fn close(&self, public: &mut Vec<u8>, out: &mut Builder) {
        public.pop();
        out.put(public);
        out.put(b",\"").put(self.document.view.key_type.names().secret_field.as_bytes()).put(b"\":");
        out.quoted(self.secret.expose());
        out.put(b",\"message\":").quoted(MESSAGE.as_bytes()).put(b"}\n");
    }

    /// Returns the contract's document with the secret filled in.
    #[must_use]
    pub fn under(&self, template: &Template) -> Secret {
        let public = fields(&self.document);
        let field = |name: &str| match name {
            "message" => Some(MESSAGE.into()),
            name => public(name),
        };
        between(&template.around(self.document.view.key_type.names().secret_field, &field), self.secret)
    }

    fn raw(&self) -> Secret {
        let secret = self.secret.expose();
        let mut out = Builder::new(secret.len() + 1);
        out.put(secret);
        if !secret.ends_with(b"\n") {
            out.put(b"\n");
        }
        out.finish()
    }

    fn dotenv(&self, facts: &KeyView<'_>) -> Secret {
        let mut out = self.builder();
        let mut line = |name: &str, value: &[u8]| {
            out.put(name.as_bytes()).put(b"=");
            // `docker run --env-file` takes quotes as part of the value.
            let is_plain = value.iter().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(b));
            if is_plain { out.put(value) } else { out.quoted(value) }.put(b"\n");
        };
        line("API_KEY_ID", facts.id.to_string().as_bytes());
        if let Some(api_key) = facts.api_key {
            line("API_KEY", api_key.as_bytes());
        }
        line(facts.key_type.names().dotenv, self.secret.expose());
        out.finish()
    }

    fn json(&self, facts: &KeyView<'_>) -> Secret {
        let mut out = self.builder();
        out.put(b"{\"api_key_id\":").quoted(facts.id.to_string().as_bytes());
        if let Some(api_key) = facts.api_key {
            out.put(b",\"api_key\":").quoted(api_key.as_bytes());
        }
        out.put(b",\"").put(facts.key_type.names().secret_field.as_bytes()).put(b"\":");
        out.quoted(self.secret.expose()).put(b"}\n");
        out.finish()
    }

    fn k8s_secret(&self, facts: &KeyView<'_>) -> Secret {
        let mut out = self.builder();
        out.put(b"apiVersion: v1\nkind: Secret\nmetadata:\n  name: ").put(dns_label(facts).as_bytes());
        out.put(b"\n  labels:\n    app.kubernetes.io/managed-by: keywright\ntype: Opaque\nstringData:\n");
        out.put(b"  api-key-id: ").quoted(facts.id.to_string().as_bytes()).put(b"\n");
        if let Some(api_key) = facts.api_key {
            out.put(b"  api-key: ").quoted(api_key.as_bytes()).put(b"\n");
        }
        out.put(b"  ").put(facts.key_type.names().kubernetes.as_bytes()).put(b": ");
        // A double-quoted scalar in YAML 1.2 accepts the escape sequences of JSON.
        out.quoted(self.secret.expose()).put(b"\n");
        out.finish()
    }

    fn builder(&self) -> Builder {
        Builder::new(2 * self.secret.expose().len() + 1024)
    }
}

/// Joins the pieces of a document, inserting the secret between them.
fn between(pieces: &[Vec<u8>], secret: &Secret) -> Secret {
    // An escaped line feed takes two bytes, and the quotes take another two.
    let room = 2 * secret.expose().len() + 2;
    let mut out = Builder::new(pieces.iter().map(|piece| piece.len() + room).sum::<usize>() + 1);
    for (i, piece) in pieces.iter().enumerate() {
        if i > 0 {
            out.quoted(secret.expose());
        }
        out.put(piece);
    }
    out.put(b"\n");
    out.finish()
}

/// A new bearer token, ready to be written as an access token response (RFC 6749, section 5.1).
pub struct TokenResponse<'a> {
    /// The key that the token was issued for.
    pub document: KeyDocument<'a>,
    /// The bearer token.
    pub token: &'a Secret,
    /// The lifetime of the token in seconds.
    pub expires_in: i64,
    /// The scopes of the token, separated by spaces.
    pub scope: &'a str,
}

impl TokenResponse<'_> {
    /// Returns the response as defined in RFC 6749, section 5.1.
    #[must_use]
    pub fn document(&self) -> Secret {
        let rest = self.rest();
        let mut out = Builder::new(self.token.expose().len() + rest.len() + 32);
        out.put(b"{\"access_token\":").quoted(self.token.expose()).put(b",").put(rest.as_bytes()).put(b"}\n");
        out.finish()
    }

    /// Returns the contract's document with the token filled in.
    #[must_use]
    pub fn under(&self, template: &Template) -> Secret {
        let public = fields(&self.document);
        let field = |name: &str| match name {
            "token_type" => Some("Bearer".into()),
            "expires_in" => Some(self.expires_in.into()),
            "scope" => Some(self.scope.into()),
            name => public(name),
        };
        between(&template.around("access_token", &field), self.token)
    }

    /// Returns the response with the path of the file that contains the token in place of the token.
    #[must_use]
    pub fn with_secret_file(&self, file: &Path) -> Vec<u8> {
        let file = serde_json::Value::from(file.to_string_lossy());
        format!("{{{},\"secret_file\":{file}}}\n", self.rest()).into_bytes()
    }

    fn rest(&self) -> String {
        let scope = serde_json::Value::from(self.scope);
        format!("\"token_type\":\"Bearer\",\"expires_in\":{},\"scope\":{scope}", self.expires_in)
    }
}

/// A buffer that is wiped when it is dropped. Its capacity is fixed, because a buffer that grows leaves copies behind.
struct Builder(Zeroizing<Vec<u8>>);

impl Builder {
    fn new(capacity: usize) -> Self {
        Self(Zeroizing::new(Vec::with_capacity(capacity)))
    }

    /// Returns the free capacity in bytes.
    fn left(&self) -> usize {
        self.0.capacity() - self.0.len()
    }

    fn put(&mut self, bytes: &[u8]) -> &mut Self {
        debug_assert!(self.0.len() + bytes.len() <= self.0.capacity(), "the buffer would move");
        self.0.extend_from_slice(bytes);
        self
    }

    /// Appends a string in double quotes. Secrets are PEM, base62 or UUIDs, so the line feed is the only character that
    /// has to be escaped for JSON.
    fn quoted(&mut self, bytes: &[u8]) -> &mut Self {
        self.put(b"\"");
        if bytes.contains(&b'\n') {
            for (i, line) in bytes.split(|b| *b == b'\n').enumerate() {
                if i > 0 {
                    self.put(b"\\n");
                }
                self.put(line);
            }
        } else {
            self.put(bytes);
        }
        self.put(b"\"")
    }

    fn finish(self) -> Secret {
        Secret::new(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        key::{KeyType, Time},
        testing,
    };

    fn with_issued(name: &str, key_type: KeyType, secret: &str, check: impl FnOnce(&IssuedSecret<'_>)) {
        let material = match key_type {
            KeyType::Rsa | KeyType::Ed25519 => testing::rsa(7),
            KeyType::Token => testing::token(7),
            KeyType::Pair => testing::pair(7),
        };
        let key = testing::key(7).with_name(name).with_material(material);
        let view = key.view();
        let document = KeyDocument { view: &view, org_id: "o", now: Time::from_seconds(0) };
        let secret = Secret::new(Zeroizing::new(secret.as_bytes().to_vec()));
        check(&IssuedSecret { document, secret: &secret });
    }

    fn text(secret: &Secret) -> String {
        String::from_utf8(secret.expose().to_vec()).unwrap()
    }

    #[test]
    fn documents_can_be_parsed_by_their_readers() {
        let pem = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        with_issued("Production Backend", KeyType::Rsa, pem, |issued| {
            assert_eq!(text(&issued.write(SecretFormat::Raw)), pem);
            assert_eq!(text(&issued.bare()), pem);
            let json: serde_json::Value = serde_json::from_slice(issued.write(SecretFormat::Json).expose()).unwrap();
            assert_eq!(json["private_key"], pem);
            let whole: serde_json::Value = serde_json::from_slice(issued.document().expose()).unwrap();
            assert_eq!((&whole["private_key"], &whole["message"]), (&pem.into(), &MESSAGE.into()));
            let yaml = text(&issued.write(SecretFormat::K8sSecret));
            assert!(yaml.contains("\n  name: production-backend-07070707\n"), "{yaml}");
            let dotenv = text(&issued.write(SecretFormat::Dotenv));
            assert!(dotenv.contains("\nAPI_PRIVATE_KEY=\"-----BEGIN PRIVATE KEY-----\\nAAAA\\n"), "{dotenv}");
        });
        with_issued("鍵", KeyType::Pair, "s3", |issued| {
            assert_eq!(text(&issued.write(SecretFormat::Raw)), "s3\n");
            assert_eq!(text(&issued.bare()), "s3");
            let dotenv = text(&issued.write(SecretFormat::Dotenv));
            assert!(dotenv.ends_with("\nAPI_SECRET=s3\n") && dotenv.contains("\nAPI_KEY=kw_test_"), "{dotenv}");
            assert!(text(&issued.write(SecretFormat::K8sSecret)).contains("name: key-07070707"));
        });
    }
}
