//! Tests of secrets and keys that arrive in files, headers, pipes and base64: every command reads them in the same way.

use super::{
    exchange::assertion::{signed, with_key_pairs},
    home::{Ended, Home, KEYWRIGHT},
    tools::{fixture, have},
};
use base64ct::{Base64, Encoding};
use std::{fs, os::unix::fs::PermissionsExt as _};

/// Returns a secret in the forms in which users have it. `secret` is one line or a PEM block.
fn forms(secret: &str) -> Vec<String> {
    let secret = secret.trim();
    let base64 = Base64::encode_string(format!("{secret}\n").as_bytes());
    let wrapped: Vec<_> = base64.as_bytes().chunks(76).map(|line| str::from_utf8(line).unwrap()).collect();
    let mut forms = vec![
        secret.to_owned(),
        format!("\u{feff}{secret}\r\n"),
        format!("\"{secret}\"\n"),
        format!("'{secret}'"),
        base64.clone(),
        wrapped.join("\n"),
        format!("kind: Secret\napiVersion: v1\ndata:\n  api-key-id: eA==\n  mine: {base64}\n")
            .replace("  api-key-id: eA==\n", ""),
    ];
    if !secret.contains('\n') {
        forms.push(format!("Bearer {secret}"));
        forms.push(format!("Authorization: Bearer {secret}\r\n"));
        forms.push(format!("X-API-Key: {secret}\n"));
    }
    forms
}

/// Returns the `name` in the JSON that a command prints.
fn name(ended: Ended) -> String {
    ended.ok().json()["name"].as_str().unwrap().to_owned()
}

#[test]
fn every_command_reads_a_token_in_every_form() {
    let home = Home::new();
    let mut files = Vec::new();
    for format in ["raw", "dotenv", "k8s-secret", "json"] {
        home.run(&format!("generate --name t-{format} --type token --secret-format {format} --out t-{format}")).ok();
        files.push((format!("t-{format}"), home.read(&format!("t-{format}"))));
    }
    let raw = home.read("t-raw");
    files.extend(forms(&raw).into_iter().map(|form| ("t-raw".to_owned(), form)));
    for (key, form) in files {
        for form in [form.clone(), Base64::encode_string(form.as_bytes())] {
            home.write("secret", &form);
            assert_eq!(name(home.run_with("verify --format json", &form)), key, "{form}");
            assert_eq!(name(home.run_with("show - --format json", &form)), key, "{form}");
            assert_eq!(
                name(home.run_with("show - --format json", std::fs::read(home.file("secret")).unwrap())),
                key,
                "{form}"
            );
            assert_eq!(name(home.run(&format!("activate {key} --private-key secret --format json"))), key, "{form}");
        }
    }
    let rotated = home.run_with("rotate - --out new --format json", format!("Authorization: Bearer {raw}")).ok();
    assert_eq!(rotated.json()["name"], "t-raw");
}

#[test]
fn a_pair_is_exchanged_in_every_form() {
    let home = Home::new();
    let pair = home.generate("--name p --type pair");
    let (api_key, secret) = (pair["api_key"].as_str().unwrap(), pair["api_secret"].as_str().unwrap());
    let basic = Base64::encode_string(format!("{api_key}:{secret}").as_bytes());
    for form in [
        format!("{api_key} {secret}"),
        format!("{api_key}:{secret}"),
        format!("\"{api_key}\"\n\"{secret}\"\n"),
        format!("X-API-Key: {api_key}\r\nX-API-Secret: {secret}\r\n"),
        format!("Authorization: Basic {basic}"),
        format!("API_KEY={api_key}\nAPI_SECRET='{secret}'\n"),
        format!("kind: Secret\nstringData:\n  api-key: {api_key}\n  api-secret: \"{secret}\"\n"),
        pair.to_string(),
        Base64::encode_string(pair.to_string().as_bytes()),
    ] {
        assert_eq!(name(home.run_with("verify --format json", &form)), "p", "{form}");
        let token = home.run_with("exchange --format json", &form).ok().json()["access_token"].clone();
        let bearer = format!("Authorization: Bearer {}", token.as_str().unwrap());
        assert_eq!(name(home.run_with("verify --format json", &bearer)), "p");
    }
    let twice =
        home.run_with("verify --format json", format!("API_KEY={api_key}\nAPI_SECRET={secret}\nAPI_KEY=other\n"));
    assert_eq!(twice.code(), 1);
    assert_eq!(twice.json()["message"], "lines 1 and 3 both set API_KEY; remove one of them");
    let twice = home.run_with("exchange", format!("API_KEY={api_key}\nAPI_SECRET={secret}\nAPI_KEY=other\n"));
    assert!(twice.refused(2, "invalid_secret").err().contains("lines 1 and 3 both set API_KEY"));
    let nested = format!("{{\"api_key\":\"{api_key}\",\"api_secret\":\"{secret}\",\"labels\":{{\"a\":1,\"a\":2}}}}");
    let repeated = home.run_with("exchange", nested).refused(2, "invalid_secret");
    assert!(repeated.err().contains("the field `a` is repeated"), "{}", repeated.err());
}

