//! Transactions: atomicity, unique ids, and an audit log without gaps.

use super::*;

#[test]
fn a_transaction_is_kept_whole_or_not_at_all() {
    for_each_engine(|mut store| {
        let failed: Result<()> = transact(store.keyring.as_mut(), &entry(0), |t| {
            t.insert(&token_key(1, "one"), Action::Reserve)?;
            assert!(t.key(id(1), time(0))?.is_some(), "it sees its own changes");
            Err(Error::new(Code::Declined, "no", "no"))
        });
        assert_eq!(failed.unwrap_err().code(), Code::Declined);
        assert!(names(store.keyring.as_ref(), &Query::every(Selection::all(time(0)))).is_empty());
        insert(store.keyring.as_mut(), &[token_key(1, "one")]);
        assert_eq!(names(store.keyring.as_ref(), &Query::every(Selection::all(time(0)))), ["one"]);
    });
}

#[test]
fn ids_and_moduli_are_unique() {
    for_each_engine(|mut store| {
        insert(store.keyring.as_mut(), &[rsa_key(1, "one")]);
        let same_id = token_key(1, "two");
        let same_public_key = Key { id: id(2), ..rsa_key(1, "three") };
        for key in [same_id, same_public_key] {
            assert!(transact(store.keyring.as_mut(), &entry(0), |t| t.insert(&key, Action::Reserve)).is_err());
        }
        assert_eq!(names(store.keyring.as_ref(), &Query::every(Selection::all(time(0)))), ["one"]);
    });
}

#[test]
fn contracts_and_entitlements_are_stored() {
    for_each_engine(|mut store| {
        assert_eq!(store.keyring.contract().unwrap(), None, "the default one");
        let entitled = |owner: &str, level: &str, at| Entitlement {
            owner: owner.parse().unwrap(),
            usage_level: level.parse().unwrap(),
            changed_at: time(at),
        };
        let acme = entitled("acme", "premier", 2);
        let failed: Result<()> = transact(store.keyring.as_mut(), &entry(0), |t| {
            t.set_contract("{}", "{}")?;
            t.set_entitlement(&acme)?;
            assert_eq!((t.contract()?.as_deref(), t.entitlements(None)?.len()), (Some("{}"), 1));
            Err(Error::new(Code::Declined, "no", "no"))
        });
        assert!(failed.is_err());
        assert_eq!((store.keyring.contract().unwrap(), store.keyring.entitlements(None).unwrap()), (None, vec![]));
        transact(store.keyring.as_mut(), &entry(0), |t| {
            t.set_contract("{\"contract\":\"x\"}", "{}")?;
            t.set_entitlement(&entitled("zeta", "basic", 1))?;
            t.set_entitlement(&entitled("acme", "basic", 1))?;
            t.set_entitlement(&acme)
        })
        .unwrap();
        let again = store.open();
        assert_eq!(again.contract().unwrap().as_deref(), Some("{\"contract\":\"x\"}"));
        assert_eq!(again.entitlements(None).unwrap(), [acme.clone(), entitled("zeta", "basic", 1)]);
        assert_eq!(again.entitlements(Some(&acme.owner)).unwrap(), std::slice::from_ref(&acme));
        assert!(again.entitlements(Some(&"nobody".parse().unwrap())).unwrap().is_empty());
    });
}

#[test]
fn a_transaction_that_fails_leaves_no_gap_in_the_log() {
    for_each_engine(|mut store| {
        insert(store.keyring.as_mut(), &[token_key(1, "one")]);
        let failed: Result<()> = transact(store.keyring.as_mut(), &entry(0), |t| {
            t.insert(&token_key(2, "two"), Action::Reserve)?;
            t.append_audit(Action::Restore, "{}")?;
            Err(Error::new(Code::Declined, "no", "no"))
        });
        assert!(failed.is_err());
        insert(store.keyring.as_mut(), &[token_key(3, "three")]);
        let mut numbers = Vec::new();
        let (query, mut cursor) = (AuditQuery::default(), AuditCursor::default());
        let more = store.keyring.audit(&query, &mut cursor, &mut |row| {
            numbers.push(row.seq);
            Ok(())
        });
        assert_eq!((more.unwrap(), numbers), (false, vec![3, 2, 1]));
        assert_eq!(store.keyring.verify_chain(None).unwrap().broken, None);
    });
}
