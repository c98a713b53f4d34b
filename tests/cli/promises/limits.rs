//! Tests with a file size limit, with a full disk, and without additional threads.

use super::{super::tools::skipped, assert_intact, assert_nothing_left, chmod, has, sh, statuses};
use crate::home::{Ended, Home, KEYWRIGHT};
use serde_json::json;
use std::{os::unix::fs::MetadataExt as _, path::Path};

/// A shell script that prints the size of 8 blocks of `ulimit -f`. A block has 512 bytes, as POSIX requires, or 1024
/// bytes in some shells.
const UNIT: &str = "ulimit -f 8; head -c 100000 /dev/zero > unit 2>/dev/null; stat -c %s unit; rm unit";

/// Returns the block size of `ulimit -f` in this shell, in bytes.
fn unit(home: &Home) -> u64 {
    let ended = sh(home, UNIT);
    ended.out().trim().parse::<u64>().unwrap() / 8
}

#[test]
fn a_file_size_limit_of_zero_leaves_nothing() {
    for delivery in ["> t", "--out t", "| cat"] {
        let home = Home::new();
        // Without a keyring, creating it fails. With one, writing to it fails.
        for round in ["no keyring", "keyring"] {
            let ended = sh(
                &home,
                &format!(r#"set -e; : > t; chmod 600 t; [ "{delivery}" = "--out t" ] && rm t; ulimit -f 0; "$K" generate --name a --type token {delivery}"#)
                    .replace("| cat", "> t"),
            );
            assert_eq!(ended.code(), 6, "{round} {}", ended.err());
            assert!(ended.err().contains("error[keyring_f"), "{}", ended.err());
            assert!(ended.err().contains("ulimit -f"), "{}", ended.err());
            let left = home.file("t");
            assert!(!left.exists() || left.metadata().unwrap().len() == 0);
            let _ = std::fs::remove_file(left);
            assert_nothing_left(&home, &[]);
            home.run("init").code();
        }
    }
}

#[test]
fn a_full_file_on_standard_output_is_left_unchanged() {
    let home = Home::new();
    home.run("init").ok();
    let unit = unit(&home);
    // The limit is well over the size of the keyring, and leaves no room in the file, or room for a part of the secret.
    let limit = 1 << 20;
    for room in [0, 1, 40] {
        let path = home.write("log", "");
        chmod(&path, 0o600);
        let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(limit - room).unwrap();
        let blocks = limit / unit;
        for shape in ["--type token", "--bits 2048", "--type pair --format json"] {
            sh(&home, &format!(r#"ulimit -f {blocks}; "$K" generate --name a {shape} >> log"#))
                .refused(6, "not_delivered");
            assert_eq!(path.metadata().unwrap().len(), limit - room, "{room} {shape}");
            assert_nothing_left(&home, &["log"]);
        }
    }
    // With enough room, the secret is delivered.
    std::fs::OpenOptions::new().write(true).open(home.file("log")).unwrap().set_len(limit - 400).unwrap();
    sh(&home, &format!(r#"ulimit -f {}; "$K" generate --name a --type token >> log"#, limit / unit)).ok();
}

#[test]
fn a_keyring_that_cannot_grow_stays_intact() {
    let home = Home::new();
    home.run("init").ok();
    let unit = unit(&home);
    let blocks = (home.keyring().metadata().unwrap().size() + 40960) / unit;
    let mut made = 0;
    let refused = loop {
        assert!(made < 500, "the keyring never hit its limit");
        let ended = sh(
            &home,
            &format!(
                r#"ulimit -f {blocks}; "$K" generate --name k{made} --type token --out t{made} --note "{}""#,
                "n".repeat(900)
            ),
        );
        if ended.code() != 0 {
            break ended;
        }
        made += 1;
    };
    assert_eq!(refused.code(), 6);
    assert!(made > 0);
    let mut expected = vec!["active"; made];
    if refused.err().contains("error[activation_unknown]") {
        // The key was reserved and delivered, so the secret is kept and its key is known.
        expected.push("pending");
    } else {
        assert!(refused.err().contains("error[keyring_f"), "{}", refused.err());
    }
    assert_eq!(statuses(&home), expected);
    assert_eq!(home.files().len(), expected.len());
    assert_intact(&home.keyring());
    // When there is room again, the keyring works.
    home.run("generate --name more --type token").ok();
    assert_eq!(statuses(&home).len(), expected.len() + 1);
}

/// Runs a shell script with a file system of 160 KiB at `mnt`. In the script, `fill` fills the file system, and `try`
/// runs keywright and records the exit status and the error code. Returns `None`, and reports a skipped test, if the
/// file system cannot be mounted.
fn on_a_small_disk(home: &Home, script: &str) -> Option<Ended> {
    const PROLOGUE: &str = r#"
        mkdir mnt; mount -t tmpfs -o size=176k,mode=700 none mnt || exit 99
        fill() { head -c 1000000 /dev/zero > mnt/filler; }
        try() { "$K" "$@" 2> err; echo "$? $(grep -o 'error\[[a-z_]*' err)" >> tried; }
    "#;
    if !has("unshare") {
        skipped("there is no unshare to mount a small disk with");
        return None;
    }
    let script = format!("{PROLOGUE}\n{script}");
    let mut command = home.program("unshare");
    let output = command.args(["-Urm", "sh", "-c", &script]).env("K", KEYWRIGHT).output().unwrap();
    let ended = Ended(output);
    if !home.file("tried").exists() {
        skipped(&format!("no small disk can be mounted here: {}", ended.err().trim()));
        return None;
    }
    Some(ended)
}

#[test]
fn a_full_disk_for_the_secret_leaves_no_key() {
    let home = Home::new();
    let script = r"
        fill
        try generate --name a --type token --out mnt/t
        try generate --name a --bits 2048 --out t --public-out mnt/p
        try generate --name a --type token > mnt/u
        try generate --name a --type token -- sh -c 'cat > mnt/v'
        ls mnt; wc -c < mnt/u
    ";
    let Some(ended) = on_a_small_disk(&home, script) else {
        return;
    };
    let tried = "6 error[not_delivered\n6 error[output_failed\n6 error[not_delivered\n6 error[command_failed\n";
    assert_eq!(home.read("tried"), tried);
    // The shell and the command created empty files before they found that the disk is full. keywright must not delete
    // files that it did not create.
    assert_eq!(ended.out(), "filler\nu\nv\n0\n");
    assert_nothing_left(&home, &["err", "tried"]);
}

#[test]
fn a_full_disk_for_the_keyring_leaves_no_key() {
    let home = Home::new();
    let script = r#"
        note=$(head -c 900 /dev/zero | tr '\0' n)
        n=0; while [ $n -lt 200 ]; do
            try generate --name k$n --type token --out t$n --note $note --keyring mnt/k.db
            [ "$(tail -n 1 tried)" = "0 " ] || break
            n=$((n+1))
        done
        echo $n; "$K" list --all --format id --keyring mnt/k.db | wc -l; ls mnt; ls t* | grep -c '^t[0-9]'
        fill; try list --all --keyring mnt/k.db > /dev/null
        cp mnt/k.db after.db
    "#;
    let Some(ended) = on_a_small_disk(&home, script) else {
        return;
    };
    let printed = ended.out();
    let printed: Vec<&str> = printed.split_whitespace().collect();
    let tried = home.read("tried");
    let refusal = tried.lines().find(|line| line.starts_with('6')).unwrap();
    let made: usize = printed[0].parse().unwrap();
    assert!(made > 1, "{printed:?}");
    // Either the reservation or the activation failed. If the activation failed, the key is pending and its secret is
    // kept.
    let kept = usize::from(refusal == "6 error[activation_unknown");
    assert!(kept == 1 || refusal == "6 error[keyring_full", "{refusal}");
    let all = (made + kept).to_string();
    assert_eq!(printed[1..], [&all, "k.db", &all]);
    assert_intact(&home.file("after.db"));
    // A keyring on a full disk can be read. When there is room again, it can be written.
    assert!(tried.ends_with("0 \n"), "{tried}");
    chmod(&home.file("after.db"), 0o600);
    home.run("generate --name more --type token --keyring after.db").ok();
}

#[test]
fn commands_work_without_extra_threads() {
    if !has("strace") {
        skipped("there is no strace to refuse threads with");
        return;
    }
    let home = Home::new();
    let note = "n".repeat(500);
    let lines = (0..2000).map(|n| json!({ "name": format!("key-{n}"), "note": note }).to_string());
    home.write("keys.jsonl", lines.collect::<Vec<_>>().join("\n"));
    home.run("generate --type token --from keys.jsonl --out secrets").ok();
    let threadless = |from: u32, line: &str| {
        let inject = format!("inject=clone,clone3:error=EAGAIN:when={from}+");
        let mut command = home.program("strace");
        command.args(["-f", "-o", "trace", "-e", "trace=clone,clone3", "-e", &inject, KEYWRIGHT]).args(line.split(' '));
        let ended = Ended(command.output().unwrap());
        let refused = home.read("trace").matches("EAGAIN").count();
        (ended, refused)
    };
    let (works, _) = threadless(1, "--version");
    if works.0.status.code() != Some(0) {
        skipped(&format!("strace does not work here: {}", works.err().lines().next().unwrap_or_default()));
        return;
    }
    // The first additional thread handles signals. If it cannot be started, the command stops before it changes
    // anything.
    let (ended, _) = threadless(1, "generate --name a --bits 2048 --out a");
    ended.refused(6, "system_limit");
    assert!(!home.file("a").exists());
    // Another additional thread writes a long list while the keyring is read.
    let (listed, refused) = threadless(2, "list --format jsonl");
    assert_eq!(listed.ok().out().lines().count(), 2000);
    assert!(refused > 0);
    let (checked, refused) = threadless(2, "check --format jsonl");
    assert_eq!(checked.ok().out().lines().filter(|line| line.contains("damaged")).count(), 0);
    assert!(refused > 0);
    let (ended, refused) = threadless(2, "generate --name a --bits 2048 --out a");
    ended.ok();
    assert!(refused > 0);
    let (ended, refused) = threadless(2, "backup copy.db");
    ended.ok();
    assert!(refused > 0);
    assert_eq!(home.run("list --name a --format id").ok().out().lines().count(), 1);
    home.run("list --limit 1 --keyring copy.db").ok();
}

#[test]
fn a_full_disk_leaves_no_keyring() {
    let home = Home::new();
    let script = r"
        fill
        try init --keyring mnt/k.db
        try generate --name a --type token --out t --keyring mnt/sub/k.db
        find mnt -type f
    ";
    let Some(ended) = on_a_small_disk(&home, script) else {
        return;
    };
    assert_eq!(home.read("tried"), "6 error[keyring_full\n6 error[keyring_full\n");
    assert_eq!(ended.out(), "mnt/filler\n", "{}", ended.err());
    assert_eq!(home.files(), ["err", "tried"]);
}

#[test]
fn a_full_disk_for_many_secrets_leaves_no_key() {
    let home = Home::new();
    home.run("init").ok();
    // The limit leaves room for the keyring and its rows, but not for the file with the secrets, which is a third
    // larger.
    let (count, room) = (3000, 2_300_000);
    let blocks = room / unit(&home);
    let line = format!("generate --name a --type token --count {count} --out t");
    sh(&home, &format!(r#"ulimit -f {blocks}; "$K" {line}"#)).refused(6, "not_delivered");
    assert_nothing_left(&home, &[]);
    home.run("audit verify").ok();
    home.run(&line).ok();
    assert!(home.file("t").metadata().unwrap().len() > room);
}

#[test]
fn a_full_disk_leaves_the_earlier_schema() {
    let home = Home::new();
    let earlier = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/schema-3/keyring.db");
    std::fs::copy(earlier, home.file("earlier.db")).unwrap();
    // At first there is no room for a copy of the keyring, and then none for the transaction.
    let script = r"
        cp earlier.db mnt/k.db; chmod 600 mnt/k.db
        new='generate --name new --type token --scope read --out new --keyring mnt/k.db'
        try $new; cat err
        try list --all --keyring mnt/k.db > /dev/null
        ls mnt; cmp earlier.db mnt/k.db
        mount -t tmpfs -o remount,size=280k tmpfs mnt
        try $new
        ls mnt; cmp earlier.db mnt/k.db
        mount -t tmpfs -o remount,size=1m tmpfs mnt
        try $new
        ls mnt; cmp earlier.db mnt/k.db.schema-3.backup
    ";
    let Some(ended) = on_a_small_disk(&home, script) else {
        return;
    };
    assert_eq!(home.read("tried"), "6 error[keyring_full\n0 \n6 error[keyring_full\n0 \n", "{}", ended.err());
    let (refusal, listed) = ended.out().split_once("k.db\n").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    assert!(
        refusal.contains("mnt/k.db cannot be upgraded to schema") && refusal.contains("bytes of space in"),
        "{refusal}"
    );
    // The third attempt keeps the copy that the second attempt created.
    assert_eq!(listed, "k.db\nk.db.schema-3.backup\nk.db\nk.db.schema-3.backup\n", "{}", ended.err());
    assert_eq!(ended.err(), "");
}

#[test]
fn an_input_without_an_end_is_refused() {
    let home = Home::new();
    home.run("init").ok();
    for input in ["cat /dev/zero", "yes ''", r#"(printf '{"name":"a","secret_sha256":"%064d"}\n' 1; cat /dev/zero)"#] {
        let command = if input.starts_with('(') { "import - --yes" } else { "activate --from -" };
        sh(&home, &format!(r#"{input} 2> /dev/null | "$K" {command}"#)).refused(2, "input_too_large");
    }
}

#[test]
fn a_failed_commit_says_whether_the_change_is_there() {
    let template = Home::new();
    template.run("generate --name a --type token --out a").ok();
    let keyring = std::fs::read(template.keyring()).unwrap();
    let (mut recorded, mut refused) = (0, 0);
    // A revocation syncs six times.
    for number in 1..8 {
        let home = Home::new();
        home.run("init").ok();
        std::fs::write(home.keyring(), &keyring).unwrap();
        let mut command = home.program("strace");
        // Syncs of files and directories, and the deletion of the journal, which is the commit.
        let inject = format!("inject=fsync,fdatasync,unlink:error=EIO:when={number}");
        command.args(["-f", "-o", "/dev/null", "-e", "trace=fsync,fdatasync,unlink", "-e", &inject]);
        command.arg(KEYWRIGHT).args(["revoke", "a", "--yes"]);
        if !has("strace") {
            return skipped("there is no strace to fail single system calls with");
        }
        let ended = Ended(command.output().unwrap());
        let is_revoked = statuses(&home) == ["revoked"];
        if ended.code() == 0 {
            assert!(is_revoked, "{number}");
            continue;
        }
        assert_eq!(ended.code(), 6, "{number}: {}", ended.err());
        let says_recorded = ended.err().contains("the change was recorded");
        assert_eq!(is_revoked, says_recorded, "{number}: {}", ended.err());
        *(if is_revoked { &mut recorded } else { &mut refused }) += 1;
    }
    assert!(recorded > 0 && refused > 0, "{recorded} {refused}");
}

#[test]
fn a_limit_on_open_files_is_named_and_leaves_no_pending_key() {
    let home = Home::new();
    home.run("init").ok();
    let (mut tried, mut named, mut pending) = (0, 0, 0);
    for (limit, way) in (4..=14).flat_map(|limit| ["--out k", "-- cat"].map(|way| (limit, way))) {
        let ended = sh(&home, &format!("ulimit -n {limit}; exec $K generate --name k{tried} --type token {way}"));
        match ended.0.status.code() {
            Some(0) => {
                let _ = std::fs::remove_file(home.file("k"));
            }
            Some(6) => {
                assert!(ended.err().contains("error[system_limit]"), "{limit}: {}", ended.err());
                assert!(ended.err().contains("`ulimit -n`"), "{limit}: {}", ended.err());
                assert!(!home.file("k").exists());
                named += 1;
                pending += usize::from(ended.err().contains("is still pending"));
            }
            // The shell or the loader cannot even start the program.
            other => assert!(limit < 6, "{limit}: {other:?} {}", ended.err()),
        }
        tried += 1;
        let found = statuses(&home).iter().filter(|status| *status == "pending").count();
        assert_eq!(found, pending, "{limit} {way}: {}", ended.err());
    }
    assert!(named > 0);
}
