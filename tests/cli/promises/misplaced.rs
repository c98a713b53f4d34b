//! Secrets that arrive where they do not belong are refused, and are neither repeated nor stored.

use crate::home::{Ended, Home};
use base64ct::{Base64, Encoding as _};

/// The private key of RFC 8037, appendix A.1, as a member of a JWK.
const JWK_D: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";

/// The start of an OpenSSH private key without its BEGIN line, up to the private part.
const OPENSSH: &str = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZWQyNTUxOQAAACDXWpgBgrEKt9VL/tPJZAc6DuFy89qmIyWvAhpo9wdRGgAAAJjMv/WpzL/1qQAAAAtzc2gtZWQyNTUxOQAAACDXWpgBgrEKt9VL/tPJZAc6DuFy89qmIyWvAhpo9wdRGg";

/// The secrets to pass where they do not belong: a token, also in base64, a bearer token, an `api_secret`, private keys in
/// several forms, and a signed JWT, each with a part that must not appear anywhere.
fn misplaced(home: &Home) -> Vec<(String, String)> {
    let token = home.generate("--name misplaced-token --type token")["token"].as_str().unwrap().to_owned();
    let pair = home.generate("--name misplaced-pair --type pair");
    let secret = pair["api_secret"].as_str().unwrap().to_owned();
    let presented = format!("{} {secret}", pair["api_key"].as_str().unwrap());
    let bearer = home.run_with("exchange --quiet", presented).ok().json()["access_token"].as_str().unwrap().to_owned();
    let pem = home.generate("--name misplaced-rsa --bits 2048")["private_key"].as_str().unwrap().to_owned();
    let end = |token: &str| token.rsplit_once('_').map_or(token, |(_, end)| end)[..8].to_owned();
    // A line from the middle of the key.
    let line = pem.lines().nth(12).unwrap()[..20].to_owned();
    let der: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let encoded = Base64::encode_string(token.as_bytes());
    let ed25519 = home.generate("--name misplaced-ed25519 --type ed25519")["private_key"].as_str().unwrap().to_owned();
    let seed = ed25519.lines().nth(1).unwrap().to_owned();
    let jwk =
        format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","d":"{JWK_D}"}}"#);
    let assertion = format!("eyJhbGciOiJFZERTQSJ9.eyJpc3MiOiJhY21lIn0xxx.{}", "c2lnbmF0dXJl".repeat(7));
    vec![
        (der, line.clone()),
        (encoded.clone(), encoded[60..80].to_owned()),
        (token.clone(), end(&token)),
        (bearer.clone(), end(&bearer)),
        (secret.clone(), end(&secret)),
        (pem.clone(), line.clone()),
        (pem.replace('\n', " "), line.clone()),
        (pem.replace('\n', "\\n"), line),
        (ed25519, seed[24..44].to_owned()),
        (seed.clone(), seed[24..44].to_owned()),
        (OPENSSH.to_owned(), OPENSSH[120..140].to_owned()),
        (Base64::encode_string(jwk.as_bytes()), Base64::encode_string(jwk.as_bytes())[100..120].to_owned()),
        (jwk, JWK_D[..20].to_owned()),
        (assertion.clone(), assertion[60..80].to_owned()),
    ]
}

