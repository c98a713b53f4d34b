//! Tests of the destinations and the formats of a secret. Failed deliveries are tested in `promises`.

use super::super::{
    home::{Ended, Home, KEYWRIGHT},
    tools,
};
use serde_json::Value;
use std::fmt::Write as _;

/// Returns the id of the key that a secret belongs to, as `show -` reports it.
fn id_of(home: &Home, secret: &str) -> String {
    home.run_with("show - --format id", secret).ok().out().trim().to_owned()
}

/// Returns the variables that a shell reads from a `.env` file, with escapes expanded as by `printf %b`.
fn sourced(home: &Home, variables: &[&str]) -> Vec<String> {
    let mut script = String::from(". ./x.env");
    for name in variables {
        write!(script, "; printf '%b\\001' \"${name}\"").unwrap();
    }
    let ended = Ended(home.program("sh").args(["-c", &script]).output().unwrap()).ok();
    assert_eq!(ended.err(), "");
    ended.out().split_terminator('\u{1}').map(str::to_owned).collect()
}

#[test]
fn a_shell_reads_the_dotenv_format() {
    for (key_type, names) in [
        ("rsa --bits 2048", &["API_KEY_ID", "API_PRIVATE_KEY"][..]),
        ("token", &["API_KEY_ID", "API_TOKEN"]),
        ("pair", &["API_KEY_ID", "API_KEY", "API_SECRET"]),
    ] {
        let home = Home::new();
        home.run(&format!("generate --name x --type {key_type} --secret-format dotenv --out x.env")).ok();
        let key = home.keys().remove(0);
        let text = home.read("x.env");
        let lines: Vec<_> = text.lines().map(|line| line.split_once('=').unwrap().0).collect();
        assert_eq!(lines, names, "one line each");
        let values = sourced(&home, names);
        assert_eq!(values[0], key["api_key_id"].as_str().unwrap());
        let secret = values.last().unwrap();
        assert_eq!(id_of(&home, secret), values[0]);
        if key_type == "pair" {
            assert_eq!(key["api_key"], *values[1]);
        }
        if key_type.starts_with("rsa") {
            assert!(secret.starts_with("-----BEGIN PRIVATE KEY-----\n") && secret.ends_with("-----\n"));
        }
    }
}

#[test]
fn the_kubernetes_format_is_valid_yaml() {
    if !tools::have_python("yaml") {
        return;
    }
    for (key_type, field) in [("rsa --bits 2048", "private-key.pem"), ("token", "token"), ("pair", "api-secret")] {
        let home = Home::new();
        let name = "Production Backend \u{e4}/1";
        let line = format!("generate --type {key_type} --secret-format k8s-secret --out x.yaml");
        home.run_args(line.split_whitespace().chain(["--name", name])).ok();
        let read = "import json,sys,yaml; json.dump(yaml.safe_load(open('x.yaml')), sys.stdout)";
        let parsed = Ended(home.program("python3").args(["-c", read]).output().unwrap()).ok().json();
        assert_eq!((&parsed["apiVersion"], &parsed["kind"]), (&"v1".into(), &"Secret".into()));
        let label = parsed["metadata"]["name"].as_str().unwrap();
        let id = parsed["stringData"]["api-key-id"].as_str().unwrap();
        assert_eq!(label, format!("production-backend-1-{}", &id[..8]));
        assert_eq!(id_of(&home, parsed["stringData"][field].as_str().unwrap()), id);
        if key_type == "pair" {
            assert_eq!(parsed["stringData"]["api-key"], home.keys()[0]["api_key"]);
        }
    }
}

#[test]
fn json_contains_the_secret_and_its_id() {
    for (key_type, fields) in [
        ("rsa --bits 2048", &["api_key_id", "private_key"][..]),
        ("token", &["api_key_id", "token"]),
        ("pair", &["api_key_id", "api_key", "api_secret"]),
    ] {
        let home = Home::new();
        let answer = home.run(&format!("generate --name x --type {key_type} --secret-format json")).ok().json();
        let names: Vec<_> = answer.as_object().unwrap().keys().collect();
        assert_eq!(names, fields);
        let secret = answer[*fields.last().unwrap()].as_str().unwrap();
        assert_eq!(answer["api_key_id"], id_of(&home, secret));
    }
}

#[test]
fn raw_is_the_secret_and_a_line_feed() {
    let home = Home::new();
    for (name, key_type) in [("a", "token"), ("b", "pair")] {
        let out = home.run(&format!("generate --name {name} --type {key_type}")).ok().out();
        assert!(out.ends_with('\n') && out.trim_end().chars().all(|c| c.is_ascii_alphanumeric() || c == '_'), "{out}");
        let key = home.run(&format!("show {name} --format json")).ok().json();
        assert_eq!(key["api_key_id"], id_of(&home, &out));
    }
}

#[test]
fn a_command_gets_the_secret_on_standard_input_only() {
    let home = Home::new();
    let script = "cat > got; tr '\\0' '\\n' < /proc/$$/environ > env; tr '\\0' '\\n' < /proc/$$/cmdline > argv; \
                  tr '\\0' '\\n' < /proc/$PPID/cmdline >> argv; echo from the command";
    let line = "generate --name ci --type token --";
    let ended = home.run_args(line.split_whitespace().chain(["sh", "-c", script])).ok();
    assert_eq!(ended.out(), "from the command\n", "the output of this command is data");
    assert!(ended.err().contains("was passed to sh"), "{}", ended.err());
    let token = home.read("got");
    let secret = token.trim_end().rsplit_once('_').unwrap().1;
    assert_eq!(id_of(&home, &token), home.keys()[0]["api_key_id"]);
    for file in ["env", "argv"] {
        assert!(!home.read(file).contains(secret) && !home.read(file).is_empty(), "{file}");
    }
    assert!(!ended.err().contains(secret));
    assert_eq!(home.keys()[0]["status"], "active");
}

