//! The rules in a contract.

use super::IssueLimit;
use crate::key::{Audience, Env, KeyType, Name, Pattern, Period, RateLimit, Scope, TokenPrefix, UsageLevel, Verbatim};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The rules for keys. A rule that is absent has its default value. Most defaults impose no restriction; the exceptions
/// are in `name`, `rsa` and `bearer_minutes`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// The allowed types of keys. The first type is the default. If the rule is absent, these are `rsa`, `token` and `pair`.
    pub types: Vec<Verbatim<KeyType>>,
    /// The allowed environments. The first environment is the default.
    pub environments: Vec<Verbatim<Env>>,
    /// The required prefixes of tokens and `api_key`s.
    pub prefix: PrefixRules,
    /// The form of `api_key`s.
    pub api_key: ApiKeyForm,
    /// The rules for names.
    pub name: NameRules,
    /// The rules for scopes.
    pub scopes: ScopeRules,
    /// The rules for rate limits.
    pub rate_limit: RateRules,
    /// The maximum number of keys that may be issued to an owner in a time window, for example `1/day`, or `None` for
    /// no limit.
    pub issue_limit: Option<Verbatim<IssueLimit>>,
    /// The owners that may register their own public keys: `anyone`, `nobody`, or a list of usage levels.
    pub own_public_key: OwnPublicKey,
    /// The rules for lifetimes.
    pub expiry: ExpiryRules,
    /// The rules for the networks from which keys may be used.
    pub allowed_ips: AllowedIpRules,
    /// The rules for RSA keys.
    pub rsa: RsaRules,
    /// The maximum lifetime of a bearer token in minutes, from 1 to 1440.
    pub bearer_minutes: u32,
    /// The audience for which assertions must be signed to be exchanged for bearer tokens, or `None` if each exchange names
    /// the audience.
    pub bearer_audience: Option<Verbatim<Audience>>,
}

/// The required prefixes of tokens and `api_key`s, by environment.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PrefixRules {
    /// The prefix in the test environment, or `None` if any prefix is allowed.
    pub test: Option<Verbatim<TokenPrefix>>,
    /// The prefix in the live environment, or `None` if any prefix is allowed.
    pub live: Option<Verbatim<TokenPrefix>>,
}

/// The form of an `api_key`, which is the public half of a pair.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApiKeyForm {
    /// The form `<prefix>_<env>_<id>`.
    #[default]
    Env,
    /// The form `<prefix>_` followed by 48 base62 digits, the first 22 of which encode the id.
    Plain,
}

/// The rules for names.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NameRules {
    /// The name of a key for which no name is given. Without a default, a name must be given for every key.
    pub default: Option<Verbatim<Name>>,
    /// `true` if names must be unique among the keys in the same environment that have not ended.
    pub unique: bool,
    /// The minimum length of a name in characters, from 1 to 120.
    pub min: usize,
    /// The maximum length of a name in characters, from `min` to 120.
    pub max: usize,
    /// The pattern that every name must match, or `None` if any name is allowed.
    pub pattern: Option<Verbatim<Pattern>>,
}

/// The rules for scopes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScopeRules {
    /// The patterns of the known scopes, or `None` if any scope is allowed.
    pub known: Option<Vec<Verbatim<Pattern>>>,
    /// The scopes of a key for which no scopes are given.
    pub omitted: Vec<Verbatim<Scope>>,
    /// `true` if every key must have at least one scope.
    pub required: bool,
    /// A map from each scope to the other scopes that a key with that scope must have.
    pub needs: BTreeMap<String, Vec<Verbatim<Scope>>>,
    /// `true` if new keys can have wildcard scopes, in which each `*` that is a whole segment is a wildcard. If
    /// `false`, each `*` in the scopes of a new key is literal.
    pub wildcards: bool,
}

/// The rules for rate limits.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RateRules {
    /// The default limits, for the time windows for which no limit is given.
    pub default: Option<Verbatim<RateLimit>>,
    /// The maximum limits. In a time window with a maximum, every key must have a limit.
    pub most: Option<Verbatim<RateLimit>>,
}

/// The owners that may register their own public keys.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected \"anyone\", \"nobody\", or a list of usage levels such as [\"premier\"]")]
pub enum OwnPublicKey {
    /// All owners, or no owner.
    All(Everyone),
    /// The owners with one of these usage levels.
    Levels(Vec<Verbatim<UsageLevel>>),
}

/// A choice between all owners and no owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Everyone {
    /// Every owner. Public keys may also be registered without an owner.
    Anyone,
    /// No owner. Public keys cannot be registered at all.
    Nobody,
}

/// The rules for lifetimes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ExpiryRules {
    /// The lifetime of a key for which no expiry is given. Without a default, such a key does not expire.
    pub default: Option<Verbatim<Period>>,
    /// The maximum lifetime of a key, or `None` for no maximum.
    pub longest: Option<Verbatim<Period>>,
    /// `true` if every live key must have an expiry time.
    pub required_live: bool,
}

/// The rules for the networks from which keys may be used.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AllowedIpRules {
    /// `true` if every live key must be restricted to specific networks.
    pub required_live: bool,
    /// The maximum number of networks that a key can have, or `None` for no maximum in the contract.
    pub most: Option<u32>,
}

/// The rules for RSA keys.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RsaRules {
    /// The size of the modulus in bits if none is given: 2048, 3072 or 4096, or `None` for 3072. A key for which
    /// `smallest` requires more gets the next larger of these sizes.
    pub default: Option<u32>,
    /// The minimum size of the modulus in bits, from 2048 to 4096.
    pub smallest: u32,
    /// The PEM form in which private keys are written by default.
    pub pem: PemForm,
}

/// The PEM form of a private key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PemForm {
    /// The `PRIVATE KEY` form (PKCS#8, RFC 5958).
    #[default]
    Pkcs8,
    /// The `RSA PRIVATE KEY` form (PKCS#1, RFC 8017).
    Pkcs1,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            // A contract that lists no types does not gain those of a later version.
            types: KeyType::EARLY.map(Verbatim::from).to_vec(),
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
            bearer_audience: None,
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
        Self { default: None, smallest: 2048, pem: PemForm::Pkcs8 }
    }
}
