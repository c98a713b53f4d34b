use std::fs;
use std::time::{Duration, Instant};

use super::*;

const SECRET: &[u8] = b"kw_test_not_a_secret\n";

fn shell(script: &str) -> Pipe {
    let argv: Vec<OsString> = ["sh", "-c", script].into_iter().map(Into::into).collect();
    Pipe::prepare(&argv, CommandOutput::Stderr).unwrap()
}

fn failure(script: &str, bytes: &[u8]) -> String {
    let error = shell(script).deliver(bytes, &Undo::new()).unwrap_err();
    assert_eq!(error.code(), Code::CommandFailed);
    assert!(!error.message().contains("not_a_secret"));
    error.message()
}

#[test]
fn the_secret_arrives_on_standard_input_and_nowhere_else() {
    let dir = tempfile::tempdir().unwrap();
    let (input, around) = (dir.path().join("in"), dir.path().join("around"));
    let script = format!(
        "cat > '{}'; {{ env; tr '\\0' ' ' < /proc/$$/cmdline || true; }} > '{}'",
        input.display(),
        around.display()
    );
    shell(&script).deliver(SECRET, &Undo::new()).unwrap();
    assert_eq!(fs::read(input).unwrap(), SECRET);
    assert!(!fs::read_to_string(around).unwrap().contains("not_a_secret"));
}

#[test]
fn a_failing_command_is_a_failed_delivery() {
    assert!(failure("cat > /dev/null; exit 3", SECRET).contains("exit status 3"));
    assert!(failure("cat > /dev/null; kill -KILL $$", SECRET).contains("signal 9"));
    assert!(failure("exit 7", SECRET).contains("exit status 7"));
}

#[test]
fn a_command_that_reads_only_part_of_the_secret_has_failed() {
    // Secrets shorter and longer than the pipe's capacity: not read, closed early, and read in part.
    let large = vec![b'x'; 4 << 20];
    for bytes in [SECRET, &large] {
        for script in ["exit 0", "exec <&-; sleep 0.1", "dd bs=1 count=3 of=/dev/null 2>/dev/null"] {
            let message = failure(script, bytes);
            assert!(message.contains("without reading"), "{script}: {message}");
        }
        shell("cat > /dev/null").deliver(bytes, &Undo::new()).unwrap();
    }
}

#[test]
fn a_missing_command_is_reported_before_anything_is_created() {
    let plain = tempfile::NamedTempFile::new().unwrap();
    let plain = plain.path().to_str().unwrap();
    for name in ["keywright-no-such-command", "/nowhere/command", plain, "/tmp"] {
        let error = Pipe::prepare(&[name.into()], CommandOutput::Inherit).err().unwrap();
        assert_eq!(error.code(), Code::CommandMissing, "{name}");
        assert!(error.message().contains(name));
    }
    assert_eq!(Pipe::prepare(&[], CommandOutput::Inherit).err().unwrap().code(), Code::Usage);
    assert!(can_run("sh".as_ref(), None));
}

#[test]
fn a_command_that_disappears_after_the_check_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let program = dir.path().join("gone");
    fs::copy("/bin/true", &program).unwrap();
    let pipe = Pipe::prepare(&[program.clone().into()], CommandOutput::Inherit).unwrap();
    fs::remove_file(&program).unwrap();
    let error = pipe.deliver(SECRET, &Undo::new()).unwrap_err();
    assert_eq!(error.code(), Code::CommandFailed);
    assert!(error.message().contains("gone"));
}

#[test]
fn undo_terminates_a_running_command() {
    let (undo, dir) = (Undo::new(), tempfile::tempdir().unwrap());
    let ready = dir.path().join("ready");
    let start = Instant::now();
    std::thread::scope(|scope| {
        let delivery =
            scope.spawn(|| shell(&format!("touch {}; exec sleep 60", ready.display())).deliver(SECRET, &undo));
        while !ready.exists() {
            assert!(start.elapsed() < Duration::from_secs(30), "the command did not start");
            std::thread::sleep(Duration::from_millis(5));
        }
        undo.run().unwrap();
        assert!(delivery.join().unwrap().unwrap_err().message().contains("signal 15"));
    });
    assert!(start.elapsed() < Duration::from_secs(30));
    let after = shell("cat").deliver(SECRET, &undo).unwrap_err();
    assert_eq!(after.code(), Code::Interrupted);
}
