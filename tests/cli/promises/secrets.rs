//! Tests that a secret is nowhere but at its destination.

use super::{assert_nothing_left, wait_until};
use crate::home::{Ended, Home};
use base64ct::{Base64, Encoding as _};
use std::{path::Path, process::Stdio};

/// Returns the parts of a secret to search for, each of which only the holder of the secret may have.
fn needles(secret: &str) -> Vec<Vec<u8>> {
    let mut needles = Vec::new();
    if secret.contains("PRIVATE KEY") {
        // In a JSON string, line feeds are escaped. A JSON response also contains the public key.
        let text = secret.replace("\\n", "\n");
        let (_, body) = text.split_once("PRIVATE KEY-----\n").unwrap();
        let lines: Vec<&str> = body.lines().take_while(|line| !line.contains("-----END")).collect();
        let der = Base64::decode_vec(&lines.concat()).unwrap();
        // The modulus comes first and is public: for 2048 bits, 256 bytes after a header of less than 64.
        needles.extend(lines.iter().skip(7).filter(|line| line.len() == 64).map(|line| line.as_bytes().to_vec()));
        for start in (330..der.len() - 32).step_by(32) {
            needles.push(der[start..start + 32].to_vec());
            needles.push(hex(&der[start..start + 32]).into_bytes());
        }
        assert!(needles.len() > 40, "{} needles", needles.len());
    } else {
        // The longest part is the secret part of a token, or an `api_secret`.
        let longest = secret.split(|c: char| !c.is_ascii_alphanumeric()).max_by_key(|part| part.len()).unwrap();
        assert!(longest.len() >= 43, "no secret in the delivery");
        needles.push(longest.as_bytes()[..43].to_vec());
        needles.push(hex(&longest.as_bytes()[..43]).into_bytes());
    }
    needles
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[track_caller]
fn absent(needles: &[Vec<u8>], hay: &[u8], place: &str) {
    for needle in needles {
        let found = hay.windows(needle.len()).any(|window| window == needle.as_slice());
        assert!(!found, "{place} holds a part of the secret");
    }
}

/// Asserts that no file below the home contains a part of the secret, except the files `delivered`.
#[track_caller]
fn absent_from_home(needles: &[Vec<u8>], home: &Home, delivered: &[&str]) {
    let mut seen = 0;
    let mut open = vec![home.path().to_owned()];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if !delivered.iter().any(|name| path == home.file(name)) {
                absent(needles, &std::fs::read(&path).unwrap(), &path.display().to_string());
                seen += 1;
            }
        }
    }
    assert!(seen > 0, "there was no keyring to check");
}

const SHAPES: [&str; 5] = [
    "--bits 2048",
    "--bits 2048 --pem pkcs1 --public-out public.pem",
    "--type token --env live",
    "--type pair",
    "--type pair --scope a --owner o --note n --label k=v",
];

#[test]
fn a_secret_is_delivered_once_and_stored_nowhere() {
    for shape in SHAPES {
        for way in [
            "",
            "--format json",
            "--secret-format dotenv",
            "--secret-format k8s-secret",
            "--secret-format json",
            "--out delivered",
            "--out delivered --format json",
            "--out delivered --secret-format dotenv --format csv",
            "-- sh -c cat>delivered",
            "--format json -- sh -c cat>delivered",
        ] {
            let home = Home::new();
            let line = format!("generate --name a {shape} {way}");
            let made = home.run(line.trim()).ok();
            let by_stdout = !way.contains("delivered");
            let secret = if by_stdout { made.out() } else { home.read("delivered") };
            let needles = needles(&secret);
            absent(&needles, &made.0.stderr, &format!("stderr of {line}"));
            if !by_stdout {
                absent(&needles, &made.0.stdout, &format!("stdout of {line}"));
            }
            absent_from_home(&needles, &home, &["delivered"]);
            // No later output contains the secret either.
            for line in ["list --all --format json", "list --format csv", "show a", "revoke a --yes --format json"] {
                let ended = home.run(line).ok();
                absent(&needles, &ended.0.stdout, line);
                absent(&needles, &ended.0.stderr, line);
            }
            absent_from_home(&needles, &home, &["delivered"]);
        }
    }
}

