use std::io::Read as _;
use std::os::fd::AsFd as _;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs};

use rustix::process::{Pid, Signal, kill_process};

use super::*;
use crate::delivery::{CommandOutput, Delivery, Destination};
use crate::files::{Access, NewFile};
use crate::key::Secret;

/// A flag that is set once the main thread blocks in `lock` because the process is ending.
pub(super) static BLOCKED: AtomicBool = AtomicBool::new(false);

/// A child process that runs one test scenario in its own directory and creates the file `ready` when the test may send
/// a signal.
struct Scene {
    dir: tempfile::TempDir,
    child: Child,
}

impl Scene {
    fn start(scene: &str) -> Self {
        Self::start_by(scene, Command::new(env::current_exe().unwrap()))
    }

    fn start_by(scene: &str, mut command: Command) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let child = command
            .args(["--exact", "interrupt::tests::child_entry", "--nocapture", "--test-threads=1"])
            .env("KEYWRIGHT_TEST_SCENE", scene)
            .env("KEYWRIGHT_TEST_DIR", dir.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self { dir, child }
    }

    fn await_file(&self, name: &str) {
        await_file(&self.dir.path().join(name));
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for the process to end, and returns its exit status and standard error. Kills the process and panics after
    /// 60 seconds.
    fn end(&mut self) -> (ExitStatus, String) {
        let start = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if start.elapsed() > Duration::from_secs(60) {
                self.child.kill().unwrap();
                self.child.wait().unwrap();
                panic!("the process did not end");
            }
            thread::sleep(Duration::from_millis(5));
        };
        let mut stderr = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        (status, stderr)
    }

    fn files(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(self.dir.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != "ready")
            .collect();
        names.sort();
        names
    }
}

fn await_file(path: &Path) {
    await_that(&format!("{} exists", path.display()), || path.exists());
}

/// Waits until a signal that came during the closing phase has been recorded.
fn await_remembered_signal() {
    await_that("the signal is remembered", || STATE.lock().unwrap().signaled);
}

fn await_that(what: &str, condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(60), "timed out waiting until {what}");
        thread::sleep(Duration::from_millis(2));
    }
}

fn note(dir: &Path, name: &str) {
    use std::io::Write as _;
    let mut file = fs::File::options().create(true).append(true).open(dir.join(name)).unwrap();
    file.write_all(b"x").unwrap();
}

#[test]
fn child_entry() {
    let Ok(scene) = env::var("KEYWRIGHT_TEST_SCENE") else {
        return;
    };
    let dir = PathBuf::from(env::var_os("KEYWRIGHT_TEST_DIR").unwrap());
    crate::process::harden().unwrap();
    install("interrupted\n").unwrap();
    let undone = {
        let dir = dir.clone();
        move || note(&dir, "undone")
    };
    match scene.as_str() {
        "free" => {
            drop(guard(undone));
            note(&dir, "ready");
            hang();
        }
        "ignored hangup" => {
            assert!(is_ignored(SIGHUP) && !is_ignored(SIGTERM));
            note(&dir, "ready");
            await_file(&dir.join("signaled"));
            note(&dir, "still running");
            hang();
        }
        "guarded" => {
            let _outer = guard({
                let dir = dir.clone();
                move || fs::rename(dir.join("undone"), dir.join("in order")).unwrap()
            });
            let _inner = guard(undone);
            note(&dir, "ready");
            hang();
        }
        "panicking undo" => {
            let _outer = guard(undone);
            let _inner = guard(|| panic!("kw_test_payload"));
            note(&dir, "ready");
            hang();
        }
        "slow undo" => {
            let inside = dir.clone();
            let guard = guard(move || {
                note(&inside, "undoing");
                let went_on = inside.join("went on");
                await_that("the main thread has reacted", || BLOCKED.load(Ordering::SeqCst) || went_on.exists());
                note(&inside, "undone");
            });
            note(&dir, "ready");
            await_file(&dir.join("undoing"));
            // The signal came first, so the main thread must not get past any use of the guard.
            drop(guard);
            note(&dir, "went on");
            std::process::exit(0);
        }
        "closing" => {
            let closing = guard(undone).close();
            note(&dir, "ready");
            await_remembered_signal();
            std::process::exit(if closing.finish() { 42 } else { 0 });
        }
        "blocked write" => {
            let _guard = guard(undone);
            let (_reader, writer) = std::io::pipe().unwrap();
            note(&dir, "ready");
            // A signal may interrupt the write in the main thread. The next write blocks again.
            loop {
                let _ = rustix::io::write(writer.as_fd(), &vec![0; 4 << 20]);
            }
        }
        _ => play_delivery(&scene, dir),
    }
}

