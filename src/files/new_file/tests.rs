use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::process::Command;
use std::sync::Barrier;
use std::{fs, thread};

use tempfile::TempDir;

use super::*;

const SECRET: &[u8] = b"-----BEGIN PRIVATE KEY-----\nnot really\n-----END PRIVATE KEY-----\n";

fn dir() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn list(dir: &Path) -> Vec<OsString> {
    fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name()).collect()
}

fn private(path: &Path, method: WriteMethod) -> NewFile {
    starting(method, NewFile::prepare(path, Access::Private).unwrap())
}

/// Skips the methods that precede `method`, as if they were not supported.
fn starting(method: WriteMethod, file: NewFile) -> NewFile {
    let at = METHODS.iter().position(|w| *w == method).unwrap();
    NewFile { methods: &METHODS[at..], ..file }
}

fn refused(path: &Path) -> Error {
    NewFile::prepare(path, Access::Private).err().unwrap()
}

#[test]
fn every_method_creates_one_whole_private_file() {
    for &method in METHODS {
        let dir = dir();
        let path = private(&dir.path().join("key.pem"), method).write(SECRET, &Undo::new()).unwrap();
        assert!(path.is_absolute());
        assert_eq!(fs::read(&path).unwrap(), SECRET);
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o600, "{method:?}");
        assert_eq!(fs::metadata(&path).unwrap().nlink(), 1, "{method:?}");
        assert_eq!(list(dir.path()), ["key.pem"], "{method:?}");
    }
}

/// Checks that a kernel with `O_TMPFILE` uses it, because an unsupported method is skipped silently. Runs in a hardened
/// process, because a process that cannot be dumped loses access to its own `/proc` entries unless root runs it.
#[test]
#[cfg(target_os = "linux")]
fn unnamed_files_are_used_if_the_kernel_has_them() {
    let dir = dir();
    assert!(child("unnamed", "", dir.path()));
}

#[cfg(target_os = "linux")]
fn deliver_unnamed(dir: &Path) {
    let file = private(&dir.join("key.pem"), WriteMethod::Unnamed);
    if let Err(e) = openat(&file.dir, ".", OFlags::TMPFILE | OFlags::WRONLY, Mode::empty()) {
        crate::testing::skipped(&format!("O_TMPFILE is not supported here: {e}"));
        return;
    }
    let content: Content<'_> = &mut |file| {
        file.write_all(SECRET).unwrap();
        Ok(())
    };
    assert!(file.unnamed(content, &Undo::new()).unwrap());
    assert_eq!(list(dir), ["key.pem"]);
}

#[test]
#[cfg(target_os = "linux")]
fn a_staged_file_has_no_name_until_it_is_published() {
    let secrets: Stream<'_> = &|sink| sink(SECRET);
    let full: Stream<'_> = &|sink| sink(SECRET).and_then(|()| Err(io::ErrorKind::StorageFull.into()));
    let dir = dir();
    let file = |method| private(&dir.path().join("key"), method);
    let Some(staged) = file(WriteMethod::Unnamed).stage(secrets).unwrap() else {
        crate::testing::skipped("O_TMPFILE is not supported here");
        return;
    };
    assert!(list(dir.path()).is_empty());
    assert_eq!(file(WriteMethod::Unnamed).stage(full).unwrap_err().code(), Code::NotDelivered);
    assert!(file(WriteMethod::Temporary).stage(secrets).unwrap().is_none(), "that has a name");
    assert!(list(dir.path()).is_empty());
    let path = file(WriteMethod::Unnamed).publish(&staged, secrets, &Undo::new()).unwrap();
    assert_eq!((fs::read(&path).unwrap(), list(dir.path())), (SECRET.to_vec(), vec!["key".into()]));
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o600);
    // An existing file is kept, and nothing is created after `undo`.
    let (other, undo) = (dir.path().join("other"), Undo::new());
    let file = private(&other, WriteMethod::Unnamed);
    let staged = file.stage(secrets).unwrap().unwrap();
    fs::write(&other, "theirs").unwrap();
    assert_eq!(file.publish(&staged, secrets, &undo).unwrap_err().code(), Code::FileExists);
    assert_eq!(fs::read(&other).unwrap(), b"theirs");
    fs::remove_file(&other).unwrap();
    let error = private(&other, WriteMethod::Unnamed).publish(&staged, secrets, &undo).unwrap_err();
    assert_eq!((error.code(), other.exists()), (Code::Interrupted, false));
}

