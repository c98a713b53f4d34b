//! Tests with libraries of other authors, which `.ci/foreign-libraries` installs.

mod jose;
mod requests;
mod web_bot_auth;

use crate::{
    home::{Ended, Home},
    tools::foreign_libraries,
};
use serde_json::Value;
use std::{os::unix::fs::symlink, path::PathBuf};

/// A home with keys in which scripts can import the libraries.
struct ForeignHome {
    home: Home,
    libraries: PathBuf,
}

/// A script that imports a library, with the name and the content of its file.
struct Script {
    file: &'static str,
    text: &'static str,
}

impl ForeignHome {
    /// Builds a home with an Ed25519 key and an RSA key that keywright generated. Their private keys are in `ed25519.pem`
    /// and `rsa.pem`. Returns `None`, and reports a skipped test, if the libraries are not installed.
    fn with_generated_keys() -> Option<Self> {
        let libraries = foreign_libraries()?;
        let home = Home::new();
        symlink(libraries.join("node_modules"), home.file("node_modules")).unwrap();
        home.run("generate --name ed25519 --type ed25519 --out ed25519.pem").ok();
        home.run("generate --name rsa --type rsa --bits 2048 --out rsa.pem").ok();
        Some(Self { home, libraries })
    }

    /// Returns the id of a key.
    fn id(&self, name: &str) -> String {
        self.home.run(&format!("show {name} --format id")).ok().out().trim().to_owned()
    }

    /// Returns the public key of a key in PEM.
    fn public_key(&self, name: &str) -> String {
        self.home.run(&format!("show {name} --format json")).ok().json()["public_key"].as_str().unwrap().to_owned()
    }

    /// Runs a script with `input` in the file `input.json`, asserts that the script succeeds, and returns the JSON value that
    /// the script prints.
    #[track_caller]
    fn run(&self, script: &Script, input: &Value) -> Value {
        self.home.write(script.file, script.text);
        self.home.write("input.json", input.to_string());
        let mut command = match script.file.rsplit_once('.') {
            Some((_, "py")) => self.home.program("python3"),
            _ => self.home.program("node"),
        };
        command.env("PYTHONPATH", self.libraries.join("python")).arg(script.file);
        Ended(command.output().unwrap()).ok().json()
    }

    /// Verifies a request, and returns the verdict code.
    fn verdict(&self, request: &Value) -> String {
        let verdict = self.home.run_with("verify-request --format json", request.to_string()).json();
        verdict["code"].as_str().unwrap().to_owned()
    }
}
