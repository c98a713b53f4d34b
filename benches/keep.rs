//! The cost of a backup and of `audit verify`: `cargo bench --bench keep`. A backup, including its checks, is measured
//! in the same run as a backup by `sqlite3` of the same file.
//!
//! Both copies are made durable in the same directory, in turn, and deleted again. `-- --quick` uses a hundredth of the
//! keys.
#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]
#![expect(clippy::expect_used, reason = "a benchmark that meets the unexpected should stop")]

mod beside;

use beside::{KEYWRIGHT, compare, fill, keywright, peak_memory, words};

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let count = if quick { 10_000 } else { 1_000_000 };
    let directory = tempfile::Builder::new().prefix("keywright-bench-").tempdir().expect("a directory");
    let keyring = directory.path().join("keyring.db");
    fill(&keyring, count);
    let size = std::fs::metadata(&keyring).expect("its size").len() / 1_000_000;
    println!("\n| operation | keywright | peer | ratio |\n| --- | --- | --- | --- |");

    let (keyring, copy) = (keyring.to_str().expect("UTF-8"), directory.path().join("copy"));
    let shell =
        |line: &str| ["sh", "-c", line, KEYWRIGHT, keyring, copy.to_str().expect("UTF-8")].map(str::to_owned).to_vec();
    let ours = shell(r#"rm -f "$2"; exec "$0" --keyring "$1" backup "$2""#);
    let sqlite3 = shell(r#"rm -f "$2"; exec sqlite3 "$1" ".backup $2""#);
    compare(
        &format!("`backup` of {count} keys, {size} MB"),
        if quick { 20 } else { 7 },
        &ours,
        "sqlite3 .backup",
        &sqlite3,
    );

    let walk = keywright(&["--keyring", keyring, "audit", "verify"]);
    let seconds = compare(
        "`audit verify`",
        if quick { 20 } else { 5 },
        &walk,
        "sha256sum of the file",
        &words(&format!("sha256sum {keyring}")),
    );
    let rate = f64::from(count) / seconds.as_secs_f64();
    println!("| … rows per second, and peak memory | {rate:.0}/s, {} KB | | |", peak_memory(&walk));
}
