//! The cost of an RSA key: `cargo bench --bench primes`. `-- --quick` generates a tenth of the keys.
//!
//! The first table compares whole processes: `keywright generate --out FILE`, with its two durable commits, and
//! `openssl genpkey`. The second table compares the generator alone with that of the `rsa` crate. All of them take
//! turns, so that they run under the same conditions. The time of a prime search is random, so only means over many
//! keys are meaningful.
#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]
#![expect(clippy::expect_used, reason = "a benchmark that meets the unexpected should stop")]

use keywright::keypair::{Bits, KeyPair, PrimeSearch};
use rand::rngs::SysRng;
use rsa::PrivateKey;
use std::{
    path::Path,
    process::{Command, Stdio},
    sync::atomic::AtomicU64,
    time::{Duration, Instant},
};

const KEYWRIGHT: &str = env!("CARGO_BIN_EXE_keywright");
const SIZES: [Bits; 3] = [Bits::B2048, Bits::B3072, Bits::B4096];
/// The number of keys for each side.
const ROUNDS: u32 = 40;

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let rounds = if quick { ROUNDS / 10 } else { ROUNDS };
    let directory = tempfile::Builder::new().prefix("keywright-bench-").tempdir().expect("a directory");
    let fastest = PrimeSearch::Auto.runs_on();

    println!("\nMeans of {rounds} keys; the fastest path here is {fastest}.");
    println!("\n| `generate --bits N --out FILE` | {fastest} | portable | openssl genpkey | ratio | ratio, portable |");
    println!("| --- | --- | --- | --- | --- | --- |");
    for bits in SIZES {
        let number = bits.get();
        let mut serial = 0;
        let [auto, portable, openssl] = in_turns(rounds, |side| {
            serial += 1;
            match side {
                0 => run(&mut generate(directory.path(), number, "auto", serial)),
                1 => run(&mut generate(directory.path(), number, "portable", serial)),
                _ => run(&mut openssl(number, &directory.path().join("openssl.pem"))),
            }
        });
        println!(
            "| {number} | {} | {} | {} | {:.1} | {:.1} |",
            shown(auto),
            shown(portable),
            shown(openssl),
            openssl.as_secs_f64() / auto.as_secs_f64(),
            openssl.as_secs_f64() / portable.as_secs_f64(),
        );
    }

    println!("\n| in process | {fastest} | portable | rsa 0.10 | ratio | ratio, portable |");
    println!("| --- | --- | --- | --- | --- | --- |");
    for bits in SIZES {
        let [auto, portable, rsa] = in_turns(rounds, |side| match side {
            0 => drop(KeyPair::generate_rsa(bits, PrimeSearch::Auto, &AtomicU64::new(0)).expect("a pair")),
            1 => drop(KeyPair::generate_rsa(bits, PrimeSearch::Portable, &AtomicU64::new(0)).expect("a pair")),
            _ => drop(PrivateKey::new(&mut SysRng, bits.get() as usize).expect("a key")),
        });
        println!(
            "| {} | {} | {} | {} | {:.1} | {:.1} |",
            bits.get(),
            shown(auto),
            shown(portable),
            shown(rsa),
            rsa.as_secs_f64() / auto.as_secs_f64(),
            rsa.as_secs_f64() / portable.as_secs_f64(),
        );
    }
    memory(directory.path());
}

/// Returns the means of three sides that take turns (A B C A B C …), after one warm-up round.
fn in_turns(rounds: u32, mut make: impl FnMut(usize)) -> [Duration; 3] {
    let mut sums = [Duration::ZERO; 3];
    for round in 0..=rounds {
        for (side, sum) in sums.iter_mut().enumerate() {
            let start = Instant::now();
            make(side);
            if round > 0 {
                *sum += start.elapsed();
            }
        }
    }
    sums.map(|sum| sum / rounds)
}

fn generate(directory: &Path, bits: u32, search: &str, serial: u32) -> Command {
    let name = format!("{search}-{bits}-{serial}");
    let mut command = Command::new(KEYWRIGHT);
    command.arg("--keyring").arg(directory.join("home").join("keyring.db"));
    command.args(["generate", "--quiet", "--bits", &bits.to_string(), "--prime-search", search]);
    command.args(["--name", &name, "--out"]).arg(directory.join(name));
    command
}

fn openssl(bits: u32, file: &Path) -> Command {
    let mut command = Command::new("openssl");
    command.args(["genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt"]);
    command.arg(format!("rsa_keygen_bits:{bits}")).arg("-out").arg(file);
    command
}

fn run(command: &mut Command) {
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(status.expect("a program").success(), "{command:?} failed");
}

/// Prints the peak memory of `generate` for each prime search, as GNU time reports it.
fn memory(directory: &Path) {
    for search in ["auto", "portable"] {
        let generate = generate(directory, 4096, search, 0);
        let output = Command::new("/usr/bin/time")
            .args(["-f", "%M"])
            .arg(generate.get_program())
            .args(generate.get_args())
            .stdout(Stdio::null())
            .output();
        if let Ok(output) = output {
            let kilobytes = String::from_utf8_lossy(&output.stderr);
            println!("\nPeak memory at 4096 bits, {search}: {} KB", kilobytes.trim());
        }
    }
}

fn shown(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}
