//! The rules of a contract, as data.

use super::{IssueLimit, verbatim::Verbatim};
use crate::key::{Env, KeyType, Name, Pattern, Period, RateLimit, Scope, TokenPrefix, UsageLevel};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Which keys there may be. What is absent is not limited.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// The types that may be issued; the first is the default.
    pub types: Vec<Verbatim<KeyType>>,
    /// The environments that there are; the first is the default.
    pub environments: Vec<Verbatim<Env>>,
    /// What tokens and the public halves of pairs begin with.
    pub prefix: PrefixRules,
    /// How the public half of a pair looks.
    pub api_key: ApiKeyForm,
    /// Names.
    pub name: NameRules,
    /// Scopes.
    pub scopes: ScopeRules,
    /// Rate limits.
    pub rate_limit: RateRules,
    /// How many keys an owner may be issued in a window, for example `1/day`.
    pub issue_limit: Option<Verbatim<IssueLimit>>,
    /// Who may register a public key of their own: `anyone`, `nobody`, or the usage levels that may.
    pub own_public_key: OwnPublicKey,
    /// Lifetimes.
    pub expiry: ExpiryRules,
    /// RSA keys.
    pub rsa: RsaRules,
    /// How long a bearer token lives that a pair is exchanged for.
    pub bearer_minutes: u32,
}

/// What tokens and the public halves of pairs begin with, by environment.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PrefixRules {
    /// In the test environment.
    pub test: Option<Verbatim<TokenPrefix>>,
    /// In the live environment.
    pub live: Option<Verbatim<TokenPrefix>>,
}

/// How the public half of a pair looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApiKeyForm {
    /// `<prefix>_<env>_<id>`.
    #[default]
    Env,
    /// `<prefix>_` and 48 base62 characters that begin with the id.
    Plain,
}

/// Names.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NameRules {
    /// What a key is called when no name is given; without it a name is required.
    pub default: Option<Verbatim<Name>>,
    /// Whether two keys of one environment that are not over must have different names.
    pub unique: bool,
    /// The fewest characters.
    pub min: usize,
    /// The most characters.
    pub max: usize,
    /// What every name must match: `*` and `?` stand for anything.
    pub pattern: Option<Verbatim<Pattern>>,
}

/// Scopes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScopeRules {
    /// The scopes that there are, `*` standing for anything; absent: any.
    pub known: Option<Vec<Verbatim<Pattern>>>,
    /// The scopes of a key that none are given for.
    pub omitted: Vec<Verbatim<Scope>>,
    /// Whether a key must have one.
    pub required: bool,
    /// Scopes that are only given together with others.
    pub needs: BTreeMap<String, Vec<Verbatim<Scope>>>,
}

/// Rate limits.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RateRules {
    /// The limit of a key that none is given for, window by window.
    pub default: Option<Verbatim<RateLimit>>,
    /// The most that may be given, window by window.
    pub most: Option<Verbatim<RateLimit>>,
}

/// Who may register a public key of their own.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged, expecting = "say \"anyone\", \"nobody\", or a list of usage levels such as [\"premier\"]")]
pub enum OwnPublicKey {
    /// Anyone, or nobody.
    All(Everyone),
    /// Owners of these usage levels.
    Levels(Vec<Verbatim<UsageLevel>>),
}

/// All or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Everyone {
    /// All.
    Anyone,
    /// None.
    Nobody,
}

/// Lifetimes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ExpiryRules {
    /// How long a key lives that no end is given for.
    pub default: Option<Verbatim<Period>>,
    /// The longest that may be given.
    pub longest: Option<Verbatim<Period>>,
    /// Whether live keys must end.
    pub required_live: bool,
}

/// RSA keys.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RsaRules {
    /// The smallest modulus, in bits.
    pub smallest: u32,
    /// The PEM of private keys, where none is asked for.
    pub pem: PemForm,
}

/// The PEM of private keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PemForm {
    /// RFC 5958.
    #[default]
    Pkcs8,
    /// RFC 8017.
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