/// Some file systems support files without a name, but cannot link them. The secrets are then written again with
/// another method.
#[test]
#[cfg(target_os = "linux")]
fn a_staged_file_that_cannot_be_linked_is_written_again() {
    let dir = dir();
    let file = private(&dir.path().join("key"), WriteMethod::Unnamed);
    // No file system allows a hard link to a directory.
    let directory = File::open(dir.path()).unwrap();
    let path = file.publish(&directory, &|sink| sink(SECRET), &Undo::new()).unwrap();
    assert_eq!((fs::read(&path).unwrap(), list(dir.path())), (SECRET.to_vec(), vec!["key".into()]));
}

#[test]
fn anything_with_the_name_is_refused_and_left_alone() {
    type Make = fn(&Path);
    let makes: [(&str, Make); 7] = [
        ("file", |path| fs::write(path, "old").unwrap()),
        ("link", |path| symlink("/etc/hostname", path).unwrap()),
        ("dangling", |path| symlink("nowhere", path).unwrap()),
        ("loop", |path| symlink(path, path).unwrap()),
        ("directory", |path| fs::create_dir(path).unwrap()),
        ("fifo", |path| {
            assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
        }),
        ("socket", |path| drop(UnixListener::bind(path).unwrap())),
    ];
    for (name, make) in makes {
        let dir = dir();
        let path = dir.path().join(name);
        make(&path);
        let before = Inode::of(&statat(CWD, &path, AtFlags::SYMLINK_NOFOLLOW).unwrap());
        let error = refused(&path);
        assert_eq!(error.code(), Code::FileExists, "{name}");
        assert!(error.message().contains(name) && error.hint().contains("name"), "{error:?}");
        assert!(before == Inode::of(&statat(CWD, &path, AtFlags::SYMLINK_NOFOLLOW).unwrap()));
        assert_eq!(list(dir.path()), [name]);
    }
    // Only root can write to `/dev`. For any other user, the directory is refused first.
    let code = if rustix::process::geteuid().is_root() { Code::FileExists } else { Code::OutputDirectory };
    assert_eq!(refused(Path::new("/dev/stdout")).code(), code);
    assert_eq!(refused(Path::new("/dev/null")).code(), code);
}

#[test]
fn a_file_created_after_the_check_is_not_overwritten() {
    type Make = fn(&Path);
    let makes: [Make; 3] = [
        |path| fs::write(path, "theirs").unwrap(),
        |path| symlink("nowhere", path).unwrap(),
        |path| fs::create_dir(path).unwrap(),
    ];
    for (method, make) in METHODS.iter().flat_map(|&method| makes.map(|make| (method, make))) {
        let dir = dir();
        let file = private(&dir.path().join("key"), method);
        make(&dir.path().join("key"));
        let before = Inode::of(&statat(&file.dir, "key", AtFlags::SYMLINK_NOFOLLOW).unwrap());
        assert_eq!(file.write(SECRET, &Undo::new()).unwrap_err().code(), Code::FileExists, "{method:?}");
        assert_eq!(list(dir.path()), ["key"], "{method:?}: no temporary file");
        assert!(before == Inode::of(&statat(CWD, dir.path().join("key"), AtFlags::SYMLINK_NOFOLLOW).unwrap()));
    }
}

#[test]
fn a_missing_directory_and_a_file_as_directory_are_refused() {
    let dir = dir();
    assert_eq!(refused(&dir.path().join("missing/key")).code(), Code::OutputDirectory);
    assert_eq!(list(dir.path()), [""; 0]);
    fs::write(dir.path().join("file"), "").unwrap();
    assert_eq!(refused(&dir.path().join("file/key")).code(), Code::OutputDirectory);
    assert_eq!(list(dir.path()), ["file"]);
}

