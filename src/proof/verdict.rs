//! The verdict on a presented secret or a signed request.

use crate::key::{
    AllowedIps, Env, KeyId, KeyView, Scope, Status, Time,
    json::{optional, rate_limit, string, time, words},
};
use std::{borrow::Cow, net::IpAddr};

macro_rules! verdict_codes {
    ($($variant:ident $word:literal $meaning:literal;)*) => {
        /// A stable, documented code that services can match on. Every code except `valid` means that the secret or the
        /// request must not be accepted.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum VerdictCode {
            $(#[doc = $meaning] $variant,)*
        }

        impl VerdictCode {
            /// All codes, in the order of the table in docs/reference/codes.md.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Returns the text of the code that is reported to services.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// Returns the meaning of the code as a phrase without a period.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }
        }
    };
}

verdict_codes! {
    Valid "valid" "the key may be used";

    Malformed "malformed" "the input is not a complete secret in any known format";
    NotFound "not_found" "no such key in this keyring";
    WrongSecret "wrong_secret" "the key exists, but the secret is wrong";
    Pending "pending" "the delivery of the key's secret is not confirmed";
    Disabled "disabled" "the key is disabled";
    Expired "expired" "the key or the bearer token has expired";
    Revoked "revoked" "the key is revoked";
    IpNotAllowed "ip_not_allowed" "the key may not be used from this address";
    InsufficientScope "insufficient_scope" "the key lacks a requested scope";
    WrongEnv "wrong_env" "the key is for the other environment";

    BadRequest "bad_request" "the line or the request is malformed";

    Unavailable "unavailable" "the keyring cannot be read, or the request cannot be recorded";

    BadTimestamp "bad_timestamp" "the timestamp does not have the form that the scheme requires";
    BadMethod "bad_method" "the method does not consist of uppercase letters, or is too long";
    BadPath "bad_path" "the path does not start with a slash, is too long, or contains a query, a space or a control character";
    BadSignature "bad_signature" "the signature does not have the encoding of the scheme, or its length or value is out of range for the key";
    BadSignatureInput "bad_signature_input" "the header Signature-Input, or a parameter of a signature in it, is missing or malformed";
    TooManySignatures "too_many_signatures" "the request has too many signatures, or they cover too much";
    BadComponent "bad_component" "a signature covers a component that is unknown, or that the request does not have, or covers a component twice";
    ComponentNotCovered "component_not_covered" "the signature does not cover a part of the request that it must cover";
    WrongDigest "wrong_digest" "the digest of the body is malformed or is that of another body, or the body is unknown";
    WrongTag "wrong_tag" "the signature does not have the tag that the scheme requires";
    WrongType "wrong_type" "the key cannot sign requests";
    WrongAlgorithm "wrong_algorithm" "the scheme does not accept the algorithm of the signature, or the algorithm does not fit the key";
    WrongSignature "wrong_signature" "the signature does not match the key and the request";
    TimestampSkewed "timestamp_skewed" "the timestamp is too far from the current time";
    SignatureExpired "signature_expired" "the signature has expired";
    Replayed "replayed" "the signature was accepted before";
    Forgotten "forgotten" "the signature may have been accepted before, because signatures of its time are no longer on record";

    BadAssertion "bad_assertion" "the assertion is not a signed JWT in the compact form, or is too long";
    AssertionHeader "assertion_header" "the header of the assertion contains a parameter or a value that is not accepted";
    AssertionAlgorithm "assertion_algorithm" "the algorithm of the assertion is not accepted, or the key cannot sign with it";
    AssertionClaims "assertion_claims" "a claim of the assertion is missing, or has an invalid value";
    WrongKid "wrong_kid" "the `kid` of the assertion names another key than its `iss`";
    WrongAudience "wrong_audience" "the assertion is for another audience";
    AssertionTooLong "assertion_too_long" "the time from the `iat` to the `exp` of the assertion is too long";
    AssertionNotYetValid "assertion_not_yet_valid" "the `iat` or the `nbf` of the assertion is too far in the future";
    AssertionExpired "assertion_expired" "the assertion has expired";
}

