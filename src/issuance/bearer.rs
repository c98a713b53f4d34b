//! Issues bearer tokens (RFC 6750) in exchange for pairs and assertions.
//!
//! The row of a token is added before the token is delivered. Unlike a key, a token has no pending state. A token whose
//! delivery fails is deleted at once. A token that a crash leaves undelivered stays valid until it expires.

use super::{
    Random,
    protocol::{self, Activation, Issuable, Reservation, Reserved, reserve_at_once},
};
use crate::{
    contract::{Rules, Violation},
    delivery::Delivery,
    error::{Code, Error, Result},
    files::Undo,
    key::{Bearer, Field, Key, KeyId, Period, Scope, Scopes, Secret, SecretHash, Time, TokenPrefix, token},
    keyring::{Entry, Keyring, Location, at_least_keyring_time, refuse_clock_change},
    proof::{self, AssertionUse, Demand, KeyUse, VerdictCode},
};
use std::net::IpAddr;

/// Returns the scopes and the expiry of a bearer token for a key. If `scopes` is empty, the token has all of the key's
/// scopes. If `ttl` is `None`, the token has the longest lifetime that the contract allows. In either case, the token
/// expires no later than the key.
///
/// # Errors
/// - `invalid_scope` if more than 100 scopes are requested
/// - `scope_exceeded` if the key does not grant a requested scope
/// - `lifetime_too_long` if the requested lifetime exceeds the maximum in the contract
/// - `invalid_time` if the requested lifetime would end after the year 9999
pub fn terms(rules: &Rules, key: &Key, scopes: &[Scope], ttl: Option<Period>, now: Time) -> Result<(Scopes, Time)> {
    let own = key.description.scopes.as_set();
    let scopes = if scopes.is_empty() { key.description.scopes.clone() } else { Scopes::new(scopes, own.wildcards)? };
    if let Some(lacking) = scopes.iter().find(|scope| !own.grants(scope)) {
        let own: Vec<&str> = own.iter().collect();
        let hint = if own.is_empty() {
            "omit the scope; the key has no scopes".to_owned()
        } else {
            format!("choose from {}", own.join(", "))
        };
        let message = format!("the key does not have the scope `{lacking}`");
        return Err(Violation::new(Field::Scopes, Code::ScopeExceeded, message, hint).into());
    }
    let most = Time::from_seconds(now.seconds().saturating_add(i64::from(rules.bearer_minutes) * 60));
    let end = match ttl {
        Some(ttl) => ttl.after(now).map_err(|e| e.in_field(Field::ExpiresAt.word()))?,
        None => most,
    };
    if end > most {
        let message =
            format!("the bearer token would live longer than {} minutes (rule bearer_minutes)", rules.bearer_minutes);
        let hint = "request a shorter lifetime, or omit the lifetime to get the maximum";
        return Err(Violation::new(Field::ExpiresAt, Code::LifetimeTooLong, message, hint).into());
    }
    Ok((scopes, key.lifecycle.expires.map_or(end, |expires| expires.min(end))))
}

/// Generates a bearer token for a pair or a key pair, and returns the record to store and the token. The prefix of the
/// token is that of the pair's `api_key`, or else the prefix that the contract requires, or else the default prefix.
///
/// # Errors
/// Returns `system_limit` if the operating system provides no random bytes.
pub fn generate_bearer(rules: &Rules, key: &Key, scopes: Scopes, expires: Time, now: Time) -> Result<(Bearer, Secret)> {
    let begins = match key.view().api_key {
        Some(api_key) => api_key.split_once('_').and_then(|(prefix, _)| prefix.parse::<TokenPrefix>().ok()),
        None => rules.prefix(key.description.env).cloned(),
    };
    let token = token::make_bearer(&begins.unwrap_or_default(), key.id, &mut *Random::default().take()?);
    let hash = SecretHash::of(token.expose());
    Ok((Bearer { hash, key: key.id, scopes, created: now, expires }, token))
}

/// A generated bearer token that is about to be issued.
pub struct IssueBearer<'a> {
    /// The record of the token to add to the keyring.
    pub bearer: &'a Bearer,
    /// The complete document to deliver, which contains the token.
    pub secret: &'a Secret,
    /// The IP address of the client, or `None` if unknown.
    pub ip: Option<IpAddr>,
    /// The use of the assertion that the token is exchanged for, or `None` if it is exchanged for a pair.
    pub spent: Option<AssertionUse>,
    /// The checked destination of the token.
    pub delivery: Delivery,
    /// The message to print if a signal arrives after the token has been issued.
    pub farewell: Vec<u8>,
}

/// Adds a bearer token to the keyring, records the use of the assertion and a use of the key unless one was recorded
/// recently, and delivers the token. If the delivery fails, the use of the assertion stays on record.
///
/// # Errors
/// - `invalid_client` if the key is no longer valid, or the use of the assertion was recorded before
/// - `not_delivered`, `command_failed`, `file_exists`, `output_directory` or `interrupted` if the delivery fails; the
///   token is deleted
/// - `keyring_locked` or another `keyring_*` code if the keyring cannot be read or written
pub fn issue_bearer(
    keyring: &mut dyn Keyring,
    entry: &Entry,
    location: &Location,
    issue: IssueBearer<'_>,
) -> Result<()> {
    let IssueBearer { bearer, secret, ip, spent, delivery, farewell } = issue;
    let deliver = |undo: &Undo| delivery.deliver(secret, undo);
    protocol::run(keyring, entry, location, &ReservedBearer { bearer, ip, spent }, deliver, farewell).map(drop)
}

