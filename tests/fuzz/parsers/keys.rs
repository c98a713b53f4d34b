//! Public keys, private keys and signatures.

use super::{Outcome, message, must};
use crate::seeds::{MESSAGE, Seeds, text};
use keywright::keypair::{Algorithm, KeyPair, PemKind, PublicKey, SignatureAlgorithm};

pub(super) fn public_key(input: &[u8], seeds: &Seeds) -> Outcome {
    let key = match PublicKey::read(input, true) {
        Ok(key) => key,
        Err(error) => {
            must!(!seeds.is_private_leak(input, &message(&error)), "a leak: {error}");
            return Ok(false);
        }
    };
    let again = PublicKey::from_spki(key.spki()).map_err(|error| format!("its own SPKI is refused: {error}"))?;
    must!(again.spki() == key.spki() && again.fingerprint() == key.fingerprint(), "another SPKI");
    let jwk =
        PublicKey::read(key.to_jwk(&[]).as_bytes(), false).map_err(|error| format!("its JWK is refused: {error}"))?;
    must!(jwk.jwk_thumbprint() == key.jwk_thumbprint(), "another JWK");
    Ok(true)
}

pub(super) fn judged(input: &[u8], _: &Seeds) -> Outcome {
    let Ok(key) = PublicKey::read(input, true) else { return Ok(false) };
    let accepted = key.judge().is_ok();
    let sizes = match key.algorithm() {
        Algorithm::Rsa => 2048..=8192,
        Algorithm::Ed25519 => 256..=256,
    };
    must!(!accepted || sizes.contains(&key.bits()), "{} bits", key.bits());
    Ok(accepted)
}

pub(super) fn private_key(input: &[u8], seeds: &Seeds) -> Outcome {
    let key = match KeyPair::from_private(input) {
        Ok(key) => key,
        Err(error) => {
            must!(!seeds.is_private_leak(input, &message(&error)), "a leak: {error}");
            return Ok(false);
        }
    };
    let pem = key.to_pem(PemKind::Pkcs8).map_err(|error| format!("it cannot be written: {error}"))?;
    let again = KeyPair::from_private(pem.expose()).map_err(|error| format!("its own PEM is refused: {error}"))?;
    must!(text(&again.to_pem(PemKind::Pkcs8).unwrap()) == text(&pem), "another PEM");
    Ok(true)
}

pub(super) fn signature(input: &[u8], seeds: &Seeds) -> Outcome {
    let _ = seeds.verifier.could_be(input);
    let _ = seeds.verifier.recover(input);
    let accepted = seeds.verifier.accepts(SignatureAlgorithm::RsaPssSha256, MESSAGE, input);
    must!(!accepted || input == seeds.signature, "a forged signature");
    Ok(accepted)
}