#[test]
fn names_of_directories_and_impossible_names_are_refused() {
    let dir = dir();
    for name in ["", ".", "..", "/", "sub/", "sub/.", "sub/.."] {
        let path = PathBuf::from(format!("{}/{name}", dir.path().display()));
        assert_eq!(refused(&path).code(), Code::OutputDirectory, "{name:?}");
    }
    assert_eq!(refused(Path::new("")).code(), Code::OutputDirectory);
    assert_eq!(refused(&dir.path().join("n".repeat(256))).code(), Code::OutputDirectory);
    assert_eq!(refused(&dir.path().join("a\0b")).code(), Code::OutputDirectory);
    assert_eq!(list(dir.path()), [""; 0]);
}

#[test]
fn odd_names_work() {
    let names = [
        OsString::from("with space"),
        "-o".into(),
        "*".into(),
        "new\nline".into(),
        ".hidden".into(),
        "n".repeat(255).into(),
        OsString::from_vec(vec![0xff, 0xfe]),
    ];
    for (name, method) in names.iter().flat_map(|name| METHODS.iter().map(move |&method| (name, method))) {
        let dir = dir();
        private(&dir.path().join(name), method).write(SECRET, &Undo::new()).unwrap();
        assert_eq!(list(dir.path()), std::slice::from_ref(name));
    }
}

#[test]
fn an_unwritable_directory_is_refused() {
    if rustix::process::geteuid().is_root() {
        crate::testing::skipped("root can write every directory");
        return;
    }
    let dir = dir();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o500)).unwrap();
    assert_eq!(refused(&dir.path().join("key")).code(), Code::OutputDirectory);
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(list(dir.path()), [""; 0]);
}

#[test]
fn a_directory_removed_after_the_check_is_a_failure() {
    for &method in METHODS {
        let dir = dir();
        let sub = dir.path().join("sub");
        fs::create_dir(&sub).unwrap();
        let file = private(&sub.join("key"), method);
        fs::remove_dir(&sub).unwrap();
        assert_eq!(file.write(SECRET, &Undo::new()).unwrap_err().code(), Code::NotDelivered, "{method:?}");
        assert_eq!(list(dir.path()), [""; 0], "{method:?}");
    }
}

#[test]
fn a_replaced_directory_does_not_lead_the_file_elsewhere() {
    for &method in METHODS {
        let dir = dir();
        let (sub, moved) = (dir.path().join("sub"), dir.path().join("moved"));
        fs::create_dir(&sub).unwrap();
        let file = private(&sub.join("key"), method);
        fs::rename(&sub, &moved).unwrap();
        fs::create_dir(&sub).unwrap();
        file.write(SECRET, &Undo::new()).unwrap();
        assert_eq!(list(&sub), [""; 0]);
        assert_eq!(list(&moved), ["key"]);
    }
}

#[test]
fn exactly_one_of_several_writers_wins() {
    for &method in METHODS {
        let dir = dir();
        let path = dir.path().join("key");
        let start = Barrier::new(8);
        let contents: Vec<_> = (0..8u8).map(|i| vec![b'a' + i; 4096]).collect();
        let run = |content| {
            let file = private(&path, method);
            start.wait();
            file.write(content, &Undo::new()).map(|_| content)
        };
        let results: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = contents.iter().map(|content| scope.spawn(|| run(content))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let (won, lost): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
        assert_eq!(won.len(), 1, "{method:?}");
        assert!(lost.into_iter().all(|e| e.unwrap_err().code() == Code::FileExists));
        assert_eq!(fs::read(&path).unwrap(), *won[0].as_deref().unwrap());
        assert_eq!(list(dir.path()), ["key"], "{method:?}");
    }
}

#[test]
fn undo_removes_the_file_and_only_that_file() {
    for &method in METHODS {
        let dir = dir();
        let path = dir.path().join("key");
        let undo = Undo::new();
        private(&path, method).write(SECRET, &undo).unwrap();
        undo.run().unwrap();
        undo.run().unwrap();
        assert_eq!(list(dir.path()), [""; 0], "{method:?}");

        let undo = Undo::new();
        private(&path, method).write(SECRET, &undo).unwrap();
        // The other file is created before ours is removed, so that it cannot get the same inode number.
        fs::write(dir.path().join("theirs"), "theirs").unwrap();
        fs::rename(dir.path().join("theirs"), &path).unwrap();
        undo.run().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"theirs");
    }
}

