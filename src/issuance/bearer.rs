//! Bearer tokens: what a pair is exchanged for.
//!
//! The row comes first, then the token leaves. There is no state in between as with a key, whose life is long: a token whose
//! row is there and that nobody has dies within the hour, and if it could not be delivered it is removed at once.

use super::Random;
use crate::{
    contract::{Rules, Violation},
    delivery::Delivery,
    error::{Code, Error, Result},
    files::Undo,
    interrupt,
    key::{Bearer, Field, Key, Period, Scope, Scopes, Secret, SecretHash, Time, TokenPrefix, token},
    keyring::{Entry, Keyring, Location, transact},
    proof::{self, Demand, KeyUse, VerdictCode},
};

/// The scopes and the end of a bearer token: what is asked for, or what the key and the contract allow at most.
///
/// # Errors
/// `scope_exceeded` when the key has no such scope; `lifetime_too_long` when the contract does not allow it; `invalid_time`.
pub fn terms(rules: &Rules, key: &Key, scopes: &[Scope], ttl: Option<Period>, now: Time) -> Result<(Scopes, Time)> {
    let scopes = if scopes.is_empty() { key.description.scopes.clone() } else { Scopes::new(scopes)? };
    if let Some(lacking) = scopes.iter().find(|scope| key.description.scopes.iter().all(|own| own != *scope)) {
        let own: Vec<&str> = key.description.scopes.iter().collect();
        let hint = if own.is_empty() {
            "the key has no scopes; request none".to_owned()
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
        let message = format!("a bearer token lives at most {} minutes (rule bearer_minutes)", rules.bearer_minutes);
        let hint = "request a shorter lifetime, or none for the longest that is allowed";
        return Err(Violation::new(Field::ExpiresAt, Code::LifetimeTooLong, message, hint).into());
    }
    Ok((scopes, key.lifecycle.expires.map_or(end, |expires| expires.min(end))))
}

/// Makes a bearer token for a pair, which begins as its `api_key` does.
///
/// # Errors
/// `internal` when the operating system gives no random numbers.
pub fn make_bearer(key: &Key, scopes: Scopes, expires: Time, now: Time) -> Result<(Bearer, Secret)> {
    let begins = key.view().api_key.and_then(|api_key| api_key.split_once('_')?.0.parse::<TokenPrefix>().ok());
    let token = token::make_bearer(&begins.unwrap_or_default(), key.id, &mut *Random::default().take()?);
    let hash = SecretHash::of(token.expose());
    Ok((Bearer { hash, key: key.id, scopes, created: now, expires }, token))
}

/// A bearer token, made and to be delivered.
pub struct Loan<'a> {
    /// What is kept of it.
    pub bearer: &'a Bearer,
    /// The document with the token.
    pub secret: &'a Secret,
    /// Where it goes.
    pub delivery: Delivery,
    /// What a signal says once it is delivered.
    pub farewell: Vec<u8>,
}

/// Records a bearer token and delivers it; one that cannot be delivered is removed again.
///
/// # Errors
/// `invalid_client` when the key has ceased to be valid since it was looked at; what `delivery` reports.
pub fn lend(keyring: &mut dyn Keyring, entry: &Entry, location: &Location, loan: Loan<'_>) -> Result<()> {
    let bearer = loan.bearer;
    transact(keyring, entry, |transaction| {
        let demand = Demand { scopes: Vec::new(), env: None, at: entry.at };
        let key = transaction.key(bearer.key, entry.at)?;
        let code = key.as_ref().map_or(VerdictCode::NotFound, |key| proof::judge(&key.view(), &demand));
        let Some(key) = key.filter(|_| code.is_valid()) else { return Err(not_valid(code, code.meaning())) };
        transaction.insert_bearer(bearer)?;
        if (KeyUse { key: key.id, last_used: key.lifecycle.last_used }).is_due(entry.at) {
            proof::record_use(transaction, key.id, entry.at)?;
        }
        Ok(())
    })?;
    let undo = Undo::new();
    let guard = interrupt::guard({
        let (undo, location, entry, bearer) = (undo.clone(), location.clone(), entry.clone(), bearer.clone());
        move || {
            let _ = undo.run();
            // Failing that, the row stays, for a token that nobody has.
            let _ = location
                .open()
                .and_then(|mut keyring| transact(keyring.as_mut(), &entry, |t| t.delete_bearer(&bearer)));
        }
    });
    if let Err(error) = loan.delivery.deliver(loan.secret, &undo) {
        let _ = guard.undo();
        return Err(error);
    }
    let closing = guard.close();
    interrupt::set_message(loan.farewell);
    let _ = closing.finish();
    Ok(())
}

/// The answer to a pair that is not valid: `invalid_client` of RFC 6749, section 5.2.
#[must_use]
pub fn not_valid(code: VerdictCode, message: &str) -> Error {
    let hint = "`keywright verify` tells the same of any secret, `keywright show` more of the key";
    Error::new(Code::InvalidClient, format!("the pair is not valid: {message}"), hint).detail(
        &["pair"],
        message,
        code.word(),
    )
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
    fn a_bearer_token_has_no_more_than_its_key_and_ends_no_later() {
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
    fn it_begins_as_the_api_key_does() {
        let key = key(&["read"], None);
        let (bearer, secret) = make_bearer(&key, key.description.scopes.clone(), time(0), time(60)).unwrap();
        let text = str::from_utf8(secret.expose()).unwrap();
        assert!(text.starts_with("kw_bearer_"));
        assert_eq!(token::BearerForm::parse(text).unwrap().id, key.id);
        assert!(bearer.hash.matches(secret.expose()));
    }
}
