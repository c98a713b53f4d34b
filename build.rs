//! Links the unwinder of gcc statically, if the C compiler has it as an archive.
//!
//! The shared libgcc is one more library to load at every start. It also queries the processor's features at length,
//! which is slow in a virtual machine. If the archive cannot be found, the shared library is linked as usual.

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

/// Returns the path of the archive, or `None` if the C compiler does not have it or the target is not Linux with glibc.
/// Also returns `None` when cross-compiling, because the C compiler for the target is unknown.
fn unwinder() -> Option<PathBuf> {
    let is = |name: &str, value: &str| var(name).is_ok_and(|found| found == value);
    let native = var("HOST").ok()? == var("TARGET").ok()?;
    if !native || !is("CARGO_CFG_TARGET_OS", "linux") || !is("CARGO_CFG_TARGET_ENV", "gnu") {
        return None;
    }
    let compiler = var("CC").unwrap_or_else(|_| "cc".to_owned());
    let answer = Command::new(compiler).arg("-print-file-name=libgcc_eh.a").output().ok()?;
    let path = PathBuf::from(String::from_utf8(answer.stdout).ok()?.trim());
    // If the compiler does not have the file, it prints the name unchanged.
    (path.is_absolute() && path.is_file()).then_some(path)
}
