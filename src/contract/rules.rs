//! The rules of a contract.

use super::{IssueLimit, verbatim::Verbatim};
use crate::key::{Env, KeyType, Name, Pattern, Period, RateLimit, Scope, TokenPrefix, UsageLevel};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The rules for keys. A rule that is absent limits nothing.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// The types that are allowed. The first is the default.
    pub types: Vec<Verbatim<KeyType>>,
    /// The environments. The first is the default.
    pub environments: Vec<Verbatim<Env>>,
    /// The prefixes of tokens and `api_key`s.
    pub prefix: PrefixRules,
    /// The form of an `api_key`.
    pub api_key: ApiKeyForm,
    /// The rules for names.
    pub name: NameRules,
    /// The rules for scopes.
    pub scopes: ScopeRules,
    /// The rules for rate limits.
    pub rate_limit: RateRules,
    /// The most keys that an owner may be issued in a window of time, for example `1/day`.
    pub issue_limit: Option<Verbatim<IssueLimit>>,
    /// The owners who may register their own public key: `anyone`, `nobody`, or a list of usage levels.
    pub own_public_key: OwnPublicKey,
    /// The rules for lifetimes.
    pub expiry: ExpiryRules,
    /// The rules for the networks from which keys may be used.
    pub allowed_ips: AllowedIpRules,
    /// The rules for RSA keys.
    pub rsa: RsaRules,
    /// The longest lifetime of a bearer token, in minutes.
    pub bearer_minutes: u32,
}

/// The prefixes of tokens and `api_key`s, by environment.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PrefixRules {
    /// The prefix in the test environment.
    pub test: Option<Verbatim<TokenPrefix>>,
    /// The prefix in the live environment.
    pub live: Option<Verbatim<TokenPrefix>>,
}

/// The form of an `api_key`, the public half of a pair.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApiKeyForm {
    /// `<prefix>_<env>_<id>`.
    #[default]
    Env,
    /// `<prefix>_` and 48 base62 characters, the first 22 of which are the id.
    Plain,
}

/// The rules for names.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NameRules {
    /// The name of a key for which none is given. Without a default, a name is required.
    pub default: Option<Verbatim<Name>>,
    /// `true` if the keys of one environment that have not ended must have different names.
    pub unique: bool,
    /// The minimum length in characters.
    pub min: usize,
    /// The maximum length in characters.
    pub max: usize,
    /// The pattern that every name must match.
    pub pattern: Option<Verbatim<Pattern>>,
}

/// The rules for scopes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScopeRules {
    /// The known scopes, as patterns. Without a list, any scope is allowed.
    pub known: Option<Vec<Verbatim<Pattern>>>,
    /// The scopes of a key for which none are given.
    pub omitted: Vec<Verbatim<Scope>>,
    /// `true` if a key must have at least one scope.
    pub required: bool,
    /// The scopes that each scope requires.
    pub needs: BTreeMap<String, Vec<Verbatim<Scope>>>,
}

/// The rules for rate limits.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RateRules {
    /// The default in each window.
    pub default: Option<Verbatim<RateLimit>>,
    /// The maximum in each window.
    pub most: Option<Verbatim<RateLimit>>,
}

/// The owners who may register their own public key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected \"anyone\", \"nobody\", or a list of usage levels such as [\"premier\"]")]
pub enum OwnPublicKey {
    /// All owners, or none.
    All(Everyone),
    /// The owners with one of these usage levels.
    Levels(Vec<Verbatim<UsageLevel>>),
}

/// All owners, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Everyone {
    /// Every owner, and keys without an owner.
    Anyone,
    /// No owner.
    Nobody,
}

/// The rules for lifetimes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ExpiryRules {
    /// The lifetime of a key for which none is given.
    pub default: Option<Verbatim<Period>>,
    /// The longest lifetime.
    pub longest: Option<Verbatim<Period>>,
    /// `true` if live keys must expire.
    pub required_live: bool,
}

/// The rules for the networks from which keys may be used.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AllowedIpRules {
    /// `true` if live keys must be restricted to networks.
    pub required_live: bool,
    /// The maximum number of networks of a key.
    pub most: Option<u32>,
}

/// The rules for RSA keys.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RsaRules {
    /// The minimum size of the modulus in bits.
    pub smallest: u32,
    /// The default PEM form of private keys.
    pub pem: PemForm,
}

/// The PEM form of a private key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PemForm {
    /// `PRIVATE KEY` (PKCS #8, RFC 5958).
    #[default]
    Pkcs8,
    /// `RSA PRIVATE KEY` (PKCS #1, RFC 8017).
    Pkcs1,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            types: KeyType::ALL.map(Verbatim::from).to_vec(),
            environments: Env::ALL.map(Verbatim::from).to_vec(),
            prefix: PrefixRules::default(),
            api_key: ApiKeyForm::default(),
            name: NameRules::default(),
            scopes: ScopeRules::default(),
            rate_limit: RateRules::default(),
            issue_limit: None,
            own_public_key: OwnPublicKey::All(Everyone::Anyone),
            expiry: ExpiryRules::default(),
            allowed_ips: AllowedIpRules::default(),
            rsa: RsaRules::default(),
            bearer_minutes: 60,
        }
    }
}

impl Default for NameRules {
    fn default() -> Self {
        Self { default: None, unique: true, min: 1, max: 120, pattern: None }
    }
}

impl Default for RsaRules {
    fn default() -> Self {
        Self { smallest: 2048, pem: PemForm::Pkcs8 }
    }
}