#[test]
fn a_secret_in_any_argument_is_not_repeated_or_stored() {
    let home = Home::new();
    let secrets = misplaced(&home);
    let mut tried = 0;
    let mut commands: Vec<(Vec<String>, clap::Command)> = Vec::new();
    for command in keywright::cli::whole().get_subcommands() {
        let nested: Vec<_> = command.get_subcommands().cloned().collect();
        let name = command.get_name().to_owned();
        commands.extend(nested.into_iter().map(|sub| (vec![name.clone(), sub.get_name().to_owned()], sub)));
        commands.push((vec![name], command.clone()));
    }
    for (path, command) in &commands {
        for (secret, part) in &secrets {
            let mut lines: Vec<Vec<String>> = Vec::new();
            for argument in command.get_arguments().chain(keywright::cli::whole().get_arguments()) {
                let forms: Vec<Vec<String>> = match (argument.get_long(), argument.get_short()) {
                    (Some(long), _) if argument.get_action().takes_values() => {
                        vec![vec![format!("--{long}"), secret.clone()], vec![format!("--{long}={secret}")]]
                    }
                    (Some(long), _) => vec![vec![format!("--{long}={secret}")]],
                    (None, _) if argument.is_last_set() => vec![vec!["--".to_owned(), secret.clone()]],
                    (None, _) => vec![vec![secret.clone()]],
                };
                lines.extend(forms);
            }
            lines.push(vec![format!("--{secret}")]);
            for line in lines {
                let ended = home.run_args(path.iter().chain(&line));
                let said = format!("{}{}", ended.out(), ended.err());
                assert!(!said.contains(part.as_str()), "{path:?} {line:?}, secret {part}: {said}");
                tried += 1;
            }
        }
    }
    assert!(tried > 1500, "{tried}");
    for (_, part) in &secrets {
        let needle = part.as_bytes();
        let keyring = home.state().unwrap();
        assert!(!keyring.windows(needle.len()).any(|window| window == needle), "the keyring holds a secret");
    }
}

#[test]
fn a_secret_in_text_that_would_be_stored_is_refused() {
    let home = Home::new();
    let secrets = misplaced(&home);
    home.run("generate --name k --type token --out k").ok();
    let before = home.state();
    let hash = "ab".repeat(32);
    for (secret, part) in secrets.iter().filter(|(secret, _)| !secret.contains('\n')) {
        let text = format!("replaces {secret}");
        let lines: Vec<Vec<&str>> = vec![
            vec!["generate", "--type", "token", "--name", "x", "--note", &text],
            vec!["generate", "--type", "token", "--name", "x", "--owner", &text],
            vec!["update", "k", "--note", &text],
            vec!["update", "k", "--owner", secret],
            vec!["revoke", "k", "--yes", "--note", &text],
            vec!["owner", "set", secret, "--usage-level", "gold"],
            vec!["policy", "set", "name.pattern", secret],
        ];
        for line in lines {
            let refused = home.run_args(&line);
            assert_eq!(refused.code(), 2, "{:?}: {}", line[0], refused.err());
            assert!(!refused.err().contains(part.as_str()), "{}", refused.err());
        }
        let keys = format!("{}\n", serde_json::json!({ "name": "x", "type": "token", "note": text }));
        let refused = home.run_with("generate --from - --out x", keys);
        assert!(refused.code() == 2 && !refused.err().contains(part.as_str()), "{}", refused.err());
        let tokens = format!("{}\n", serde_json::json!({ "name": "x", "secret_sha256": hash, "note": text }));
        let refused = home.run_with("import -", tokens);
        assert!(refused.code() != 0 && !refused.err().contains(part.as_str()), "{}", refused.err());
        assert_eq!(home.state(), before);
    }
    // The public part of a token is no secret.
    home.run("update k --note kw_test_1VEibqXg").ok();
}

#[test]
fn a_secret_in_an_argument_is_refused_whatever_the_argument_means() {
    let home = Home::new();
    let secrets = misplaced(&home);
    home.run("generate --name k --type token --out k").ok();
    for (secret, _) in &secrets {
        for line in [
            ["verify", "--token-file", "k", "--scope", secret],
            ["list", "--all", "--quiet", "--owner", secret],
            ["export", "--format", "jwks", "--label", &format!("x={secret}")],
            ["audit", "--limit", "1", "--user", secret],
            ["purge", "--ended-before", "1d", "--name", secret],
        ] {
            let refused = home.run_args(line);
            assert_eq!(refused.code(), 2, "{line:?}: {}", refused.err());
        }
    }
    let token = home.read("k");
    let secret = &secrets[4].0;
    let line = serde_json::json!({ "token": token.trim(), "scopes": [secret] }).to_string();
    let answer = home.run_with("verify --batch", line).ok();
    assert!(answer.out().contains("bad_request") && !answer.out().contains(&secret[..20]), "{}", answer.out());
}

