//! Tests of `show`.

use super::{
    generate::assert_fields,
    home::Home,
    tools::{self, fixture},
};

#[test]
fn every_reference_finds_the_key() {
    let home = Home::new();
    home.generate("--name other --type token");
    let rsa = home.generate("--name rsa --bits 2048");
    let pair = home.generate("--name pair --type pair");
    let token = home.generate("--name token --type token --env live --prefix acme");
    let text = |key: &serde_json::Value, field: &str| key[field].as_str().unwrap().to_owned();
    let id = |key| text(key, "api_key_id");
    let fingerprint = text(&rsa, "fingerprint");
    for (key, forms) in [
        (
            &rsa,
            vec![
                "rsa".to_owned(),
                id(&rsa),
                id(&rsa).to_uppercase(),
                id(&rsa).replace('-', ""),
                id(&rsa)[..8].to_owned(),
                id(&rsa)[..15].to_owned(),
                fingerprint.clone(),
                fingerprint.to_uppercase(),
                fingerprint[..8].to_owned(),
                fingerprint[..40].to_owned(),
            ],
        ),
        (&token, vec!["token".to_owned(), id(&token), id(&token)[..6].to_owned(), text(&token, "prefix")]),
        (&pair, vec!["pair".to_owned(), id(&pair), text(&pair, "prefix"), text(&pair, "api_key")]),
    ] {
        for form in forms {
            let shown = home.run(&format!("show {form} --format json")).ok();
            assert_eq!(shown.json()["api_key_id"], key["api_key_id"], "{form}");
            assert_fields(shown.out().trim_end(), &[]);
        }
    }
}

#[test]
fn short_and_unknown_references_find_nothing() {
    let home = Home::new();
    let key = home.generate("--name rsa --bits 2048");
    let id = key["api_key_id"].as_str().unwrap();
    for form in [
        &id[..5],
        &key["fingerprint"].as_str().unwrap()[..7],
        "nobody",
        "RSA",
        "rs",
        "00000000-0000-4000-8000-000000000000",
    ] {
        let refused = home.run(&format!("show {form}")).refused(3, "not_found");
        assert!(refused.err().contains("keywright list --all"), "{}", refused.err());
    }
    home.run("show kw_test_2Gx8aiEc").refused(3, "not_found");
    for form in ["", "a\nb", "\u{1b}[1m", &"x".repeat(10_000)] {
        let refused = home.run_args(["show", "--", form]).refused(2, "invalid_reference");
        assert!(!refused.err().contains('\u{1b}') && refused.err().len() < 1000, "{}", refused.err());
    }
    home.run("show").refused(2, "usage");
    home.run("show rsa rsa").refused(2, "usage");
}

#[test]
fn an_ambiguous_reference_finds_nothing() {
    let home = Home::new();
    let test = home.generate("--name ci --type token");
    let live = home.generate("--name ci --type token --env live");
    let refused = home.run("show ci").refused(4, "ambiguous");
    for key in [&test, &live] {
        assert!(refused.err().contains(key["api_key_id"].as_str().unwrap()), "{}", refused.err());
    }
    assert!(refused.err().contains("(ci") || refused.err().contains("ci (live, active)"), "{}", refused.err());
    let error = home.run("show ci --format json").refused(4, "ambiguous").error();
    let details = error["details"].as_array().unwrap();
    let candidates: Vec<_> = details.iter().map(|detail| &detail["type"]).collect();
    assert!(
        candidates.len() == 2 && candidates.contains(&&test["api_key_id"]) && candidates.contains(&&live["api_key_id"])
    );
    // The name is also the start of the id of another key.
    let start = test["api_key_id"].as_str().unwrap()[..8].to_owned();
    home.generate(&format!("--name {start} --type token"));
    home.run(&format!("show {start}")).refused(4, "ambiguous");
    home.run(&format!("revoke {start} --yes")).refused(4, "ambiguous");
    assert_eq!(home.ids("--status revoked").len(), 0);
    home.run(&format!("show {}", test["api_key_id"].as_str().unwrap())).ok();
}

