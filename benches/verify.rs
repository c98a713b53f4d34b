//! The cost of verifying a secret: `cargo bench --bench verify`.
//!
//! One-shot `verify` is measured including the start of the process, over keyrings of several sizes. For `verify
//! --batch`, the rows show answers per second, with and without recording uses, and memory. `-- --quick` uses a
//! hundredth of the keys. With `KEYWRIGHT_BENCH_LARGE=1`, a keyring of ten million keys is built too, which takes
//! minutes and five gigabytes.
#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]
#![expect(clippy::expect_used, reason = "a benchmark that meets the unexpected should stop")]

mod beside;

use beside::{KEYWRIGHT, compare, fill, high_water, keywright, shown, token_of};
use std::{
    fs::File,
    io::{Read as _, Write as _},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let million = if quick { 10_000 } else { 1_000_000 };
    let directory = tempfile::Builder::new().prefix("keywright-bench-").tempdir().expect("a directory");
    println!("\n| operation | keywright | peer | ratio |\n| --- | --- | --- | --- |");
    let token = directory.path().join("token");
    File::create(&token).and_then(|mut file| file.write_all(token_of(500).expose())).expect("a token");
    let mut sizes = vec![1_000, million];
    if std::env::var_os("KEYWRIGHT_BENCH_LARGE").is_some_and(|large| large == "1") {
        sizes.push(10_000_000);
    }
    for size in &sizes {
        let keyring = directory.path().join(format!("{size}.db"));
        fill(&keyring, *size);
        let (keyring, token) = (keyring.to_str().expect("UTF-8"), token.to_str().expect("UTF-8"));
        let line = keywright(&["--keyring", keyring, "verify", "--no-record", "--token-file", token]);
        compare(
            &format!("`verify --no-record` over {size} keys"),
            200,
            &line,
            "`--version`",
            &keywright(&["--version"]),
        );
    }
    let keyring = directory.path().join(format!("{million}.db"));
    let questions = directory.path().join("questions.jsonl");
    let count = if quick { 20_000 } else { 500_000 };
    ask(&questions, count, million);
    for (what, options) in [
        ("--no-record", &["--no-record"][..]),
        ("each key's first use noted", &[]),
        ("all noted in the last minute", &[]),
    ] {
        let (time, peak) = batch(&keyring, &questions, options, count);
        let rate = f64::from(count) / time.as_secs_f64();
        println!(
            "| `verify --batch` over {million} keys, {what} | {rate:.0}/s, {peak} KB | {}: {count} tokens | |",
            shown(time)
        );
    }
}

/// Writes questions about keys from the whole range of the keyring.
fn ask(path: &Path, count: u32, keys: u32) {
    let mut file = std::io::BufWriter::new(File::create(path).expect("a file"));
    for n in 0..count {
        // A step that is coprime to the number of keys visits each key before it repeats one.
        let key = u32::try_from(u64::from(n) * 7_919 % u64::from(keys)).expect("under the number of keys");
        let token = token_of(key);
        let token = str::from_utf8(token.expose()).expect("a token is text");
        writeln!(file, "{{\"id\":{n},\"token\":\"{token}\"}}").expect("room");
    }
    file.flush().expect("room");
}

/// Answers all questions with `verify --batch`. Returns the time and the peak memory in KB.
fn batch(keyring: &Path, questions: &Path, options: &[&str], count: u32) -> (Duration, u64) {
    let start = Instant::now();
    let mut child = Command::new(KEYWRIGHT)
        .args(["--keyring", keyring.to_str().expect("UTF-8"), "verify", "--batch"])
        .args(options)
        .stdin(File::open(questions).expect("questions"))
        .stdout(Stdio::piped())
        .spawn()
        .expect("keywright");
    let mut out = child.stdout.take().expect("its output");
    let (mut buffer, mut answers, mut reads, mut peak) = (vec![0; 1 << 20], 0, 0_u32, 0);
    loop {
        let read = out.read(&mut buffer).expect("its output");
        if read == 0 {
            break;
        }
        if reads == 0 {
            assert!(String::from_utf8_lossy(&buffer[..read]).contains("\"valid\":true"), "the tokens are right");
        }
        answers += buffer[..read].split(|byte| *byte == b'\n').count() - 1;
        reads += 1;
        if reads.is_multiple_of(64) {
            peak = high_water(child.id()).max(peak);
        }
    }
    assert!(child.wait().expect("its end").success());
    assert_eq!(u32::try_from(answers), Ok(count), "an answer for each question");
    (start.elapsed(), peak)
}
