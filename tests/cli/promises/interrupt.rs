//! Tests that a signal at any time leaves neither an undelivered key nor a file, and that the exit status is 130.

use super::{
    assert_intact, assert_nothing_left, beside_keyring, database,
    process::{wait_for_idle, wait_for_polling, wait_for_signal, wait_for_work},
    start, statuses, wait_until,
};
use crate::{
    home::{Ended, Home, KEYWRIGHT},
    tools::have,
};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use std::{
    io::Read as _,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

fn send(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

/// Waits for the program to end. Asserts that it ended by itself, within 8 seconds and with exit status 130.
#[track_caller]
fn interrupted(child: Child) -> Ended {
    let start = Instant::now();
    let ended = Ended(child.wait_with_output().unwrap());
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
    ended.refused(130, "interrupted")
}

const SIGNALS: [Signal; 3] = [Signal::INT, Signal::TERM, Signal::HUP];

#[test]
fn a_signal_during_the_prime_search_leaves_nothing() {
    let mut caught = 0;
    for round in 0..40 {
        let home = Home::new();
        let child = start(&home, "generate --name a --bits 4096 --out k --public-out p".split(' '));
        wait_until("the keyring", || home.keyring().exists());
        wait_for_work(&child);
        send(&child, SIGNALS[round % 3]);
        let ended = Ended(child.wait_with_output().unwrap());
        // A search may succeed at the first try. Then the key must be complete.
        if ended.code() == 0 {
            assert_eq!((statuses(&home), home.files().len()), (vec!["active".to_owned()], 2));
            continue;
        }
        ended.refused(130, "interrupted");
        assert_nothing_left(&home, &[]);
        caught += 1;
        if caught == 6 {
            break;
        }
    }
    assert!(caught > 0, "no signal came in time");
}

#[test]
fn a_signal_while_a_command_does_not_read_leaves_nothing() {
    for (signal, format) in SIGNALS.into_iter().zip(["table", "json", "table"]) {
        let home = Home::new();
        let arguments = ["generate", "--name", "a", "--type", "token", "--format", format, "--"];
        let command = ["sh", "-c", "echo $$ > pid.new; mv pid.new pid; exec sleep 30 > slept"];
        let child = start(&home, arguments.into_iter().chain(command));
        wait_until("the command", || home.file("pid").exists());
        assert_eq!(statuses(&home), ["pending"]);
        let pid = Pid::from_raw(home.read("pid").trim().parse().unwrap()).unwrap();
        send(&child, signal);
        interrupted(child);
        wait_until("the command's end", || test_kill_process(pid).is_err());
        let files: Vec<_> = home.files().into_iter().filter(|name| name != "slept").collect();
        assert_eq!(files, ["pid"]);
        assert_eq!(statuses(&home), [""; 0]);
    }
}

#[test]
fn a_signal_after_the_public_key_leaves_nothing() {
    let home = Home::new();
    let arguments = "generate --name a --bits 2048 --public-out p --".split(' ');
    let child = start(&home, arguments.chain(["sh", "-c", "touch started; exec sleep 30"]));
    wait_until("the command", || home.file("started").exists());
    assert_eq!(home.files(), ["p", "started"]);
    send(&child, Signal::INT);
    interrupted(child);
    assert_nothing_left(&home, &["started"]);
}

#[test]
fn a_signal_while_standard_output_is_not_read_leaves_nothing() {
    for shape in ["--bits 2048", "--type pair --format json"] {
        let home = Home::new();
        home.run("init").ok();
        let (mut reader, writer) = std::io::pipe().unwrap();
        let room = rustix::pipe::fcntl_setpipe_size(&writer, 4096).unwrap();
        rustix::io::write(&writer, &vec![b'-'; room]).unwrap();
        let mut command = home.keywright(format!("generate --name a {shape}").split(' '));
        let child = command.stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
        drop(command);
        wait_until("the reservation", || statuses(&home) == ["pending"]);
        wait_for_idle(&child);
        send(&child, Signal::INT);
        interrupted(child);
        assert_nothing_left(&home, &[]);
        let mut seen = Vec::new();
        reader.read_to_end(&mut seen).unwrap();
        assert_eq!(seen, vec![b'-'; room], "a part of the secret went out");
    }
}

#[test]
fn a_signal_while_the_keyring_is_locked_leaves_nothing() {
    let home = Home::new();
    home.run("generate --name a --type token").ok();
    for line in ["generate --name b --type token --out t", "revoke a --yes", "list --all"] {
        let lock = database(&home.keyring());
        lock.execute_batch("BEGIN EXCLUSIVE").unwrap();
        let child = start(&home, line.split(' '));
        wait_for_polling(&child);
        send(&child, Signal::TERM);
        interrupted(child);
        drop(lock);
        assert_eq!((statuses(&home), home.files()), (vec!["active".to_owned()], vec![]));
    }
    assert_intact(&home.keyring());
}

/// A delivery command that creates the file `ready` when it has read the secret, and ends when the file `go` exists.
const TAKER: [&str; 4] = ["--", "sh", "-c", "cat > got; touch ready; while [ ! -e go ]; do sleep 0.02; done"];

#[test]
fn the_cleanup_waits_for_the_keyring() {
    let home = Home::new();
    let child = start(&home, "generate --name a --type token".split(' ').chain(TAKER));
    wait_until("the command", || home.file("ready").exists());
    let lock = database(&home.keyring());
    lock.execute_batch("BEGIN EXCLUSIVE").unwrap();
    send(&child, Signal::INT);
    wait_for_polling(&child);
    drop(lock);
    interrupted(child);
    assert_nothing_left(&home, &["got", "ready"]);
    home.run_with("show -", home.read("got")).refused(3, "not_found");
}

#[test]
fn a_signal_after_the_delivery_keeps_the_key() {
    let home = Home::new();
    let child = start(&home, "generate --name a --type token".split(' ').chain(TAKER));
    wait_until("the command", || home.file("ready").exists());
    // The lock makes the activation wait when the signal arrives. The key was delivered, so nothing is undone.
    let lock = database(&home.keyring());
    lock.execute_batch("BEGIN EXCLUSIVE").unwrap();
    home.write("go", "");
    wait_for_polling(&child);
    send(&child, Signal::INT);
    wait_for_signal(&child);
    drop(lock);
    Ended(child.wait_with_output().unwrap()).ok();
    assert_eq!(statuses(&home), ["active"]);
    home.run_with("show -", home.read("got")).ok();
}

#[test]
fn an_ignored_signal_stays_ignored() {
    let home = Home::new();
    let mut command = home.program("sh");
    command.args(["-c", r#"trap "" INT; exec "$@""#, "sh", crate::home::KEYWRIGHT]);
    command.args("generate --name a --type token".split(' ').chain(TAKER));
    let child = command.stderr(Stdio::piped()).spawn().unwrap();
    wait_until("the command", || home.file("ready").exists());
    // The system drops an ignored signal at once.
    send(&child, Signal::INT);
    home.write("go", "");
    Ended(child.wait_with_output().unwrap()).ok();
    assert_eq!(statuses(&home), ["active"]);
}

/// Sends a signal at a random time. Whatever the time, the remaining state must be consistent.
#[test]
fn a_signal_at_any_time_keeps_the_promises() {
    let (mut undone, mut done) = (0, 0);
    for step in 0..60 {
        let home = Home::new();
        let child = start(&home, "generate --name a --type token --out t".split(' '));
        std::thread::sleep(Duration::from_micros(250 * step));
        send(&child, SIGNALS[usize::try_from(step).unwrap() % 3]);
        let status = child.wait_with_output().unwrap().status;
        match status.code() {
            // After the activation, a signal interrupts only the report, because the key was delivered.
            Some(0 | 130) if home.file("t").exists() => {
                done += 1;
                assert_eq!(statuses(&home), ["active"]);
                home.run_with("show -", home.read("t")).ok();
            }
            // Before the program handles signals, a signal kills it, and nothing was created. A signal just after the
            // commit of a reservation, before its guard exists, leaves the key pending, as a crash does.
            Some(130) | None => {
                undone += 1;
                let statuses = statuses(&home);
                assert!(statuses.iter().all(|status| status == "pending"), "{statuses:?}");
            }
            code => panic!("{code:?}"),
        }
        assert!(home.files().iter().all(|name| name == "t"), "{:?}", home.files());
        // An interrupted creation may leave its unfinished file, which has no key, and a transaction may leave its
        // journal.
        assert!(beside_keyring(&home).iter().all(
            |name| ["keyring.db", "keyring.db-journal"].contains(&name.as_str()) || name.starts_with(".keywright-")
        ));
        if home.keyring().exists() {
            assert_intact(&home.keyring());
        }
    }
    assert!(undone > 0 && done + undone == 60, "{undone} undone, {done} done");
}

#[test]
fn a_signal_at_any_call_stops_a_rotation_of_many_keys() {
    if !have("strace") {
        return;
    }
    let mut stopped = 0;
    for number in 1..40 {
        let home = Home::new();
        home.run("generate --name k --count 3 --type token --expires 5d --out k").ok();
        let mut command = home.program("strace");
        command.args(["-f", "-o", "/dev/null", "-e", &format!("inject=openat:signal=TERM:when={number}"), KEYWRIGHT]);
        command.args("rotate --expiring-within 6d --expires 30d --out-dir new".split(' '));
        let ended = Ended(command.output().unwrap());
        match ended.0.status.code() {
            Some(0) | None => {}
            code => {
                assert_eq!(code, Some(130), "{number}: {}", ended.err());
                stopped += 1;
            }
        }
        home.run("audit verify").ok();
    }
    assert!(stopped > 0);
}