#[test]
fn base64_with_lines_other_text_or_other_bytes_does_not_hide_a_secret() {
    let home = Home::new();
    home.run("generate --name k --type token --out k").ok();
    let pair = home.generate("--name pair --type pair");
    let secret = pair["api_secret"].as_str().unwrap();
    let token = home.read("k");
    let before = home.state();
    let long = "The token for the web front end, please keep it in the vault. ".repeat(5);
    let texts = [
        secret.as_bytes().to_vec(),
        [long.as_bytes(), token.as_bytes()].concat(),
        [token.as_bytes(), b"\xff"].concat(),
    ];
    for text in texts {
        let encoded = Base64::encode_string(&text);
        let wrapped: Vec<&str> = encoded.as_bytes().chunks(76).map(|line| str::from_utf8(line).unwrap()).collect();
        for note in [encoded.clone(), wrapped.join(" ")] {
            home.run_args(["update", "k", "--note", &note]).refused(2, "secret_in_text");
            home.run_args(["list", "--keyring", &note]).refused(2, "secret_in_text");
        }
        home.write("encoded", wrapped.join("\n"));
        home.run("export --out encoded").refused(4, "file_exists");
    }
    assert_eq!(home.state(), before);
    let hidden = home.path().join(secret);
    let refused = Ended(home.keywright(["init"]).env("XDG_DATA_HOME", &hidden).env("HOME", &hidden).output().unwrap());
    refused.refused(2, "secret_in_text");
    assert!(!hidden.exists());
}

#[test]
fn escapes_and_other_fields_do_not_let_a_secret_in() {
    let home = Home::new();
    let pair = home.generate("--name pair --type pair");
    let secret = pair["api_secret"].as_str().unwrap();
    let escaped = format!("{}\\u{:04x}{}", &secret[..20], secret.as_bytes()[20], &secret[21..]);
    home.write("contract", format!("{{\"contract\":\"acme\",\"description\":\"{escaped}\"}}"));
    home.run("policy load contract --yes").refused(2, "secret_in_text");
    home.run_args(["policy", "set", "scopes.known", &format!("[\"{escaped}\"]")]).refused(2, "secret_in_text");
    // The note of a revocation in an export that somebody edited.
    home.run("revoke pair --yes --note found").ok();
    let exported = home.run("export --format jsonl --all").ok().out();
    home.write("exported", exported.replace("\"found\"", &format!("\"found: {secret}\"")));
    let refused = home.run("import exported --keyring other.db").refused(2, "import_refused");
    assert!(refused.err().contains("secret") && !refused.err().contains(&secret[..16]), "{}", refused.err());
    // A repeated name is shortened, and a part of a secret would not be recognized.
    let repeated = format!("{{\"{secret}\":1,\"{secret}\":1}}\n");
    for line in ["verify --batch", "verify", "generate --from -", "import -", "verify-request"] {
        let ended = home.run_with(line, &repeated);
        let said = format!("{}{}", ended.out(), ended.err());
        assert!(!said.contains(&secret[..16]), "{line}: {said}");
    }
}

#[test]
fn text_that_only_resembles_a_secret_is_accepted() {
    let home = Home::new();
    home.run("generate --name k --type token --out k").ok();
    let token = home.read("k");
    let public = token.rsplit_once('_').unwrap().0;
    for note in [
        "rotate the PRIVATE KEY every year",
        "orders_live_20261127T082745123456Z_eu",
        "bm90ZXMgYWJvdXQgUFJJVkFURSBLRVkgaGFuZGxpbmcgYW5kIHN0b3JhZ2U=",
        &format!("{public}_backup"),
    ] {
        home.run_args(["update", "k", "--note", note]).ok();
    }
    let directory = home.file("PRIVATE KEYS and others");
    std::fs::create_dir(&directory).unwrap();
    let path = directory.join("orders-service-production.token");
    let line = ["generate", "--name", "PRIVATE KEY of acme", "--type", "token", "--out", path.to_str().unwrap()];
    let generated = home.run_args(line).ok();
    assert!(generated.err().contains("orders-service-production.token"), "{}", generated.err());
}
