//! An empty home directory to run the program in, deleted when dropped.

use keywright::{
    clock,
    keyring::{Entry, Location},
};
use std::{
    ffi::OsStr,
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};
use tempfile::TempDir;
use uuid::Uuid;

/// The path of the program under test.
pub(crate) const KEYWRIGHT: &str = env!("CARGO_BIN_EXE_keywright");

/// The default contract with the signing scheme of Kalshi.
pub(crate) const SIGNED_AS_KALSHI: &str =
    r#"{"contract":"default","rules":{"types":["rsa","ed25519","token","pair"]},"signing":"kalshi"}"#;

/// A temporary home directory.
pub(crate) struct Home(TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        Self(tempfile::Builder::new().prefix("keywright-test-").tempdir().unwrap())
    }

    /// Builds a home with a keyring from 2020 whose requests are signed in the scheme of Kalshi.
    pub(crate) fn kalshi() -> Self {
        let home = Self::new();
        home.run_with("init --contract - --now 2020-01-01", SIGNED_AS_KALSHI).ok();
        home
    }

    /// Builds a home with a keyring that stores no contract, like those of the first version.
    pub(crate) fn without_contract() -> Self {
        let home = Self::new();
        let location = Location::named_or_default(Some(&home.keyring())).unwrap();
        let (user, host, command) = ("test".to_owned(), "test".to_owned(), "init".to_owned());
        let entry = Entry { at: clock::now(), clock_set: false, user, host, command };
        assert!(location.create(Uuid::new_v4(), None, &entry).unwrap());
        home
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Returns a path below the home.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// Writes a file below the home.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.file(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// Reads a file below the home.
    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.file(name)).unwrap()
    }

    /// Returns the default path of the keyring.
    pub(crate) fn keyring(&self) -> PathBuf {
        self.file(".local/share/keywright/keyring.db")
    }

    /// Builds a command with this home as `HOME` and working directory, and an environment that does not depend on the
    /// machine.
    pub(crate) fn program(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.path())
            .env_clear()
            .env("HOME", self.path())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("USER", "tester")
            .stdin(Stdio::null());
        command
    }

    /// Builds a keywright command, for tests that need more than [`Home::run`].
    pub(crate) fn keywright<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = self.program(KEYWRIGHT);
        command.args(arguments);
        command
    }

    /// Runs keywright with arguments that contain no spaces.
    pub(crate) fn run(&self, line: &str) -> Ended {
        self.run_args(line.split_whitespace())
    }

    /// Runs keywright with arguments.
    pub(crate) fn run_args<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Ended {
        Ended(self.keywright(arguments).output().unwrap())
    }

    /// Runs keywright with text on standard input.
    pub(crate) fn run_with(&self, line: &str, input: impl AsRef<[u8]>) -> Ended {
        Self::feed(self.keywright(line.split_whitespace()), input)
    }

    /// Runs a command with text on standard input.
    pub(crate) fn feed(mut command: Command, input: impl AsRef<[u8]>) -> Ended {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // The program may end before it has read all of its input.
        let _ = child.stdin.take().unwrap().write_all(input.as_ref());
        Ended(child.wait_with_output().unwrap())
    }

    /// Returns all keys as JSON, whatever their status.
    pub(crate) fn keys(&self) -> Vec<serde_json::Value> {
        let listed = self.run("list --all --format json").ok();
        serde_json::from_str(&listed.out()).unwrap()
    }

    /// Returns the files below the home, except the keyring's directory, as sorted relative paths.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut open = vec![self.path().to_owned()];
        while let Some(directory) = open.pop() {
            for entry in std::fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                if path.symlink_metadata().unwrap().is_dir() {
                    open.push(path);
                } else if !path.starts_with(self.file(".local")) {
                    found.push(path.strip_prefix(self.path()).unwrap().to_string_lossy().into_owned());
                }
            }
        }
        found.sort();
        found
    }
}

/// Steps that many tests share.
impl Home {
    /// Returns the bytes of the keyring, or `None` if there is none.
    pub(crate) fn state(&self) -> Option<Vec<u8>> {
        std::fs::read(self.keyring()).ok()
    }

    /// Generates a key, and returns the JSON output with its secret.
    pub(crate) fn generate(&self, line: &str) -> serde_json::Value {
        self.run(&format!("generate {line} --format json")).ok().json()
    }

