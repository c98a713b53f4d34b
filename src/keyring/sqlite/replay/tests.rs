use super::*;
use crate::{
    key::{Key, RevocationReason},
    keyring::{Entitlement, Keyring as _, Reads as _, SqliteKeyring, transact},
    testing::{self, ScratchKeyring, entry, key, time},
};

/// Creates a keyring with an owner and 60 keys, revokes every third key, and purges the first key.
fn eventful() -> ScratchKeyring {
    let keys: Vec<Key> = (1..=60).map(key).collect();
    let mut scratch = ScratchKeyring::with(&keys);
    for key in keys.iter().step_by(3) {
        revoke(&mut scratch.keyring, key);
    }
    let ended = keys[0].revoked(time(5), RevocationReason::Superseded, None).unwrap();
    let acme =
        Entitlement { owner: "acme".parse().unwrap(), usage_level: "basic".parse().unwrap(), changed_at: time(1) };
    transact(&mut scratch.keyring, &entry(9), |t| {
        t.purge(&ended)?;
        t.set_entitlement(&acme)
    })
    .unwrap();
    scratch
}

fn revoke(keyring: &mut SqliteKeyring, key: &Key) {
    let ended = key.revoked(time(5), RevocationReason::Superseded, None).unwrap();
    transact(keyring, &entry(5), |t| t.update(key, &ended, Action::Revoke)).unwrap();
}

/// Replaces the row of the key number `n` with a row that has another note and a matching digest.
fn forge(keyring: &SqliteKeyring, n: u8) {
    let mut forged = key(n);
    forged.description.note = Some("forged".parse().unwrap());
    assert!(row::update(&keyring.connection, &forged).unwrap());
}

/// Removes the states from the log, as if an earlier version of keywright had written the log.
fn forget_states(keyring: &SqliteKeyring) {
    keyring
        .connection
        .execute_batch("UPDATE audit SET facts = json_remove(facts, '$.state') WHERE action <> 'baseline'")
        .unwrap();
}

#[test]
fn the_number_of_buckets_does_not_matter() {
    let scratch = eventful();
    let connection = &scratch.keyring.connection;
    for count in [1, 2, 7, 100] {
        assert_eq!(compare(connection, Buckets { count, capacity: 0 }).unwrap(), [], "{count}");
    }
    forge(&scratch.keyring, 5);
    connection.execute("DELETE FROM key WHERE id = ?1", [testing::id(6).as_bytes()]).unwrap();
    for count in [1, 2, 7, 100] {
        let mut found = compare(connection, Buckets { count, capacity: 0 }).unwrap();
        found.sort_by_key(Contradiction::key);
        let [altered, missing] = [5, 6].map(|n| LoggedObject::Key(testing::id(n)));
        assert_eq!(found, [Contradiction::Altered(altered), Contradiction::Missing(missing)], "{count}");
    }
}

/// Every edit that the comparison of buckets finds must also be found by the single pass, which is tried first.
#[test]
fn a_single_pass_proves_nothing_that_the_buckets_refute() {
    let scratch = eventful();
    let connection = &scratch.keyring.connection;
    assert!(in_step::prove(connection).unwrap().is_some());
    let without_state = "UPDATE audit SET facts = json_remove(facts, '$.state') WHERE seq =";
    let edits = [
        "DELETE FROM key WHERE name = 'key-60'".to_owned(),
        "DELETE FROM key WHERE name = 'key-8'".to_owned(),
        "DELETE FROM tombstone".to_owned(),
        "UPDATE tombstone SET ended_at = ended_at + 1".to_owned(),
        "DELETE FROM owner".to_owned(),
        "UPDATE owner SET usage_level = 'premier'".to_owned(),
        "INSERT INTO owner VALUES ('evil', 'premier', 1)".to_owned(),
        "UPDATE keyring SET created_at = 1".to_owned(),
        "UPDATE key SET note = 'forged' WHERE name = 'key-8'".to_owned(),
        "UPDATE key SET digest = zeroblob(32) WHERE name = 'key-60'".to_owned(),
        "UPDATE key SET batch = 7 WHERE name = 'key-8'".to_owned(),
        "UPDATE key SET seq = 1000 WHERE name = 'key-8'".to_owned(),
        "UPDATE key SET seq = -1 WHERE name = 'key-60'".to_owned(),
        "UPDATE key SET seq = -seq".to_owned(),
        // The log records that keys were deleted, changed or added, without the states that would prove it.
        "INSERT INTO audit SELECT 1000, at, 0, user, host, command, 'discard', key_id, '{}', hash FROM audit WHERE seq = 9"
            .to_owned(),
        "INSERT INTO audit SELECT 1000, at, 0, user, host, command, 'discard', NULL, '{\"rows\":[[2,9]]}', hash FROM audit WHERE seq = 9"
            .to_owned(),
        "INSERT INTO audit SELECT 1000, at, 0, user, host, command, action, key_id, facts, hash FROM audit WHERE seq = 9"
            .to_owned(),
        "UPDATE audit SET seq = 1000 WHERE seq = 9".to_owned(),
        "DELETE FROM audit WHERE seq = 9".to_owned(),
        format!("{without_state} 9"),
        format!("{without_state} 61"),
        "UPDATE audit SET action = 'import' WHERE seq = 9".to_owned(),
    ];
    let mut refuted = 0;
    for edit in &edits {
        connection.execute_batch(&format!("BEGIN; PRAGMA ignore_check_constraints = 1; {edit}")).unwrap();
        let found = compare(connection, Buckets { count: 3, capacity: 0 }).unwrap();
        let is_consistent = in_step::prove(connection).unwrap().is_some();
        assert!(!is_consistent || found.is_empty(), "{edit}: {found:?}");
        refuted += usize::from(!found.is_empty());
        connection.execute_batch("ROLLBACK").unwrap();
    }
    assert!(refuted >= edits.len() - 4, "{refuted} of {}", edits.len());
    for n in 2..=60 {
        connection.execute_batch("BEGIN").unwrap();
        forge(&scratch.keyring, n);
        assert!(in_step::prove(connection).unwrap().is_none(), "{n}");
        connection.execute_batch("ROLLBACK").unwrap();
    }
}

