//! Tests with other programs. They read the output of keywright, and keywright reads their output.

mod ed25519;
mod foreign;
mod jwt;
mod openssl;
mod requests;

use super::{
    home::{Ended, Home},
    promises::has,
    tools::{have_python, skipped},
};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// Returns `true` if all of the programs are installed, and reports a skipped test for each missing one.
fn all_here(programs: &[&str]) -> bool {
    programs.iter().all(|program| {
        let here = has(program);
        if !here {
            skipped(&format!("there is no {program} to work together with"));
        }
        here
    })
}

/// Runs a shell script in a home, and asserts that every command of the script succeeds.
#[track_caller]
fn sh(home: &Home, script: &str) -> Ended {
    let script = format!("set -eu; {script}");
    let output = home.program("sh").args(["-c", &script]).output().unwrap();
    Ended(output).ok()
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn fingerprint(home: &Home, key: &str) -> String {
    let shown = home.run_args(["show", key, "--format", "json"]).ok().json();
    shown["fingerprint"].as_str().unwrap().to_owned()
}

#[test]
fn openssh_reads_and_writes_the_same_keys() {
    if !all_here(&["ssh-keygen", "openssl"]) {
        return;
    }
    let home = Home::new();
    sh(&home, "ssh-keygen -q -t rsa -b 2048 -N '' -C 'someone@host' -f id");
    home.run("create --name theirs --public-key id.pub").ok();
    let spki = sh(&home, "ssh-keygen -f id -e -m pkcs8 | openssl pkey -pubin -outform DER");
    assert_eq!(fingerprint(&home, "theirs"), sha256(&spki.0.stdout));
    home.run("create --name wrong --public-key id").refused(2, "private_key_given");

    for pem in ["pkcs8", "pkcs1"] {
        home.run(&format!("generate --name {pem} --bits 2048 --pem {pem} --out {pem}.pem")).ok();
        // OpenSSH refuses files that others can read, so this checks the mode too.
        let line = sh(&home, &format!("ssh-keygen -y -f {pem}.pem")).out();
        assert!(line.starts_with("ssh-rsa "), "{line}");
        let conflict = home.run_with("create --name again --public-key -", &line).refused(4, "key_registered");
        assert!(conflict.err().contains(&format!("`{pem}`")), "{}", conflict.err());
    }
}

/// Builds a home with a token whose text fields need quoting in every format, and with an RSA key.
fn awkward() -> Home {
    let home = Home::new();
    let text = "a \"quoted\", comma; 'single' \\ back ünïcode ✓ <&>";
    let arguments = ["generate", "--name", "awkward, \"name\"", "--type", "token", "--out", "t"];
    let more = ["--note", text, "--owner", text, "--label", "k=v,w\"x", "--scope", "a:b", "--scope", "c/d"];
    home.run_args(arguments.into_iter().chain(more)).ok();
    home.run("generate --name r --bits 2048 --out r").ok();
    home
}

#[test]
fn python_reads_every_output_format() {
    if !all_here(&["python3"]) {
        return;
    }
    let home = awkward();
    let python = |format: &str, script: &str| {
        let data = home.run(&format!("list --all --format {format}")).ok().out();
        home.write("data", data);
        sh(&home, &format!("python3 -c '{script}' data")).out()
    };
    let names = "r|awkward, \"name\"\n";
    let json = "import json,sys; d = json.load(open(sys.argv[1])); print(\"|\".join(k[\"name\"] for k in d))";
    assert_eq!(python("json", json), names);
    let jsonl = "import json,sys; print(\"|\".join(json.loads(l)[\"name\"] for l in open(sys.argv[1])))";
    assert_eq!(python("jsonl", jsonl), names);
    let csv = "import csv,sys; d = list(csv.DictReader(open(sys.argv[1], newline=\"\"))); \
        print(\"|\".join(k[\"name\"] for k in d)); print(d[1][\"note\"] == d[1][\"owner\"], d[1][\"note\"])";
    let read = python("csv", csv);
    let note = home.run_args(["show", "awkward, \"name\"", "--format", "json"]).ok().json()["note"].clone();
    assert_eq!(read, format!("{names}True {}\n", note.as_str().unwrap()));
    let id = "import sys,uuid; print(len([uuid.UUID(l.strip()) for l in open(sys.argv[1])]))";
    assert_eq!(python("id", id), "2\n");
}

#[test]
fn python_reads_the_output_that_contains_a_secret() {
    if !all_here(&["python3"]) {
        return;
    }
    let home = Home::new();
    for (name, kind, field) in
        [("a", "rsa --bits 2048", "private_key"), ("b", "token", "token"), ("c", "pair", "api_secret")]
    {
        let whole = home.run(&format!("generate --name {name} --type {kind} --format json")).ok();
        let short = home.run(&format!("generate --name {name}2 --type {kind} --secret-format json")).ok();
        for answer in [whole, short] {
            home.write("answer", answer.out());
            let script = format!("import json,sys; sys.stdout.write(json.load(open(\"answer\"))[\"{field}\"])");
            let secret = sh(&home, &format!("python3 -c '{script}'")).out();
            assert!(home.run_with("show - --format json", secret).ok().out().contains(&format!("\"name\":\"{name}")));
        }
    }
    let error = home.run("generate --name a --type token --format json").refused(4, "name_taken");
    home.write("error", error.err());
    let script = "import json; e = json.load(open(\"error\"))[\"error\"]; print(e[\"code\"], sorted(e))";
    assert_eq!(
        sh(&home, &format!("python3 -c '{script}'")).out(),
        "name_taken ['code', 'details', 'hint', 'message']\n"
    );
}

#[test]
fn jq_reads_json_and_json_lines() {
    if !all_here(&["jq"]) {
        return;
    }
    let home = awkward();
    home.write("list", home.run("list --format json").ok().out());
    home.write("lines", home.run("list --format jsonl").ok().out());
    assert_eq!(sh(&home, "jq -r '.[] | select(.scopes | index(\"a:b\")) | .labels.k' list").out(), "v,w\"x\n");
    assert_eq!(sh(&home, "jq -s 'length' lines").out(), "2\n");
    assert_eq!(
        sh(&home, "jq -cS . lines | sort > a; jq -cS '.[]' list | sort > b; cmp a b && echo same").out(),
        "same\n"
    );
}

#[test]
fn a_shell_reads_a_dotenv_file() {
    let home = Home::new();
    home.run("generate --name t --type token --secret-format dotenv --out t.env").ok();
    home.run("generate --name p --type pair --secret-format dotenv --out p.env").ok();
    let token = sh(&home, ". ./t.env; printf %s \"$API_TOKEN\"").out();
    assert_eq!(home.run_with("show - --format json", token).ok().json()["name"], "t");
    let pair = sh(&home, ". ./p.env; printf '%s %s %s' \"$API_KEY_ID\" \"$API_KEY\" \"$API_SECRET\"").out();
    let parts: Vec<&str> = pair.split(' ').collect();
    let key = home.run_with("show - --format json", parts[2]).ok().json();
    assert_eq!((key["api_key_id"].as_str(), key["api_key"].as_str()), (Some(parts[0]), Some(parts[1])));
}

#[test]
fn a_yaml_parser_reads_the_kubernetes_secret() {
    if !have_python("yaml") {
        return;
    }
    let home = Home::new();
    home.run("generate --name Web.Key --bits 2048 --secret-format k8s-secret --out s.yaml").ok();
    let script = "import yaml,sys; d = yaml.safe_load(open(\"s.yaml\")); assert d[\"kind\"] == \"Secret\"; \
        sys.stdout.write(d[\"stringData\"][\"private-key.pem\"])";
    let pem = sh(&home, &format!("python3 -c '{script}'")).out();
    assert_eq!(home.run_with("show - --format json", pem).ok().json()["name"], "Web.Key");
}

#[test]
fn sqlite_finds_the_keyring_intact() {
    if !all_here(&["sqlite3"]) {
        return;
    }
    let home = awkward();
    let ring = home.keyring();
    let asked = sh(
        &home,
        &format!(
            "sqlite3 -readonly {} 'PRAGMA integrity_check; SELECT count(*) FROM key; PRAGMA journal_mode'",
            ring.display()
        ),
    );
    assert_eq!(asked.out(), "ok\n2\ndelete\n");
    if has("file") {
        assert!(sh(&home, &format!("file {}", ring.display())).out().contains("SQLite 3"));
    }
}
