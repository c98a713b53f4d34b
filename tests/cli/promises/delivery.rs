//! Tests that a secret that cannot be delivered leaves neither a key nor a file.

use super::{assert_nothing_left, beside_keyring, bound_by_permissions, chmod, mode, sh, statuses};
use crate::home::{Ended, Home};
use std::{
    os::unix::fs::{OpenOptionsExt as _, symlink},
    process::{Child, Stdio},
};

/// The `generate` command that the tests share.
const GENERATE: &str = r#""$K" generate --name a --type token"#;

#[track_caller]
fn refused(script: &str, exit: i32, code: &str) {
    let home = Home::new();
    sh(&home, script).refused(exit, code);
    assert_nothing_left(&home, &[]);
}

#[test]
fn unusable_standard_output_is_refused() {
    refused(&format!("{GENERATE} > /dev/full"), 6, "not_delivered");
    refused(&format!("{GENERATE} --format json > /dev/full"), 6, "not_delivered");
    refused(&format!("{GENERATE} > /dev/null"), 6, "stdout_discarded");
    refused(&format!("{GENERATE} > /dev/zero"), 6, "stdout_discarded");
    refused(&format!("{GENERATE} > /dev/urandom"), 6, "stdout_exposed");
    refused(&format!("{GENERATE} 1< /dev/null"), 6, "stdout_closed");
    // Before `main`, the Rust runtime opens the null device in place of a closed descriptor, and a command inherits it.
    for destination in ["", "--out t", "-- cat", "--dry-run"] {
        let line = GENERATE.split(" --").next().unwrap();
        refused(&format!("{line} --name a --type token {destination} >&-"), 6, "stdout_closed");
    }
}

