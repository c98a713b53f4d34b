//! Tests of `export`.

use super::{
    home::{Ended, Home},
    tools::fixture,
};
use keywright::{
    key::{Description, Env, Fingerprint, Key, KeyDocument, KeyId, Lifecycle, Material, SecretHash, Time},
    keyring::{Action, Entry, Location, transact},
};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

fn register(home: &Home, name: &str, fixed: &str, more: &str) -> Value {
    home.run(&format!("create --name {name} --public-key {} --format json {more}", fixture(fixed))).ok().json()
}

/// Builds a home with an active RSA key, token and pair, and with a revoked RSA key and token.
fn home() -> Home {
    let home = Home::new();
    register(&home, "rsa", "rsa2048.spki.pem", "--env live");
    register(&home, "gone", "rsa3072.spki.pem", "");
    home.run("generate --name token --type token --owner acme --out token").ok();
    home.run("generate --name pair --type pair --secret-format json --out pair").ok();
    home.run("generate --name leaked --type token --expires 2030-01-01 --out leaked").ok();
    home.run("revoke gone --reason superseded --yes").ok();
    home.run_args(["revoke", "leaked", "--reason", "key-compromise", "--note", "on a screen", "--yes"]).ok();
    home
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn names(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| line["name"].as_str().unwrap()).collect()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn jwks_contains_the_active_rsa_keys() {
    let home = home();
    let set = home.run("export").ok().json();
    let keys = set["keys"].as_array().unwrap();
    assert_eq!((keys.len(), set.as_object().unwrap().len()), (1, 1));
    for (member, value) in [("kty", "RSA"), ("use", "sig"), ("e", "AQAB")] {
        assert_eq!(keys[0][member], value);
    }
    assert_eq!(keys[0].get("alg"), None, "an RSA key can be used with several algorithms");
    assert_eq!(home.run("export --alg RS256 --alg EdDSA").ok().json()["keys"][0]["alg"], "RS256");
    home.run("export --alg RS256 --alg PS256").refused(2, "usage");
    home.run("export --alg RS256 --format pem").refused(2, "usage");
    home.run("export --alg none").refused(2, "usage");
    assert_eq!(home.run("export --format jwks").ok().json(), set);
    assert_eq!(home.run("export --all").ok().json()["keys"].as_array().unwrap().len(), 2);
    for nothing in ["--env test", "--type token", "--owner acme", "--name x"] {
        let ended = home.run(&format!("export {nothing}")).ok();
        assert_eq!((ended.out().as_str(), ended.err().as_str()), ("{\"keys\":[]}\n", "no keys\n"), "{nothing}");
    }
    // Another keyring imports the export of this one.
    let jwk = home.write("key.jwk", keys[0].to_string());
    let other = Home::new();
    let key = other.run(&format!("create --name rsa --public-key {} --format json", jwk.display())).ok().json();
    assert_eq!(key["fingerprint"], home.run("show rsa --format json").ok().json()["fingerprint"]);
}

#[test]
fn pem_names_the_key_of_each_block() {
    let home = home();
    let key = home.run("show rsa --format json").ok().json();
    let pem = home.run("export --format pem").ok().out();
    assert_eq!(
        pem,
        format!("# rsa {} live active\n{}", key["api_key_id"].as_str().unwrap(), key["public_key"].as_str().unwrap())
    );
    let all = home.run("export --format pem --all").ok().out();
    assert!(all.starts_with(&pem) && all[pem.len()..].starts_with("# gone "), "{all}");
    assert_eq!(all.matches("-----BEGIN PUBLIC KEY-----\n").count(), 2);
    assert!(all.contains(" test revoked\n"));
}

#[test]
fn jsonl_contains_every_field_and_the_hash_of_the_secret() {
    let home = home();
    let listed = home.run("export --format jsonl").ok();
    let keys = lines(&listed.out());
    assert_eq!(names(&keys), ["rsa", "token", "pair"], "the oldest first");
    let more = ["revocation_note", "retire_on_use", "registered", "opaque", "secret_hash"];
    for key in &keys {
        assert!(
            key.as_object().unwrap().keys().eq(KeyDocument::FIELDS.iter().map(|field| field.word()).chain(more)),
            "{key}"
        );
        let mut shown = home.run(&format!("show {} --format json", key["name"].as_str().unwrap())).ok().json();
        shown.as_object_mut().unwrap().extend(more.map(|field| (field.to_owned(), key[field].clone())));
        assert_eq!(*key, shown);
        assert_eq!((&key["opaque"], &key["retire_on_use"]), (&false.into(), &false.into()));
    }
    let hash = |secret: &str| Value::from(Fingerprint::from_bytes(Sha256::digest(secret).into()).to_string());
    let pair: Value = serde_json::from_str(&home.read("pair")).unwrap();
    assert_eq!(keys[0]["secret_hash"], Value::Null);
    assert_eq!(keys[1]["secret_hash"], hash(home.read("token").trim()));
    assert_eq!(keys[2]["secret_hash"], hash(pair["api_secret"].as_str().unwrap()));
    for secret in [home.read("token"), pair["api_secret"].as_str().unwrap().to_owned()] {
        assert!(!listed.out().contains(secret.trim()));
    }
    let all = lines(&home.run("export --format jsonl --all").ok().out());
    assert_eq!(names(&all), ["rsa", "gone", "token", "pair", "leaked"]);
    assert_eq!((&all[4]["revocation_note"], &all[4]["status"]), (&"on a screen".into(), &"revoked".into()));
    assert_eq!(names(&lines(&home.run("export --format jsonl --owner acme").ok().out())), ["token"]);
    assert_eq!(home.run("--format jsonl export").ok().out(), listed.out());
    assert_eq!(home.run("export --format jsonl --name x").ok().out(), "");
}

#[test]
fn the_types_are_selected_in_every_format() {
    let home = Home::new();
    for (name, key_type) in [("rsa", "rsa --bits 2048"), ("ed25519", "ed25519"), ("token", "token")] {
        home.run(&format!("generate --name {name} --type {key_type} --out {name}.out")).ok();
    }
    for (types, expected) in [("", 2), ("--type ed25519", 1), ("--type rsa", 1), ("--type ed25519 --type token", 1)] {
        let set = home.run(&format!("export --format jwks {types}")).ok().json();
        assert_eq!(set["keys"].as_array().unwrap().len(), expected, "{types}");
        let pem = home.run(&format!("export --format pem {types}")).ok().out();
        assert_eq!(pem.matches("-----BEGIN").count(), expected, "{types}");
    }
    let none = home.run("export --format jwks --type token").ok();
    assert!(none.json()["keys"].as_array().unwrap().is_empty() && !none.err().is_empty(), "{}", none.err());
}

#[test]
fn revocations_contain_time_and_reason() {
    let home = home();
    home.run("revoke token --in 1h --yes").ok();
    let document = home.run("export --format revocations --now 2000-01-01").ok();
    // At the time that the clock is set to, the revocations are still in the future.
    assert_eq!(document.json()["revocations"], serde_json::json!([]));
    let document = home.run("export --format revocations").ok().json();
    assert!(document.as_object().unwrap().keys().eq(["org_id", "generated_at", "revocations"]));
    let revoked = document["revocations"].as_array().unwrap();
    assert_eq!(revoked.len(), 2);
    let leaked = home.run("show leaked --format json").ok().json();
    let fields = ["api_key_id", "type", "env", "fingerprint", "revoked_at", "revocation_reason", "expires_at"];
    assert!(revoked[1].as_object().unwrap().keys().eq(fields));
    assert!(fields.iter().all(|field| revoked[1][field] == leaked[field]), "{}", revoked[1]);
    assert_eq!(revoked[0]["revocation_reason"], "superseded");
    assert_eq!(document["org_id"], leaked["org_id"]);
    let planned = home.run("export --format revocations --all").ok().json();
    assert_eq!(planned["revocations"].as_array().unwrap().len(), 3);
}

#[test]
fn a_file_is_replaced_at_once_with_the_mode_for_its_content() {
    let home = home();
    for (form, expected) in [("jwks", 0o644), ("pem", 0o644), ("revocations", 0o644), ("jsonl", 0o600)] {
        let path = home.write("file", "old");
        let line = format!("export --format {form} --now 2099-01-01T00:00:00Z");
        let ended = home.run(&format!("{line} --out file")).ok();
        assert!(ended.out().is_empty() && ended.err().contains("wrote "), "{}", ended.err());
        assert_eq!(home.read("file"), home.run(&line).ok().out());
        assert_eq!(mode(&path), expected, "{form}");
        let fresh = home.file("fresh");
        home.run(&format!("{line} --out fresh --quiet")).ok();
        assert_eq!((mode(&fresh), home.read("fresh")), (expected, home.read("file")));
        fs::remove_file(fresh).unwrap();
    }
    assert_eq!(home.files(), ["file", "leaked", "pair", "token"]);
    fs::create_dir(home.file("directory")).unwrap();
    for (out, code) in
        [("directory", "output_failed"), ("directory/", "output_directory"), ("none/x", "output_directory")]
    {
        home.run(&format!("export --out {out}")).refused(6, code);
    }
}

#[test]
fn a_secret_or_a_backup_is_not_replaced() {
    let home = home();
    home.run("generate --name key --bits 2048 --out key.pem").ok();
    home.run("generate --name raw --type pair --out raw").ok();
    home.run("generate --name env --type pair --secret-format dotenv --out env").ok();
    home.run("generate --name many --type token --count 2 --out many").ok();
    home.run("exchange --token-file pair --out access").ok();
    home.run("backup saved").ok();
    let before: Vec<Vec<u8>> = home.files().iter().map(|name| fs::read(home.file(name)).unwrap()).collect();
    for name in home.files() {
        let refused = home.run(&format!("export --out {name}")).refused(4, "file_exists");
        assert!(refused.err().contains("exists and is a"), "{}", refused.err());
    }
    let after: Vec<Vec<u8>> = home.files().iter().map(|name| fs::read(home.file(name)).unwrap()).collect();
    assert_eq!(before, after);
    for form in ["jwks", "pem", "revocations", "jsonl"] {
        for _ in 0..2 {
            home.run(&format!("export --format {form} --all --out public")).ok();
        }
    }
}

#[test]
fn a_failure_keeps_the_old_file_and_leaves_no_other() {
    let home = home();
    home.write("file", "old");
    for n in 0..8 {
        home.run(&format!("generate --name t{n} --type token --out file")).refused(4, "file_exists");
        home.run(&format!("generate --name t{n} --type token -- cat")).ok();
    }
    // The limit is two blocks of 512 or 1024 bytes. Ten keys need more.
    let script = format!("ulimit -f 2; exec {} export --format jsonl --out file", super::home::KEYWRIGHT);
    let ended = Ended(home.program("sh").args(["-c", &script]).output().unwrap());
    let refused = ended.refused(6, "output_failed");
    assert!(refused.err().contains("ulimit"), "{}", refused.err());
    assert_eq!(home.read("file"), "old");
    assert_eq!(home.files(), ["file", "leaked", "pair", "token"]);
}

#[test]
fn a_reader_never_sees_a_partial_file() {
    let home = home();
    home.run("export --format jsonl --out file --all").ok();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..20 {
                home.run("export --format jsonl --out file --all").ok();
            }
            done.store(true, Ordering::Release);
        });
        while !done.load(Ordering::Acquire) {
            assert_eq!(lines(&home.read("file")).len(), 5);
        }
    });
}

