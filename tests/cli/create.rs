//! Tests of `create`.

mod refuse;

use super::{
    generate::{assert_fields, describe::wrong_values},
    home::{Ended, Home},
    tools::fixture,
};
use sha2::Digest as _;

/// The files that contain the same 2048-bit key.
const SAME: [&str; 9] = [
    "rsa2048.spki.pem",
    "rsa2048.spki.der",
    "rsa2048.bare.spki.der",
    "rsa2048.pkcs1.pem",
    "rsa2048.pkcs1.der",
    "rsa2048.ssh.pub",
    "rsa2048.ssh2.pub",
    "rsa2048.jwk",
    "rsa2048.jwks",
];

fn create(home: &Home, name: &str, file: &str) -> Ended {
    home.run(&format!("create --name {name} --public-key {file} --format json"))
}

#[test]
fn every_format_registers_the_same_key() {
    let der = std::fs::read(fixture("rsa2048.spki.der")).unwrap();
    let digest = sha2::Sha256::digest(der);
    let fingerprint = digest.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    let pem = std::fs::read_to_string(fixture("rsa2048.spki.pem")).unwrap();
    for file in SAME {
        let home = Home::new();
        let made = create(&home, "partner", &fixture(file)).ok();
        assert_fields(made.out().trim_end(), &[]);
        let key = made.json();
        assert_eq!(
            (&key["fingerprint"], &key["public_key"]),
            (&fingerprint.as_str().into(), &pem.as_str().into()),
            "{file}"
        );
        assert_eq!((&key["status"], &key["type"], &key["key_bits"]), (&"active".into(), &"rsa".into(), &2048.into()));
        assert_eq!(key["activated_at"], key["created_at"]);
        assert_eq!(home.keys(), [key]);
        let home = Home::new();
        let piped =
            home.run_with("create --name partner --public-key - --format json", std::fs::read(fixture(file)).unwrap());
        assert_eq!(piped.ok().json()["fingerprint"], *fingerprint, "{file} on standard input");
    }
}

#[test]
fn other_sizes_and_pss_keys_are_accepted() {
    let home = Home::new();
    for (i, (file, bits)) in [
        ("rsa2056.spki.pem", 2056),
        ("rsa3072.spki.pem", 3072),
        ("rsa4096.spki.pem", 4096),
        ("e33bits.spki.pem", 2048),
        ("close-round-111.pem", 2048),
        ("pss-none.spki.pem", 2048),
        ("pss-sha256.spki.pem", 2048),
        ("pss-salt20.spki.pem", 2048),
    ]
    .into_iter()
    .enumerate()
    {
        // The PSS files may contain the same modulus, so each is registered in its own keyring.
        let own = Home::new();
        let home = if file.starts_with("pss") { &own } else { &home };
        let key = create(home, &format!("k{i}"), &fixture(file)).ok().json();
        assert_eq!(key["key_bits"], bits, "{file}");
    }
    assert_eq!(home.keys().len(), 5);
}

#[test]
fn untidy_files_are_accepted() {
    let pem = std::fs::read_to_string(fixture("rsa2048.spki.pem")).unwrap();
    let fingerprint = create(&Home::new(), "x", &fixture("rsa2048.spki.pem")).ok().json()["fingerprint"].clone();
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    for untidy in [
        format!("\u{feff}{pem}"),
        pem.replace('\n', "\r\n"),
        pem.lines().fold(String::new(), |text, line| text + "    " + line + "\n"),
        format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----"),
        format!("Our key, as agreed:\n\n{pem}\n\n  \n"),
    ] {
        let home = Home::new();
        let file = home.write("untidy.pem", &untidy);
        let key = create(&home, "x", file.to_str().unwrap()).ok().json();
        assert_eq!(key["fingerprint"], fingerprint, "{untidy:?}");
    }
}

#[test]
fn a_modulus_is_registered_once() {
    let home = Home::new();
    let first = create(&home, "first", &fixture("rsa2048.spki.pem")).ok().json();
    let before = home.state();
    for file in SAME {
        let refused = create(&home, "second", &fixture(file)).refused(4, "key_registered").error();
        assert!(refused["message"].as_str().unwrap().contains("already registered as `first`"), "{refused}");
        assert!(refused["hint"].as_str().unwrap().contains("use the registered key"), "{refused}");
        assert_eq!(refused["details"][0]["type"], first["api_key_id"]);
        home.run(&format!("create --name second --public-key {} --dry-run", fixture(file)))
            .refused(4, "key_registered");
    }
    let cert = format!("create --name second --from-cert --public-key {}", fixture("rsa2048.cert.pem"));
    home.run(&cert).refused(4, "key_registered");
    assert_eq!(home.state(), before);
    home.run("revoke first --yes").ok();
    for file in SAME {
        let refused = create(&home, "first", &fixture(file)).refused(4, "key_registered").error();
        let hint = refused["hint"].as_str().unwrap();
        assert!(hint.contains("a revoked key cannot be reinstated"), "{file}: {refused}");
    }
    home.run(&cert).refused(4, "key_registered");
    assert_eq!(home.keys().len(), 1);
}

#[test]
fn a_generated_key_cannot_be_registered() {
    let home = Home::new();
    home.generate("--name a --bits 2048 --public-out a.pub");
    create(&home, "b", "a.pub").refused(4, "key_registered");
}

