//! Tests that the committed files in `completions/` and `man/` are the output of the program.

use super::{
    home::{Ended, Home, KEYWRIGHT},
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

/// Creates a home with a keyring whose keys the completions can suggest.
fn home_with_keys() -> Home {
    let home = Home::new();
    home.run("generate --name web-shop --type token --owner acme --scope orders:read --label team=core --out a").ok();
    home.run("generate --name batch --type token --out b").ok();
    home
}

/// Runs a shell in which `keywright` is the program under test.
fn shell(home: &Home, name: &str, arguments: &[&str]) -> Ended {
    let directory = Path::new(KEYWRIGHT).parent().unwrap();
    let path = format!("{}:{}", directory.display(), std::env::var("PATH").unwrap_or_default());
    Ended(home.program(name).args(arguments).env("PATH", path).env("TERM", "dumb").output().unwrap())
}

/// Returns what bash suggests for an unfinished command line, without options unless one is being typed.
fn suggested(home: &Home, typed: &str) -> Vec<String> {
    let words: Vec<&str> = typed.split(' ').collect();
    let last = words.len() - 1;
    let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    let script = format!(
        "source '{}'; COMP_WORDS=({}); COMP_CWORD={last}; COMP_TYPE=9; _clap_complete_keywright keywright '{}' ''; \
         printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        committed("completions").join("keywright.bash").display(),
        quoted.join(" "),
        words[last]
    );
    let ended = shell(home, "bash", &["--norc", "--noprofile", "-c", &script]).ok();
    assert_eq!(ended.err(), "", "{typed}");
    let is_wanted = |line: &&str| !line.is_empty() && (words[last].starts_with('-') || !line.starts_with("--"));
    ended.out().lines().map(str::trim_end).filter(is_wanted).map(str::to_owned).collect()
}

#[test]
fn bash_completes_commands_options_words_and_keys() {
    if !have("bash") {
        return;
    }
    let home = home_with_keys();
    let id = home.keys()[0]["api_key_id"].as_str().unwrap().to_owned();
    let before = home.state();
    for (typed, expected) in [
        ("keywright gen", vec!["generate"]),
        ("keywright generate --secret-f", vec!["--secret-format"]),
        ("keywright generate --type to", vec!["token"]),
        ("keywright list --status ex", vec!["expired"]),
        ("keywright show ", vec!["batch", "web-shop"]),
        ("keywright revoke we", vec!["web-shop"]),
        (&format!("keywright show {}", &id[..6]), vec![id.as_str()]),
        ("keywright list --owner ", vec!["acme"]),
        ("keywright verify --scope o", vec!["orders:read"]),
        ("keywright list --label t", vec!["team=core"]),
        ("keywright list --sort -la", vec!["-last_used_at"]),
        ("keywright init --contract ka", vec!["kalshi"]),
        ("keywright policy set expiry.long", vec!["expiry.longest"]),
        ("keywright help exit", vec!["exit-codes"]),
        ("keywright man policy-s", vec!["policy-set", "policy-show"]),
        // A hidden option is not suggested.
        ("keywright list --now", vec![]),
        ("keywright list --keyring=missing.db --owner ", vec![]),
    ] {
        assert_eq!(suggested(&home, typed), expected, "{typed}");
    }
    assert_eq!(home.state(), before, "a completion changes nothing");
    assert!(!home.file("missing.db").exists());
}

#[test]
fn completion_reads_the_keyring_of_the_environment() {
    if !have("bash") {
        return;
    }
    let home = home_with_keys();
    home.run("generate --keyring other.db --name elsewhere --type token --out c").ok();
    let complete = |keyring: &str| {
        let mut command = home.keywright(["--", "keywright", "show", ""]);
        command.env("KEYWRIGHT_COMPLETE", "fish").env("KEYWRIGHT_KEYRING", keyring);
        let listed = Ended(command.output().unwrap()).ok().out();
        listed.lines().filter(|line| !line.starts_with('-')).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(complete("other.db"), ["elsewhere"]);
    assert_eq!(complete(""), ["batch", "web-shop"], "an empty value is unset");
}

#[test]
fn completion_does_not_wait_for_a_locked_keyring() {
    let home = home_with_keys();
    let lock = rusqlite::Connection::open(home.keyring()).unwrap();
    lock.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let begun = std::time::Instant::now();
    let mut command = home.keywright(["--", "keywright", "show", ""]);
    let listed = Ended(command.env("KEYWRIGHT_COMPLETE", "fish").output().unwrap()).ok().out();
    assert!(begun.elapsed().as_secs() < 5 && !listed.contains("web-shop"), "{listed}");
}

#[test]
fn a_value_that_a_shell_would_split_or_run_is_not_suggested() {
    if !have("bash") {
        return;
    }
    let home = Home::new();
    home.run_args(["generate", "--name", "$(touch pwned)", "--owner", "Partner Inc.", "--type", "token", "--out", "a"])
        .ok();
    assert_eq!(suggested(&home, "keywright show "), Vec::<String>::new());
    assert_eq!(suggested(&home, "keywright list --owner "), Vec::<String>::new());
    assert!(!home.file("pwned").exists());
}

#[test]
fn a_file_name_that_a_shell_would_run_and_a_secret_are_not_suggested() {
    if !have("bash") {
        return;
    }
    let home = home_with_keys();
    let token = home.read("a");
    for name in ["a;touch pwned", "a$(touch pwned)", "a b", "a*", "a\u{1b}[31m", "a\nb", "--yes", token.trim(), "a.pem"]
    {
        home.write(name, "");
    }
    std::fs::create_dir(home.file("a;dir")).unwrap();
    for command in ["verify --token-file", "create --public-key", "backup", "restore", "generate --out"] {
        let found = suggested(&home, &format!("keywright {command} a"));
        assert_eq!(found, ["a", "a.pem"], "{command}");
        let found = suggested(&home, &format!("keywright {command} "));
        assert!(found.iter().all(|path| !path.starts_with('-') && !path.contains(token.trim())), "{found:?}");
    }
    assert!(!home.file("pwned").exists());
}

#[test]
fn the_path_of_the_program_is_not_run_at_a_completion() {
    let home = home_with_keys();
    let directory = home.file("$(touch pwned)");
    std::fs::create_dir(&directory).unwrap();
    let program = directory.join("keywright");
    // If this process wrote the file, a child process of another test could still have it open for writing.
    assert!(home.program("cp").args([KEYWRIGHT.as_ref(), program.as_os_str()]).status().unwrap().success());
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let mut command = home.program(&program);
        let script = Ended(command.env("KEYWRIGHT_COMPLETE", shell).output().unwrap()).ok().out();
        assert!(script.contains("keywright") && !script.contains("pwned"), "{script}");
    }
}

#[test]
fn zsh_completes_keys() {
    if !have("zsh") {
        return;
    }
    let home = home_with_keys();
    // The script is loaded as zsh loads it from a directory of functions. The suggestions are recorded instead of shown.
    let script = format!(
        "fpath=('{}' $fpath); autoload -U compinit && compinit -u -d ./dump && print ${{_comps[keywright]}}; \
         _describe() {{ print -l -- ${{(P)@[-1]}}; }}; _files() {{ }}; \
         words=(keywright show web); CURRENT=3; service=keywright; _keywright",
        committed("completions").display()
    );
    let ended = shell(&home, "zsh", &["-f", "-c", &script]).ok();
    assert!(ended.out().contains("_keywright") && ended.out().contains("web-shop"), "{}{}", ended.out(), ended.err());
}

#[test]
fn fish_completes_keys() {
    if !have("fish") {
        return;
    }
    let home = home_with_keys();
    let script = committed("completions").join("keywright.fish");
    let load = format!("source '{}'; complete -C 'keywright show we'", script.display());
    let ended = shell(&home, "fish", &["--no-config", "-c", &load]).ok();
    assert_eq!((ended.out().trim_end(), ended.err().as_str()), ("web-shop", ""));
}

#[test]
fn an_unknown_shell_is_refused() {
    let home = Home::new();
    let mut command = home.keywright(["list"]);
    let ended = Ended(command.env("KEYWRIGHT_COMPLETE", "tcsh").output().unwrap());
    assert_eq!((ended.code(), ended.out().as_str()), (2, ""));
    assert!(ended.err().contains("tcsh"), "{}", ended.err());
    let mut command = home.keywright(["list"]);
    assert_eq!(Ended(command.env("KEYWRIGHT_COMPLETE", "").output().unwrap()).code(), 3, "an empty value is unset");
}

#[test]
fn man_writes_all_pages_to_a_directory() {
    let home = Home::new();
    home.run("man --out-dir pages").ok();
    let mut names: Vec<_> = home.files();
    names.sort();
    let mut expected: Vec<String> = subcommands().iter().map(|name| format!("pages/keywright-{name}.1")).collect();
    expected.push("pages/keywright.1".to_owned());
    expected.sort();
    assert_eq!(names, expected);
    assert_eq!(home.read("pages/keywright-list.1"), home.run("man list").ok().out());
    // The pages of an earlier version are replaced.
    home.write("pages/keywright.1", "old");
    home.run("man --out-dir pages").ok();
    assert_eq!(home.read("pages/keywright.1"), home.run("man").ok().out());
    home.run("man --out-dir no/such").refused(6, "output_directory");
    home.run("man list --out-dir pages").refused(2, "usage");
}

#[test]
fn every_page_has_the_usual_sections_in_the_usual_order() {
    let usual =
        ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXAMPLES", "EXIT STATUS", "ENVIRONMENT", "FILES", "SEE ALSO"];
    for entry in fs::read_dir(committed("man")).unwrap() {
        let path = entry.unwrap().path();
        let page = fs::read_to_string(&path).unwrap();
        let headings: Vec<&str> = page
            .lines()
            .filter_map(|line| line.strip_prefix(".SH "))
            .map(|heading| heading.trim_matches('"'))
            .collect();
        let found: Vec<&str> = headings.into_iter().filter(|heading| usual.contains(heading)).collect();
        let wanted: Vec<&str> =
            usual.into_iter().filter(|heading| *heading != "EXAMPLES" || found.contains(heading)).collect();
        assert_eq!(found, wanted, "{}", path.display());
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
