//! Tests of concurrent commands, of which either all succeed or exactly one does.

use super::{assert_intact, beside_keyring, database, process::wait_for_idle, start, statuses, wait_until};
use crate::home::{Ended, Home};
use std::{
    collections::BTreeSet,
    io::{BufRead as _, BufReader, Read as _},
    process::Stdio,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

/// The number of concurrent processes.
const AT_ONCE: usize = 32;

#[test]
fn concurrent_first_runs_share_one_keyring() {
    let home = Home::new();
    let children: Vec<_> =
        (0..AT_ONCE).map(|n| start(&home, format!("generate --name k{n} --type token").split(' '))).collect();
    let ended = children.into_iter().map(|child| Ended(child.wait_with_output().unwrap()).ok());
    let secrets: BTreeSet<String> = ended.map(|ended| ended.out()).collect();
    assert_eq!((secrets.len(), statuses(&home)), (AT_ONCE, vec!["active".to_owned(); AT_ONCE]));
    assert_eq!(beside_keyring(&home), ["keyring.db"]);
    assert_intact(&home.keyring());
    for secret in secrets.iter().take(4) {
        home.run_with("show -", secret).ok();
    }
    let organizations: i64 = database(&home.keyring())
        .query_row("SELECT count(*) FROM audit WHERE action = 'init'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(organizations, 1);
}

#[test]
fn concurrent_init_runs_create_one_keyring() {
    let home = Home::new();
    let children: Vec<_> = (0..AT_ONCE).map(|_| start(&home, ["init"])).collect();
    let ended = children.into_iter().map(|child| Ended(child.wait_with_output().unwrap()));
    let made = ended.filter(|ended| ended.code() == 0).count();
    assert_eq!((made, beside_keyring(&home)), (1, vec!["keyring.db".to_owned()]));
}

#[test]
fn a_thousand_processes_lose_no_key() {
    const ALL: usize = 1000;
    let home = Home::new();
    let next = AtomicUsize::new(0);
    let start = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= ALL {
                        break;
                    }
                    let ended = home.run(&format!("generate --name k{n} --type token --quiet")).ok();
                    assert!(ended.out().starts_with("kw_test_"));
                }
            });
        }
    });
    measured(&format!("{ALL} keys by {AT_ONCE} at a time in {:?}", start.elapsed()));
    assert_eq!(statuses(&home), vec!["active"; ALL]);
    assert_eq!(beside_keyring(&home), ["keyring.db"]);
    assert_intact(&home.keyring());
}

#[expect(clippy::print_stdout, reason = "a measurement, for who runs the tests with `--nocapture`")]
fn measured(what: &str) {
    println!("{what}");
}

#[test]
fn one_of_two_keys_gets_the_name() {
    for round in 0..10 {
        let home = Home::new();
        if round % 2 == 0 {
            home.run("init").ok();
        }
        let children: Vec<_> = (0..4).map(|_| start(&home, "generate --name same --type token".split(' '))).collect();
        let mut won = 0;
        for child in children {
            let ended = Ended(child.wait_with_output().unwrap());
            if ended.code() == 0 {
                won += 1;
            } else {
                ended.refused(4, "name_taken");
            }
        }
        assert_eq!((won, statuses(&home)), (1, vec!["active".to_owned()]));
    }
}

#[test]
fn if_not_exists_creates_one_key_for_all() {
    let home = Home::new();
    home.run("init").ok();
    let children: Vec<_> = (0..8)
        .map(|_| start(&home, "generate --name same --type token --format json --if-not-exists".split(' ')))
        .collect();
    let mut secrets = 0;
    for child in children {
        let ended = Ended(child.wait_with_output().unwrap());
        if ended.code() == 0 {
            secrets += usize::from(ended.json().get("token").is_some());
        } else {
            // While another process delivers the secret, the key is pending and cannot be reused.
            ended.refused(4, "name_taken");
        }
    }
    assert_eq!((secrets, statuses(&home)), (1, vec!["active".to_owned()]));
}

#[test]
fn a_reader_sees_a_revocation_whole_or_not_at_all() {
    const KEYS: usize = 24;
    let home = Home::new();
    let names: Vec<String> = (0..KEYS).map(|n| format!("k{n}")).collect();
    for name in &names {
        home.run(&format!("generate --name {name} --type token")).ok();
    }
    let reading = std::sync::atomic::AtomicBool::new(true);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut last = 0;
                    while reading.load(Ordering::Relaxed) {
                        let revoked = statuses(&home).iter().filter(|status| *status == "revoked").count();
                        // Each transaction revokes two keys, and none comes back.
                        assert!(revoked % 2 == 0 && revoked >= last, "{last} then {revoked}");
                        last = revoked;
                    }
                })
            })
            .collect();
        for pair in names.chunks(2) {
            home.run(&format!("revoke {} {} --yes", pair[0], pair[1])).ok();
        }
        reading.store(false, Ordering::Relaxed);
        for reader in readers {
            reader.join().unwrap();
        }
    });
    assert_eq!(statuses(&home), vec!["revoked"; KEYS]);
}

