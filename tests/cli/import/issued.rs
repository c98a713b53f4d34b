//! Tokens that the keyring has already, by their ids or by their hashes.

use super::line;
use crate::home::Home;
use serde_json::Value;

#[test]
fn tokens_that_this_keyring_issued_are_not_imported_again() {
    let home = Home::new();
    home.run("generate --name own --type token --out own").ok();
    home.run("generate --name pair --type pair --scope read --secret-format dotenv --out pair").ok();
    let bearer =
        home.run("exchange --token-file pair --quiet").ok().json()["access_token"].as_str().unwrap().to_owned();
    let (token, id) = (home.read("own"), home.ids("--name own").remove(0));
    home.write("lines", &(line("theirs", "sk_live_1") + &line("mine", token.trim()) + &line("borrowed", &bearer)));
    let before = home.state();
    for dry in ["", "--dry-run"] {
        let refused = home.run(&format!("import lines {dry} --format json")).refused(2, "import_refused");
        let error: Value = serde_json::from_str(&refused.err()).unwrap();
        let details: Vec<&str> = error["error"]["details"]
            .as_array()
            .unwrap()
            .iter()
            .map(|detail| detail["msg"].as_str().unwrap())
            .collect();
        assert_eq!(details.len(), 2, "{error}");
        assert!(details[0].contains("bearer token"), "{error}");
        assert!(details[1].contains(&id) && details[1].contains("`mine`"), "{error}");
        let keys = home.ids("");
        assert_eq!(keys.len(), 2, "nothing was imported");
    }
    home.write("line", line("theirs", "sk_live_1"));
    home.run("import line").ok();
    assert_ne!(home.state(), before);
    home.run("revoke own --yes").ok();
    home.run("purge --ended-before 1s --yes --now 2090-01-01").ok();
    home.run("backup copy").ok();
}

#[test]
fn a_token_is_not_imported_a_second_time_with_its_id() {
    let (home, other) = (Home::new(), Home::new());
    other.run("generate --name t --type token --out t").ok();
    let exported = other.run("export --format jsonl --all").ok().out();
    home.write("hash", line("op", other.read("t").trim()));
    home.run("import hash").ok();
    home.write("exported", &exported);
    for dry in ["", "--dry-run"] {
        home.run(&format!("import exported {dry}")).refused(2, "import_refused");
    }
    let both = line("op", other.read("t").trim()) + &exported;
    home.write("both", both);
    home.run("import both --keyring new.db").refused(2, "import_refused");
}
