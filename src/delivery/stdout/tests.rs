use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::thread;

use tempfile::NamedTempFile;

use super::*;

const SECRET: &[u8] = b"kw_test_not_a_secret\n";

fn prepare(fd: &impl AsFd) -> Result<Stdout> {
    Stdout::prepare(fd.as_fd())
}

fn refused(fd: &impl AsFd) -> Code {
    prepare(fd).err().unwrap().code()
}

fn file(mode: u32, content: &str) -> (NamedTempFile, File) {
    let named = NamedTempFile::new().unwrap();
    fs::write(named.path(), content).unwrap();
    fs::set_permissions(named.path(), fs::Permissions::from_mode(mode)).unwrap();
    let appending = File::options().append(true).open(named.path()).unwrap();
    (named, appending)
}

#[test]
fn a_device_that_discards_is_refused() {
    for path in ["/dev/null", "/dev/zero"] {
        assert_eq!(refused(&File::options().write(true).open(path).unwrap()), Code::StdoutDiscarded, "{path}");
    }
}

#[test]
fn a_descriptor_that_is_not_writable_is_refused() {
    assert_eq!(refused(&File::open("/dev/null").unwrap()), Code::StdoutClosed);
    assert_eq!(refused(&File::open("/").unwrap()), Code::StdoutClosed);
    let (reader, _writer) = std::io::pipe().unwrap();
    assert_eq!(refused(&reader), Code::StdoutClosed);
}

#[test]
fn an_empty_file_of_the_user_becomes_private() {
    for mode in [0o644, 0o640, 0o604, 0o666] {
        let (named, fd) = file(mode, "");
        prepare(&fd).unwrap().deliver(&|sink| sink(SECRET), &Undo::new()).unwrap();
        assert_eq!(fs::read(named.path()).unwrap(), SECRET);
        assert_eq!(fs::metadata(named.path()).unwrap().mode() & 0o7777, 0o600);
    }
}

#[test]
fn a_file_with_content_that_others_can_read_is_refused() {
    let (named, fd) = file(0o644, "old");
    let error = prepare(&fd).err().unwrap();
    assert_eq!(error.code(), Code::StdoutExposed);
    assert!(error.message().contains("0644") && error.hint().contains("chmod 600"), "{error:?}");
    assert_eq!(fs::metadata(named.path()).unwrap().mode() & 0o7777, 0o644);
}

#[test]
fn a_private_file_is_appended_to_and_undo_cuts_it_back() {
    let (named, fd) = file(0o600, "old");
    let undo = Undo::new();
    prepare(&fd).unwrap().deliver(&|sink| sink(SECRET), &undo).unwrap();
    assert_eq!(fs::read(named.path()).unwrap(), [b"old", SECRET].concat());
    undo.run().unwrap();
    assert_eq!(fs::read(named.path()).unwrap(), b"old");
}

#[test]
fn bytes_appended_by_others_are_not_cut_off() {
    let (named, mut fd) = file(0o600, "");
    let undo = Undo::new();
    prepare(&fd).unwrap().deliver(&|sink| sink(SECRET), &undo).unwrap();
    fd.write_all(b"theirs").unwrap();
    assert_eq!(undo.run().unwrap_err().code(), Code::NotDelivered);
    assert_eq!(fs::read(named.path()).unwrap(), [SECRET, b"theirs"].concat());
}

#[test]
fn a_file_opened_for_overwriting_is_refused() {
    let (named, _) = file(0o600, "old");
    let fd = File::options().write(true).open(named.path()).unwrap();
    assert_eq!(refused(&fd), Code::FileExists);
    assert_eq!(fs::read(named.path()).unwrap(), b"old");
}