#[test]
fn a_name_means_the_key_that_has_not_ended() {
    let home = Home::new();
    home.generate("--name ci --type token");
    home.run("revoke ci --yes").ok();
    assert_eq!(home.run("show ci --format json").ok().json()["status"], "revoked", "no other output has the secret");
    let now = home.generate("--name ci --type token");
    assert_eq!(home.run("show ci --format json").ok().json()["api_key_id"], now["api_key_id"]);
    home.run("revoke ci --yes").ok();
    home.run("show ci").refused(4, "ambiguous");
}

#[test]
fn a_secret_is_not_accepted_as_an_argument() {
    let home = Home::new();
    let token = home.generate("--name a --type token")["token"].as_str().unwrap().to_owned();
    let secret = home.generate("--name b --type pair")["api_secret"].as_str().unwrap().to_owned();
    for (given, tail) in [(&token, token.rsplit_once('_').unwrap().1), (&secret, secret.as_str())] {
        for line in ["show", "revoke --yes", "list --after", "activate --private-key x", "show --format json", "show a"]
        {
            let ended = home.run(&format!("{line} {given}"));
            assert_eq!(ended.code(), 2, "{line}");
            assert!(!ended.err().contains(tail) && ended.out().is_empty(), "{line}: {}", ended.err());
        }
        let refused = home.run(&format!("show {given}")).refused(2, "invalid_reference");
        assert!(refused.err().contains("standard input"), "{}", refused.err());
        // The secret is given as the value of an unknown option, and as the value of a known option.
        for line in [
            format!("show --token={given}"),
            format!("show {given}x{given}"),
            format!("--format {given} list"),
            given.clone(),
        ] {
            let ended = home.run(&line);
            assert_eq!(ended.code(), 2);
            assert!(!ended.err().contains(tail), "{line}: {}", ended.err());
        }
    }
}

#[test]
fn a_secret_on_standard_input_finds_its_key() {
    let home = Home::new();
    home.run("generate --name rsa --bits 2048 --out rsa.pem").ok();
    home.run("generate --name old --bits 2048 --pem pkcs1 --out old.pem").ok();
    for format in ["raw", "dotenv", "k8s-secret", "json"] {
        home.run(&format!("generate --name token-{format} --type token --secret-format {format} --out token-{format}"))
            .ok();
        home.run(&format!("generate --name pair-{format} --type pair --secret-format {format} --out pair-{format}"))
            .ok();
    }
    for file in home.files() {
        let shown = home.run_with("show - --format json", home.read(&file)).ok().json();
        assert_eq!(shown["name"], file.trim_end_matches(".pem"));
    }
    let token = home.read("token-raw");
    for text in [
        format!("  {}\r\n", token.trim()),
        format!("export TOKEN='{}' # leaked", token.trim()),
        format!("{{\"auth\":\"Bearer {}\"}}", token.trim()),
        token.trim().to_owned(),
    ] {
        assert_eq!(home.run_with("show - --format json", text).ok().json()["name"], "token-raw");
    }
    home.run("revoke token-raw --yes").ok();
    assert_eq!(home.run_with("show - --format json", &token).ok().json()["status"], "revoked");
}

#[test]
fn standard_input_without_a_known_secret_is_refused() {
    let home = Home::new();
    home.run("generate --name a --type token --out a").ok();
    home.run("generate --name b --type token --out b").ok();
    let (a, b) = (home.read("a"), home.read("b"));
    let typo = a.trim().replace("_test_", "_live_");
    let foreign = Home::new().generate("--name x --type token")["token"].as_str().unwrap().to_owned();
    let pem = std::fs::read_to_string(fixture("rsa2048.private.pkcs8.pem")).unwrap();
    for (input, exit, code) in [
        (String::new(), 2, "invalid_secret"),
        ("nonsense\n".to_owned(), 2, "invalid_secret"),
        (typo, 2, "invalid_secret"),
        (a.trim()[..60].to_owned(), 2, "invalid_secret"),
        (foreign, 3, "not_found"),
        (pem, 3, "not_found"),
        (a.clone() + &b, 4, "ambiguous"),
        ("x".repeat(70_000), 2, "input_too_large"),
    ] {
        let refused = home.run_with("show -", &input).refused(exit, code);
        let tail = &input[input.len().saturating_sub(60)..].trim_end();
        assert!(tail.len() < 20 || !refused.err().contains(tail), "{}", refused.err());
    }
}

