//! Tests of `init`.

use super::{
    home::{Home, KEYWRIGHT},
    tools,
};

const ORG: &str = "0b1f7f7e-5d5e-4a52-8b0e-2f6f0e0f4a11";

#[test]
fn a_new_keyring_is_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::new();
    let said = home.run("init").ok();
    assert!(said.out().is_empty() && said.err().contains("created a keyring at "), "{}", said.err());
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&home.keyring()), mode(home.keyring().parent().unwrap())), (0o600, 0o700));
    assert!(home.keys().is_empty());
}

#[test]
fn the_organization_id_can_be_given() {
    let home = Home::new();
    let made = home.run(&format!("init --org-id {ORG} --format json")).ok().json();
    assert_eq!((made["org_id"].as_str(), made["keyring"].as_str()), (Some(ORG), home.keyring().to_str()));
    assert_eq!(home.generate("--name a --type token")["org_id"], ORG);
    let other = Home::new();
    let org_id = other.run("init --format id").ok().out();
    assert_ne!(org_id.trim(), ORG);
    assert_eq!(other.generate("--name a --type token")["org_id"], org_id.trim());
    assert_eq!(Home::new().run(&format!("init --org-id {ORG} --format csv")).ok().out(), format!("org_id\n{ORG}\n"));
}

#[test]
fn an_existing_keyring_is_left_alone() {
    let home = Home::new();
    home.run("init").ok();
    let before = home.state();
    for line in ["init", "init --dry-run", "init --org-id 0b1f7f7e-5d5e-4a52-8b0e-2f6f0e0f4a11", "init --yes"] {
        home.run(line).refused(4, "keyring_exists");
    }
    assert_eq!(home.state(), before);
    home.run("init --keyring ./other.db").ok();
    assert_eq!(home.files(), ["other.db"]);
}

#[test]
fn wrong_input_creates_nothing() {
    let home = Home::new();
    for line in ["init --org-id acme", "init --org-id 123", "init now"] {
        home.run(line).refused(2, "usage");
    }
    home.run("init --keyring .").refused(6, "keyring_foreign");
    home.run("init --keyring new/").refused(6, "keyring_failed");
    assert!(home.files().is_empty() && !home.file(".local").exists() && !home.file("new").exists());
}

#[test]
fn a_foreign_file_is_not_called_a_keyring() {
    let home = Home::new();
    home.write("text", "no keyring\n".repeat(500));
    rusqlite::Connection::open(home.file("other.db")).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
    for name in ["text", "other.db"] {
        let before = std::fs::read(home.file(name)).unwrap();
        for line in ["init", "init --dry-run", "list", "generate --name a --type token --out a"] {
            home.run(&format!("{line} --keyring {name}")).refused(6, "keyring_foreign");
        }
        assert_eq!(std::fs::read(home.file(name)).unwrap(), before);
    }
    assert_eq!(home.files(), ["other.db", "text"]);
}

#[test]
fn an_unreachable_keyring_is_not_replaced() {
    let home = Home::new();
    std::os::unix::fs::symlink("not-mounted/keyring.db", home.file("link")).unwrap();
    for line in ["init", "list", "generate --name a --type token --out a"] {
        let refused = home.run(&format!("{line} --keyring link")).refused(6, "keyring_failed");
        assert!(
            refused.err().contains("broken symbolic link") && !refused.err().contains("keywright init"),
            "{}",
            refused.err()
        );
    }
    assert_eq!(home.files(), ["link"]);
}

#[test]
fn a_dry_run_creates_nothing() {
    let home = Home::new();
    let said = home.run("init --dry-run").ok();
    assert!(said.err().contains("would create a keyring at "), "{}", said.err());
    assert!(!home.file(".local").exists());
}

#[test]
fn the_option_and_the_environment_choose_the_path() {
    let home = Home::new();
    home.run("init --keyring deep/er/a.db").ok();
    let by_environment = |keyring: &str, line: &str| {
        let mut command = home.keywright(line.split_whitespace());
        super::home::Ended(command.env("KEYWRIGHT_KEYRING", keyring).output().unwrap())
    };
    by_environment("b.db", "init").ok();
    by_environment("b.db", "generate --name in-b --type token").ok();
    by_environment("b.db", "generate --name in-a --type token --keyring deep/er/a.db").ok();
    assert_eq!(home.names("--keyring b.db"), ["in-b"]);
    assert_eq!(home.names("--keyring deep/er/a.db"), ["in-a"]);
    assert_eq!(home.files(), ["b.db", "deep/er/a.db"]);
    assert_eq!(home.state(), None);
}

