//! No room: a limit on the size of files stands for a disk that is full.

use super::{chmod, nothing_made, sh, sound, statuses};
use crate::home::Home;
use std::os::unix::fs::MetadataExt as _;

/// `ulimit -f` counts in 512 bytes, as POSIX says; some shells count in 1024.
const UNIT: &str = "ulimit -f 8; head -c 100000 /dev/zero > unit 2>/dev/null; stat -c %s unit; rm unit";

/// Blocks as this shell counts them.
fn unit(home: &Home) -> u64 {
    let ended = sh(home, UNIT);
    ended.out().trim().parse::<u64>().unwrap() / 8
}

#[test]
fn no_file_may_grow_at_all() {
    for delivery in ["> t", "--out t", "| cat"] {
        let home = Home::new();
        // Without a keyring it fails at making one, with a keyring at writing to it.
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
            nothing_made(&home, &[]);
            home.run("init").code();
        }
    }
}

#[test]
fn a_file_behind_standard_output_that_is_full_is_as_it_was() {
    let home = Home::new();
    home.run("init").ok();
    let unit = unit(&home);
    // Well over the keyring's size, and then no room at all, or room for a part.
    let limit = 1 << 20;
    for room in [0, 1, 40] {
        let path = home.write("log", "");
        chmod(&path, 0o600);
        let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(limit - room).unwrap();
        let blocks = limit / unit;
        for shape in ["--type token", "--bits 2048", "--type pair --format json"] {
            sh(
                &home,
                &format!(r#"ulimit -f {blocks}; "$K" generate --name a {shape} >> log"#),
            )
            .refused(6, "not_delivered");
            assert_eq!(path.metadata().unwrap().len(), limit - room, "{room} {shape}");
            nothing_made(&home, &["log"]);
        }
    }
    // With room for all of it, it is delivered.
    std::fs::OpenOptions::new()
        .write(true)
        .open(home.file("log"))
        .unwrap()
        .set_len(limit - 400)
        .unwrap();
    sh(
        &home,
        &format!(
            r#"ulimit -f {}; "$K" generate --name a --type token >> log"#,
            limit / unit
        ),
    )
    .ok();
}

#[test]
fn a_keyring_that_cannot_grow_stays_a_keyring() {
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
        // It could be reserved and delivered; then the secret is kept, and its key is known.
        expected.push("pending");
    } else {
        assert!(refused.err().contains("error[keyring_f"), "{}", refused.err());
    }
    assert_eq!(statuses(&home), expected);
    assert_eq!(home.files().len(), expected.len());
    sound(&home.keyring());
    // And goes on when there is room again.
    home.run("generate --name more --type token").ok();
    assert_eq!(statuses(&home).len(), expected.len() + 1);
}