#[test]
fn with_a_command_standard_output_shows_the_key() {
    let home = Home::new();
    let run = |name: &str, options: &str| {
        let line = format!("generate --name {name} --type token {options} -- sh -c");
        home.run_args(line.split_whitespace().chain(["cat > got; echo talk"])).ok()
    };
    let ended = run("a", "--format json");
    let answer = ended.json();
    assert_eq!(answer["name"], "a");
    assert!(answer.get("token").is_none() && answer.get("secret_file").is_none());
    assert!(ended.err().contains("talk"), "the command's own output moves to standard error");
    assert!(home.read("got").starts_with("kw_test_") && !home.read("got").ends_with('\n'), "{}", home.read("got"));
    let id = run("b", "--format id --quiet");
    assert_eq!((id.out().trim(), id.err().as_str()), (home.ids("--name b")[0].as_str(), "talk\n"));
    let dotenv = run("c", "--secret-format dotenv");
    assert!(home.read("got").contains("API_TOKEN=kw_test_"), "{}", dotenv.err());
    home.run_args(["generate", "--name", "d", "--type", "rsa", "--", "sh", "-c", "cat > got"]).ok();
    assert!(home.read("got").ends_with("-----END PRIVATE KEY-----\n"));
}

#[test]
fn with_a_file_standard_output_shows_the_key() {
    let home = Home::new();
    let answer = home.run("generate --name a --type token --out a.json --secret-format json --format json").ok().json();
    let file: Value = serde_json::from_str(&home.read("a.json")).unwrap();
    assert_eq!(file["api_key_id"], answer["api_key_id"]);
    assert_eq!(home.run("generate --name b --type token --out b").ok().out(), "");
    let id = home.run("generate --name c --type token --out c --format id").ok().out();
    assert_eq!(id.trim(), home.ids("--name c")[0]);
    let csv = home.run("generate --name d --type token --out d --format csv").ok().out();
    assert_eq!(csv.lines().count(), 2);
    assert_eq!(home.files(), ["a.json", "b", "c", "d"]);
}

#[test]
fn the_public_key_is_written_to_its_own_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::new();
    let key = home.generate("--name a --bits 2048 --public-out a.pub");
    assert_eq!(home.read("a.pub"), key["public_key"].as_str().unwrap());
    assert_eq!(home.file("a.pub").metadata().unwrap().permissions().mode() & 0o022, 0);
    let before = home.state();
    home.run("generate --name b --bits 2048 --public-out a.pub").refused(4, "file_exists");
    home.run("generate --name b --bits 2048 --out b.pem --public-out a.pub").refused(4, "file_exists");
    assert_eq!(home.files(), ["a.pub"], "no private half without its public one");
    assert_eq!(home.keys().len(), 1);
    assert_eq!(home.state(), before, "the destination was checked before anything was generated");
}

/// A script that passes the secret to `$STORE` must not print it if `$STORE` is empty.
#[test]
fn an_empty_command_is_refused() {
    let home = Home::new();
    home.run("generate --name a --type token --").refused(2, "usage");
    home.run("generate --name a --type token --count 3 --").refused(2, "usage");
    assert_eq!(home.state(), None);
    home.run("generate --name a --type token --out a").ok();
    home.run("rotate a --").refused(2, "usage");
    assert_eq!(home.keys().len(), 1);
}

#[test]
fn a_secret_is_not_used_as_a_path() {
    let home = Home::new();
    home.run("generate --name t --type token --out t").ok();
    let secret = home.generate("--name p --type pair")["api_secret"].as_str().unwrap().to_owned();
    let token = home.read("t").trim().to_owned();
    let before = (home.files(), home.state());
    for secret in [&token, &secret, &format!("dir/{token}"), &format!("./{secret}.txt")] {
        for line in [
            format!("generate --name a --type token --out {secret}"),
            format!("generate --name a --out a --public-out {secret}"),
            format!("rotate t --out {secret}"),
            format!("backup {secret}"),
            format!("export --format jsonl --out {secret}"),
            format!("init --keyring {secret}"),
        ] {
            let refused = home.run(&line).refused(2, "secret_in_text");
            assert!(!refused.err().contains(&secret[secret.len() - 20..secret.len() - 8]), "{}", refused.err());
        }
    }
    assert_eq!((home.files(), home.state()), before);
}

#[test]
fn a_key_that_is_revoked_while_its_delivery_fails_is_kept() {
    let home = Home::new();
    home.write(
        "deliver",
        format!("cat > secret; {KEYWRIGHT} list --status pending --format id | xargs {KEYWRIGHT} revoke --yes; exit 1"),
    );
    home.run("generate --name p --type token -- sh deliver").code();
    let keys = home.run("list --all --format json").ok().json();
    assert_eq!((&keys[0]["name"], &keys[0]["status"]), (&"p".into(), &"revoked".into()), "{keys}");
    assert_eq!(home.run("verify --no-record --token-file secret --format json").json()["code"], "revoked");
    home.run("audit verify").ok();
}
