//! Events outside keywright during a random life, such as a replaced keyring file, and requests that are presented again.

use super::{Time, World, clean_up_fake_clock, json};
use serde_json::Value;
use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

/// A process with `verify --batch`.
pub(super) struct Batch {
    process: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Batch {
    pub(super) fn start(mut command: Command) -> Self {
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap());
        Self { questions: process.stdin.take(), process, answers }
    }

    pub(super) fn ask(&mut self, question: &Value) -> Value {
        writeln!(self.questions.as_ref().unwrap(), "{question}").unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        serde_json::from_str(&answer).unwrap()
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        drop(self.questions.take());
        let _ = self.process.wait();
        clean_up_fake_clock(self.process.id());
    }
}

impl World {
    /// Lets time pass, or lets the system clock step back.
    pub(super) fn pass(&mut self) {
        let most = if self.random.below(2) == 0 { 2400 } else { 3 * 86_400 };
        let by = i64::try_from(self.random.below(most)).unwrap();
        let back = self.clock.steps_back() && self.random.below(3) == 0;
        self.now += if back { -by } else { by };
        self.log.push(format!("time passes, to {}", Time::from_seconds(self.now)));
    }

    /// Replaces the keyring file by a copy of itself, as a backup program or an editor does.
    pub(super) fn replace(&mut self) {
        self.log.push("the file is replaced by a copy".into());
        let copy = self.home.keyring().with_file_name("copy");
        std::fs::copy(self.home.keyring(), &copy).unwrap();
        std::fs::rename(copy, self.home.keyring()).unwrap();
    }

    /// Gives the keyring file another name, under which another process could miss a journal. Nothing may be written.
    pub(super) fn link(&mut self) {
        let other = self.home.file("other.db");
        std::fs::hard_link(self.home.keyring(), &other).unwrap();
        let deed = self.deed();
        self.log.push("a hard link: the command above is refused".into());
        let before = self.home.state();
        let ended = self.run_deed(&deed, false);
        assert_ne!(ended.0.status.code(), None, "{}", self.history());
        self.run("generate --name linked --type token --expires 1d --out linked").refused(6, "keyring_linked");
        assert!(self.home.state() == before, "{deed:?} changed a keyring with two names{}", self.history());
        std::fs::remove_file(other).unwrap();
    }

    /// Signs a request, and asserts that it is accepted only once. Presents an old one again as well.
    pub(super) fn sign_one(&mut self) {
        if let Some(old) = self.random.pick(&self.requests) {
            self.log.push("an old request is presented".into());
            let answer = self.run_with("verify-request --explain --format json --quiet", &old).json();
            assert_ne!(answer["code"], "valid", "{old}{}", self.history());
        }
        let Some(request) = self.request() else { return };
        self.log.push("a request is signed".into());
        let mut changed: Value = serde_json::from_str(&request).unwrap();
        changed["method"] = json!("POST");
        let forged = self.run_with("verify-request --explain --format json --quiet", &changed.to_string()).json();
        assert_ne!(forged["code"], "valid", "{}", self.history());
        let first = self.run_with("verify-request --format json --quiet", &request).json();
        let second = self.run_with("verify-request --format json --quiet", &request).json();
        let again = if first["code"] == "valid" { &json!("replayed") } else { &first["code"] };
        assert_eq!(second["code"], *again, "{first}{}", self.history());
        if first["code"] == "valid" {
            self.requests.push(request);
        }
    }
}