#[test]
fn a_command_gets_the_secret_on_standard_input_only() {
    let home = Home::new();
    let arguments = "generate --name a --type token --".split(' ');
    let script = "cat > got; tr '\\0' ' ' < /proc/$$/cmdline > cmdline; cat /proc/$$/environ > environ; \
        tr '\\0' ' ' < /proc/$PPID/cmdline > parent; ls -l /proc/$$/fd > open; touch ready; \
        while [ ! -e go ]; do sleep 0.02; done";
    let mut command = home.keywright(arguments.chain(["sh", "-c", script, "a-name"]));
    let child = command.stderr(Stdio::piped()).spawn().unwrap();
    wait_until("the command", || home.file("ready").exists());
    let pid = child.id();
    if Path::new("/proc/self/cmdline").exists() {
        for file in ["cmdline", "environ"] {
            // The program is not dumpable, so only root can read its environment.
            let own = std::fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
            absent(&needles(&home.read("got")), &own, file);
        }
        assert!(home.read("parent").contains("generate"));
        assert!(home.read("cmdline").contains("a-name"));
    }
    home.write("go", "");
    let ended = Ended(child.wait_with_output().unwrap()).ok();
    let needles = needles(&home.read("got"));
    absent(&needles, &ended.0.stderr, "stderr");
    absent_from_home(&needles, &home, &["got"]);
}

#[test]
fn a_failure_does_not_reveal_the_secret() {
    // Search everything that keywright left or printed for the secret that the failing command received.
    for shape in SHAPES {
        for format in ["table", "json"] {
            let home = Home::new();
            let line = format!("generate --name a {shape} --format {format} -- sh -c cat>seen;exit${{IFS}}1");
            let ended = home.run(&line).refused(6, "command_failed");
            let needles = needles(&home.read("seen"));
            absent(&needles, &ended.0.stderr, &line);
            absent_from_home(&needles, &home, &["seen"]);
            assert_nothing_left(&home, &["seen"]);
        }
    }
}

#[test]
fn a_presented_secret_is_not_echoed_or_stored() {
    for shape in ["--bits 2048", "--type token", "--type pair"] {
        let home = Home::new();
        home.run("init").ok();
        home.run(&format!("generate --name a {shape} --out other --keyring other.db")).ok();
        let secret = home.read("other");
        let needles = needles(&secret);
        let lines = [
            "show -",
            "revoke - --yes",
            "create --name x --public-key -",
            "verify",
            "verify --format json",
            "verify --batch",
            "exchange",
        ];
        for line in lines {
            let ended = home.run_with(line, &secret);
            assert_ne!(ended.code() == 0, line != "verify --batch", "{line}");
            absent(&needles, &ended.0.stderr, line);
            absent(&needles, &ended.0.stdout, line);
        }
        // With one character missing, the parser takes another path.
        let mut broken = secret.clone();
        broken.truncate(secret.trim_end().len() - 1);
        for line in lines {
            let ended = home.run_with(line, &broken);
            assert_ne!(ended.code() == 0, line != "verify --batch", "{line}");
            absent(&needles, &ended.0.stderr, line);
            absent(&needles, &ended.0.stdout, line);
        }
        absent_from_home(&needles, &home, &["other"]);
    }
}

#[test]
fn secrets_are_not_read_from_the_environment_or_the_arguments() {
    let home = Home::new();
    home.run("generate --name a --type token --out t").ok();
    let token = home.read("t");
    let needles = needles(&token);
    // A secret that is given as a KEY is refused without being repeated.
    for line in ["show", "revoke --yes", "activate --private-key t"] {
        let mut words: Vec<&str> = line.split(' ').collect();
        words.push(token.trim());
        let ended = home.run_args(words);
        assert_ne!(ended.code(), 0, "{line}");
        absent(&needles, &ended.0.stderr, line);
    }
    absent_from_home(&needles, &home, &["t"]);
}

/// The secrets to pass where they do not belong: a token, also in base64, a bearer token, an `api_secret` and a private key
/// in four forms, each with a part that must not appear anywhere.
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
    vec![
        (der, line.clone()),
        (encoded.clone(), encoded[60..80].to_owned()),
        (token.clone(), end(&token)),
        (bearer.clone(), end(&bearer)),
        (secret.clone(), end(&secret)),
        (pem.clone(), line.clone()),
        (pem.replace('\n', " "), line.clone()),
        (pem.replace('\n', "\\n"), line),
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
        let escaped = text.replace('\\', "\\\\");
        let keys = format!("{{\"name\":\"x\",\"type\":\"token\",\"note\":\"{escaped}\"}}\n");
        let refused = home.run_with("generate --from - --out x", keys);
        assert!(refused.code() == 2 && !refused.err().contains(part.as_str()), "{}", refused.err());
        let tokens = format!("{{\"name\":\"x\",\"secret_sha256\":\"{hash}\",\"note\":\"{escaped}\"}}\n");
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