#[test]
fn a_private_key_signs_in_every_form() {
    let home = Home::new();
    let pem = fs::read_to_string(fixture("rsa2048.private.pkcs8.pem")).unwrap();
    home.run(&format!("create --name rsa --public-key {}", fixture("rsa2048.spki.pem"))).ok();
    let escaped = pem.replace('\n', "\\n");
    let line = "--key-id 4ab2c9c0-5a4e-4c53-9d1c-8f0b6c1d2e3f --method GET --path https://x/";
    let mut all = forms(&pem);
    all.extend([
        format!("Dear Ann,\n\n{pem}\nBest regards\n"),
        format!("API_KEY_ID=x\nAPI_PRIVATE_KEY=\"{escaped}\"\n"),
        format!("{{\"private_key\":\"{}\"}}", escaped.replace('/', "\\/")),
        Base64::encode_string(&fs::read(fixture("rsa2048.private.pkcs8.der")).unwrap()),
    ]);
    for form in all {
        let path = home.write("key", &form);
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
        home.run(&format!("sign --private-key key {line}")).ok();
        assert_eq!(name(home.run_with("show - --format json", &form)), "rsa", "{form}");
    }
}

#[test]
fn the_wrong_kind_of_input_is_named() {
    let home = Home::new();
    let token = home.generate("--name t --type token")["token"].as_str().unwrap().to_owned();
    let secret = home.generate("--name p --type pair")["api_secret"].as_str().unwrap().to_owned();
    let public = fs::read_to_string(fixture("rsa2048.spki.pem")).unwrap();
    let sign = "sign --private-key - --key-id 4ab2c9c0-5a4e-4c53-9d1c-8f0b6c1d2e3f --method GET --path https://x/";
    for (line, input, code, found) in [
        (sign, &token, "invalid_secret", "a token, but a private key is needed"),
        (sign, &secret, "invalid_secret", "an `api_secret`, but a private key is needed"),
        (sign, &public, "invalid_secret", "a public key, but a private key is needed"),
        ("create --name x --public-key -", &token, "public_key_missing", "a token, but a public key is needed"),
        (
            "create --name x --public-key -",
            &secret,
            "public_key_missing",
            "an `api_secret`, but a public key is needed",
        ),
        ("show -", &public, "invalid_secret", "a public key, but a secret is needed"),
        ("show -", &public, "invalid_secret", "a public key, but a secret is needed"),
        ("exchange", &public, "invalid_secret", "a public key or a certificate, not a secret"),
    ] {
        let refused = home.run_with(line, input).refused(2, code);
        assert!(refused.err().contains(found), "{line}: {}", refused.err());
        assert!(!refused.err().contains(token.as_str()) && !refused.err().contains(secret.as_str()));
    }
    let verified = home.run_with("verify --format json", &public);
    assert_eq!((verified.code(), verified.json()["code"].as_str()), (1, Some("malformed")));
    assert!(verified.json()["message"].as_str().unwrap().contains("a public key"), "{}", verified.out());
}

#[test]
fn a_secret_and_a_key_are_read_from_a_process_substitution() {
    if !have("bash") {
        return;
    }
    let home = Home::new();
    home.run("generate --name t --type token --out t").ok();
    let private = fixture("rsa2048.private.pkcs8.pem");
    let sign = "--key-id 4ab2c9c0-5a4e-4c53-9d1c-8f0b6c1d2e3f --method GET --path https://x/";
    let bash = |script: &str| {
        let script = script.replace("keywright", KEYWRIGHT);
        Ended(home.program("bash").args(["-c", &script]).output().unwrap())
    };
    for script in [
        "keywright verify --token-file <(sleep 0.1; cat t)".to_owned(),
        "cat t | keywright verify --token-file /dev/stdin".to_owned(),
        "keywright show - < <(cat t)".to_owned(),
        format!("keywright sign --private-key <(cat {private}) {sign}"),
        format!("keywright create --name rsa --public-key <(cat {})", fixture("rsa2048.spki.pem")),
        format!("keywright import --dry-run <(echo '{{\"name\":\"i\",\"secret_sha256\":\"{}\"}}')", "ab".repeat(32)),
    ] {
        bash(&script).ok();
    }
    bash("keywright verify --token-file <(head -c 65537 /dev/zero)").refused(2, "input_too_large");
    bash("keywright show - < <(head -c 10000000 /dev/zero)").refused(2, "input_too_large");
}