#[test]
fn a_typed_secret_is_not_echoed() {
    let home = Home::new();
    let token = home.generate("--name ci --type token")["token"].as_str().unwrap().to_owned();
    // Text typed before the prompt is discarded, so the test waits for the prompt as a person does.
    if !tools::have("script") || !tools::have("mkfifo") {
        return;
    }
    let talk = format!(
        "mkfifo keys; (exec 3>keys; until grep -q 'secret: ' seen; do sleep 0.02; done; printf '%s\\n' '{token}' >&3; \
         until grep -q ended seen; do sleep 0.02; done) & \
         script -qefc '{} show - --format id; echo ended' seen < keys > /dev/null; wait",
        super::home::KEYWRIGHT
    );
    home.write("seen", "");
    let status = home.program("timeout").args(["20", "sh", "-c", &talk]).env("SHELL", "/bin/sh").status().unwrap();
    let seen = home.read("seen");
    assert!(status.success(), "{seen}");
    assert!(seen.contains(&home.ids("")[0]), "{seen}");
    assert!(!seen.contains(token.rsplit_once('_').unwrap().1), "{seen}");
}

#[test]
fn every_format_shows_the_key() {
    let home = Home::new();
    let key = home.generate("--name rsa --bits 2048 --owner acme");
    let table = home.run("show rsa").ok().out();
    for text in [
        "name",
        "rsa, 2048 bits",
        "acme",
        "SHA-256 of the SPKI",
        key["fingerprint"].as_str().unwrap(),
        key["public_key"].as_str().unwrap(),
    ] {
        assert!(table.contains(text), "{text}: {table}");
    }
    assert!(!table.contains('\u{1b}'));
    assert!(home.run("show rsa --color always").ok().out().contains('\u{1b}'));
    assert_eq!(home.run("show rsa --format id").ok().out(), format!("{}\n", key["api_key_id"].as_str().unwrap()));
    let json = home.run("show rsa --format json").ok();
    assert_eq!(json.out(), home.run("show rsa --format jsonl").ok().out());
    let csv = home.run("show rsa --format csv").ok();
    assert_eq!(csv::Reader::from_reader(csv.0.stdout.as_slice()).records().count(), 1);
    assert_eq!(json.err(), "");
}

#[test]
fn an_environment_beside_a_secret_must_be_that_of_its_key() {
    let home = Home::new();
    let token = home.generate("--name a --type token --env test")["token"].as_str().unwrap().to_owned();
    for (line, done) in [("show", "show"), ("update --note x", "update --note y"), ("revoke --yes", "revoke --yes")] {
        let before = home.state();
        let refused =
            home.run_with(&format!("{line} - --env live --format json"), &token).refused(3, "not_found").error();
        assert!(refused["hint"].as_str().unwrap().contains("--env test"), "{refused}");
        assert_eq!(home.state(), before, "{line}");
        home.run_with(&format!("{done} - --env test"), &token).ok();
    }
}

#[test]
fn a_hint_leads_from_a_reference_to_the_key_that_is_meant() {
    let home = Home::new();
    home.run("generate --name web-shop --type token --out a").ok();
    let typo = home.run("show web-shpo").refused(3, "not_found");
    assert!(typo.err().contains("did you mean `web-shop`?"), "{}", typo.err());
    let other = home.run("show xyz").refused(3, "not_found");
    assert!(!other.err().contains("did you mean"), "{}", other.err());
    home.run("generate --name web-shop --env live --type token --out b").ok();
    let both = home.run("show web-shop").refused(4, "ambiguous");
    assert!(both.err().contains("or pass --env test or --env live"), "{}", both.err());
    assert_eq!(home.run("show web-shop --env live --format json").ok().json()["env"], "live");
}
