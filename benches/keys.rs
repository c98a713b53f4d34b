//! The cost of single operations, in process: `cargo bench --bench keys`.

use divan::{Bencher, black_box};
use keywright::{
    key::{
        Description, Env, Key, KeyDocument, KeyId, Lifecycle, Material, Scopes, SecretHash, Time, TokenForm,
        TokenPrefix, token,
    },
    keypair::{Bits, KeyPair, PrimeSearch, PublicKey},
};
use std::sync::atomic::AtomicU64;

fn main() {
    divan::main();
}

/// Measures the checks that are made when a public key is registered.
#[divan::bench(args = [2048, 3072, 4096], sample_count = 20)]
fn judge(bencher: Bencher, bits: u32) {
    let size = match bits {
        2048 => Bits::B2048,
        3072 => Bits::B3072,
        _ => Bits::B4096,
    };
    let pair = KeyPair::generate_rsa(size, PrimeSearch::Auto, &AtomicU64::new(0)).expect("a pair");
    let key: PublicKey = pair.public().expect("its public half");
    bencher.bench_local(|| black_box(&key).judge());
}

#[divan::bench]
fn make_token(bencher: Bencher) {
    let (prefix, id) = (TokenPrefix::default(), KeyId::from_random([7; 16]));
    bencher.bench_local(|| token::make_token(&prefix, Env::Live, id, black_box(&mut [9; 32])));
}

/// Measures parsing and hashing a token, as `verify` does before it reads the keyring, and comparing the hash.
#[divan::bench]
fn parse_and_match_token(bencher: Bencher) {
    let id = KeyId::from_random([7; 16]);
    let secret = token::make_token(&TokenPrefix::default(), Env::Live, id, &mut [9; 32]);
    let hash = SecretHash::of(secret.expose());
    let text = str::from_utf8(secret.expose()).expect("ASCII");
    bencher.bench_local(|| TokenForm::parse(black_box(text)).is_some() && hash.matches(text.as_bytes()));
}

/// Measures writing one line of `list --format jsonl`.
#[divan::bench]
fn render_json(bencher: Bencher) {
    let id = KeyId::from_random([7; 16]);
    let mut description = Description::new("ci-deploy".parse().expect("a name"), Env::Live);
    description.owner = Some("acme".parse().expect("an owner"));
    let scopes = ["read", "write"].map(|scope| scope.parse().expect("a scope"));
    description.scopes = Scopes::new(&scopes, false).expect("few scopes");
    let material = Material::Token { prefix: "kw_live_4fZ9k2Qx".to_owned(), hash: SecretHash::of(b"secret") };
    let key = Key::new(id, description, material, Lifecycle::new(Time::from_seconds(1_700_000_000), None));
    let view = key.view();
    let document = KeyDocument {
        view: &view,
        org_id: "0b1f7f7e-5d5e-4a52-8b0e-2f6f0e0f4a11",
        now: Time::from_seconds(1_800_000_000),
    };
    let mut out = Vec::with_capacity(4096);
    bencher.bench_local(|| {
        out.clear();
        black_box(&document).write(&mut out);
    });
}
