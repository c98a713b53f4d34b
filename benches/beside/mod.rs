//! The parts that benchmarks of whole commands share: running two commands in turn, and building a keyring.
#![allow(dead_code, reason = "each benchmark takes what it needs")]

use keywright::{
    contract::Contract,
    key::{Description, Env, Key, KeyId, Lifecycle, Material, Scopes, Secret, SecretHash, TokenPrefix, token},
    keyring::{Action, Entry, Location, transact},
};
use std::{
    path::Path,
    process::{Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

pub(crate) const KEYWRIGHT: &str = env!("CARGO_BIN_EXE_keywright");

pub(crate) fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

pub(crate) fn keywright(arguments: &[&str]) -> Vec<String> {
    [KEYWRIGHT].iter().chain(arguments).map(ToString::to_string).collect()
}

/// Runs a command to its end and discards its output. Returns `None` if the program is not installed. `{n}` in an
/// argument is replaced by a different number in each run.
fn time(line: &[String]) -> Option<Duration> {
    static RUN: AtomicU32 = AtomicU32::new(0);
    let run = RUN.fetch_add(1, Ordering::Relaxed).to_string();
    let arguments: Vec<String> = line[1..].iter().map(|argument| argument.replace("{n}", &run)).collect();
    let start = Instant::now();
    let status = Command::new(&line[0]).args(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).status().ok()?;
    assert!(status.success(), "{line:?} failed");
    Some(start.elapsed())
}

/// Times two commands in turn, prints a row, and returns the time of keywright, which runs the command `ours`. The
/// times are medians, or means if `what` ends in `(means)`.
pub(crate) fn compare(what: &str, rounds: usize, ours: &[String], beside: &str, theirs: &[String]) -> Duration {
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for _ in 0..=rounds {
        a.extend(time(ours));
        b.extend(time(theirs));
    }
    let typical = |mut times: Vec<Duration>| {
        // The first run is a warm-up.
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

pub(crate) fn shown(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1000.0)
}

/// Returns the peak memory of a command in KB, read from `/proc` while it runs.
pub(crate) fn peak_memory(line: &[String]) -> u64 {
    let mut command = Command::new(&line[0]);
    let mut child = command.args(&line[1..]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the command");
    let mut peak = 0;
    while child.try_wait().expect("its end").is_none() {
        peak = high_water(child.id()).max(peak);
        std::thread::sleep(Duration::from_millis(2));
    }
    peak
}

/// Returns the peak memory of a process in KB, or 0 if `/proc` does not show it.
pub(crate) fn high_water(process: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let high = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).and_then(|kb| kb.split_whitespace().next());
    high.and_then(|kb| kb.parse().ok()).unwrap_or(0)
}

/// Returns the id of a key, which is spread like random ids and the same in every run.
fn id_of(n: u32) -> KeyId {
    let mix = |factor: u64| (u64::from(n) + 1).wrapping_mul(factor).to_be_bytes();
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&mix(0x9e37_79b9_7f4a_7c15));
    bytes[8..].copy_from_slice(&mix(0xd1b5_4a32_d192_ed03));
    KeyId::from_random(bytes)
}

/// Returns the token of `key-N`.
pub(crate) fn token_of(n: u32) -> Secret {
    let mut random = [0; 32];
    random[..4].copy_from_slice(&n.to_be_bytes());
    token::make_token(&TokenPrefix::default(), Env::Test, id_of(n), &mut random)
}

/// Creates a keyring with `count` tokens in one transaction. Returns the id of `key-500`.
pub(crate) fn fill(path: &Path, count: u32) -> KeyId {
    let location = Location::named_or_default(Some(path)).expect("a location");
    let at = keywright::clock::now();
    let entry = Entry { at, clock_set: false, user: "bench".into(), host: "bench".into(), command: "bench".into() };
    let contract = Contract::of_new_keyrings().and_then(|contract| contract.to_text()).expect("a contract");
    let mut keyring = location.open_or_create(&contract, &entry).expect("a keyring");
    let prefix = TokenPrefix::default();
    transact(keyring.as_mut(), &entry, |transaction| {
        (0..count).try_for_each(|n| {
            let id = id_of(n);
            let mut lifecycle = Lifecycle::new(at, None);
            lifecycle.activated = Some(at);
            let prefix = token::display_prefix(&prefix, Env::Test, id);
            let material = Material::Token { prefix, hash: SecretHash::of(token_of(n).expose()) };
            let mut key = Key::new(id, Description::new(format!("key-{n}").parse()?, Env::Test), material, lifecycle);
            key.description.owner = Some("acme".parse()?);
            key.description.scopes = Scopes::new(&["read".parse()?], false)?;
            transaction.insert(&key, Action::Reserve)
        })
    })
    .expect("keys");
    id_of(500)
}
