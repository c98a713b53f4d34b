//! Tests with damaged copies of valid keys.

use super::tests::{OTHERS, SAME};
use crate::{keypair::PublicKey, testing::key_file};

/// Truncates every sample, flips its bits, and inserts, deletes, overwrites and duplicates its bytes. Reading must not
/// panic, and the SPKI of any key that is read must decode to the same key.
#[test]
fn damaged_inputs_do_not_panic() {
    let try_all = |bytes: &[u8]| {
        if let Ok(key) = PublicKey::read(bytes, true) {
            assert_eq!(PublicKey::from_spki(key.spki()).unwrap(), key);
        }
    };
    let samples = SAME.iter().chain(&OTHERS).chain(&[
        "rsa2048.cert.pem",
        "rsa2048.cert.der",
        "rsa2048.csr.der",
        "rsa2048.private.pkcs8.der",
        "rsa2048.private.jwk",
        "rsa2048.p12",
        "rsa2048.ppk",
        "ec.spki.pem",
        "ecdsa.ssh.pub",
    ]);
    // A xorshift generator, so that the mutations are the same on every run.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    for name in samples {
        let original = key_file(name);
        for end in 0..original.len() {
            try_all(&original[..end]);
        }
        for at in 0..original.len() {
            let mut flipped = original.clone();
            flipped[at] ^= 1 << random(8);
            try_all(&flipped);
        }
        for _ in 0..300 {
            let mut mutant = original.clone();
            for _ in 0..=random(3) {
                let at = random(mutant.len());
                match random(4) {
                    0 => mutant.insert(at, [0, 0x30, 0x80, 0xff, b'\n', b'-', b'{', b'"'][random(8)]),
                    1 => drop(mutant.drain(at..(at + random(64)).min(mutant.len()))),
                    2 => mutant.extend_from_within(at..),
                    _ => mutant[at] = [0, 1, 0x7f, 0x80, 0x82, 0x84, 0xff, b'='][random(8)],
                }
                if mutant.is_empty() {
                    break;
                }
            }
            try_all(&mutant);
        }
    }
}
