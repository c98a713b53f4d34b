//! The cost of `check`: `cargo bench --bench check`. SQLite's own checks of the same file, which do not look at keys,
//! digests or the log, are measured in the same run. `-- --quick` uses a hundredth of the keys.
#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]
#![expect(clippy::expect_used, reason = "a benchmark that meets the unexpected should stop")]

mod beside;

use beside::{compare, fill, keywright, peak_memory, words};

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let count = if quick { 10_000 } else { 1_000_000 };
    let directory = tempfile::Builder::new().prefix("keywright-bench-").tempdir().expect("a directory");
    let keyring = directory.path().join("keyring.db");
    fill(&keyring, count);
    let size = std::fs::metadata(&keyring).expect("its size").len() / 1_000_000;
    println!("\n| operation | keywright | peer | ratio |\n| --- | --- | --- | --- |");
    let path = keyring.to_str().expect("UTF-8");
    let whole = keywright(&["--keyring", path, "check"]);
    let rounds = if quick { 20 } else { 7 };
    for pragma in ["PRAGMA integrity_check", "PRAGMA quick_check"] {
        let theirs = ["sqlite3", "-readonly", path, pragma].map(str::to_owned);
        compare(
            &format!("`check` of {count} keys, {size} MB"),
            rounds,
            &whole,
            &format!("sqlite3 '{pragma}'"),
            &theirs,
        );
    }
    for (what, kinds) in [
        ("the keys and their digests", "--only damaged-key --only unused"),
        ("the log", "--only damaged-log"),
        ("the log against the keys", "--only contradiction"),
        ("the file's pages", "--only damaged-file"),
    ] {
        let part = [keywright(&["--keyring", path, "check"]), words(kinds)].concat();
        compare(&format!("… {what} alone"), rounds.min(3), &part, "all of it", &whole);
    }
    println!("| … peak memory | {} KB | | |", peak_memory(&whole));
}
