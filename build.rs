//! Links gcc's unwinder into the program, where the C compiler has it as an archive: a shared libgcc is one more library to load
//! at every start, and asks the processor at length what it can do, which is slow in a virtual machine.
//!
//! Where anything about that is in doubt, nothing is said to the linker, and the shared one is used as ever.

use std::{
    env::var,
    path::{Path, PathBuf},
    process::Command,
};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=CC");
    if let Some(directory) = unwinder().as_deref().and_then(Path::parent) {
        println!("cargo:rustc-link-search=native={}", directory.display());
        println!("cargo:rustc-link-lib=static:-bundle=gcc_eh");
    }
}

/// The archive; none for another system than this one, whose C compiler cannot be asked so simply.
fn unwinder() -> Option<PathBuf> {
    let is = |name: &str, value: &str| var(name).is_ok_and(|found| found == value);
    let native = var("HOST").ok()? == var("TARGET").ok()?;
    if !native || !is("CARGO_CFG_TARGET_OS", "linux") || !is("CARGO_CFG_TARGET_ENV", "gnu") {
        return None;
    }
    let compiler = var("CC").unwrap_or_else(|_| "cc".to_owned());
    let answer = Command::new(compiler).arg("-print-file-name=libgcc_eh.a").output().ok()?;
    let path = PathBuf::from(String::from_utf8(answer.stdout).ok()?.trim());
    // Of a file that it does not have, a compiler repeats the name.
    (path.is_absolute() && path.is_file()).then_some(path)
}