#[test]
fn a_baseline_covers_everything_that_has_not_changed_since() {
    let mut scratch = eventful();
    forget_states(&scratch.keyring);
    assert_eq!(scratch.keyring.contradictions(9).unwrap(), [], "a log without states says nothing");
    // The first change appends the baseline.
    scratch.keyring.has_states = false;
    let rows = scratch.keyring.snapshot().unwrap().rows;
    revoke(&mut scratch.keyring, &key(2));
    scratch.keyring.has_states = false;
    revoke(&mut scratch.keyring, &key(3));
    assert_eq!(scratch.keyring.snapshot().unwrap().rows, rows + 3, "a baseline and two changes");
    let baseline = Contradiction::Baseline(i64::try_from(rows).unwrap() + 1);
    let connection = &scratch.keyring.connection;
    let compared = |count| compare(connection, Buckets { count, capacity: 0 }).unwrap();
    for count in [1, 5] {
        assert_eq!(compared(count), []);
        for edit in [
            "DELETE FROM key WHERE name = 'key-8'",
            "DELETE FROM tombstone",
            "DELETE FROM owner",
            "INSERT INTO owner VALUES ('evil', 'premier', 1)",
            "UPDATE keyring SET created_at = 1",
        ] {
            connection.execute_batch(&format!("BEGIN; {edit}")).unwrap();
            assert_eq!(compared(count), std::slice::from_ref(&baseline), "{edit}");
            connection.execute_batch("ROLLBACK").unwrap();
        }
        connection.execute_batch("BEGIN").unwrap();
        forge(&scratch.keyring, 8);
        assert_eq!(compared(count), std::slice::from_ref(&baseline));
        connection.execute_batch("ROLLBACK; BEGIN").unwrap();
        forge(&scratch.keyring, 2);
        assert_eq!(compared(count), [Contradiction::Altered(LoggedObject::Key(testing::id(2)))]);
        connection.execute_batch("ROLLBACK").unwrap();
    }
}

#[test]
fn changes_during_the_comparison_are_no_differences() {
    let scratch = eventful();
    let mut other = scratch.open();
    let pending = key(98).pending();
    transact(&mut other, &entry(9), |t| t.insert(&pending, Action::Reserve)).unwrap();
    let buckets = Buckets { count: 1, capacity: 0 };
    let mut replay = Replay::new(buckets, 0);
    let last = begin(&scratch.keyring.connection, &mut replay).unwrap();
    walk(&scratch.keyring.connection, &mut replay, i64::MIN, last).unwrap();
    revoke(&mut other, &key(2));
    transact(&mut other, &entry(9), |t| {
        t.insert(&key(99), Action::Register)?;
        t.delete(&pending, Action::Discard)
    })
    .unwrap();
    each_stored(&scratch.keyring.connection, &mut replay, &mut Replay::compare).unwrap();
    revoke(&mut other, &key(5));
    forge(&other, 6);
    catch_up(&scratch.keyring.connection, &mut replay, last).unwrap();
    assert_eq!(replay.finish(&mut BaselineHash::default()).0, [], "the forged key had been compared before");
    let found = scratch.keyring.contradictions(9).unwrap();
    assert_eq!(found, [Contradiction::Altered(LoggedObject::Key(testing::id(6)))]);
    scratch
        .keyring
        .consistent_read(&mut |reads| reads.contradictions(9).map(|again| assert_eq!(again, found)))
        .unwrap();
}