#[test]
fn nothing_is_created_after_undo() {
    for &method in METHODS {
        let dir = dir();
        let file = private(&dir.path().join("key"), method);
        let undo = Undo::new();
        undo.clone().run().unwrap();
        assert_eq!(file.write(SECRET, &undo).unwrap_err().code(), Code::Interrupted, "{method:?}");
        assert_eq!(list(dir.path()), [""; 0], "{method:?}");
    }
}

#[test]
fn one_failure_removes_both_files() {
    let dir = dir();
    let undo = Undo::new();
    let public = NewFile::prepare(&dir.path().join("key.pub"), Access::Public).unwrap();
    let secret = private(&dir.path().join("sub"), WriteMethod::Temporary);
    let path = public.write(b"public", &undo).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o644);
    fs::create_dir(dir.path().join("sub")).unwrap();
    secret.write(SECRET, &undo).unwrap_err();
    assert_eq!(list(dir.path()), ["sub"]);
}

/// The umask applies to a whole process, so each case runs in a child process.
#[test]
fn modes_do_not_depend_on_the_umask() {
    for mask in ["000", "077", "777"] {
        let dir = dir();
        assert!(child("umask", mask, dir.path()), "umask {mask}");
        assert_eq!(list(dir.path()).len(), 2 * METHODS.len());
        for (entry, path) in list(dir.path()).into_iter().map(|name| (name.clone(), dir.path().join(name))) {
            let wanted = if entry.as_bytes().starts_with(b"Private") { 0o600 } else { 0o644 };
            assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, wanted, "{entry:?} under umask {mask}");
        }
    }
}

#[test]
fn a_write_past_the_size_limit_leaves_nothing() {
    let dir = dir();
    assert!(child("limit", "", dir.path()));
    assert_eq!(list(dir.path()), [""; 0]);
}

fn child(act: &str, with: &str, dir: &Path) -> bool {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "files::new_file::tests::child_entry", "--test-threads=1"])
        .env("KEYWRIGHT_TEST_ACT", act)
        .env("KEYWRIGHT_TEST_WITH", with)
        .env("KEYWRIGHT_TEST_DIR", dir)
        .output()
        .unwrap()
        .status
        .success()
}

#[test]
fn child_entry() {
    let Ok(act) = std::env::var("KEYWRIGHT_TEST_ACT") else {
        return;
    };
    let dir = PathBuf::from(std::env::var_os("KEYWRIGHT_TEST_DIR").unwrap());
    if act == "umask" {
        let mask = std::env::var("KEYWRIGHT_TEST_WITH").unwrap();
        rustix::process::umask(Mode::from_raw_mode(rustix::fs::RawMode::from_str_radix(&mask, 8).unwrap()));
        for (access, method) in
            [Access::Private, Access::Public].into_iter().flat_map(|a| METHODS.iter().map(move |&w| (a, w)))
        {
            let file = NewFile::prepare(&dir.join(format!("{access:?}-{method:?}")), access).unwrap();
            starting(method, file).write(SECRET, &Undo::new()).unwrap();
        }
        return;
    }
    crate::process::harden().unwrap();
    #[cfg(target_os = "linux")]
    if act == "unnamed" {
        return deliver_unnamed(&dir);
    }
    let limit = rustix::process::Rlimit { current: Some(16), maximum: Some(16) };
    rustix::process::setrlimit(rustix::process::Resource::Fsize, limit).unwrap();
    for &method in METHODS {
        let error = private(&dir.join("key"), method).write(SECRET, &Undo::new()).unwrap_err();
        assert_eq!(error.code(), Code::NotDelivered);
        assert!(error.hint().contains("ulimit"), "{error:?}");
        assert_eq!(list(&dir), [""; 0], "{method:?}");
    }
}
