//! Tests of the pager, through which long tables go on a terminal.

use super::{
    home::{Ended, Home},
    tools::{on_terminal, on_terminal_with},
};
use std::fs;

/// Returns a home with more keys than a terminal has lines.
fn home() -> Home {
    let home = Home::new();
    home.run("generate --count 40 --name k --type token --out secrets.jsonl").ok();
    home
}

/// Runs keywright on a terminal of 24 lines with a pager that writes what it gets to the file `paged`.
fn paged(home: &Home, line: &str) -> Option<(Ended, Option<String>)> {
    let pager = [("KEYWRIGHT_PAGER", "env | grep -E '^(LESS|LV)' > paged.env; cat > paged")];
    let ended = on_terminal_with(home, 100, &pager, line, "")?;
    Some((ended, fs::read_to_string(home.file("paged")).ok()))
}

#[test]
fn a_table_longer_than_the_terminal_goes_through_the_pager() {
    let home = home();
    for line in ["list", "audit", "check --expiring-within 1d --pending-for 1d", "list --fields name,id"] {
        let Some((ended, text)) = paged(&home, line) else { return };
        let is_long = home.run(line).out().lines().count() >= 24;
        assert_eq!(text.is_some(), is_long, "{line}: {}", ended.out());
        let Some(text) = text else { continue };
        assert!(text.lines().count() >= 24 && !ended.out().contains(text.lines().nth(3).unwrap()), "{line}");
        let variables = fs::read_to_string(home.file("paged.env")).unwrap();
        assert!(variables.contains("LESS=FRX") && !variables.contains("LESSSECURE"), "{variables}");
        fs::remove_file(home.file("paged")).unwrap();
    }
}

#[test]
fn the_pager_is_left_out_where_it_would_be_in_the_way() {
    let home = home();
    for line in [
        "list --limit 5",
        "list --no-pager",
        "list --format jsonl",
        "list --format csv",
        "list > list.txt",
        "list | cat",
        "generate --count 40 --name other --type token",
        "disable --name 'k-*' --yes",
        "help --all",
    ] {
        let Some((ended, text)) = paged(&home, line) else { return };
        assert_eq!((ended.code(), text), (0, None), "{line}");
    }
    for value in ["", "cat"] {
        let ended = on_terminal_with(&home, 100, &[("KEYWRIGHT_PAGER", value), ("PAGER", "false")], "list", "");
        assert!(ended.is_none_or(|ended| ended.out().contains("k-40 ")), "{value:?}");
    }
}

#[test]
fn a_reader_who_quits_the_pager_ends_the_list() {
    let home = home();
    home.run("generate --count 20000 --name many --type token --out many.jsonl").ok();
    let Some(ended) = on_terminal_with(&home, 100, &[("PAGER", "head -n 2")], "list; echo \"status $?\"", "") else {
        return;
    };
    let out = ended.out();
    assert!(out.contains("NAME") && out.contains("status 0") && !out.contains("rror"), "{out}");
    // The answer of `check` is its status, even if nobody reads all of it.
    let check = "check --expiring-within 90d; echo \"status $?\"";
    home.run("generate --name due --type token --expires 1d --out due").ok();
    let out = on_terminal_with(&home, 20, &[("PAGER", "true")], check, "").unwrap().out();
    assert!(out.contains("status 1"), "{out}");
}

#[test]
fn a_pager_that_cannot_be_run_loses_nothing() {
    let home = home();
    for pager in ["/no/such/pager", "false"] {
        let Some(ended) = on_terminal_with(&home, 100, &[("PAGER", pager)], "list", "") else { return };
        assert!((1..=40).all(|n| ended.out().contains(&format!("k-{n:02} "))), "{pager}: {}", ended.out());
    }
}

#[test]
fn under_sudo_the_pager_runs_no_commands() {
    let home = home();
    let pager = [("PAGER", "env > paged; cat > /dev/null"), ("SUDO_USER", "ada")];
    if on_terminal_with(&home, 100, &pager, "list", "").is_some() {
        assert!(fs::read_to_string(home.file("paged")).unwrap().contains("LESSSECURE=1"));
    }
    assert!(on_terminal(&home, 100, "list --no-pager", "").is_none_or(|ended| ended.out().contains("k-01 ")));
}

#[test]
fn a_signal_ends_the_program_unless_it_comes_from_the_keyboard() {
    let home = home();
    // The parent of the shell that runs the pager is keywright.
    for (signal, code) in [("TERM", 130), ("HUP", 130), ("INT", 0)] {
        let pager = format!("kill -{signal} $PPID; sleep 0.5; kill -0 $PPID && echo > alive; cat > paged");
        let Some(ended) = on_terminal_with(&home, 100, &[("KEYWRIGHT_PAGER", &pager)], "list", "") else { return };
        assert_eq!((ended.code(), home.file("alive").exists()), (code, code == 0), "{signal}: {}", ended.out());
        let _ = fs::remove_file(home.file("alive"));
    }
}