impl VerdictCode {
    /// Returns `true` if the code is [`VerdictCode::Valid`].
    #[must_use]
    pub const fn is_valid(self) -> bool {
        matches!(self, Self::Valid)
    }
}

/// The kind of proof that was presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// A token.
    Token,
    /// A pair of `api_key` and `api_secret`.
    Pair,
    /// A bearer token (RFC 6750) that was issued for a pair or a key pair.
    Bearer,
    /// A signed request.
    Signature,
    /// A signed assertion (RFC 7523, section 3).
    Assertion,
}

impl Credential {
    /// Returns the word that is reported to services.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Pair => "pair",
            Self::Bearer => "bearer",
            Self::Signature => "signature",
            Self::Assertion => "assertion",
        }
    }
}

/// The intended use of a key.
#[derive(Clone, Debug)]
pub struct Demand {
    /// The required scopes. The key must grant all of them.
    pub scopes: Vec<Scope>,
    /// The required environment, or `None` if any environment is acceptable.
    pub env: Option<Env>,
    /// The address from which the key is used, or `None` if it is unknown.
    pub ip: Option<IpAddr>,
    /// The time of the use.
    pub at: Time,
}

/// Returns the verdict code for a key, after possession of its secret has been proved: [`VerdictCode::Valid`] if the
/// key is active and meets the demand, or else the code of the first problem. The status is checked first, then the
/// address, the environment and the scopes.
#[must_use]
pub fn judge(key: &KeyView<'_>, demand: &Demand) -> VerdictCode {
    match key.lifecycle.status(demand.at) {
        Status::Pending => VerdictCode::Pending,
        Status::Disabled => VerdictCode::Disabled,
        Status::Expired => VerdictCode::Expired,
        Status::Revoked => VerdictCode::Revoked,
        Status::Active if !AllowedIps::allow(key.allowed_ips, demand.ip) => VerdictCode::IpNotAllowed,
        Status::Active if demand.env.is_some_and(|env| env != key.env) => VerdictCode::WrongEnv,
        Status::Active if demand.scopes.iter().all(|scope| key.scopes.grants(scope.as_str())) => VerdictCode::Valid,
        Status::Active => VerdictCode::InsufficientScope,
    }
}

/// The answer to a presented secret or signed request: a code, and the fields of the key that may be disclosed.
#[derive(Clone, Debug)]
pub struct Verdict<'a> {
    /// The verdict code.
    pub code: VerdictCode,
    /// The message for people, which may be more specific than the code, and never contains any part of the secret.
    pub message: Cow<'a, str>,
    /// The kind of proof, or `None` if it was not recognized.
    pub credential: Option<Credential>,
    /// The id of the key, or `None` if it is unknown. Unless [`Verdict::key`] is set, the id was only claimed in the
    /// proof, and possession of the key has not been proved.
    pub claimed: Option<KeyId>,
    /// The key, or `None` if possession was not proved. For a bearer token, the scopes are those that both the token
    /// and the key grant, and the expiry is the earlier of the key's and the token's.
    pub key: Option<KeyView<'a>>,
}

impl<'a> Verdict<'a> {
    /// Creates a verdict with the default message of the code and without a key.
    #[must_use]
    pub const fn new(code: VerdictCode) -> Self {
        Self { code, message: Cow::Borrowed(code.meaning()), credential: None, claimed: None, key: None }
    }

    /// Replaces the default message.
    #[must_use]
    pub fn because(self, message: impl Into<Cow<'a, str>>) -> Self {
        Self { message: message.into(), ..self }
    }

    /// Adds the kind of proof and the id of a key that the proof contains, if any.
    #[must_use]
    pub const fn of(mut self, credential: Credential, claimed: Option<KeyId>) -> Self {
        self.credential = Some(credential);
        self.claimed = claimed;
        self
    }