#[test]
fn an_input_that_never_ends_is_given_up() {
    let home = Home::new();
    home.generate("--name t --type token");
    for line in ["activate --from -", "show -", "verify", "import -", "create --name x --public-key -"] {
        let endless = fs::File::open("/dev/zero").unwrap();
        let ended = Ended(home.keywright(line.split(' ')).stdin(endless).output().unwrap());
        assert!(ended.err().contains("input_too_large"), "{line}: {}", ended.err());
        assert_ne!(ended.code(), 0);
    }
}

#[test]
fn a_line_that_the_terminal_may_have_cut_is_refused() {
    if !have("script") || !have("mkfifo") {
        return;
    }
    let home = Home::new();
    home.generate("--name t --type token");
    home.write("long", format!("{}\n", "x".repeat(5000)));
    // Text typed before the prompt is discarded, so the test waits for the prompt as a person does.
    let talk = format!(
        "mkfifo keys; (exec 3>keys; until grep -q 'secret: ' seen; do sleep 0.02; done; cat long >&3; \
         until grep -q ended seen; do sleep 0.02; done) & \
         script -qefc '{KEYWRIGHT} show -; echo ended' seen < keys > /dev/null; wait"
    );
    home.write("seen", "");
    let status = home.program("timeout").args(["20", "sh", "-c", &talk]).env("SHELL", "/bin/sh").status().unwrap();
    let seen = home.read("seen");
    assert!(status.success() && seen.contains("error[input_too_large]"), "{seen}");
}

#[test]
fn nothing_of_a_pasted_secret_reaches_the_shell() {
    if !have("script") || !have("mkfifo") {
        return;
    }
    let home = with_key_pairs();
    home.run("generate --name e --type ed25519 --out e.pem").ok();
    let pair = home.generate("--name p --type pair");
    let pair =
        format!("API_KEY={}\nAPI_SECRET={}\n", pair["api_key"].as_str().unwrap(), pair["api_secret"].as_str().unwrap());
    home.write("p.env", pair);
    home.write("assertion.env", format!("# for a minute\nCLIENT_ASSERTION={}\n", signed(&home)));
    let id = home.run("show e --format id").ok().out().trim().to_owned();
    for (line, file, said) in [
        ("show -", "e.pem", "active"),
        ("verify", "p.env", "valid"),
        ("exchange --dry-run", "assertion.env", "would issue a bearer token"),
        (&*format!("sign --private-key - --key-id {id} --method GET --path https://x/a"), "e.pem", "Signature-Input"),
    ] {
        let talk = format!(
            "rm -f keys; mkfifo keys; (exec 3>keys; until grep -q 'secret: ' seen; do sleep 0.02; done; cat {file} >&3; \
             until grep -q ended seen; do sleep 0.02; done) & \
             script -qefc '{KEYWRIGHT} {line}; timeout 0.5 cat > rest; echo ended' seen < keys > /dev/null; wait"
        );
        home.write("seen", "");
        let status = home.program("timeout").args(["20", "sh", "-c", &talk]).env("SHELL", "/bin/sh").status().unwrap();
        let seen = home.read("seen");
        assert!(status.success() && seen.contains(said), "{line}: {seen}");
        let secret = home.read(file).lines().nth(1).unwrap()[..30].to_owned();
        assert!(!seen.contains(&secret), "{line} repeats the secret: {seen}");
        assert_eq!(home.read("rest"), "", "{line}");
    }
}

#[test]
fn a_byte_order_mark_is_ignored() {
    let home = Home::new();
    home.write("keys", "\u{feff}{\"name\":\"a\",\"type\":\"token\"}\n");
    home.run("generate --from keys --out secrets").ok();
    home.write("contract", "\u{feff}{\"contract\":\"x\"}");
    home.run("policy load contract --yes").ok();
}

#[test]
fn a_pattern_that_matches_nothing_by_mistake_is_refused() {
    let home = Home::new();
    home.run("generate --name [x --type token --out x").ok();
    for pattern in ["[x", "a[", "[z-a]*"] {
        home.run_args(["list", "--name", pattern]).refused(2, "usage");
    }
    assert_eq!(home.names("--name [[]x"), ["[x"]);
}
