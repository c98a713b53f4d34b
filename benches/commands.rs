//! What whole commands cost, beside a peer or a floor in the same run: `cargo bench --bench commands`.
//!
//! Every pair is run in turn, A B A B …, so that both see the same machine; the median is what counts. A peer that is
//! not installed is left out. `-- --quick` works on a hundredth of the keys.
#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]
#![expect(clippy::expect_used, reason = "a benchmark that meets the unexpected should stop")]

use keywright::{
    key::{Env, Key, KeyId, Lifecycle, Material, Scopes, SecretHash, Time, TokenPrefix, token},
    keyring::{Action, Entry, Place, SqliteKeyring, transact},
};
use std::{
    io::Read as _,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

const KEYWRIGHT: &str = env!("CARGO_BIN_EXE_keywright");

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

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

fn keywright(arguments: &[&str]) -> Vec<String> {
    [KEYWRIGHT].iter().chain(arguments).map(ToString::to_string).collect()
}

/// A line for `sh` that finds the binary in `$0` and the keyring in `$1`.
fn shell_line(line: &str, keyring: &Path) -> Vec<String> {
    ["sh", "-c", line, KEYWRIGHT, keyring.to_str().expect("UTF-8")].iter().map(ToString::to_string).collect()
}

/// Runs a command to its end and throws away what it prints; `None` when there is no such program.
fn time(line: &[String]) -> Option<Duration> {
    let start = Instant::now();
    let status = Command::new(&line[0]).args(&line[1..]).stdout(Stdio::null()).stderr(Stdio::null()).status().ok()?;
    // `generate` refuses a discarded standard output, and so it should; those lines give it a command.
    assert!(status.success(), "{line:?} failed");
    Some(start.elapsed())
}

/// Times two commands in turn and prints a row; returns what ours took. Finding primes is a matter of luck, so those
/// rows show means, all others medians.
fn compare(what: &str, rounds: usize, ours: &[String], beside: &str, theirs: &[String]) -> Duration {
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for _ in 0..=rounds {
        a.extend(time(ours));
        b.extend(time(theirs));
    }
    let typical = |mut times: Vec<Duration>| {
        // The first is the warm-up.
        times.remove(0);
        times.sort_unstable();
        if what.ends_with("(means)") {
            let count = u32::try_from(times.len()).expect("few rounds");
            times.iter().sum::<Duration>() / count
        } else {
            times[times.len() / 2]
        }
    };
    let ours = typical(a);
    if b.is_empty() {
        println!("| {what} | {} | {beside}: not installed | |", shown(ours));
    } else {
        let theirs = typical(b);
        let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
        println!("| {what} | {} | {}: {beside} | {ratio:.2} |", shown(ours), shown(theirs));
    }
    ours
}

fn shown(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1000.0)
}

/// The most memory that a command held, in KB, read from `/proc` while its output is drained.
fn peak_memory(line: &[String]) -> u64 {
    let mut child = Command::new(&line[0]).args(&line[1..]).stdout(Stdio::piped()).spawn().expect("the command");
    let mut out = child.stdout.take().expect("its output");
    let status = format!("/proc/{}/status", child.id());
    let (mut buffer, mut peak) = (vec![0; 1 << 20], 0);
    while out.read(&mut buffer).expect("its output") > 0 {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let high =
            text.lines().find_map(|line| line.strip_prefix("VmHWM:")).and_then(|kb| kb.split_whitespace().next());
        peak = high.and_then(|kb| kb.parse().ok()).unwrap_or(0).max(peak);
    }
    child.wait().expect("its end");
    peak
}

/// Makes a keyring of so many tokens in one transaction; returns the id of `key-500`.
fn fill(path: &Path, count: u32) -> KeyId {
    let place = Place::new(path).expect("a place");
    let at = Time::now();
    let entry = Entry { at, clock_set: false, user: "bench".into(), host: "bench".into(), command: "bench".into() };
    let mut keyring = SqliteKeyring::open_or_create(&place, &entry).expect("a keyring");
    let prefix = TokenPrefix::default();
    let id_of = |n: u32| {
        // Spread like random ids, and the same in every run.
        let mix = |factor: u64| (u64::from(n) + 1).wrapping_mul(factor).to_be_bytes();
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&mix(0x9e37_79b9_7f4a_7c15));
        bytes[8..].copy_from_slice(&mix(0xd1b5_4a32_d192_ed03));
        KeyId::from_random(bytes)
    };
    transact(&mut keyring, &entry, |transaction| {
        (0..count).try_for_each(|n| {
            let id = id_of(n);
            let mut lifecycle = Lifecycle::new(at, None);
            lifecycle.activated = Some(at);
            let prefix = token::display_prefix(&prefix, Env::Test, id);
            let material = Material::Token { prefix, hash: SecretHash::of(id.as_bytes()) };
            let mut key = Key::new(id, format!("key-{n}").parse()?, Env::Test, material, lifecycle);
            key.owner = Some("acme".parse()?);
            key.scopes = Scopes::new(&["read".parse()?])?;
            transaction.insert(&key, Action::Reserve)
        })
    })
    .expect("keys");
    id_of(500)
}