    /// Creates the verdict on a key after possession of its secret has been proved.
    #[must_use]
    pub fn judged(credential: Credential, key: KeyView<'a>, demand: &Demand) -> Self {
        let verdict = Self::new(judge(&key, demand));
        let verdict = match (verdict.code, demand.scopes.iter().find(|scope| !key.scopes.grants(scope.as_str()))) {
            (VerdictCode::InsufficientScope, Some(lacking)) => {
                verdict.because(format!("the key lacks the scope `{lacking}`"))
            }
            (VerdictCode::IpNotAllowed, _) => verdict.because(demand.ip.map_or_else(
                || "the key is restricted to specific networks, but no address was given".to_owned(),
                |ip| format!("the key may not be used from {}", ip.to_canonical()),
            )),
            _ => verdict,
        };
        Self { credential: Some(credential), claimed: Some(key.id), key: Some(key), ..verdict }
    }

    /// Returns `true` if the code is [`VerdictCode::Valid`].
    #[must_use]
    pub const fn is_valid(&self) -> bool {
        self.code.is_valid()
    }

    /// The names of the fields of the JSON object, in the order in which they are written.
    pub const FIELDS: [&'static str; 14] = [
        "valid",
        "code",
        "message",
        "credential",
        "api_key_id",
        "name",
        "type",
        "env",
        "scopes",
        "owner",
        "status",
        "expires_at",
        "rate_limit",
        "labels",
    ];

    /// Appends the verdict to `out` as a compact JSON object. All fields are present, and unknown fields are `null`.
    /// The status is the key's status at the time `at`.
    pub fn write(&self, at: Time, out: &mut Vec<u8>) {
        out.push(b'{');
        self.write_fields(at, out);
        out.push(b'}');
    }

