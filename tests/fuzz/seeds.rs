//! Valid input, as the program itself and other programs write it.

use keywright::{
    key::{Secret, Time},
    keypair::{KeyPair, PublicKey, SignatureAlgorithm, Verifier},
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};
use tempfile::TempDir;

/// The number of consecutive characters of a secret that may not be repeated.
const WINDOW: usize = 12;

/// The message that is signed.
pub(super) const MESSAGE: &[u8] = b"1767225600000GET/trade-api/v2/orders";

pub(super) struct Seeds {
    home: TempDir,
    /// A token, a pair and bearer tokens, in every form in which the program writes or reads them.
    pub(super) secrets: Vec<Vec<u8>>,
    /// Some of these secrets as they are recognized, each with the part that is not public.
    hidden: Vec<(String, String)>,
    pub(super) public_keys: Vec<Vec<u8>>,
    pub(super) private_keys: Vec<Vec<u8>>,
    pub(super) imports: Vec<Vec<u8>>,
    pub(super) descriptions: Vec<Vec<u8>>,
    pub(super) contracts: Vec<Vec<u8>>,
    pub(super) requests: Vec<Vec<u8>>,
    pub(super) backup: Vec<u8>,
    pub(super) verifier: Verifier,
    pub(super) signature: Vec<u8>,
    pub(super) now: Time,
}

/// The files in `tests/data/keys` whose names contain a word.
fn fixtures(wanted: impl Fn(&str) -> bool) -> Vec<Vec<u8>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/keys");
    let mut files: Vec<PathBuf> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    files.iter().filter(|path| wanted(&name(path))).map(|path| fs::read(path).unwrap()).collect()
}

fn is_private(name: &str) -> bool {
    ["private", "openssh", "p12", "ppk"].iter().any(|word| name.contains(word))
}

impl Seeds {
    pub(super) fn new() -> Self {
        let home = tempfile::Builder::new().prefix("keywright-test-").tempdir().unwrap();
        let run = |line: &str, input: &[u8]| run(home.path(), line, input);
        let mut secrets = Vec::new();
        for key_type in ["token", "pair"] {
            for format in ["raw", "dotenv", "json", "k8s-secret"] {
                let format = if format == "raw" { String::new() } else { format!("--secret-format {format}") };
                let name = format!("{key_type}-{}", secrets.len());
                secrets.push(run(&format!("generate --name {name} --type {key_type} {format}"), b""));
            }
        }
        let token = String::from_utf8(secrets[0].clone()).unwrap().trim().to_owned();
        secrets.push(run("exchange", &secrets[6]));
        let encoded = base64(token.as_bytes());
        for form in [
            format!("Authorization: Bearer {token}"),
            format!("'{token}'"),
            format!("X-Api-Key: {token}\r\n"),
            encoded,
            format!("export API_TOKEN=\"{token}\"\n"),
        ] {
            secrets.push(form.into_bytes());
        }
        let mut hidden = vec![(token.clone(), token[token.len() - 49..].to_owned())];
        for secret in &secrets[4..8] {
            let text = String::from_utf8_lossy(secret).into_owned();
            let words = text.split(|c: char| !c.is_ascii_alphanumeric());
            hidden.extend(words.filter(|word| word.len() == 64).map(|word| (word.to_owned(), word.to_owned())));
        }
        run("create --name no-secret --public-key -", &fixtures(|name| name == "rsa2048.spki.pem")[0]);
        let private = fixtures(|name| name == "rsa2048.private.pkcs8.pem").remove(0);
        let key = home.path().join("key.pem");
        fs::write(&key, &private).unwrap();
        let other = home.path().join("ed25519.pem");
        fs::write(&other, fixtures(|name| name == "ed25519.private.pem").remove(0)).unwrap();
        let ed25519 = other.display().to_string();
        let line = format!(
            "sign --private-key {} --insecure-permissions --key-id 00000000-0000-4000-8000-000000000000 --method GET \
             --path https://example.com/a?b=c --scheme",
            key.display()
        );
        let requests = ["kalshi", "robinhood", "http-message-signatures"].into_iter().flat_map(|scheme| {
            let line =
                if scheme == "robinhood" { line.replace(&*key.to_string_lossy(), &ed25519) } else { line.clone() };
            let headers = run(&format!("{line} {scheme} --format json"), b"");
            let headers: serde_json::Value = serde_json::from_slice(&headers).unwrap();
            let json = serde_json::json!({"method": "GET", "url": "https://example.com/a?b=c", "headers": headers});
            let lines = String::from_utf8(run(&format!("{line} {scheme}"), b"")).unwrap().replace('\n', "\r\n");
            let http = format!("GET /a?b=c HTTP/1.1\r\nHost: example.com\r\n{lines}\r\nbody");
            [json.to_string().into_bytes(), http.into_bytes()]
        });
        let requests: Vec<Vec<u8>> = requests.collect();
        let exported = run("export --format jsonl --all", b"");
        let foreign =
            format!("{{\"name\":\"foreign\",\"secret_sha256\":\"{}\",\"prefix\":\"sk_\"}}\n", "ab".repeat(32));
        let leaked = format!("{{\"name\":\"leaked\",\"token\":\"{token}\"}}\n");
        let path = home.path().join("saved");
        run(&format!("backup {}", path.display()), b"");
        let public = fixtures(|name| name == "rsa2048.spki.pem").remove(0);
        let verifier = PublicKey::read(&public, false).unwrap().verifier().unwrap();
        let signature =
            KeyPair::from_private(&private).unwrap().sign(SignatureAlgorithm::RsaPssSha256, MESSAGE).unwrap();
        let contracts = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/contract/builtin")).unwrap();
        Self {
            secrets,
            hidden,
            public_keys: fixtures(|name| !is_private(name) && !name.starts_with("weak")),
            private_keys: fixtures(is_private),
            imports: vec![exported, foreign.into_bytes(), leaked.into_bytes(), public],
            descriptions: vec![
                br#"{"name":"a","type":"token","env":"live","owner":"acme","scopes":["a:b","c"],"expires":"90d"}"#.to_vec(),
                br#"{"name":"b","allowed_ips":["10.0.0.0/8","::1"],"rate_limit":"60/min,3000/hour","labels":{"a":"b"}}"#
                    .to_vec(),
                br#"{"name":"c","rate_limit":{"requests_per_minute":1},"note":"text","scopes":"a b,c"}"#.to_vec(),
            ],
            contracts: contracts.map(|entry| fs::read(entry.unwrap().path()).unwrap()).collect(),
            requests,
            backup: fs::read(path).unwrap(),
            verifier,
            signature,
            now: Time::from_seconds(1_767_225_600),
            home,
        }
    }