#[test]
fn a_long_export_is_complete() {
    let home = Home::new();
    home.run("init").ok();
    let mut keyring = Location::named_or_default(Some(&home.keyring())).unwrap().open().unwrap();
    let at = Time::from_seconds(1_700_000_000);
    let entry = Entry { at, clock_set: true, user: "u".into(), host: "h".into(), command: "test".into() };
    transact(keyring.as_mut(), &entry, |transaction| {
        (0..2500u32).try_for_each(|n| {
            let id: [u8; 16] = std::array::from_fn(|i| n.to_be_bytes()[i % 4]);
            let material = Material::Token { prefix: "kw_test_x".into(), hash: SecretHash::of(&n.to_be_bytes()) };
            let mut lifecycle = Lifecycle::new(at, None);
            lifecycle.activated = Some(at);
            let name = format!("key {n}").parse().unwrap();
            transaction.insert(
                &Key::new(KeyId::from_random(id), Description::new(name, Env::Test), material, lifecycle),
                Action::Reserve,
            )
        })
    })
    .unwrap();
    let keys = lines(&home.run("export --format jsonl").ok().out());
    let expected: Vec<String> = (0..2500).map(|n| format!("key {n}")).collect();
    assert_eq!(names(&keys), expected);
    home.run("export --format jsonl --out keys.jsonl").ok();
    assert_eq!(lines(&home.read("keys.jsonl")), keys);
    home.run("revoke --name key* --yes --quiet").ok();
    let revoked = home.run("export --format revocations").ok().json();
    assert_eq!(revoked["revocations"].as_array().unwrap().len(), 2500);
}

#[test]
fn other_formats_and_a_missing_keyring_are_refused() {
    let home = Home::new();
    home.run("export").refused(3, "keyring_missing");
    home.run("export --out file").refused(3, "keyring_missing");
    assert!(home.files().is_empty());
    for line in ["export --format json", "--format json export", "--format csv export", "export --format table"] {
        let refused = home.run(line).refused(2, "usage");
        assert!(refused.err().contains("jwks, pem, jsonl, revocations"), "{line}: {}", refused.err());
    }
    assert_eq!(home.run("export --format jsonl").refused(3, "keyring_missing").error()["code"], "keyring_missing");
    assert!(home.run("export --format jwks").refused(3, "keyring_missing").err().starts_with("error["));
}
