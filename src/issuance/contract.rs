//! Reads and changes the contract of a keyring.

use crate::{
    contract::Contract,
    error::Result,
    keyring::{Entry, Keyring, Keys, transact},
};
use serde_json::{Map, Value};

/// Returns the contract of a keyring, or the default contract if the keyring stores none.
///
/// # Errors
/// Returns `keyring_corrupt` if the stored contract is not valid, or another `keyring_*` code if the keyring cannot be
/// read.
pub fn contract(keys: &(impl Keys + ?Sized)) -> Result<Contract> {
    Contract::stored(keys.contract()?.as_deref())
}

/// A change to a contract.
#[derive(Clone, Copy)]
pub enum Revision<'a> {
    /// Sets one rule. The fields are the path of the rule, and its new value as JSON or as a string without quotes.
    Rule(&'a str, &'a str),
    /// Replaces the whole contract, even one that is not valid.
    Whole(&'a Contract),
}

/// The result of a change to a contract.
pub struct Revised {
    /// The new contract.
    pub contract: Contract,
    /// The rules that differ between the old and the new contract, and the name, the description and the documents if
    /// they differ, each as `[old, new]`. The default contract stands in for an old contract that is not valid.
    pub changes: Map<String, Value>,
    /// `true` if the stored contract is not valid, and is therefore replaced even if `changes` is empty.
    pub repairs: bool,
}

impl Revision<'_> {
    /// Returns the result of applying the change to the stored contract. `stored` is the outcome of reading that
    /// contract.
    ///
    /// # Errors
    /// - `contract_invalid` if the rule does not exist, or if the contract would not be valid with the new value
    /// - `secret_in_text` if the new value of a rule contains a secret
    /// - `keyring_corrupt` or another code of the error in `stored` if the change sets one rule
    /// - `internal` if a contract cannot be serialized, which is a bug
    pub fn of(&self, stored: Result<Contract>) -> Result<Revised> {
        let repairs = stored.is_err();
        let (old, contract) = match *self {
            Self::Rule(rule, value) => {
                let old = stored?;
                let new = old.with(rule, value)?;
                (old, new)
            }
            Self::Whole(new) => (stored.or_else(|_| Contract::of_new_keyrings())?, new.clone()),
        };
        Ok(Revised { changes: old.changes(&contract)?, contract, repairs })
    }
}

/// Changes the contract of a keyring. The stored contract is read inside the transaction, so that concurrent changes do
/// not overwrite each other. Writes nothing if the change has no effect, unless the stored contract is not valid.
///
/// # Errors
/// - `contract_invalid` if the rule does not exist, or if the contract would not be valid with the new value
/// - `secret_in_text` if the new value of a rule contains a secret
/// - `keyring_corrupt` if the change sets one rule and the stored contract is not valid
/// - `keyring_locked` or another `keyring_*` code if the keyring cannot be read or written
/// - `internal` if a contract cannot be serialized, which is a bug
pub fn revise(keyring: &mut dyn Keyring, entry: &Entry, revision: Revision<'_>) -> Result<Revised> {
    transact(keyring, entry, |transaction| {
        let stored = contract(transaction);
        let revised = revision.of(stored)?;
        if !revised.changes.is_empty() || revised.repairs {
            let changes = Value::Object(revised.changes.clone()).to_string();
            transaction.set_contract(&revised.contract.to_text()?, &changes)?;
        }
        Ok(revised)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        error::Code,
        keyring::{AuditCursor, AuditQuery},
        testing::{ScratchKeyring, entry},
    };

    fn rows(keyring: &dyn Keyring) -> usize {
        let mut rows = 0;
        let mut cursor = AuditCursor::default();
        while keyring
            .audit(&AuditQuery::default(), &mut cursor, &mut |_| {
                rows += 1;
                Ok(())
            })
            .unwrap()
        {}
        rows
    }

    #[test]
    fn a_rule_is_changed_in_the_current_contract_and_only_once() {
        let mut scratch = ScratchKeyring::new();
        let keyring = &mut scratch.keyring;
        revise(keyring, &entry(0), Revision::Rule("name.unique", "false")).unwrap();
        let revised = revise(keyring, &entry(0), Revision::Rule("issue_limit", "2/day")).unwrap();
        assert_eq!(revised.changes.keys().collect::<Vec<_>>(), ["issue_limit"]);
        let rules = contract(&*keyring).unwrap().rules;
        assert_eq!((rules.name.unique, rules.issue_limit.is_some()), (false, true), "neither change is lost");
        let before = rows(keyring);
        assert!(revise(keyring, &entry(0), Revision::Rule("issue_limit", "2/day")).unwrap().changes.is_empty());
        let unknown = revise(keyring, &entry(0), Revision::Rule("no_such_rule", "1"));
        assert_eq!(unknown.err().map(|error| error.code()), Some(Code::ContractInvalid));
        assert_eq!(rows(keyring), before, "nothing changed");
    }

    #[test]
    fn a_new_contract_replaces_one_that_is_not_valid() {
        let mut scratch = ScratchKeyring::new();
        let keyring = &mut scratch.keyring;
        transact(keyring, &entry(0), |transaction| transaction.set_contract("{}", "{}")).unwrap();
        let refused = revise(keyring, &entry(0), Revision::Rule("issue_limit", "2/day"));
        assert_eq!(refused.err().map(|error| error.code()), Some(Code::KeyringCorrupt));
        let standard = Contract::of_new_keyrings().unwrap();
        assert!(revise(keyring, &entry(0), Revision::Whole(&standard)).unwrap().changes.is_empty());
        assert!(contract(&*keyring).is_ok(), "it is stored although it equals the default");
    }
}
