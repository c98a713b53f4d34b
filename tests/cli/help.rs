//! Tests of the help texts. Every command has help, and the examples in it run as written.

use super::{
    exchange::assertion::signed,
    home::{Ended, Home, KEYWRIGHT},
    tools::{fixture, have},
};
use std::{fs, os::unix::fs::PermissionsExt as _};

fn subcommands() -> Vec<clap::Command> {
    keywright::cli::whole().get_subcommands().cloned().collect()
}

/// Returns the examples in a help text: the commands below `Examples:`, which may continue after a backslash.
fn examples(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Examples:").skip(1);
    let text: Vec<&str> = lines.take_while(|line| line.starts_with("  ")).map(str::trim).collect();
    text.join("\n").replace("\\\n", "").lines().map(str::to_owned).collect()
}

#[test]
fn a_hint_never_names_a_hidden_option() {
    let refused = Home::new().run("rotate web --note x").refused(2, "usage");
    assert!(!refused.err().contains("--now"), "{}", refused.err());
}

#[test]
fn every_command_and_option_has_help() {
    let home = Home::new();
    let all = home.run("help --all").ok().out();
    for command in subcommands() {
        let name = command.get_name();
        let help = home.run(&format!("{name} --help")).ok();
        assert_eq!(help.err(), "");
        let help = help.out();
        let summary = help.lines().next().unwrap().to_owned();
        assert!((8..100).contains(&summary.len()) && !summary.ends_with('.'), "{name}: {summary}");
        assert!(all.contains(&summary), "{name}: {summary}");
        assert_eq!(home.run(&format!("{name} -h")).ok().out().lines().next().unwrap(), summary);
        assert!(help.contains(&format!("Usage: keywright {name}")), "{help}");
        assert!((2..=3).contains(&examples(&help).len()), "{name}: two or three examples");
        for argument in command.get_arguments() {
            let said = argument.get_help().map(ToString::to_string).unwrap_or_default();
            assert!(!said.is_empty() && !said.ends_with('.'), "{name} {}: {said:?}", argument.get_id());
        }
        assert!(!help.contains("--now"), "the clock is for tests");
    }
}

#[test]
fn the_brief_help_fits_on_two_screens() {
    let home = Home::new();
    for command in subcommands() {
        let name = command.get_name();
        let brief = Ended(home.keywright([name, "-h"]).env("COLUMNS", "80").output().unwrap()).ok().out();
        assert!(brief.lines().count() <= 48, "{name}: {} lines", brief.lines().count());
        assert!(brief.lines().all(|line| line.chars().count() <= 80 || line.starts_with("Usage:")), "{name}");
        assert!(brief.contains("Global: --keyring, --format"), "{name}");
        assert!(!brief.contains("Other options") || brief.contains(&format!("`keywright {name} --help`")), "{brief}");
        let whole = home.run(&format!("{name} --help")).ok().out();
        let options = command.get_arguments().filter(|argument| !argument.is_hide_set());
        for option in options.filter_map(|option| option.get_long()) {
            assert!(whole.contains(&format!("--{option}")), "{name}: --{option}");
        }
    }
}

#[test]
fn the_help_does_not_depend_on_the_name_of_the_program() {
    let home = Home::new();
    std::os::unix::fs::symlink(KEYWRIGHT, home.file("kw")).unwrap();
    let help = Ended(home.program(home.file("kw")).args(["rotate", "-h"]).output().unwrap()).ok().out();
    assert_eq!(help, home.run("rotate -h").ok().out());
}

#[test]
fn a_copied_line_of_help_is_a_whole_command() {
    let home = Home::new();
    let at_80 = |arguments: &[&str]| Ended(home.keywright(arguments).env("COLUMNS", "80").output().unwrap()).ok().out();
    for command in subcommands() {
        let name = command.get_name();
        let help = home.run(&format!("{name} --help")).ok().out();
        let examples = help.split("Examples:").nth(1).unwrap().lines().filter(|line| line.starts_with("  "));
        let long: Vec<&str> = examples.filter(|line| line.chars().count() > 80).collect();
        assert!(long.is_empty(), "a terminal with 80 columns breaks {long:?}");
    }
    for page in [&["help"][..], &["help", "--all"]] {
        assert!(at_80(page).lines().all(|line| line.chars().count() <= 80), "{page:?}");
    }
}

#[test]
fn every_option_is_under_the_right_heading() {
    for command in subcommands() {
        for argument in command.get_arguments() {
            let (name, heading) = (argument.get_id().as_str(), argument.get_help_heading().unwrap_or_default());
            if matches!(name, "dry_run" | "out" | "format" | "sort" | "limit" | "after" | "public_key" | "from_cert") {
                let about_keys = matches!(heading, "Select keys" | "Describe the key");
                assert!(!about_keys, "{} {name}: {heading}", command.get_name());
            }
        }
    }
}