#[test]
fn nothing_is_changed_if_the_answer_cannot_be_printed() {
    let home = Home::new();
    home.generate("--name a --type token");
    let before = home.state();
    for line in ["revoke a --yes", "list", "show a", "update a --note x", "--version", "--help", "man", "policy show"] {
        sh(&home, &format!(r#""$K" {line} >&-"#)).refused(6, "stdout_closed");
    }
    assert!(home.state() == before);
}

#[test]
fn only_a_private_fifo_receives_a_secret() {
    let home = Home::new();
    for (mode, code) in [(644, 6), (604, 6), (640, 6), (600, 0)] {
        let script = format!(
            r#"rm -f fifo; mkfifo -m {mode} fifo; chmod {mode} fifo; cat fifo > got & "$K" generate --name a{mode} --type token > fifo; code=$?; wait; exit $code"#
        );
        let ended = sh(&home, &script);
        assert_eq!(ended.code(), code, "{mode} {}", ended.err());
        let got = std::fs::read_to_string(home.file("got")).unwrap();
        assert_eq!(got.starts_with("kw_test_"), code == 0, "{mode}");
        assert_eq!(ended.err().contains("error[stdout_exposed]"), code != 0, "{mode} {}", ended.err());
    }
}

#[test]
fn a_socket_receives_a_secret_only_if_it_replaces_a_pipe() {
    use std::{
        io::Read as _,
        net::{TcpListener, TcpStream},
        os::{
            fd::OwnedFd,
            unix::net::{UnixListener, UnixStream},
        },
    };
    let home = Home::new();
    let generate = |name: &str, stdout: OwnedFd| {
        let mut command = home.keywright(["generate", "--name", name, "--type", "token"]);
        Ended(command.stdout(stdout).stderr(Stdio::piped()).output().unwrap())
    };
    let (mut reader, writer) = UnixStream::pair().unwrap();
    generate("pair", writer.into()).ok();
    let mut token = String::new();
    reader.read_to_string(&mut token).unwrap();
    assert!(token.starts_with("kw_test_"));
    let listener = UnixListener::bind(home.file("log")).unwrap();
    let writer = UnixStream::connect(home.file("log")).unwrap();
    generate("log", writer.into()).refused(6, "stdout_exposed");
    drop(listener);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let writer = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    generate("net", writer.into()).refused(6, "stdout_exposed");
    assert_eq!(statuses(&home), ["active"]);
}

#[test]
fn every_type_and_format_is_refused_the_same_way() {
    for options in
        ["--type pair", "--type rsa --bits 2048", "--type token --secret-format dotenv", "--type pair --format json"]
    {
        refused(&format!(r#""$K" generate --name a {options} > /dev/full"#), 6, "not_delivered");
    }
}

#[test]
fn a_closed_pipe_leaves_no_key() {
    let home = Home::new();
    for (options, name) in [("--type token", "a"), ("--bits 2048", "b"), ("--type pair --format json", "c")] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = home.keywright(format!("generate --name {name} {options}").split(' '));
        let output = command.stdout(writer).stderr(Stdio::piped()).output().unwrap();
        Ended(output).refused(6, "not_delivered");
        assert_nothing_left(&home, &[]);
    }
}

#[test]
fn a_failed_report_after_the_delivery_keeps_the_key() {
    // The secret is in the file, so the lost report changes nothing.
    let home = Home::new();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = home.keywright("generate --name a --type token --out t --format json".split(' '));
    assert_eq!(command.stdout(writer).status().unwrap().code(), Some(0));
    assert_eq!(statuses(&home), ["active"]);
    // A full device loses the report: keywright says so, and the key stays.
    sh(&home, r#""$K" generate --name b --type token --out u --format json > /dev/full"#).refused(6, "output_failed");
    assert_eq!(statuses(&home), ["active", "active"]);
    assert_eq!(home.files(), ["t", "u"]);
}

#[test]
fn a_file_on_standard_output_must_be_private() {
    let home = Home::new();
    let exposed = |name: &str, content: &str| {
        let path = home.write(name, content);
        chmod(&path, 0o644);
        path
    };
    // An empty file of this user, as `>` creates it, is made private.
    let empty = exposed("empty", "");
    sh(&home, &format!("{GENERATE} > empty")).ok();
    assert_eq!(mode(&empty), 0o600);
    assert!(home.read("empty").starts_with("kw_test_"));

    let refused = |script: &str, code: &str, exit: i32, name: &str, content: &str| {
        let home = Home::new();
        let path = home.write(name, content);
        chmod(&path, 0o644);
        sh(&home, script).refused(exit, code);
        assert_nothing_left(&home, &[name]);
        assert_eq!((home.read(name).as_str(), mode(&path)), (content, 0o644));
    };
    // Another process may have the file open already.
    refused(&format!("{GENERATE} >> full"), "stdout_exposed", 6, "full", "what was there\n");
    refused(&format!("{GENERATE} 1<> full"), "file_exists", 4, "full", "what was there\n");

    // The secret is appended to a private file, as the user asked.
    let private = home.write("private", "first\n");
    chmod(&private, 0o600);
    sh(&home, r#""$K" generate --name b --type token >> private"#).ok();
    assert!(home.read("private").starts_with("first\nkw_test_"));
}

#[test]
fn existing_files_are_not_overwritten() {
    let refused = |prepare: &dyn Fn(&Home), out: &str, exit: i32, code: &str, files: &[&str]| {
        let home = Home::new();
        home.write("other", "other");
        prepare(&home);
        for way in ["--out", "--bits 2048 --type rsa --out x --public-out"] {
            let way = if way == "--out" { "--type token --out" } else { way };
            home.run(&format!("generate --name a {way} {out}")).refused(exit, code);
            assert_nothing_left(&home, files);
            assert_eq!(home.read("other"), "other");
        }
    };
    refused(&|_| {}, "other", 4, "file_exists", &["other"]);
    let link = |to: &'static str| move |home: &Home| symlink(to, home.file("t")).unwrap();
    refused(&link("other"), "t", 4, "file_exists", &["other", "t"]);
    refused(&link("nowhere"), "t", 4, "file_exists", &["other", "t"]);
    refused(&link("t"), "t", 4, "file_exists", &["other", "t"]);
    let directory = |home: &Home| std::fs::create_dir(home.file("t")).unwrap();
    refused(&directory, "t", 4, "file_exists", &["other"]);
    refused(&directory, "t/", 6, "output_directory", &["other"]);
    refused(&directory, "t/..", 6, "output_directory", &["other"]);
    let fifo = |home: &Home| {
        let path = home.file("t");
        assert!(home.program("mkfifo").arg(path).status().unwrap().success());
    };
    refused(&fifo, "t", 4, "file_exists", &["other", "t"]);
    refused(&|_| {}, "missing/t", 6, "output_directory", &["other"]);
    refused(&|_| {}, "other/t", 6, "output_directory", &["other"]);
    refused(&|_| {}, &"n".repeat(256), 6, "output_directory", &["other"]);
}

#[test]
fn an_unwritable_directory_is_refused() {
    let home = Home::new();
    std::fs::create_dir(home.file("d")).unwrap();
    let Some(run) = bound_by_permissions(&home) else { return };
    chmod(&home.file("d"), 0o500);
    run("generate --name a --type token --out d/t").refused(6, "output_directory");
    run("generate --name a --bits 2048 --out t --public-out d/t").refused(6, "output_directory");
    chmod(&home.file("d"), 0o700);
    assert_nothing_left(&home, &[]);
}

#[test]
fn two_outputs_with_one_name_are_refused() {
    let home = Home::new();
    home.run("generate --name a --bits 2048 --out k --public-out k").refused(4, "file_exists");
    assert_nothing_left(&home, &[]);
}

#[test]
fn a_failing_command_leaves_no_key() {
    let refused = |command: &str, code: &str| {
        let home = Home::new();
        let ended = sh(&home, &format!("{GENERATE} -- {command}")).refused(6, code);
        assert_nothing_left(&home, &[]);
        ended
    };
    let three = refused("sh -c 'cat > /dev/null; exit 3'", "command_failed");
    assert!(three.err().contains("exit status 3"), "{}", three.err());
    let killed = refused("sh -c 'cat > /dev/null; kill -9 $$'", "command_failed");
    assert!(killed.err().contains("signal 9"), "{}", killed.err());
    refused("true", "command_failed");
    refused("false", "command_failed");
    refused("dd bs=5 count=1 of=/dev/null status=none", "command_failed");
    refused("sh -c 'exec <&-'", "command_failed");
    refused("no-such-command-anywhere", "command_missing");
    refused("./no-such-file", "command_missing");
    refused(".", "command_missing");
    let home = Home::new();
    home.write("script", "#!/nowhere/interpreter\n");
    chmod(&home.file("script"), 0o700);
    sh(&home, &format!("{GENERATE} -- ./script")).refused(6, "command_failed");
    assert_nothing_left(&home, &["script"]);
}

#[test]
fn the_secret_from_a_failing_command_is_worthless() {
    let home = Home::new();
    sh(&home, &format!("{GENERATE} -- sh -c 'cat > kept; exit 1'")).refused(6, "command_failed");
    assert_nothing_left(&home, &["kept"]);
    home.run_with("show -", home.read("kept")).refused(3, "not_found");
}

#[test]
fn the_mode_does_not_depend_on_the_umask() {
    for umask in ["000", "077", "777"] {
        let home = Home::new();
        sh(&home, &format!(r#"umask {umask}; "$K" generate --name a --bits 2048 --out k --public-out p"#)).ok();
        assert_eq!(mode(&home.file("k")), 0o600, "umask {umask}");
        assert_eq!(mode(&home.file("p")), 0o644, "umask {umask}");
        assert_eq!(mode(&home.keyring()), 0o600, "umask {umask}");
        assert_eq!(mode(home.keyring().parent().unwrap()), 0o700, "umask {umask}");
        // The file that a command writes is private too.
        sh(&home, &format!(r#"umask {umask}; "$K" generate --name b --type token -- sh -c 'cat > c'"#)).ok();
        assert_eq!(mode(&home.file("c")), 0o600, "umask {umask}");
    }
}

/// SQLite uses files with these names, and would delete a file that contains the only copy of a secret.
#[test]
fn outputs_never_replace_the_keyring() {
    let home = Home::new();
    home.run("generate --name t --type token --out t").ok();
    home.run("generate --name p --type pair --secret-format json --out p").ok();
    std::os::unix::fs::symlink(".local/share/keywright", home.file("by-link")).unwrap();
    let (before, files) = (home.state(), home.files());
    for directory in [".local/share/keywright", "by-link", ".local/../by-link"] {
        for side in ["", "-journal", "-wal", "-shm", "-Journal"] {
            let own = format!("{directory}/keyring.db{side}");
            for line in [
                format!("generate --name a --type token --out {own}"),
                format!("generate --name a --type token --count 3 --out {own}"),
                format!("generate --name a --bits 2048 --out a --public-out {own}"),
                format!("rotate t --out {own}"),
                format!("exchange --token-file p --out {own}"),
                format!("export --format jsonl --out {own}"),
                format!("backup {own}"),
            ] {
                home.run(&line).refused(4, "keyring_file");
            }
        }
    }
    assert_eq!((home.state(), home.files()), (before, files));
    assert_eq!(beside_keyring(&home), ["keyring.db"]);
    // In another directory, or beside a keyring with another name, the name is free.
    home.run("generate --name b --type token --out keyring.db-journal").ok();
    home.run("backup .local/share/keywright/keyring.db.backup").ok();
    home.run("generate --name a --type token --keyring new --out new-journal").refused(4, "keyring_file");
    assert!(!home.file("new").exists());
}

#[test]
fn concurrent_deliveries_to_one_name_have_one_winner() {
    const AT_ONCE: usize = 12;
    let home = Home::new();
    home.run("init").ok();
    let start = |n: usize| -> Child {
        let mut command = home.keywright(format!("generate --name k{n} --type token --out t").split(' '));
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let children: Vec<Child> = (0..AT_ONCE).map(start).collect();
    let mut winners = 0;
    for child in children {
        let ended = Ended(child.wait_with_output().unwrap());
        if ended.code() == 0 {
            winners += 1;
        } else {
            ended.refused(4, "file_exists");
        }
    }
    assert_eq!((winners, statuses(&home)), (1, vec!["active".to_owned()]));
    assert_eq!(home.files(), ["t"]);
    home.run_with("show -", home.read("t")).ok();
}

#[test]
fn a_file_that_its_owner_cannot_read_is_private() {
    let home = Home::new();
    let file = |mode: u32| {
        let mut options = std::fs::OpenOptions::new();
        options.create(true).append(true).mode(mode).open(home.file("f")).unwrap()
    };
    // A file that its owner can only write is private too.
    let ended = home.keywright(["generate", "--name", "a", "--type", "token"]).stdout(file(0o200)).status().unwrap();
    assert!(ended.success());
    assert_eq!(mode(&home.file("f")), 0o200);
}
