//! Tests that the README matches the program. The commands in it parse, and the tables in it are those of the program.

use keywright::{
    cli::{self, Stop},
    error::{Code, Exit},
    health::Kind,
    key::KeyDocument,
    proof::VerdictCode,
};
use std::{collections::BTreeSet, ffi::OsString, fs, path::Path};

fn readme() -> String {
    fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap()
}

/// Returns the keywright command lines in the code blocks of the README, split into words.
fn commands() -> Vec<Vec<String>> {
    let text = readme();
    let mut found = Vec::new();
    let mut shell = false;
    for line in text.lines() {
        if let Some(language) = line.strip_prefix("```") {
            shell = matches!(language, "sh" | "console");
            continue;
        }
        let line = line.strip_prefix("$ ").unwrap_or(line);
        // A command after a pipe or after `cargo run` is keywright too.
        let line = line.rsplit_once("| keywright ").map_or(line.to_owned(), |(_, rest)| format!("keywright {rest}"));
        let line = line
            .strip_prefix("cargo run --release --locked -- ")
            .map_or(line.clone(), |rest| format!("keywright {rest}"));
        if shell && line.starts_with("keywright ") {
            let words = shlex::split(&line).unwrap_or_else(|| panic!("quotes: {line}"));
            // Redirections and comments belong to the shell.
            found.push(words.into_iter().take_while(|word| !matches!(word.as_str(), ">" | "<" | "#")).collect());
        }
    }
    found
}

#[test]
fn every_command_parses() {
    let commands = commands();
    assert!(commands.len() > 30, "{}", commands.len());
    for words in commands {
        let arguments: Vec<OsString> = words.iter().map(OsString::from).collect();
        match cli::parse(&arguments) {
            Ok(_) | Err(Stop::Print(_)) => {}
            Err(Stop::Usage(text)) => panic!("{words:?}: {text}"),
            Err(Stop::Refuse { error, .. }) => panic!("{words:?}: {error:?}"),
        }
    }
}

#[test]
fn every_block_of_code_ends_before_the_next_heading() {
    let mut block: Option<usize> = None;
    for (number, line) in readme().lines().enumerate() {
        match (line.strip_prefix("```"), block) {
            (Some(_), None) => block = Some(number + 1),
            (Some(""), Some(_)) => block = None,
            (Some(_), Some(start)) => panic!("line {} begins a block within that of line {start}", number + 1),
            (None, Some(start)) => assert!(!line.starts_with("###"), "the block of line {start} does not end"),
            (None, None) => {}
        }
    }
    assert_eq!(block, None);
}

#[test]
fn every_subcommand_has_a_section_and_an_example() {
    let shown: BTreeSet<String> = commands().into_iter().filter_map(|words| words.get(1).cloned()).collect();
    let text = readme();
    for (page, _) in cli::manual().unwrap() {
        let Some(name) = page.strip_prefix("keywright-").and_then(|page| page.strip_suffix(".1")) else {
            continue;
        };
        // The section of a command covers its subcommands.
        let name = name.split('-').next().unwrap();
        assert!(shown.contains(name), "no example of {name}");
        let heading = format!("`keywright {name}`");
        assert!(text.lines().any(|line| line.starts_with("### ") && line.contains(&heading)), "no section {name}");
    }
}

/// Compares the text between two markers in the README with `expected`. With `KEYWRIGHT_BLESS=1`, replaces the text
/// instead.
fn section(name: &str, expected: &str) {
    let text = readme();
    let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let (before, rest) = text.split_once(&open).unwrap();
    let (found, after) = rest.split_once(&close).unwrap();
    if found == expected {
        return;
    }
    assert!(
        std::env::var_os("KEYWRIGHT_BLESS").is_some(),
        "README.md, section {name}, is not what the program says; KEYWRIGHT_BLESS=1 cargo test --test cli readme writes it"
    );
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    std::fs::write(path, format!("{before}{open}{expected}{close}{after}")).unwrap();
}

#[test]
fn the_error_codes_are_those_of_the_program() {
    let rows =
        Code::ALL.iter().map(|code| format!("| `{}` | {} | {} |\n", code.word(), code.exit() as u8, code.meaning()));
    section("codes", &format!("\n| code | exit | meaning |\n| --- | --- | --- |\n{}\n", rows.collect::<String>()));
}

#[test]
fn the_kinds_of_findings_are_those_of_the_program() {
    let row =
        |(kind, word, meaning): &(Kind, &str, &str)| format!("| `{word}` | {} | {meaning} |\n", kind.severity().word());
    let rows: Vec<String> = Kind::ALL.iter().map(row).collect();
    section("kinds", &format!("\n| kind | severity | meaning |\n| --- | --- | --- |\n{}\n", rows.concat()));
}

#[test]
fn the_exit_statuses_are_those_of_the_program() {
    let text = readme();
    let exits = [
        Exit::Done,
        Exit::No,
        Exit::Usage,
        Exit::NotFound,
        Exit::Conflict,
        Exit::Refused,
        Exit::Failed,
        Exit::Interrupted,
    ];
    for exit in exits {
        assert!(text.contains(&format!("\n| {} | ", exit as u8)), "{exit:?}");
    }
}

#[test]
fn every_field_of_a_key_is_documented() {
    let text = readme();
    let formats = text.split_once("## File formats").unwrap().1;
    for field in KeyDocument::FIELDS {
        assert!(formats.contains(&format!("`{field}`")), "{field}");
    }
}

#[test]
fn the_verdict_codes_are_those_of_the_program() {
    let rows = VerdictCode::ALL.iter().map(|finding| format!("| `{}` | {} |\n", finding.word(), finding.meaning()));
    section("rulings", &format!("\n| code | meaning |\n| --- | --- |\n{}\n", rows.collect::<String>()));
}

#[test]
fn every_file_that_the_guide_for_contributors_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let guide = fs::read_to_string(root.join("CONTRIBUTING.md")).unwrap();
    let is_path = |word: &&str| ["src/", "tests/", "benches/", ".ci/"].iter().any(|start| word.starts_with(start));
    let paths: Vec<&str> = guide.split('`').skip(1).step_by(2).filter(is_path).collect();
    assert!(paths.len() > 40, "{paths:?}");
    // `NAME` is a placeholder for the name of a new file.
    let missing: Vec<_> =
        paths.into_iter().filter(|path| !path.contains("NAME") && !root.join(path).exists()).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