#[test]
fn help_is_printed_to_standard_output() {
    let home = Home::new();
    for line in ["--help", "-h", "generate --help", "--version"] {
        let help = home.run(line).ok();
        assert!(help.err().is_empty() && !help.out().contains('\u{1b}'), "{}", help.err());
    }
    assert_eq!(home.run("--version").ok().out(), format!("keywright {}\n", env!("CARGO_PKG_VERSION")));
    assert_eq!(home.run("-V").ok().out(), home.run("--version").ok().out());
    let nothing = home.run("");
    assert_eq!((nothing.code(), nothing.out().as_str()), (2, ""));
    assert!(nothing.err().contains("Usage: keywright"), "{}", nothing.err());
    assert!(!home.file(".local").exists());
}

#[test]
fn the_overview_fits_on_a_screen_and_names_every_command() {
    let home = Home::new();
    let overview = home.run("help").ok().out();
    assert_eq!(overview, home.run("--help").ok().out());
    assert!(overview.lines().count() <= 24 && overview.lines().all(|line| line.chars().count() <= 100), "{overview}");
    for command in subcommands() {
        let name = command.get_name();
        let words = overview.split(|c: char| !(c.is_alphanumeric() || c == '-'));
        assert!(words.into_iter().any(|word| word == name), "{name}: {overview}");
        assert_eq!(home.run(&format!("help {name}")).ok().out(), home.run(&format!("{name} --help")).ok().out());
    }
    for topic in ["environment", "exit-codes", "formats", "key-references", "scripting"] {
        assert!(
            overview.contains(topic) && home.run(&format!("help {topic}")).ok().out().lines().count() > 5,
            "{topic}"
        );
    }
    assert!(home.run("help policy set").ok().out().contains("Usage: keywright policy set"));
    home.run("help nothing").refused(2, "usage");
    for (word, command) in
        [("delete", "`keywright revoke KEY`"), ("new", "`keywright generate"), ("get", "`keywright list`")]
    {
        assert!(home.run(word).refused(2, "usage").err().contains(command), "{word}");
    }
}

#[test]
fn a_typo_gets_a_suggestion() {
    let home = Home::new();
    for (line, tip) in [
        ("generat --name x", "generate"),
        ("generate --nam x", "--name"),
        ("list --limt 3", "--limit"),
        ("generate --name x extra", "keywright generate --help"),
        ("revoke ci --reasn x", "--reason"),
        ("generate web", "pass `--name NAME`"),
        ("list web", "keywright show KEY"),
        ("rotate web web2", "--out-dir DIR"),
        ("help rotat", "`keywright help rotate`"),
        ("help format", "`keywright help formats`"),
    ] {
        let refused = home.run(line).refused(2, "usage");
        assert!(refused.err().contains(tip), "{line}: {}", refused.err());
        assert_eq!(home.run(&format!("{line} --format json")).refused(2, "usage").error()["code"], "usage");
    }
}

