//! Tests that the committed files in `completions/` and `man/` are the output of the program.

use super::{
    home::{Ended, Home},
    tools::have,
};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

const SHELLS: [(&str, &str); 5] = [
    ("bash", "keywright.bash"),
    ("zsh", "_keywright"),
    ("fish", "keywright.fish"),
    ("powershell", "_keywright.ps1"),
    ("elvish", "keywright.elv"),
];

fn committed(directory: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(directory)
}

/// Compares a committed directory with the generated files. With `KEYWRIGHT_BLESS=1`, writes the generated files to the
/// directory instead.
fn compare(directory: &str, generated: &BTreeMap<String, Vec<u8>>) {
    let path = committed(directory);
    if std::env::var_os("KEYWRIGHT_BLESS").is_some_and(|bless| bless == "1") {
        fs::create_dir_all(&path).unwrap();
        let stale = fs::read_dir(&path).unwrap().map(|entry| entry.unwrap());
        for entry in stale.filter(|entry| !generated.contains_key(entry.file_name().to_str().unwrap_or_default())) {
            fs::remove_file(entry.path()).unwrap();
        }
        for (name, content) in generated {
            fs::write(path.join(name), content).unwrap();
        }
    }
    let again = "run `KEYWRIGHT_BLESS=1 cargo test --test cli assets` and commit what it makes";
    let entries = fs::read_dir(&path).unwrap_or_else(|e| panic!("{directory}: {e}; {again}"));
    let mut found: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    found.sort();
    assert!(found.iter().eq(generated.keys()), "{directory} holds {found:?}; {again}");
    for (name, content) in generated {
        let same = fs::read(path.join(name)).unwrap() == *content;
        assert!(same, "{directory}/{name} is not what the command line says; {again}");
    }
}

/// Returns the names of all commands that have a manual page, such as `policy` and `policy-show`.
fn subcommands() -> Vec<String> {
    let mut names = Vec::new();
    for sub in keywright::cli::whole().get_subcommands() {
        let name = sub.get_name();
        names.push(name.to_owned());
        names.extend(sub.get_subcommands().map(|nested| format!("{name}-{}", nested.get_name())));
    }
    names
}

#[test]
fn committed_completions_are_current() {
    let home = Home::new();
    let scripts = SHELLS.map(|(shell, file)| {
        let made = home.run(&format!("completions {shell}")).ok();
        assert_eq!(made.err(), "");
        (file.to_owned(), made.0.stdout)
    });
    compare("completions", &scripts.into());
    assert!(!home.file(".local").exists(), "this needs no keyring");
    home.run("completions tcsh").refused(2, "usage");
    home.run("completions").refused(2, "usage");
}

#[test]
fn committed_manual_pages_are_current() {
    let home = Home::new();
    let mut pages = BTreeMap::from([("keywright.1".to_owned(), home.run("man").ok().0.stdout)]);
    for name in subcommands() {
        pages.insert(format!("keywright-{name}.1"), home.run(&format!("man {name}")).ok().0.stdout);
    }
    compare("man", &pages);
    assert!(!home.file(".local").exists(), "this needs no keyring");
    let refused = home.run("man nothing").refused(2, "usage");
    assert!(refused.err().contains("generate, create"), "{}", refused.err());
}

#[test]
fn generated_files_do_not_depend_on_the_machine() {
    let home = Home::new();
    let plain = home.run("man generate").ok().out();
    let mut command = home.keywright(["man", "generate"]);
    command.env("KEYWRIGHT_KEYRING", "/secret/place.db").env("COLUMNS", "40").env("NO_COLOR", "1");
    assert_eq!(Ended(command.output().unwrap()).ok().out(), plain);
    assert!(!plain.contains(home.path().to_str().unwrap()));
}

#[test]
fn shells_load_their_completions() {
    let home = Home::new();
    for (shell, file) in &SHELLS[..3] {
        if !have(shell) {
            continue;
        }
        let script = committed("completions").join(file);
        let script = script.to_str().unwrap();
        let (load, quiet) = match *shell {
            "bash" => {
                (format!("set -eu; source '{script}'; complete -p keywright"), vec!["--norc", "--noprofile", "-c"])
            }
            "zsh" => (
                format!(
                    "autoload -U compinit && compinit -u -d ./dump && source '{script}' && print ${{_comps[keywright]}}"
                ),
                vec!["-f", "-c"],
            ),
            _ => (format!("source '{script}'; complete -C 'keywright gener'"), vec!["--no-config", "-c"]),
        };
        let parsed = Ended(home.program(shell).args(["-n", script]).output().unwrap());
        assert_eq!((parsed.code(), parsed.err().as_str()), (0, ""), "{shell} -n");
        let loaded = Ended(home.program(shell).args(quiet).arg(&load).output().unwrap());
        assert_eq!((loaded.code(), loaded.err().as_str()), (0, ""), "{shell}");
        let expected = if *shell == "fish" { "generate" } else { "_keywright" };
        assert!(loaded.out().contains(expected), "{shell}: {}", loaded.out());
    }
}

#[test]
fn bash_completes_commands_options_and_words() {
    if !have("bash") {
        return;
    }
    let home = Home::new();
    let script = committed("completions").join("keywright.bash");
    for (typed, expected) in [
        ("keywright gen", "generate"),
        ("keywright generate --secret-f", "--secret-format"),
        ("keywright generate --type ", "token"),
        ("keywright list --status ex", "expired"),
    ] {
        let words: Vec<&str> = typed.split(' ').collect();
        let last = words.len() - 1;
        let complete = format!(
            "source '{}'; COMP_WORDS=({typed} ''); COMP_CWORD={last}; _keywright keywright '{}' '{}'; echo \"${{COMPREPLY[@]}}\"",
            script.display(),
            words[last],
            words[last - 1]
        );
        let ended = Ended(home.program("bash").args(["--norc", "-c", &complete]).output().unwrap()).ok();
        assert!(
            ended.out().split_whitespace().any(|word| word == expected),
            "{typed}: {} {}",
            ended.out(),
            ended.err()
        );
    }
}

#[test]
fn manual_pages_are_valid_roff() {
    let home = Home::new();
    let (mandoc, man) = (have("mandoc"), have("man"));
    let pages = fs::read_dir(committed("man")).unwrap().map(|entry| entry.unwrap().path());
    for page in pages {
        if mandoc {
            let ended = Ended(home.program("mandoc").args(["-Tlint", "-Wwarning"]).arg(&page).output().unwrap());
            assert_eq!((ended.code(), ended.out().as_str()), (0, ""), "{}", page.display());
        }
        if man {
            let mut man = home.program("man");
            man.args(["-l", "--warnings=all"])
                .arg(&page)
                .env("MANPAGER", "cat")
                .env("MANWIDTH", "80")
                .env("LC_ALL", "C.UTF-8");
            let ended = Ended(man.output().unwrap()).ok();
            assert_eq!(ended.err(), "", "{}", page.display());
            assert!(ended.out().contains("NAME") && ended.out().contains("SYNOPSIS"), "{}", page.display());
        }
    }
}