#[test]
fn two_revocations_of_one_key_agree() {
    let home = Home::new();
    home.run("generate --name a --type token").ok();
    let reasons = ["superseded", "key-compromise", "cessation-of-operation", "privilege-withdrawn"];
    let children: Vec<_> =
        reasons.iter().map(|reason| start(&home, format!("revoke a --yes --reason {reason}").split(' '))).collect();
    for child in children {
        Ended(child.wait_with_output().unwrap()).ok();
    }
    let revocations: i64 = database(&home.keyring())
        .query_row("SELECT count(*) FROM audit WHERE action = 'revoke'", [], |row| row.get(0))
        .unwrap();
    assert_eq!((revocations, statuses(&home)), (1, vec!["revoked".to_owned()]));
}

/// Inserts `copies` copies of a key. `list` does not check their digests.
fn multiply(home: &Home, copies: usize) {
    let database = database(&home.keyring());
    let columns: Vec<String> = database
        .prepare("SELECT name FROM pragma_table_info('key') WHERE name NOT IN ('seq', 'id', 'name')")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let columns = columns.join(", ");
    let sql = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {copies})
         INSERT INTO key (id, name, {columns}) SELECT randomblob(16), 'copy ' || i, {columns} FROM key, n"
    );
    assert_eq!(database.execute(&sql, []).unwrap(), copies);
}

#[test]
fn a_slow_reader_does_not_block_writers() {
    const COPIES: usize = 20_000;
    let home = Home::new();
    home.run("generate --name first --type token").ok();
    multiply(&home, COPIES);
    for format in ["jsonl", "json", "csv", "id", "table"] {
        for sort in ["created_at", "-name"] {
            let arguments = ["list", "--all", "--format", format, "--sort", sort];
            let mut child = home.keywright(arguments).stdout(Stdio::piped()).spawn().unwrap();
            let mut pipe = BufReader::with_capacity(1024, child.stdout.take().unwrap());
            let mut line = String::new();
            pipe.read_line(&mut line).unwrap();
            // The list has begun, but nothing reads it anymore. A blocked writer would give up after ten seconds.
            wait_for_idle(&child);
            let start = Instant::now();
            home.run(&format!("generate --name {format}{sort} --type token")).ok();
            assert!(start.elapsed() < Duration::from_secs(5), "{format} {sort} {:?}", start.elapsed());
            assert!(child.try_wait().unwrap().is_none(), "the list fitted into the pipe");
            let mut rest = String::new();
            pipe.read_to_string(&mut rest).unwrap();
            assert!(child.wait().unwrap().success());
            assert!(rest.lines().count() >= COPIES, "{format}");
        }
    }
}

#[test]
fn a_reader_that_stops_early_is_not_an_error() {
    let home = Home::new();
    home.run("generate --name first --type token").ok();
    multiply(&home, 5000);
    for format in ["jsonl", "table", "csv"] {
        let mut command = home.keywright(["list", "--all", "--format", format]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = [0; 10];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        let ended = Ended(child.wait_with_output().unwrap()).ok();
        assert_eq!(ended.err(), "");
    }
}

#[test]
fn a_writer_waits_for_a_delivery() {
    // A delivery holds no lock, however long it takes.
    let home = Home::new();
    let script = "cat > got; touch ready; while [ ! -e go ]; do sleep 0.02; done";
    let slow = start(&home, ["generate", "--name", "a", "--type", "token", "--", "sh", "-c", script]);
    wait_until("the command", || home.file("ready").exists());
    let begun = Instant::now();
    home.run("generate --name b --type token").ok();
    home.run("revoke b --yes").ok();
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert_eq!(statuses(&home), ["pending", "revoked"]);
    home.write("go", "");
    Ended(slow.wait_with_output().unwrap()).ok();
    assert_eq!(statuses(&home), ["active", "revoked"]);
}

#[test]
fn a_key_revoked_during_its_delivery_never_works() {
    let home = Home::new();
    let script = "cat > got; touch ready; while [ ! -e go ]; do sleep 0.02; done";
    let slow = start(&home, ["generate", "--name", "a", "--type", "token", "--", "sh", "-c", script]);
    wait_until("the command", || home.file("ready").exists());
    home.run("revoke a --yes").ok();
    home.write("go", "");
    let ended = Ended(slow.wait_with_output().unwrap());
    let refused = ended.refused(4, "wrong_state");
    assert!(refused.err().contains("is revoked") && !refused.err().contains("activate"), "{}", refused.err());
    assert_eq!(statuses(&home), ["revoked"]);
    home.run("activate a --private-key got").refused(4, "wrong_state");
    assert_eq!(statuses(&home), ["revoked"]);
}
