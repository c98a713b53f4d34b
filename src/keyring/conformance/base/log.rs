//! Reading and verifying the audit log.

use super::*;

/// Returns the rows that match a query, each formatted as `action name`.
fn shown(keyring: &dyn Keyring, query: &AuditQuery) -> Vec<String> {
    let mut rows = Vec::new();
    let mut cursor = AuditCursor::default();
    while keyring
        .audit(query, &mut cursor, &mut |row| {
            rows.push(format!("{} {}", row.action, row.name.unwrap_or("-")));
            Ok(())
        })
        .unwrap()
    {}
    rows
}

/// Makes changes that leave six rows in the audit log, and returns the two keys that were inserted.
fn eventful(store: &mut Store) -> [Key; 2] {
    let (one, two) = (token_key(1, "one"), token_key(2, "two").pending());
    let keyring = store.keyring.as_mut();
    insert(keyring, &[one.clone(), two.clone()]);
    let revoked = one.revoked(time(5), RevocationReason::Superseded, None).unwrap();
    let by_ada = Entry { user: "ada (uid 7)".into(), ..entry(100) };
    transact(keyring, &by_ada, |t| t.update(&one, &revoked, Action::Revoke)).unwrap();
    transact(keyring, &entry(200), |t| t.delete(&two, Action::Discard)).unwrap();
    let owner = "acme".parse().unwrap();
    let level = Entitlement { owner, usage_level: "basic".parse().unwrap(), changed_at: time(300) };
    transact(keyring, &entry(300), |t| t.set_entitlement(&level)).unwrap();
    [one, two]
}

#[test]
fn every_condition_of_an_audit_query_counts() {
    for_each_engine(|mut store| {
        let [one, two] = eventful(&mut store);
        let all = ["owner -", "discard -", "revoke one", "reserve -", "reserve one", "init -"];
        let any = AuditQuery::default;
        for (query, expected) in [
            (any(), &all[..]),
            (AuditQuery { key: Some(one.id), ..any() }, &["revoke one", "reserve one"]),
            (AuditQuery { key: Some(two.id), ..any() }, &["discard -", "reserve -"]),
            (AuditQuery { since: Some(time(200)), ..any() }, &all[..2]),
            (AuditQuery { until: Some(time(99)), ..any() }, &all[3..]),
            (AuditQuery { actions: vec![Action::Revoke, Action::Owner], ..any() }, &["owner -", "revoke one"]),
            (AuditQuery { user: Some("ada".into()), ..any() }, &["revoke one"]),
            (AuditQuery { user: Some("ada (uid 7)".into()), ..any() }, &["revoke one"]),
            (AuditQuery { user: Some("ad".into()), ..any() }, &[]),
            (AuditQuery { user: Some("u".into()), limit: Some(2), ..any() }, &all[..2]),
            (AuditQuery { limit: Some(1), ..any() }, &all[..1]),
        ] {
            assert_eq!(shown(store.keyring.as_ref(), &query), expected, "{query:?}");
        }
        let low = one.id.min(two.id);
        let audited =
            |limit| store.keyring.audited_ids(KeyId::from_bytes([0; 16]), KeyId::from_bytes([255; 16]), limit);
        assert_eq!((audited(9).unwrap().len(), audited(1).unwrap()), (2, vec![low]), "those that are gone too");
    });
}

#[test]
fn the_whole_chain_is_verified() {
    for_each_engine(|mut store| {
        let begun = store.keyring.verify_chain(None).unwrap();
        assert_eq!((begun.rows, begun.breaks, begun.after), (1, 0, None));
        eventful(&mut store);
        let chain = store.keyring.verify_chain(Some(begun.head)).unwrap();
        assert_eq!((chain.rows, chain.broken, chain.after), (6, None, Some(5)));
        assert_eq!(chain.latest, Some(time(300)));
        assert_eq!(store.keyring.verify_chain(Some(chain.head)).unwrap().after, Some(0));
        assert_eq!(store.keyring.verify_chain(Some(RowHash::default())).unwrap().after, None, "no row's");
        let text = chain.head.to_string();
        assert_eq!(text.to_uppercase().parse::<RowHash>().unwrap(), chain.head);
        assert_eq!(store.keyring.contradictions(9).unwrap(), []);
    });
}

#[test]
fn a_head_stays_in_the_log_of_its_keyring() {
    for_each_engine(|mut store| {
        let first = store.keyring.head().unwrap();
        assert!(store.keyring.has_row(&first).unwrap());
        insert(store.keyring.as_mut(), &[token_key(1, "a")]);
        let second = store.keyring.head().unwrap();
        assert_ne!(first, second);
        assert!(store.keyring.has_row(&first).unwrap() && store.keyring.has_row(&second).unwrap());
        let other = Head { hash: first.hash, ..second };
        assert!(!store.keyring.has_row(&other).unwrap(), "the number of one row and the hash of another");
        let later = Head { seq: second.seq + 1, ..second };
        assert!(!store.keyring.has_row(&later).unwrap(), "a row that does not exist");
    });
}
