//! The contract that a keyring is under, and how it becomes another one.

use crate::{
    contract::Contract,
    error::Result,
    keyring::{Entry, Keyring, Keys, transact},
};
use serde_json::{Map, Value};

/// The contract that keys come in under.
///
/// # Errors
/// `keyring_corrupt` when it does not hold, and what the store reports.
pub fn contract(keys: &(impl Keys + ?Sized)) -> Result<Contract> {
    Contract::stored(keys.contract()?.as_deref())
}

/// What is to become of a contract.
#[derive(Clone, Copy)]
pub enum Revision<'a> {
    /// One rule gets another value, as text.
    Rule(&'a str, &'a str),
    /// Another contract takes its place. That is also the way out of one that does not hold.
    Whole(&'a Contract),
}

/// A contract as it becomes.
pub struct Revised {
    /// All of it.
    pub contract: Contract,
    /// Which rules change, from what to what.
    pub changes: Map<String, Value>,
}

impl Revision<'_> {
    /// What a contract becomes that is there.
    ///
    /// # Errors
    /// As [`Contract::with`]; of a rule also `keyring_corrupt` when what is there does not hold.
    pub fn of(&self, stored: Result<Contract>) -> Result<Revised> {
        let (old, contract) = match *self {
            Self::Rule(rule, value) => {
                let old = stored?;
                let new = old.with(rule, value)?;
                (old, new)
            }
            Self::Whole(new) => (stored.or_else(|_| Contract::stored(None))?, new.clone()),
        };
        Ok(Revised { changes: old.changes(&contract)?, contract })
    }
}

/// Puts a keyring under another contract, which follows from what it is under inside the transaction: of two changes at once
/// neither is lost. Where nothing changes nothing is written.
///
/// # Errors
/// As [`Revision::of`], and what the store reports.
pub fn revise(keyring: &mut dyn Keyring, entry: &Entry, revision: Revision<'_>) -> Result<Revised> {
    transact(keyring, entry, |transaction| {
        let stored = contract(transaction);
        let sound = stored.is_ok();
        let revised = revision.of(stored)?;
        if !revised.changes.is_empty() || !sound {
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
    fn a_rule_changes_what_is_there_and_once() {
        let mut scratch = ScratchKeyring::new();
        let keyring = &mut scratch.keyring;
        revise(keyring, &entry(0), Revision::Rule("name.unique", "false")).unwrap();
        let revised = revise(keyring, &entry(0), Revision::Rule("issue_limit", "2/day")).unwrap();
        assert_eq!(revised.changes.keys().collect::<Vec<_>>(), ["issue_limit"]);
        let rules = contract(&*keyring).unwrap().rules;
        assert_eq!((rules.name.unique, rules.issue_limit.is_some()), (false, true), "of two changes neither is lost");
        let before = rows(keyring);
        assert!(revise(keyring, &entry(0), Revision::Rule("issue_limit", "2/day")).unwrap().changes.is_empty());
        let unknown = revise(keyring, &entry(0), Revision::Rule("no_such_rule", "1"));
        assert_eq!(unknown.err().map(|error| error.code()), Some(Code::ContractInvalid));
        assert_eq!(rows(keyring), before, "nothing changed");
    }

    #[test]
    fn a_whole_contract_is_the_way_out_of_one_that_does_not_hold() {
        let mut scratch = ScratchKeyring::new();
        let keyring = &mut scratch.keyring;
        transact(keyring, &entry(0), |transaction| transaction.set_contract("{}", "{}")).unwrap();
        let refused = revise(keyring, &entry(0), Revision::Rule("issue_limit", "2/day"));
        assert_eq!(refused.err().map(|error| error.code()), Some(Code::KeyringCorrupt));
        let standard = Contract::stored(None).unwrap();
        assert!(revise(keyring, &entry(0), Revision::Whole(&standard)).unwrap().changes.is_empty());
        assert!(contract(&*keyring).is_ok(), "it is written though nothing differs from the default");
    }
}
