//! Tests of keys and assertions with the npm package `jose`.

use super::{ForeignHome, Script};
use crate::exchange::assertion::{AUDIENCE, refused};
use serde_json::json;

const SCRIPT: Script = Script { file: "jose.mjs", text: include_str!("jose.mjs") };

/// The keys of the home, each with its algorithms, and with the options of `export` for a JWK set that allows the algorithm.
const SIGNED: [(&str, &str, &str); 5] = [
    ("ed25519", "EdDSA", ""),
    ("ed25519", "Ed25519", "--alg Ed25519"),
    ("rsa", "PS256", ""),
    ("rsa", "RS256", ""),
    ("rsa", "RS256", "--alg RS256"),
];

#[test]
fn jose_reads_the_keys_and_verifies_the_assertions_and_signs_others() {
    let Some(foreign) = ForeignHome::with_generated_keys() else { return };
    foreign.home.run(&format!("policy set bearer_audience {AUDIENCE}")).ok();
    for (name, alg, export) in SIGNED {
        let id = foreign.id(name);
        let sign =
            format!("sign --scheme jwt --private-key {name}.pem --key-id {id} --audience {AUDIENCE} --alg {alg}");
        let input = json!({
            "alg": alg,
            "id": id,
            "audience": AUDIENCE,
            "assertion": foreign.home.run(&sign).ok().out().trim(),
            "public_key": foreign.public_key(name),
            "private_key": foreign.home.read(&format!("{name}.pem")),
            "jwks": foreign.home.run(&format!("export --format jwks {export}")).ok().json(),
        });
        for theirs in foreign.run(&SCRIPT, &input).as_array().unwrap() {
            let theirs = theirs.as_str().unwrap();
            let answer = foreign.home.run_with("exchange --quiet", theirs).ok().json();
            assert!(answer["access_token"].is_string(), "{alg}");
            assert_eq!(refused(&foreign.home, theirs, ""), "replayed", "{alg}");
        }
    }
}