/// A bearer token to issue with [`protocol::run`], which can authenticate as soon as its row is added.
struct ReservedBearer<'a> {
    bearer: &'a Bearer,
    ip: Option<IpAddr>,
    spent: Option<AssertionUse>,
}

impl Issuable for ReservedBearer<'_> {
    type Issued = ();

    fn reserve(&self, keyring: &mut dyn Keyring, entry: &Entry, _: &Location) -> Result<Reserved> {
        reserve_at_once(keyring, entry, |transaction| {
            let at = at_least_keyring_time(transaction, entry, entry.clock())?;
            refuse_clock_change(transaction, entry, self.bearer.created)?;
            let demand = Demand { scopes: Vec::new(), env: None, ip: self.ip, at };
            let key = transaction.key(self.bearer.key, at)?;
            let code = key.as_ref().map_or(VerdictCode::NotFound, |key| proof::judge(&key.view(), &demand));
            let refused = |code, message| match self.spent {
                Some(_) => assertion_not_valid(code, message, Some(self.bearer.key)),
                None => not_valid(code, message),
            };
            let Some(key) = key.filter(|_| code.is_valid()) else { return Err(refused(code, code.meaning())) };
            if let Some(code) = self.spent.as_ref().map_or(Ok(None), |spent| spent.record(transaction))? {
                return Err(refused(code, AssertionUse::message(code)));
            }
            transaction.insert_bearer(self.bearer)?;
            if (KeyUse { key: key.id, last_used: key.lifecycle.last_used }).is_due(entry.at) {
                proof::record_use(transaction, key.id, entry.at)?;
            }
            Ok(())
        })
    }

    fn reservation(&self) -> Reservation {
        Reservation::Bearer(Box::new(self.bearer.clone()))
    }

    fn activate(&self, _: &mut dyn Keyring, _: &Entry, _: &Location) -> Activation<()> {
        Activation::Active(())
    }
}

/// Returns the `invalid_client` error (RFC 6749, section 5.2) for a pair that is not valid.
#[must_use]
pub fn not_valid(code: VerdictCode, message: &str) -> Error {
    let hint = "run `keywright show -` with the pair on standard input to see its key";
    Error::new(Code::InvalidClient, format!("the pair is not valid: {message}"), hint).detail(
        &["pair"],
        message,
        code.word(),
    )
}

/// Returns the `invalid_client` error (RFC 6749, section 5.2) for an assertion that is not valid. `key` is the id that the
/// assertion claims.
#[must_use]
pub fn assertion_not_valid(code: VerdictCode, message: &str, key: Option<KeyId>) -> Error {
    let hint = match (code, key) {
        (VerdictCode::NotFound | VerdictCode::WrongType, _) => "run `keywright list --all` to see all keys".to_owned(),
        (
            VerdictCode::Pending
            | VerdictCode::Disabled
            | VerdictCode::Expired
            | VerdictCode::Revoked
            | VerdictCode::IpNotAllowed
            | VerdictCode::WrongKid
            | VerdictCode::AssertionAlgorithm
            | VerdictCode::BadSignature
            | VerdictCode::WrongSignature,
            Some(key),
        ) => format!("run `keywright show {key}` to see the key"),
        (VerdictCode::WrongAudience, _) => {
            "sign the assertion for the expected audience, or run `keywright policy show` to see the rule bearer_audience"
                .to_owned()
        }
        _ => "sign a new assertion (RFC 7523, section 3) with the private key, and present it once".to_owned(),
    };
    let error = Error::new(Code::InvalidClient, format!("the assertion is not valid: {message}"), hint);
    error.detail(&["assertion"], message, code.word())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, time};

    fn key(scopes: &[&str], lives: Option<i64>) -> Key {
        testing::key(1).with_material(testing::pair(1)).with_scopes(scopes).expiring_at(lives)
    }

    fn agreed(key: &Key, scopes: &[&str], ttl: Option<&str>) -> Result<(String, i64)> {
        let scopes: Vec<Scope> = scopes.iter().map(|scope| scope.parse().unwrap()).collect();
        let now = key.lifecycle.created;
        let (scopes, end) = terms(&Rules::default(), key, &scopes, ttl.map(|ttl| ttl.parse().unwrap()), now)?;
        Ok((scopes.to_string(), end.seconds() - now.seconds()))
    }

    #[test]
    fn a_bearer_token_does_not_exceed_its_key() {
        let whole = key(&["read", "write"], None);
        assert_eq!(agreed(&whole, &[], None).unwrap(), ("read write".to_owned(), 3600));
        assert_eq!(agreed(&whole, &["write"], Some("10m")).unwrap(), ("write".to_owned(), 600));
        assert_eq!(agreed(&whole, &[], Some("1h")).unwrap().1, 3600);
        assert_eq!(agreed(&key(&[], Some(90)), &[], None).unwrap(), (String::new(), 90));
        assert_eq!(agreed(&whole, &["read", "admin"], None).unwrap_err().code(), Code::ScopeExceeded);
        assert_eq!(agreed(&key(&[], None), &["read"], None).unwrap_err().code(), Code::ScopeExceeded);
        assert_eq!(agreed(&whole, &[], Some("61m")).unwrap_err().code(), Code::LifetimeTooLong);
    }

    #[test]
    fn a_bearer_token_has_the_prefix_of_the_api_key() {
        let key = key(&["read"], None);
        let (bearer, secret) =
            generate_bearer(&Rules::default(), &key, key.description.scopes.clone(), time(0), time(60)).unwrap();
        let text = str::from_utf8(secret.expose()).unwrap();
        assert!(text.starts_with("kw_bearer_"));
        assert_eq!(token::BearerForm::parse(text).unwrap().id, key.id);
        assert!(bearer.hash.matches(secret.expose()));
    }
}
