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
