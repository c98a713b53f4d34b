//! The cost of verifying a signed request, compared with a loop over the `rsa` or the `ed25519-dalek` crate:
//! `cargo bench --bench requests`. The last column is what a request costs in addition to the peer's verification.
//!
//! `verify --batch` reads requests, verifies each, records it durably and answers. The loop verifies the same
//! signatures in memory with a prepared key, and does nothing else. The two take turns, so that they run under the same
//! conditions.
#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]
#![expect(clippy::expect_used, reason = "a benchmark that meets the unexpected should stop")]

use base64ct::{Base64, Encoding};
use ed25519_dalek::{Signature, VerifyingKey};
use keywright::{
    keypair::{Algorithm, Bits, KeyPair, PrimeSearch, SignatureAlgorithm},
    signing::request::Timestamp,
};
use rsa::{Pss, PublicKey, pkcs8::DecodePublicKey};
use sha2::{Digest, Sha256};
use std::{
    fmt::Write as _,
    fs::File,
    path::Path,
    process::{Command, Stdio},
    sync::atomic::AtomicU64,
    time::{Duration, Instant},
};

const KEYWRIGHT: &str = env!("CARGO_BIN_EXE_keywright");
const PATH: &str = "/trade-api/v2/portfolio/balance";
/// The number of requests in each round.
const REQUESTS: usize = 4000;
/// The number of rounds. The rows show the fastest round.
const ROUNDS: usize = 3;

fn main() {
    let directory = tempfile::Builder::new().prefix("keywright-bench-").tempdir().expect("a directory");
    println!("\n| signed requests | keywright | peer | ratio | in addition |");
    println!("| --- | --- | --- | --- | --- |");
    for kind in ["ed25519", "rsa 2048", "rsa 3072"] {
        let side = Side::new(directory.path(), kind);
        for (what, options) in [("recorded", &[][..]), ("`--no-record`", &["--no-record"])] {
            let (mut ours, mut theirs) = (Duration::MAX, Duration::MAX);
            for _ in 0..ROUNDS {
                let signed = side.sign();
                ours = ours.min(side.batch(&signed, options));
                theirs = theirs.min(side.package(&signed));
            }
            let rate = |time: Duration| f64::from(u32::try_from(REQUESTS).expect("few")) / time.as_secs_f64();
            println!(
                "| `verify --batch`, {kind}, {what} | {:.0}/s | {:.0}/s: verify of the {} crate, in memory | {:.2} | {:.1} µs |",
                rate(ours),
                rate(theirs),
                side.peer.name(),
                ours.as_secs_f64() / theirs.as_secs_f64(),
                1e6 * (ours.as_secs_f64() - theirs.as_secs_f64()) / f64::from(u32::try_from(REQUESTS).expect("few"))
            );
        }
    }
}

/// A public key, prepared for another crate.
enum Peer {
    Rsa(PublicKey),
    Ed25519(VerifyingKey),
}

impl Peer {
    fn of(public: &keywright::keypair::PublicKey) -> Self {
        match public.algorithm() {
            Algorithm::Rsa => Self::Rsa(PublicKey::from_public_key_der(public.spki()).expect("a key")),
            // The point is the end of the SPKI.
            Algorithm::Ed25519 => {
                let point = public.spki().last_chunk().expect("a point");
                Self::Ed25519(VerifyingKey::from_bytes(point).expect("a key"))
            }
        }
    }

    const fn name(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "rsa",
            Self::Ed25519(_) => "ed25519-dalek",
        }
    }

    fn verify(&self, message: &[u8], signature: &[u8]) {
        match self {
            Self::Rsa(key) => {
                key.verify(Pss::<Sha256>::new(), &Sha256::digest(message), signature).expect("a good signature");
            }
            Self::Ed25519(key) => {
                let signature = Signature::from_slice(signature).expect("a signature");
                key.verify_strict(message, &signature).expect("a good signature");
            }
        }
    }
}

/// A key, prepared for keywright and for its peer.
struct Side {
    keyring: std::path::PathBuf,
    questions: std::path::PathBuf,
    id: String,
    pair: KeyPair,
    peer: Peer,
}

/// A message and its signature.
type Signed = (Vec<u8>, Vec<u8>);

impl Side {
    fn new(directory: &Path, kind: &str) -> Self {
        let rsa = |bits| KeyPair::generate_rsa(bits, PrimeSearch::Auto, &AtomicU64::new(0));
        let pair = match kind {
            "ed25519" => KeyPair::generate_ed25519(),
            "rsa 2048" => rsa(Bits::B2048),
            _ => rsa(Bits::B3072),
        };
        let pair = pair.expect("a pair");
        let public = pair.public().expect("its public half");
        let (keyring, file) = (directory.join(format!("{kind}.db")), directory.join("public.der"));
        std::fs::write(&file, public.spki()).expect("a file");
        for words in [&["init"][..], &["policy", "set", "signing", "kalshi"]] {
            let mut prepare = Command::new(KEYWRIGHT);
            let prepared = prepare.args(words).arg("--quiet").arg("--keyring").arg(&keyring).status();
            assert!(prepared.expect("keywright").success());
        }
        let mut create = Command::new(KEYWRIGHT);
        create.args(["create", "--name", "bench", "--format", "id", "--quiet", "--public-key"]).arg(file);
        let made = create.arg("--keyring").arg(&keyring).output().expect("keywright");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let id = String::from_utf8(made.stdout).expect("an id").trim().to_owned();
        let peer = Peer::of(&public);
        Self { keyring, questions: directory.join("questions.jsonl"), id, pair, peer }
    }

    /// Signs requests with different paths at the current time. Writes them to a file as lines of input, and returns
    /// their messages and signatures.
    fn sign(&self) -> Vec<Signed> {
        let (mut signed, mut lines) = (Vec::new(), String::new());
        let now = Timestamp::from_millis(keywright::clock::milliseconds());
        for n in 0..REQUESTS {
            let path = format!("{PATH}/{n}");
            let message = format!("{now}GET{path}").into_bytes();
            let algorithm = match self.pair.algorithm() {
                Algorithm::Rsa => SignatureAlgorithm::RsaPssSha256,
                Algorithm::Ed25519 => SignatureAlgorithm::Ed25519,
            };
            let signature = self.pair.sign(algorithm, &message).expect("a signature");
            let encoded = Base64::encode_string(&signature);
            let _ = writeln!(
                lines,
                r#"{{"request":{{"key_id":"{}","timestamp":"{now}","method":"GET","path":"{path}","signature":"{encoded}"}}}}"#,
                self.id
            );
            signed.push((message, signature));
        }
        std::fs::write(&self.questions, lines).expect("a file");
        signed
    }

    fn batch(&self, signed: &[Signed], options: &[&str]) -> Duration {
        let mut command = Command::new(KEYWRIGHT);
        command.args(["verify", "--batch"]).args(options).arg("--keyring").arg(&self.keyring);
        let start = Instant::now();
        let ended = command
            .stdin(Stdio::from(File::open(&self.questions).expect("the questions")))
            .output()
            .expect("keywright");
        let took = start.elapsed();
        let answers = String::from_utf8(ended.stdout).expect("JSON");
        let valid = answers.matches("\"valid\":true").count();
        assert_eq!(valid, signed.len(), "{}", answers.lines().find(|line| line.contains("false")).unwrap_or_default());
        took
    }

    fn package(&self, signed: &[Signed]) -> Duration {
        let start = Instant::now();
        for (message, signature) in signed {
            self.peer.verify(message, signature);
        }
        start.elapsed()
    }
}