#[test]
fn an_empty_environment_variable_counts_as_unset() {
    let home = Home::new();
    let run = |line: &str| {
        let mut command = home.keywright(line.split_whitespace());
        command.env("KEYWRIGHT_KEYRING", "").env("TMPDIR", "").env("XDG_DATA_HOME", "");
        super::home::Ended(command.output().unwrap())
    };
    run("init").ok();
    assert!(home.state().is_some(), "the keyring is where it is without the variable");
    run("generate --name a --type token").ok();
    run("backup a.db").ok();
    run("restore a.db --dry-run").ok();
    assert_eq!(home.names(""), ["a"]);
    assert_eq!(run("list --formt json").refused(2, "usage").err().matches("KEYRING").count(), 0);
}

#[test]
fn the_first_key_creates_the_keyring() {
    for line in ["generate --name a --type token", "generate --name a --type token --out a"] {
        let home = Home::new();
        home.run(line).ok();
        assert!(home.state().is_some());
        home.run("init").refused(4, "keyring_exists");
    }
}

#[test]
fn a_read_without_a_keyring_says_how_to_create_one() {
    let home = Home::new();
    for line in ["list", "show ci", "revoke ci --yes", "revoke ci --dry-run", "list --format json"] {
        let refused = home.run(line).refused(3, "keyring_missing");
        assert!(refused.err().contains("keywright init") && refused.err().contains("--keyring"), "{}", refused.err());
        assert!(!home.file(".local").exists());
    }
}

#[test]
fn a_full_disk_creates_nothing_and_prints_nothing() {
    let home = Home::new();
    let ended = |script: &str| {
        let script = format!("mount -t tmpfs -o size=256k,mode=700 none disk && cd disk || exit 99; {script}");
        let mut unshare = home.program("unshare");
        unshare.args(["-rm", "sh", "-c", &script]).env("KEYWRIGHT_KEYRING", "keyring.db");
        super::home::Ended(unshare.output().unwrap())
    };
    std::fs::create_dir(home.file("disk")).unwrap();
    if !tools::have("unshare") {
        return;
    }
    if ended("true").code() != 0 {
        tools::skipped("this user may not mount a file system of their own");
        return;
    }
    let fill = "cat /dev/zero > filler 2> /dev/null";
    let init = ended(&format!("{fill}; {KEYWRIGHT} init; echo $? >&2; ls -A >&2")).refused(0, "keyring_full");
    assert!(init.err().ends_with("\n6\nfiller\n"), "{}", init.err());
    let generate = format!("{KEYWRIGHT} init -q && {fill}; {KEYWRIGHT} generate --name x --type token");
    let generated = ended(&format!("{generate}; echo $? >&2; {KEYWRIGHT} list >&2")).refused(0, "keyring_full");
    assert!(generated.err().ends_with("\n6\nno keys\n"), "{}", generated.err());
}

#[test]
fn an_existing_keyring_is_kept_if_asked_for() {
    let home = Home::new();
    home.run("init --if-not-exists --contract kalshi").ok();
    let before = home.state();
    let again = home.run("init --if-not-exists --contract kalshi").ok();
    assert!(again.err().contains("nothing was created") && !again.err().contains("warning"), "{}", again.err());
    let other = "0b1f7f7e-5d5e-4a52-8b0e-2f6f0e0f4a11";
    let differs = home.run(&format!("init --if-not-exists --contract polynode --org-id {other}")).ok();
    assert!(differs.err().contains(other) && differs.err().contains("`kalshi`"), "{}", differs.err());
    let id = home.run("init --if-not-exists --format id").ok().out();
    assert_eq!(id.trim(), home.run("status --format json").json()["org_id"].as_str().unwrap());
    assert_eq!(home.state(), before);
    home.run("init").refused(4, "keyring_exists");
    home.write("notes.txt", "not a keyring");
    home.run("init --if-not-exists --keyring notes.txt").refused(6, "keyring_foreign");
}
