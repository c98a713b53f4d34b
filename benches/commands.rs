//! What whole commands cost, beside a peer or a floor in the same run: `cargo bench --bench commands`.
//!
//! Every pair is run in turn, A B A B …, so that both see the same machine; the median is what counts. A peer that is
//! not installed is left out. `-- --quick` works on a hundredth of the keys.
#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]
#![expect(clippy::expect_used, reason = "a benchmark that meets the unexpected should stop")]

mod beside;

use beside::{KEYWRIGHT, compare, fill, keywright, peak_memory, words};
use keywright::key::{Env, TokenPrefix, token};
use std::path::Path;

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let large = if quick { 10_000 } else { 1_000_000 };
    let directory = tempfile::Builder::new().prefix("keywright-bench-").tempdir().expect("a directory");
    println!("\n| what | keywright | beside it | ratio |\n| --- | --- | --- | --- |");

    compare("start: `--version`", 200, &keywright(&["--version"]), "openssl version", &words("openssl version"));

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

    let whole = on(&big, &["list", "--format", "jsonl", "--quiet"]);
    let shell = words("sqlite3 -readonly -json")
        .into_iter()
        .chain([big.to_string_lossy().into_owned(), "SELECT * FROM key ORDER BY seq DESC".to_owned()]);
    let seconds =
        compare("whole list: `list --format jsonl`", 5, &whole, "sqlite3 -json 'SELECT *'", &shell.collect::<Vec<_>>());
    let rate = f64::from(large) / seconds.as_secs_f64();
    println!("| … in rows a second, and peak memory | {rate:.0}/s, {} KB | | |", peak_memory(&whole));

    let home = directory.path().join("home");
    std::fs::create_dir(&home).expect("a home");
    let keys = home.join("keys.db");
    let token = "N=$(mktemp -u key-XXXXXXXXXX); exec \"$0\" --keyring \"$1\" generate --quiet --type token --name \"$N\" -- cat";
    let token = shell_line(token, &keys);
    let commits = words("sqlite3").into_iter().chain([
        home.join("floor.db").to_string_lossy().into_owned(),
        "PRAGMA synchronous=EXTRA; CREATE TABLE IF NOT EXISTS t(x); INSERT INTO t VALUES(1); INSERT INTO t VALUES(2);"
            .to_owned(),
    ]);
    compare("`generate --type token`", 50, &token, "sqlite3, two durable commits", &commits.collect::<Vec<_>>());
    for bits in ["2048", "3072", "4096"] {
        let rsa = format!(
            "N=$(mktemp -u key-XXXXXXXXXX); exec \"$0\" --keyring \"$1\" generate --quiet --bits {bits} --name \"$N\" -- cat"
        );
        let rounds = if quick { 3 } else { 20 };
        let openssl = words(&format!("openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:{bits}"));
        compare(
            &format!("`generate --bits {bits}` (means)"),
            rounds,
            &shell_line(&rsa, &keys),
            "openssl genpkey",
            &openssl,
        );
    }
}

/// A line for `sh` that finds the binary in `$0` and the keyring in `$1`.
fn shell_line(line: &str, keyring: &Path) -> Vec<String> {
    ["sh", "-c", line, KEYWRIGHT, keyring.to_str().expect("UTF-8")].iter().map(ToString::to_string).collect()
}