#[test]
fn a_full_device_is_a_failed_delivery() {
    let Ok(full) = File::options().write(true).open("/dev/full") else {
        crate::testing::skipped("there is no /dev/full");
        return;
    };
    let error = prepare(&full).unwrap().deliver(&|sink| sink(SECRET), &Undo::new()).unwrap_err();
    assert_eq!(error.code(), Code::NotDelivered);
    assert!(error.hint().contains("space"), "{error:?}");
}

#[test]
fn a_closed_pipe_is_a_failed_delivery() {
    let (reader, writer) = std::io::pipe().unwrap();
    let stdout = prepare(&writer).unwrap();
    drop(reader);
    assert_eq!(stdout.deliver(&|sink| sink(SECRET), &Undo::new()).unwrap_err().code(), Code::NotDelivered);
}

#[test]
fn short_writes_and_a_non_blocking_pipe_still_deliver_everything() {
    let (mut reader, writer) = std::io::pipe().unwrap();
    rustix::fs::fcntl_setfl(&writer, OFlags::NONBLOCK).unwrap();
    let stdout = prepare(&writer).unwrap();
    drop(writer);
    let large = vec![b'x'; 1 << 20];
    thread::scope(|scope| {
        let reading = scope.spawn(move || {
            let mut got = Vec::new();
            reader.read_to_end(&mut got).unwrap();
            got
        });
        stdout.deliver(&|sink| sink(&large), &Undo::new()).unwrap();
        drop(stdout);
        assert!(reading.join().unwrap() == large);
    });
}

#[test]
fn nothing_is_written_after_undo() {
    let (named, fd) = file(0o600, "");
    let undo = Undo::new();
    undo.run().unwrap();
    assert_eq!(prepare(&fd).unwrap().deliver(&|sink| sink(SECRET), &undo).unwrap_err().code(), Code::Interrupted);
    assert_eq!(fs::read(named.path()).unwrap(), b"");
}

/// Limits the file size to 10 bytes. The first write is then short, and the next write fails.
#[test]
fn part_of_a_secret_does_not_stay_in_the_file() {
    let (named, _) = file(0o600, "old");
    let path = named.path().to_str().unwrap();
    assert!(child("\"$0\" \"$@\"", "limit", path));
    assert_eq!(fs::read(path).unwrap(), b"old");
}

// The Rust runtime opens `/dev/null` in place of the closed descriptor before the check.
#[test]
fn a_closed_standard_output_is_refused() {
    assert!(child("\"$0\" \"$@\" >&-", "refused", ""));
    assert!(child("\"$0\" \"$@\" > /dev/null", "refused", ""));
}

/// Runs `child_entry` in a separate process, started by a shell script. Returns `true` if the script succeeds.
fn child(script: &str, act: &str, path: &str) -> bool {
    std::process::Command::new("sh")
        .args(["-c", script])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "delivery::stdout::tests::child_entry", "--test-threads=1"])
        .env("KEYWRIGHT_TEST_ACT", act)
        .env("KEYWRIGHT_TEST_FILE", path)
        .output()
        .unwrap()
        .status
        .success()
}

#[test]
fn child_entry() {
    let Some(path) = std::env::var_os("KEYWRIGHT_TEST_FILE") else {
        return;
    };
    if std::env::var("KEYWRIGHT_TEST_ACT").is_ok_and(|act| act == "refused") {
        assert_eq!(refused(&rustix::stdio::stdout()), Code::StdoutDiscarded);
        return;
    }
    crate::process::harden().unwrap();
    let limit = rustix::process::Rlimit { current: Some(10), maximum: Some(10) };
    let fd = File::options().append(true).open(&path).unwrap();
    let stdout = prepare(&fd).unwrap();
    rustix::process::setrlimit(rustix::process::Resource::Fsize, limit).unwrap();
    let undo = Undo::new();
    assert_eq!(stdout.deliver(&|sink| sink(SECRET), &undo).unwrap_err().code(), Code::NotDelivered);
    assert_eq!(fs::read(&path).unwrap(), b"oldkw_test");
    undo.run().unwrap();
}
