//! The input of `import`: its format, and tokens that are known only by their hashes.

use super::line;
use crate::{home::Home, tools::fixture};

#[test]
fn a_token_of_another_keyring_works_after_an_import_by_its_hash() {
    let (home, other) = (Home::new(), Home::new());
    let token = other.generate("--name own --type token")["token"].as_str().unwrap().to_owned();
    home.write("keys.jsonl", line("op", &token));
    home.run("import keys.jsonl").ok();
    assert_eq!(home.run_with("verify --format json", &token).ok().json()["name"], "op");
    assert_eq!(home.run_with("show - --format json", &token).ok().json()["name"], "op");
    home.run_with("revoke - --yes", &token).ok();
    assert_eq!(home.run_with("verify --format json", &token).json()["code"], "revoked");
}

#[test]
fn the_format_of_the_input_is_named_and_others_are_refused() {
    let home = Home::new();
    home.write("keys.jsonl", line("a", "secret-of-another-system"));
    assert!(home.run("import keys.jsonl").ok().err().contains("imported 1 key from JSON lines"));
    let keys = home.run(&format!("import {} --dry-run", fixture("rsa2048.spki.pem"))).ok();
    assert!(keys.err().contains("from public keys"), "{}", keys.err());
    home.write("keys.csv", "name,hash\nb,00\n");
    let csv = home.run("import keys.csv").refused(2, "public_key_missing");
    assert!(csv.err().contains("CSV") && csv.err().contains("JSON"), "{}", csv.err());
    home.write("keys.json", "[{\"name\":\"b\"}]\n");
    let array = home.run("import keys.json").refused(2, "public_key_missing");
    assert!(array.err().contains("jq -c"), "{}", array.err());
}

#[test]
fn a_name_that_the_input_has_twice_is_refused_without_the_id_of_a_key_that_is_not_there() {
    let home = Home::new();
    home.run("generate --type ed25519 --name a --out a.pem").ok();
    home.run("rotate a --overlap 1h --out b.pem").ok();
    home.write("bundle.pem", home.run("export --format pem").ok().out());
    for keyring in ["other.db", "empty.db"] {
        if keyring == "empty.db" {
            home.run("init --keyring empty.db").ok();
        }
        let refused = home.run(&format!("import bundle.pem --keyring {keyring} --yes")).refused(2, "import_refused");
        assert!(refused.err().contains("the input contains another active key with the name `a`"), "{}", refused.err());
        assert!(!refused.err().contains("keywright rotate"), "{}", refused.err());
    }
    // The documents of both keys have their ids, and say that one succeeds the other.
    home.write("keys.jsonl", home.run("export --format jsonl").ok().out());
    home.run("import keys.jsonl --keyring third.db --yes").ok();
}