    /// Appends the fields to `out` without the enclosing braces, for use in an object with additional fields.
    pub fn write_fields(&self, at: Time, out: &mut Vec<u8>) {
        out.extend_from_slice(if self.is_valid() { b"\"valid\":true,\"code\":" } else { b"\"valid\":false,\"code\":" });
        string(out, self.code.word());
        out.extend_from_slice(b",\"message\":");
        string(out, &self.message);
        out.extend_from_slice(b",\"credential\":");
        optional(out, self.credential.map(Credential::word));
        out.extend_from_slice(b",\"api_key_id\":");
        let id = self.key.as_ref().map(|key| key.id).or(self.claimed);
        optional(out, id.map(|id| id.encode(&mut [0; 36]).to_owned()).as_deref());
        let Some(key) = &self.key else {
            out.extend_from_slice(
                b",\"name\":null,\"type\":null,\"env\":null,\"scopes\":null,\"owner\":null,\"status\":null,\
                \"expires_at\":null,\"rate_limit\":null,\"labels\":null",
            );
            return;
        };
        out.extend_from_slice(b",\"name\":");
        string(out, key.name);
        out.extend_from_slice(b",\"type\":");
        string(out, key.key_type.word());
        out.extend_from_slice(b",\"env\":");
        string(out, key.env.word());
        out.extend_from_slice(b",\"scopes\":");
        words(out, key.scopes.text);
        out.extend_from_slice(b",\"owner\":");
        optional(out, key.owner);
        out.extend_from_slice(b",\"status\":");
        string(out, key.lifecycle.status(at).word());
        out.extend_from_slice(b",\"expires_at\":");
        time(out, key.lifecycle.expires);
        out.extend_from_slice(b",\"rate_limit\":");
        rate_limit(out, key.rate_limit);
        out.extend_from_slice(b",\"labels\":");
        // Labels are stored as the JSON that was validated when they were set.
        out.extend_from_slice(key.labels.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        key::{Key, RevocationReason},
        testing::{self, time},
    };

    fn key() -> Key {
        let key = testing::key(1).with_name("a \"name\"").with_env(Env::Live).expiring_at(100);
        key.with_scopes(&["read", "orders:write"])
    }

    fn demand(scopes: &[&str], env: Option<Env>, at: i64) -> Demand {
        let scopes = scopes.iter().map(|scope| scope.parse().unwrap()).collect();
        Demand { scopes, env, ip: None, at: time(at) }
    }

    #[test]
    fn words_are_snake_case_and_unique() {
        for (i, code) in VerdictCode::ALL.iter().enumerate() {
            assert!(code.word().bytes().all(|b| b.is_ascii_lowercase() || b == b'_'));
            assert!(VerdictCode::ALL[i + 1..].iter().all(|other| other.word() != code.word()));
            assert!(!code.meaning().ends_with('.'));
            assert_eq!(code.is_valid(), code.word() == "valid");
        }
    }

    #[test]
    fn the_status_ranks_before_the_environment_and_that_before_the_scopes() {
        let key = key();
        let found = |key: &Key, demand: Demand| judge(&key.view(), &demand);
        assert_eq!(found(&key, demand(&[], None, 50)), VerdictCode::Valid);
        assert_eq!(found(&key, demand(&["read", "orders:write"], Some(Env::Live), 99)), VerdictCode::Valid);
        for lacking in ["orders", "orders:writ", "write", "READ"] {
            assert_eq!(found(&key, demand(&["read", lacking], None, 50)), VerdictCode::InsufficientScope, "{lacking}");
        }
        assert_eq!(found(&key, demand(&["other"], Some(Env::Test), 50)), VerdictCode::WrongEnv);
        assert_eq!(found(&key, demand(&["other"], Some(Env::Test), 100)), VerdictCode::Expired);
        let mut disabled = key.clone();
        disabled.lifecycle.disabled = Some(time(50));
        assert_eq!(found(&disabled, demand(&[], Some(Env::Test), 50)), VerdictCode::Disabled);
        assert_eq!(found(&disabled, demand(&[], None, 49)), VerdictCode::Valid, "not yet");
        let mut pending = key.clone();
        pending.lifecycle.activated = None;
        assert_eq!(found(&pending, demand(&["other"], Some(Env::Test), 50)), VerdictCode::Pending);
        let revoked = disabled.revoked(time(60), RevocationReason::KeyCompromise, None).unwrap();
        assert_eq!(found(&revoked, demand(&[], Some(Env::Test), 200)), VerdictCode::Revoked);
    }

    #[test]
    fn the_document_always_has_all_fields_in_order() {
        let key = key();
        let proved = Verdict::judged(Credential::Token, key.view(), &demand(&[], None, 50));
        let claimed = Verdict::new(VerdictCode::WrongSecret).of(Credential::Token, Some(key.id));
        let unknown = Verdict::new(VerdictCode::Malformed).because("that is \"half\" of it");
        for verdict in [&proved, &claimed, &unknown] {
            let mut out = Vec::new();
            verdict.write(time(50), &mut out);
            let text = str::from_utf8(&out).unwrap();
            let json: serde_json::Value = serde_json::from_slice(&out).unwrap();
            assert!(json.as_object().unwrap().keys().eq(Verdict::FIELDS.iter()), "{text}");
            assert_eq!(json["valid"], verdict.is_valid());
            assert_eq!(json["code"], verdict.code.word());
            assert_eq!(json["message"], *verdict.message);
            let id = verdict.claimed.map(|id| id.to_string());
            assert_eq!(json["api_key_id"].as_str(), id.as_deref());
            assert_eq!(json["name"].as_str(), verdict.key.map(|key| key.name));
            assert_eq!(json["status"].as_str(), verdict.key.map(|_| "active"));
        }
        let mut out = Vec::new();
        proved.write(time(50), &mut out);
        let json: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(json["scopes"], serde_json::json!(["orders:write", "read"]));
        assert_eq!((&json["expires_at"], &json["labels"]), (&"2023-11-14T22:15:00Z".into(), &serde_json::json!({})));
    }
}