fn play_delivery(scene: &str, dir: PathBuf) {
    let secret = || Secret::new(zeroize::Zeroizing::new(b"kw_test_not_a_secret\n".to_vec()));
    match scene {
        "file" => {
            let undo = crate::files::Undo::new();
            let _guard = guard({
                let undo = undo.clone();
                move || undo.run().unwrap()
            });
            let public = NewFile::prepare(&dir.join("key.pub"), Access::Public).unwrap();
            let prepared = Delivery::prepare(Destination::File(dir.join("key.pem"))).unwrap();
            public.write(b"public", &undo).unwrap();
            prepared.deliver(&secret(), &undo).unwrap();
            assert!(dir.join("key.pem").exists() && dir.join("key.pub").exists());
            note(&dir, "ready");
            hang();
        }
        "files in a loop" => {
            for i in 0.. {
                let undo = crate::files::Undo::new();
                let guard = guard({
                    let undo = undo.clone();
                    move || undo.run().unwrap()
                });
                let path = dir.join(format!("key-{i}"));
                let delivered = Delivery::prepare(Destination::File(path.clone())).unwrap().deliver(&secret(), &undo);
                if i == 3 {
                    note(&dir, "ready");
                }
                // If a signal came first, the delivery fails, and `guard.close` waits for the end of the process.
                assert!(delivered.is_ok() || crate::error::Code::Interrupted == delivered.unwrap_err().code());
                let closing = guard.close();
                undo.run().unwrap();
                assert!(!path.exists());
                if closing.finish() {
                    std::process::exit(130);
                }
            }
        }
        "command" => {
            let undo = crate::files::Undo::new();
            let _guard = guard({
                let undo = undo.clone();
                move || undo.run().unwrap()
            });
            // With `exec`, the terminated process is the one whose ID was written.
            let script = "cd \"$0\"; echo $$ > pid; mv pid ready; exec sleep 60";
            let argv = ["sh".into(), "-c".into(), script.into(), dir.into_os_string()].to_vec();
            let destination = Destination::Command { argv, output: CommandOutput::Stderr };
            let _ = Delivery::prepare(destination).unwrap().deliver(&secret(), &undo);
        }
        other => unreachable!("{other}"),
    }
}

fn hang() -> ! {
    loop {
        thread::park();
    }
}

/// Runs a scenario, sends `signal` once the process is ready, and asserts that the process exits with status 130 and
/// the message `interrupted`.
fn interrupted(scene: &str, signal: Signal) -> Scene {
    let mut scene = Scene::start(scene);
    scene.await_file("ready");
    scene.signal(signal);
    let (status, stderr) = scene.end();
    assert_eq!(status.code(), Some(130), "{stderr}");
    assert!(stderr.ends_with("interrupted\n"), "{stderr}");
    scene
}

#[test]
fn a_signal_in_the_free_phase_exits_at_once() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        assert!(interrupted("free", signal).files().is_empty());
    }
}

#[test]
fn a_signal_in_the_guarded_phase_undoes_once_and_innermost_first() {
    let scene = interrupted("guarded", Signal::TERM);
    assert_eq!(scene.files(), ["in order"]);
    assert_eq!(fs::read(scene.dir.path().join("in order")).unwrap(), b"x");
}

#[test]
fn a_blocked_write_does_not_delay_the_undo() {
    assert_eq!(interrupted("blocked write", Signal::INT).files(), ["undone"]);
}

#[test]
fn a_panic_in_one_undo_step_prevents_neither_the_others_nor_the_exit() {
    assert_eq!(interrupted("panicking undo", Signal::INT).files(), ["undone"]);
}

#[test]
fn the_main_thread_cannot_pass_a_running_undo() {
    let scene = interrupted("slow undo", Signal::INT);
    assert_eq!(scene.files(), ["undoing", "undone"]);
}

#[test]
fn a_signal_in_the_closing_phase_is_remembered_and_undoes_nothing() {
    let mut scene = Scene::start("closing");
    scene.await_file("ready");
    scene.signal(Signal::INT);
    let (status, stderr) = scene.end();
    assert_eq!(status.code(), Some(42), "{stderr}");
    assert!(scene.files().is_empty());
}

#[test]
fn delivered_files_are_removed() {
    assert!(interrupted("file", Signal::HUP).files().is_empty());
}

#[test]
fn a_signal_at_any_moment_of_a_delivery_leaves_no_file() {
    for delay in (0..2000).step_by(137) {
        let mut scene = Scene::start("files in a loop");
        scene.await_file("ready");
        thread::sleep(Duration::from_micros(delay));
        scene.signal(Signal::TERM);
        // The signal thread ends the process, unless the main thread was already running the undo step.
        let (status, stderr) = scene.end();
        assert_eq!(status.code(), Some(130), "{stderr}");
        assert!(scene.files().is_empty(), "{:?}", scene.files());
    }
}

#[test]
fn a_running_command_is_terminated_too() {
    let scene = interrupted("command", Signal::TERM);
    let pid: i32 = fs::read_to_string(scene.dir.path().join("ready")).unwrap().trim().parse().unwrap();
    let pid = Pid::from_raw(pid).unwrap();
    let start = Instant::now();
    // A zombie counts as terminated: its new parent process will reap it.
    let status_file = PathBuf::from(format!("/proc/{}/stat", pid.as_raw_nonzero()));
    while fs::read_to_string(&status_file).is_ok_and(|stat| !stat.contains(") Z ")) {
        assert!(start.elapsed() < Duration::from_secs(30), "the command is still running");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_signal_that_was_ignored_at_the_start_stays_ignored() {
    let mut shell = Command::new("sh");
    let exe = env::current_exe().unwrap();
    shell.arg("-c").arg("trap '' HUP; exec \"$0\" \"$@\"").arg(exe).arg0("sh");
    let mut scene = Scene::start_by("ignored hangup", shell);
    scene.await_file("ready");
    scene.signal(Signal::HUP);
    note(scene.dir.path(), "signaled");
    scene.await_file("still running");
    scene.signal(Signal::TERM);
    let (status, _) = scene.end();
    assert_eq!((status.code(), status.signal()), (Some(130), None));
}
