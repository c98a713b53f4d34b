//! The cost of issuing many keys at once: `cargo bench --bench issue`.
//!
//! Each row is the median of whole processes. Each process starts with an empty keyring and writes the secrets to a
//! file, so its time includes both transactions, the file, and every sync. The directory is below `TMPDIR`. If it is on
//! a disk, the rows show the limits of the disk; if it is in memory, they show the limits of the program. `-- --quick`
//! uses fewer keys.
#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]
#![expect(clippy::expect_used, reason = "a benchmark that meets the unexpected should stop")]

use std::{
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

const KEYWRIGHT: &str = env!("CARGO_BIN_EXE_keywright");
const ROUNDS: usize = 7;

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let tokens = if quick { 1_000 } else { 100_000 };
    let keys: u32 = if quick { 4 } else { 100 };
    println!("\n| operation | keys | median | per second |\n| --- | --- | --- | --- |");
    let together = |kind: &str| format!("generate --quiet --name k --type {kind} --count {tokens} --out out.jsonl");
    for kind in ["pair", "ed25519"] {
        let [time, floor] = in_turn(ROUNDS, &[together(kind), together("token")]);
        row(&format!("`--count`, {kind}"), tokens, time);
        row(&format!("`--count`, token, in turn with {kind}"), tokens, floor);
        println!("| … rate, compared with tokens | | | {:.2} |", floor.as_secs_f64() / time.as_secs_f64());
    }
    for kind in ["token", "ed25519"] {
        let each = median(3, |home| {
            let line = |n| format!("generate --quiet --name k{n} --type {kind} --out k{n}");
            (0..keys).map(|n| run(home, &line(n))).sum()
        });
        row(&format!("one after another, {kind}"), keys, each);
    }
    let described = |home: &Path| {
        let lines: Vec<String> = (0..tokens).map(|n| format!("{{\"name\":\"k{n}\",\"type\":\"token\"}}")).collect();
        std::fs::write(home.join("keys.jsonl"), lines.join("\n")).expect("a file");
    };
    let from = median(ROUNDS, |home| {
        described(home);
        run(home, "generate --quiet --from keys.jsonl --out out.jsonl")
    });
    row("`--from`, token", tokens, from);
    for bits in [2048, 3072] {
        let together = format!("generate --quiet --name k --bits {bits} --count {keys} --out out.jsonl");
        row(&format!("`--count`, rsa {bits}"), keys, median(3, |home| run(home, &together)));
        let one_by_one = median(3, |home| {
            (0..keys).map(|n| run(home, &format!("generate --quiet --name k{n} --bits {bits} --out k{n}.pem"))).sum()
        });
        row(&format!("one after another, rsa {bits}"), keys, one_by_one);
    }
    println!("\npeak memory of `--count {tokens}` tokens: {} KB", peak_memory(tokens));
}

fn row(what: &str, keys: u32, time: Duration) {
    println!("| {what} | {keys} | {time:.2?} | {:.0} |", f64::from(keys) / time.as_secs_f64());
}

/// Returns the median time of a run, each in an empty home.
fn median(rounds: usize, run: impl Fn(&Path) -> Duration) -> Duration {
    middle((0..rounds).map(|_| in_empty_home(&run)).collect())
}

/// Returns the median times of two commands that take turns, each in an empty home.
fn in_turn(rounds: usize, lines: &[String; 2]) -> [Duration; 2] {
    let rounds: Vec<[Duration; 2]> =
        (0..rounds).map(|_| lines.each_ref().map(|line| in_empty_home(|home| run(home, line)))).collect();
    [0, 1].map(|command| middle(rounds.iter().map(|round| round[command]).collect()))
}

fn in_empty_home(run: impl Fn(&Path) -> Duration) -> Duration {
    let home = tempfile::Builder::new().prefix("keywright-bench-").tempdir().expect("a directory");
    run(home.path())
}

fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn keywright(home: &Path, line: &str) -> Command {
    let mut command = Command::new(KEYWRIGHT);
    command.current_dir(home).env("HOME", home).env_remove("KEYWRIGHT_KEYRING").args(line.split(' '));
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command
}

fn run(home: &Path, line: &str) -> Duration {
    let start = Instant::now();
    let status = keywright(home, line).status().expect("keywright");
    assert!(status.success(), "{line}");
    start.elapsed()
}

/// Returns the peak resident memory of a run in KB, as the system reports it.
fn peak_memory(tokens: u32) -> u64 {
    let home = tempfile::Builder::new().prefix("keywright-bench-").tempdir().expect("a directory");
    let line = format!("generate --quiet --name k --type token --count {tokens} --out out.jsonl");
    let mut child = keywright(home.path(), &line).spawn().expect("keywright");
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    while child.try_wait().expect("a child").is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let now = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0);
        most = most.max(now);
        std::thread::sleep(Duration::from_millis(5));
    }
    most
}