    /// Writes a file, and returns its path.
    pub(super) fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.home.path().join(name);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    /// Runs the program with arguments, and returns everything that it prints.
    pub(super) fn output(&self, arguments: &[String]) -> (Option<i32>, String) {
        let output = program(self.home.path()).args(arguments).stdin(Stdio::null()).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&text).into_owned())
    }

    /// Returns `true` if a text contains a part of a secret that is complete in the input. A part of a secret alone is
    /// not recognized.
    pub(super) fn is_leak(&self, input: &[u8], text: &str) -> bool {
        let mut given = self.hidden.iter().filter(|(whole, _)| contains(input, whole.as_bytes()));
        given.any(|(_, part)| contains_part(text, part.as_bytes()))
    }

    /// Returns `true` if a text contains a part of a private key that is complete in the input.
    pub(super) fn is_private_leak(&self, input: &[u8], text: &str) -> bool {
        let given = self.private_keys.iter().filter(|key| contains(input, key.trim_ascii()));
        let mut lines = given.flat_map(|key| key.split(|byte| *byte == b'\n')).filter(|line| line.len() == 64);
        lines.any(|line| contains_part(text, line))
    }

    pub(super) fn token(&self) -> String {
        String::from_utf8(self.secrets[0].clone()).unwrap().trim().to_owned()
    }
}

fn contains(input: &[u8], part: &[u8]) -> bool {
    input.windows(part.len()).any(|found| found == part)
}

fn contains_part(text: &str, secret: &[u8]) -> bool {
    text.len() >= WINDOW
        && secret.windows(WINDOW).any(|part| text.as_bytes().windows(WINDOW).any(|found| found == part))
}

fn program(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_keywright"));
    command.current_dir(home).env_clear().env("HOME", home);
    command
}

fn run(home: &Path, line: &str, input: &[u8]) -> Vec<u8> {
    fs::write(home.join("input"), input).unwrap();
    let input = fs::File::open(home.join("input")).unwrap();
    let output = program(home).args(line.split_whitespace()).stdin(input).output().unwrap();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn base64(bytes: &[u8]) -> String {
    use base64ct::Encoding as _;
    base64ct::Base64::encode_string(bytes)
}

/// Returns the text of a secret, for parsers of other things.
pub(super) fn text(secret: &Secret) -> String {
    String::from_utf8_lossy(secret.expose()).into_owned()
}