    /// Leaves a key pending: writes its secret to a file with the name of the key, and then kills keywright.
    pub(crate) fn crash(&self, name: &str, key_type: &str) {
        let line = format!("generate --name {name} --type {key_type} --bits 2048 -- sh -c");
        let line = if key_type == "rsa" { line } else { line.replace(" --bits 2048", "") };
        let script = format!("cat > {name}; kill -9 $PPID");
        let ended = self.run_args(line.split_whitespace().chain([script.as_str()]));
        assert_eq!(ended.0.status.code(), None, "{}", ended.err());
    }

    /// Leaves the keys of one `generate` command pending, at least 8 of them: kills keywright after it has delivered
    /// all secrets. Returns the delivered secrets.
    pub(crate) fn crash_many(&self, line: &str, count: usize) -> String {
        let (mut delivered, out) = std::io::pipe().unwrap();
        // The pipe is smaller than the output, so keywright blocks until the pipe is read.
        rustix::pipe::fcntl_setpipe_size(&out, 4096).unwrap();
        let mut child = self.keywright(format!("generate {line}").split_whitespace()).stdout(out).spawn().unwrap();
        let mut text = vec![0];
        delivered.read_exact(&mut text).unwrap();
        // With this lock, keywright cannot activate any key.
        let keyring = rusqlite::Connection::open(self.keyring()).unwrap();
        keyring.execute_batch("BEGIN IMMEDIATE").unwrap();
        while text.split(|byte| *byte == b'\n').count() <= count {
            let mut piece = [0; 4096];
            let length = delivered.read(&mut piece).unwrap();
            assert_ne!(length, 0, "{}", String::from_utf8_lossy(&text));
            text.extend_from_slice(&piece[..length]);
        }
        child.kill().unwrap();
        child.wait().unwrap();
        String::from_utf8(text).unwrap()
    }

    /// Returns the ids that `list` prints with these options.
    pub(crate) fn ids(&self, conditions: &str) -> Vec<String> {
        let listed = self.run(&format!("list --format id --quiet {conditions}")).ok();
        listed.out().lines().map(str::to_owned).collect()
    }

    /// Returns the names that `list` prints with these options.
    pub(crate) fn names(&self, conditions: &str) -> Vec<String> {
        let listed = self.run(&format!("list --format json --quiet {conditions}")).ok().json();
        let names = listed.as_array().unwrap().iter().map(|key| key["name"].as_str().unwrap());
        names.map(str::to_owned).collect()
    }
}

/// The result of a run.
pub(crate) struct Ended(pub(crate) Output);

impl Ended {
    pub(crate) fn code(&self) -> i32 {
        self.0.status.code().unwrap_or_else(|| panic!("ended by a signal: {:?}\n{}", self.0.status, self.err()))
    }

    pub(crate) fn out(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).unwrap()
    }

    pub(crate) fn err(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }

    /// Parses standard output as one JSON document.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.0.stdout).unwrap_or_else(|e| panic!("{e}: {}\n{}", self.out(), self.err()))
    }

    /// Parses the JSON error on standard error, and returns its `error` member.
    pub(crate) fn error(&self) -> serde_json::Value {
        let whole: serde_json::Value =
            serde_json::from_slice(&self.0.stderr).unwrap_or_else(|e| panic!("{e}: {}", self.err()));
        whole["error"].clone()
    }

    /// Asserts that the exit status is 0.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code(), 0, "{}{}", self.out(), self.err());
        self
    }

    /// Asserts that the command was refused with the given exit status and code, with a next step, and with nothing on
    /// standard output.
    #[track_caller]
    pub(crate) fn refused(self, exit: i32, code: &str) -> Self {
        assert_eq!(self.code(), exit, "{}{}", self.out(), self.err());
        let err = self.err();
        assert!(err.contains(&format!("error[{code}]: ")) || err.contains(&format!("\"code\":\"{code}\"")), "{err}");
        assert!(err.contains("next: ") || err.contains("\"hint\":\""), "{err}");
        assert_eq!(self.out(), "", "a refusal prints nothing to standard output");
        self
    }
}

/// Returns the facts of an audit row without the digests of the changed object.
pub(crate) fn changes(mut facts: serde_json::Value) -> serde_json::Value {
    facts.as_object_mut().unwrap().remove("state");
    facts
}

/// Replaces the last character of a secret.
pub(crate) fn with_another_end(secret: &str) -> String {
    let (rest, last) = secret.split_at(secret.len() - 1);
    format!("{rest}{}", if last == "A" { "B" } else { "A" })
}