/// Builds a home with the files and the keys that the examples of a command mention. The script `bin/keywright` in the
/// home runs the program with `--yes`.
fn prepare(command: &str) -> Home {
    let home = Home::new();
    fs::create_dir(home.file("bin")).unwrap();
    for (name, script) in [
        ("keywright", format!("#!/bin/sh\nexec '{KEYWRIGHT}' --yes \"$@\"\n")),
        ("gh", "#!/bin/sh\n[ \"$*\" = 'secret set API_TOKEN' ] && cat > gh.got\n".to_owned()),
    ] {
        let path = home.write(&format!("bin/{name}"), script);
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let token = |name: &str, file: &str| {
        home.run(&format!("generate --name {name} --type token --owner acme --out {file}")).ok();
    };
    match command {
        "create" => {
            fs::copy(fixture("rsa3072.spki.pem"), home.file("partner.pem")).unwrap();
            fs::copy(fixture("rsa2048.ssh.pub"), home.file("id_rsa.pub")).unwrap();
            let elsewhere = home.file("elsewhere.db");
            home.run(&format!("generate --name x --bits 2048 --out ci.pem --keyring {}", elsewhere.display())).ok();
        }
        "activate" => {
            for (name, key_type, file) in [("crashed", "rsa", "crashed.pem"), ("gh", "token", "gh.token")] {
                home.crash(name, key_type);
                fs::rename(home.file(name), home.file(file)).unwrap();
            }
            home.write("devices.jsonl", home.crash_many("--name device --type token --count 8", 8));
        }
        "policy" | "owner" | "check" | "export" | "status" => drop(home.run("init").ok()),
        "list" | "audit" | "backup" => token("ci", "ci.token"),
        "import" => {
            let elsewhere = home.file("elsewhere.db").display().to_string();
            home.run(&format!("generate --name x --type token --out x --keyring {elsewhere}")).ok();
            home.run(&format!("export --format jsonl --out exported.jsonl --keyring {elsewhere}")).ok();
            home.write("tokens.jsonl", format!("{{\"name\":\"a\",\"secret_sha256\":\"{}\"}}\n", "ab".repeat(32)));
            fs::create_dir(home.file("partners")).unwrap();
            fs::copy(fixture("rsa3072.spki.pem"), home.file("partners/partner.pem")).unwrap();
        }
        "restore" => {
            token("ci", "ci.token");
            home.run("backup keyring.backup").ok();
        }
        "sign" => drop(home.run("generate --name ci --bits 2048 --out ci.pem").ok()),
        "show" => token("ci", "found.token"),
        "verify" => {
            for file in ["presented.txt", "web.token"] {
                home.run(&format!("generate --name {file} --type token --scope orders:read --out {file}")).ok();
            }
            home.write("presented.jsonl", "{}\n");
        }
        "verify-request" => {
            let key = home.generate("--name ci --bits 2048 --scope read");
            home.write("ci.pem", key["private_key"].as_str().unwrap());
            let id = key["api_key_id"].as_str().unwrap();
            for file in ["request.json", "request.http", "other.http"] {
                let line = "sign --private-key ci.pem --insecure-permissions --method GET --path https://x/a --key-id";
                let json = file == "request.json";
                let format = if json { "json" } else { "headers" };
                let signed = home.run(&format!("{line} {id} --format {format}")).ok().out();
                let inner = || format!("{{\"method\":\"GET\",\"url\":\"https://x/a\",\"headers\":{signed}}}");
                home.write(file, if json { inner() } else { format!("GET /a HTTP/1.1\nHost: x\n{signed}\n") });
            }
        }
        "exchange" => {
            for (file, format) in [("web.env", "dotenv"), ("pair.txt", "json")] {
                let line = format!("generate --name {file} --type pair --scope orders:read --out {file}");
                home.run(&format!("{line} --secret-format {format}")).ok();
            }
            home.run("generate --name ed25519 --type ed25519 --out ed25519.pem").ok();
            home.write("assertion.jwt", signed(&home));
        }
        "update" | "disable" | "enable" => {
            for name in ["ci", "web", "db"] {
                home.run(&format!(
                    "generate --name {name} --type token --scope admin --env live --owner zeta --note x --out {name}"
                ))
                .ok();
            }
        }
        "purge" => {
            let old = "generate --name ci --type token --owner acme --expires 1d --out ci --now 2020-01-01T00:00:00Z";
            home.run(old).ok();
        }
        "rotate" => {
            token("ci", "ci.token");
            token("web", "web.token");
        }
        "revoke" => {
            token("ci", "ci.token");
            token("web", "leaked.token");
            token("db", "db.token");
        }
        _ => {}
    }
    home
}

/// The environment variables that the examples use.
const VARIABLES: [(&str, &str); 2] = [
    ("ID", "264dbd8e-7c98-4f11-a859-33b5fe3aa8fd"),
    ("URL", "https://api.elections.kalshi.com/trade-api/v2/markets?limit=5"),
];

#[test]
fn examples_run_as_written() {
    for command in subcommands() {
        let name = command.get_name();
        let home = prepare(name);
        let mut path = vec![home.file("bin")];
        path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
        let path = std::env::join_paths(path).unwrap();
        let help = home.run(&format!("{name} --help")).ok().out();
        for example in examples(&help) {
            assert!(example.contains(&format!("keywright {name}")), "{example}");
            let program = example.split(' ').next().unwrap();
            if program != "keywright" && !have(program) {
                continue;
            }
            let run =
                Ended(home.program("sh").args(["-c", &example]).env("PATH", &path).envs(VARIABLES).output().unwrap());
            assert_eq!(run.code(), 0, "{example}\n{}{}", run.out(), run.err());
        }
        let files = home.files();
        for made in match name {
            "init" => &["a.db"][..],
            "generate" => &["ci.pem", "gh.got", "web.token"],
            "rotate" => &["ci-new.pem", "gh.got"],
            "completions" => &["_keywright", "keywright.bash"],
            "man" => &["man1/keywright-generate.1", "man1/keywright.1"],
            _ => &[],
        } {
            assert!(files.iter().any(|file| file == made), "{name}: {files:?}");
        }
        match name {
            "create" => assert_eq!(home.names("").len(), if have("openssl") { 3 } else { 2 }),
            "activate" => assert_eq!(home.ids("--status active").len(), 10),
            "purge" => assert!(home.keys().is_empty()),
            "revoke" => assert_eq!(home.names(""), ["db"]),
            _ => {}
        }
    }
}
