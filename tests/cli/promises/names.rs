//! Tests of names and owners that look alike: new text is stored in one form, and text from earlier versions still works.

use super::*;

/// `Büro` in Normalization Form C and in Normalization Form D.
const FORMS: [&str; 2] = ["B\u{fc}ro", "Bu\u{308}ro"];

/// Creates a home with a key whose name and owner are as an earlier version could have stored them.
fn imported(name: &str, owner: &str) -> Home {
    let home = Home::new();
    home.generate("--name old --owner old-owner --type token --env live");
    let export = home.run("export --format jsonl --all").ok().out();
    let home = Home::new();
    let export = export.replace("\"old\"", &format!("\"{name}\"")).replace("\"old-owner\"", &format!("\"{owner}\""));
    home.write("export.jsonl", export);
    home.run("import export.jsonl --yes").ok();
    home
}

#[test]
fn names_that_differ_only_in_normalization_are_the_same() {
    for [first, second] in [FORMS, [FORMS[1], FORMS[0]]] {
        let home = Home::new();
        home.run_args(["generate", "--type", "token", "--name", first, "--owner", first, "--out", "t"]).ok();
        home.run_args(["generate", "--type", "token", "--name", second]).refused(4, "name_taken");
        assert_eq!(home.run_args(["show", second, "--format", "json"]).ok().json()["name"], FORMS[0]);
        assert_eq!(home.run_args(["list", "--owner", second, "--format", "id"]).ok().out().lines().count(), 1);
        home.run_args(["revoke", second, "--yes"]).ok();
    }
}

#[test]
fn text_from_earlier_versions_is_read_as_it_is_and_reported() {
    let home = imported(FORMS[1], FORMS[1]);
    let key = home.keys().remove(0);
    assert_eq!((&key["name"], &key["owner"]), (&FORMS[1].into(), &FORMS[1].into()), "nothing was changed");
    for form in FORMS {
        assert_eq!(home.run_args(["show", form, "--format", "json"]).ok().json()["api_key_id"], key["api_key_id"]);
        assert_eq!(home.run_args(["list", "--owner", form, "--format", "id"]).ok().out().lines().count(), 1);
        home.run_args(["generate", "--type", "token", "--env", "live", "--name", form]).refused(4, "name_taken");
    }
    let found = home.run("check --only irregular-text --format json").json();
    let message = "the name is not in Unicode Normalization Form C, so a different string can look the same";
    assert_eq!((found.as_array().unwrap().len(), &found[0]["msg"]), (2, &message.into()));
    // The same name in both forms, which earlier versions accepted, is ambiguous.
    let export = home.run("export --format jsonl --all").ok().out();
    let other = Home::new();
    other.run_args(["generate", "--type", "token", "--env", "test", "--name", FORMS[0], "--out", "t"]).ok();
    other.write("export.jsonl", export);
    other.run("import export.jsonl --yes").ok();
    for form in FORMS {
        other.run_args(["revoke", form, "--yes"]).refused(4, "ambiguous");
        other.run_args(["show", form, "--env", "test"]).ok();
    }
}

#[test]
fn keys_with_invisible_characters_from_earlier_versions_can_be_changed() {
    let name = "co\u{ad}op";
    let home = imported(name, "acme");
    let id = home.ids("--all").remove(0);
    home.run_args(["show", name]).refused(2, "invalid_reference");
    let found = home.run("check --only irregular-text --format json").json();
    assert_eq!(found[0]["msg"], "the name contains the invisible character U+00AD");
    home.run(&format!("disable {id}")).ok();
    let exported = home.run("export --format jsonl --all").ok().out();
    assert!(exported.contains(name), "{exported}");
    home.run("backup saved").ok();
    home.run(&format!("update {id} --name coop")).ok();
    assert_eq!(home.run("check --only irregular-text --format json").ok().json(), serde_json::json!([]));
    home.run("revoke coop --yes").ok();
}

#[test]
fn invisible_characters_are_refused_in_new_text() {
    let home = Home::new();
    for (option, code) in [("--name", "invalid_name"), ("--owner", "invalid_owner"), ("--note", "invalid_note")] {
        for text in ["co\u{ad}op", "\u{3164}", "a\u{200d}b", "a\u{fe0f}", "a\u{202e}b"] {
            let name: &[&str] = if option == "--name" { &[] } else { &["--name", "a"] };
            home.run_args([&["generate", "--type", "token", option, text], name].concat()).refused(2, code);
        }
    }
    for (number, text) in ["👩‍💻 team", "❤️", "1️⃣", "نامه\u{200c}ای", "क्\u{200d}ष"].into_iter().enumerate()
    {
        let out = format!("t{number}");
        home.run_args(["generate", "--type", "token", "--name", text, "--owner", text, "--out", &out]).ok();
        assert_eq!(home.run_args(["show", text, "--format", "json"]).ok().json()["owner"], text);
    }
}