#[test]
fn a_certificate_is_read_only_with_from_cert() {
    for file in ["rsa2048.cert.pem", "rsa2048.cert.der"] {
        let home = Home::new();
        let key =
            home.run(&format!("create --name c --from-cert --public-key {} --format json", fixture(file))).ok().json();
        let pem = std::fs::read_to_string(fixture("rsa2048.spki.pem")).unwrap();
        assert_eq!(key["public_key"], pem, "{file}");
    }
    let home = Home::new();
    home.run(&format!("create --name c --from-cert --public-key {}", fixture("ec.cert.pem")))
        .refused(2, "unsupported_algorithm");
    assert_eq!(home.state(), None);
}

#[test]
fn every_wrong_value_is_refused_before_the_file_is_read() {
    let home = Home::new();
    for (option, value, code, hint) in wrong_values() {
        let mut arguments = vec!["create", "--format", "json", "--public-key", "missing.pem"];
        if option != "--name" {
            arguments.extend(["--name", "x"]);
        }
        arguments.extend([option, &value]);
        let error = home.run_args(arguments).refused(2, code).error();
        assert!(error["hint"].as_str().unwrap().contains(hint), "{option} {value:?}: {error}");
        assert_eq!(home.state(), None);
    }
    home.run("create --name x").refused(2, "usage");
    home.run("create --public-key x").refused(2, "name_required");
}

#[test]
fn descriptions_are_stored() {
    let home = Home::new();
    let key = home
        .run(&format!(
            "create --name p --public-key {} --format json --scope a --env live --owner acme --expires 2036-01-31 \
             --rate-limit 60/min --label tier=gold --note remark",
            fixture("rsa2048.spki.pem")
        ))
        .ok()
        .json();
    assert_eq!(home.run("show p --format json").ok().json(), key);
    for (field, value) in
        [("env", "live"), ("owner", "acme"), ("expires_at", "2036-01-31T23:59:59Z"), ("note", "remark")]
    {
        assert_eq!(key[field], value);
    }
    assert_eq!((&key["scopes"][0], &key["labels"]["tier"]), (&"a".into(), &"gold".into()));
    assert_eq!(key["rate_limit"]["requests_per_minute"], 60);
}

#[test]
fn each_format_prints_the_key() {
    let home = Home::new();
    let file = fixture("rsa2048.spki.pem");
    let table = home.run(&format!("create --name p --public-key {file}")).ok();
    assert!(table.err().contains("registered the 2048-bit RSA key `p` (test), id "), "{}", table.err());
    assert!(table.out().contains("fingerprint") && table.out().contains("-----BEGIN PUBLIC KEY-----"));
    let id =
        home.run(&format!("create --name q --public-key {} --format id --quiet", fixture("rsa3072.spki.pem"))).ok();
    assert_eq!((id.out().trim(), id.err().as_str()), (home.ids("--name q")[0].as_str(), ""));
    let before = home.state();
    home.run(&format!("create --name p --public-key {}", fixture("rsa4096.spki.pem"))).refused(4, "name_taken");
    assert_eq!(home.state(), before);
}

#[test]
fn a_dry_run_registers_nothing() {
    let home = Home::new();
    let line = format!("create --name p --public-key {} --dry-run", fixture("rsa2048.spki.pem"));
    let said = home.run(&line).ok();
    assert!(
        said.out().is_empty() && said.err().contains("would register a 2048-bit RSA key named `p`"),
        "{}",
        said.err()
    );
    let json = home.run(&format!("{line} --format json")).ok().json();
    assert_eq!((&json["dry_run"], &json["api_key_id"]), (&true.into(), &serde_json::Value::Null));
    assert_eq!(json["fingerprint"].as_str().unwrap().len(), 64);
    home.run(&format!("create --name p --public-key {} --dry-run", fixture("weak-e3.pem")))
        .refused(2, "exponent_too_small");
    assert_eq!((home.state(), home.file(".local").exists()), (None, false));
    home.generate("--name p --type token");
    home.run(&line).refused(4, "name_taken");
}

#[test]
fn an_existing_key_is_kept_if_asked_for() {
    let home = Home::new();
    let (one, other) = (fixture("rsa2048.spki.pem"), fixture("rsa3072.spki.pem"));
    let create = |more: &str| home.run(&format!("create --name partner --if-not-exists {more}"));
    create(&format!("--public-key {one} --owner acme")).ok();
    let before = home.state();
    let same = create(&format!("--public-key {one} --owner acme --format id")).ok();
    assert!(same.err().contains("no key was added") && !same.err().contains("warning"), "{}", same.err());
    assert_eq!(same.out().trim(), home.keys()[0]["api_key_id"].as_str().unwrap());
    let owner = create(&format!("--public-key {one} --owner else")).ok();
    assert!(owner.err().contains("differs from the options in owner"), "{}", owner.err());
    let key = create(&format!("--public-key {other} --owner acme --dry-run")).ok();
    assert!(key.err().contains("public_key") && key.err().contains("rotate"), "{}", key.err());
    assert_eq!(home.state(), before);
    home.run(&format!("create --name partner --public-key {other}")).refused(4, "name_taken");
}
