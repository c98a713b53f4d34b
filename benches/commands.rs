//! The cost of whole commands, each with a peer or a floor in the same run: `cargo bench --bench commands`.
//!
//! The commands of each pair take turns (A B A B …), so that both run under the same conditions. The rows show medians.
//! A peer that is not installed is left out. `-- --quick` uses a hundredth of the keys.
#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]
#![expect(clippy::expect_used, reason = "a benchmark that meets the unexpected should stop")]

mod beside;

use beside::{compare, fill, keywright, peak_memory, words};
use keywright::key::{Env, TokenPrefix, token};
use std::{path::Path, process::Command};

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let large = if quick { 10_000 } else { 1_000_000 };
    let directory = tempfile::Builder::new().prefix("keywright-bench-").tempdir().expect("a directory");
    println!("\n| operation | keywright | peer | ratio |\n| --- | --- | --- | --- |");

    let version = keywright(&["--version"]);
    compare("start: `--version`", 500, &version, "openssl version", &words("openssl version"));
    compare("start: `--version`", 500, &version, "an empty Rust program", &empty_program(directory.path()));

    let (small, big) = (directory.path().join("small.db"), directory.path().join("big.db"));
    let middle = fill(&small, 1_000);
    fill(&big, large);
    let on = |keyring: &Path, arguments: &[&str]| {
        let mut line = keywright(&["--keyring", keyring.to_str().expect("UTF-8")]);
        line.extend(arguments.iter().map(ToString::to_string));
        line
    };
    let against_small = format!("the same over 1,000 keys (ours over {large})");
    let id = middle.to_string();
    let prefix = token::display_prefix(&TokenPrefix::default(), Env::Test, middle);
    for (what, arguments) in [
        ("first page: `list --limit 50`", vec!["list", "--limit", "50"]),
        ("first page by name: `list --sort name --limit 50`", vec!["list", "--sort", "name", "--limit", "50"]),
        ("look-up by id: `show ID`", vec!["show", &id]),
        ("look-up by name: `show NAME`", vec!["show", "key-500"]),
        ("look-up by prefix: `show PREFIX`", vec!["show", &prefix]),
    ] {
        compare(what, 100, &on(&big, &arguments), &against_small, &on(&small, &arguments));
    }

    for (what, options) in [("RSA, 2048 bits", ["--bits", "2048"]), ("Ed25519", ["--type", "ed25519"])] {
        let private = directory.path().join(format!("{}.pem", options[1]));
        let private = private.to_str().expect("UTF-8");
        let generate = on(&small, &["generate", "--quiet", "--name", options[1], "--out", private]);
        let generated = Command::new(&generate[0]).args(&generate[1..]).args(options).status();
        assert!(generated.is_ok_and(|status| status.success()), "{generate:?} failed");
        let request = ["--key-id", &id, "--method", "GET", "--path", "https://api.example.com/orders"];
        let sign = on(&small, &[&["sign", "--quiet", "--private-key", private][..], &request].concat());
        compare(&format!("one request: `sign`, {what}"), 300, &sign, "`--version`", &version);
    }

    let whole = on(&big, &["list", "--format", "jsonl", "--quiet"]);
    let shell = words("sqlite3 -readonly -json")
        .into_iter()
        .chain([big.to_string_lossy().into_owned(), "SELECT * FROM key ORDER BY seq DESC".to_owned()]);
    let seconds =
        compare("whole list: `list --format jsonl`", 5, &whole, "sqlite3 -json 'SELECT *'", &shell.collect::<Vec<_>>());
    let rate = f64::from(large) / seconds.as_secs_f64();
    println!("| … rows per second, and peak memory | {rate:.0}/s, {} KB | | |", peak_memory(&whole));

    let home = directory.path().join("home");
    std::fs::create_dir(&home).expect("a home");
    let keys = home.join("keys.db");
    let file = home.join("key-{n}");
    let arguments =
        ["generate", "--quiet", "--type", "token", "--name", "key-{n}", "--out", file.to_str().expect("UTF-8")];
    let token = on(&keys, &arguments);
    let commits = words("sqlite3").into_iter().chain([
        home.join("floor.db").to_string_lossy().into_owned(),
        "PRAGMA synchronous=EXTRA; CREATE TABLE IF NOT EXISTS t(x); INSERT INTO t VALUES(1); INSERT INTO t VALUES(2);"
            .to_owned(),
    ]);
    compare("`generate --type token`", 50, &token, "sqlite3, two durable commits", &commits.collect::<Vec<_>>());
}

/// Builds an empty Rust program with the optimizations of keywright's release profile.
fn empty_program(directory: &Path) -> Vec<String> {
    let (source, program) = (directory.join("empty.rs"), directory.join("empty"));
    std::fs::write(&source, "fn main() {}").expect("a file");
    let options = ["-Copt-level=3", "-Clto", "-Ccodegen-units=1", "-Cstrip=symbols", "-o"];
    let compiled = Command::new("rustc").args(options).arg(&program).arg(&source).status();
    assert!(compiled.is_ok_and(|status| status.success()), "rustc failed");
    vec![program.to_string_lossy().into_owned()]
}
