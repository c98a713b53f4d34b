//! Tests of the text of the pages: their commands, links and tables of contents.

use super::{anchor, named, pages, root};
use keywright::cli::{self, Stop};
use std::{collections::BTreeSet, ffi::OsString, fs, path::Path};

/// Returns the keywright command lines in the shell code of all pages, split into words, each with the name of its page.
fn commands() -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    for page in pages() {
        for block in page.blocks().into_iter().filter(|block| matches!(block.language, "sh" | "console")) {
            for line in block.code.replace("\\\n", " ").lines() {
                found.extend(command_in(line, block.language).map(|words| (page.name.clone(), words)));
            }
        }
    }
    found
}

/// Returns the words of the keywright command in a line of shell code, or `None` if there is none. In a transcript, only
/// lines with a prompt are commands.
fn command_in(line: &str, language: &str) -> Option<Vec<String>> {
    let line = if language == "console" { line.strip_prefix("$ ")? } else { line.trim_start() };
    let line =
        line.strip_prefix("cargo run --release --locked -- ").map_or(line.into(), |rest| format!("keywright {rest}"));
    // A command after a pipe is keywright too.
    let line = line.rsplit_once("| keywright ").map_or(line.clone(), |(_, rest)| format!("keywright {rest}"));
    if !line.starts_with("keywright ") {
        return None;
    }
    // The end of a command belongs to the shell.
    let is_shell = |word: &str| matches!(word, ">" | ">>" | "<" | "#" | "|" | "||" | "&&" | "2>" | ";" | "2>&1");
    let words = shlex::split(&line).unwrap_or_else(|| panic!("quotes: {line}"));
    Some(words.into_iter().take_while(|word| !is_shell(word) && !word.starts_with("2>")).collect())
}

#[test]
fn every_command_parses() {
    let commands = commands();
    assert!(commands.len() > 60, "{}", commands.len());
    for (page, words) in commands {
        // A variable of the shell stands for a value that cannot be checked here.
        if words.iter().any(|word| word.contains('$')) {
            continue;
        }
        let arguments: Vec<OsString> = words.iter().map(OsString::from).collect();
        match cli::parse(&arguments) {
            Ok(_) | Err(Stop::Print(_)) => {}
            Err(Stop::Usage(text)) => panic!("{page}: {words:?}: {text}"),
            Err(Stop::Refuse { error, .. }) => panic!("{page}: {words:?}: {error:?}"),
        }
    }
}

#[test]
fn every_block_of_code_ends_before_the_next_heading() {
    for page in pages() {
        let fences = page.text.lines().filter(|line| line.trim_start().starts_with("```")).count();
        assert_eq!(fences, 2 * page.blocks().len(), "{}", page.name);
        for block in page.blocks() {
            assert!(!block.code.contains("\n## "), "{}: the block of line {} does not end", page.name, block.line);
        }
    }
}

#[test]
fn every_subcommand_has_a_section_and_an_example() {
    let shown: BTreeSet<String> = commands().into_iter().filter_map(|(_, words)| words.get(1).cloned()).collect();
    let reference = named("docs/reference/commands.md");
    let headings = reference.headings(2);
    for (page, _) in cli::manual().unwrap() {
        let Some(name) = page.strip_prefix("keywright-").and_then(|page| page.strip_suffix(".1")) else {
            continue;
        };
        // The section of a command covers its subcommands.
        let name = if name == "verify-request" { name } else { name.split('-').next().unwrap() };
        assert!(shown.contains(name), "no example of {name}");
        let heading = format!("`keywright {name}`");
        assert!(headings.iter().any(|found| found.contains(&heading)), "no section {name}");
    }
}

#[test]
fn every_link_leads_somewhere() {
    let mut links = 0;
    for page in pages() {
        let directory = root().join(&page.name).parent().unwrap().to_owned();
        for (number, line) in page.prose() {
            for target in line.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
                if target.starts_with("http") {
                    continue;
                }
                links += 1;
                let (path, wanted) = target.split_once('#').unwrap_or((target, ""));
                let file = if path.is_empty() { root().join(&page.name) } else { directory.join(path) };
                let file =
                    fs::canonicalize(&file).unwrap_or_else(|e| panic!("{}, line {number}: {target}: {e}", page.name));
                if !wanted.is_empty() {
                    let other = super::page(&file);
                    let mut anchors = (1..=4).flat_map(|level| other.headings(level)).map(anchor);
                    assert!(anchors.any(|found| found == wanted), "{}, line {number}: {target}", page.name);
                }
            }
        }
    }
    assert!(links > 80, "{links}");
}

#[test]
fn every_long_page_begins_with_its_contents() {
    for page in pages() {
        let headings: Vec<&str> =
            page.headings(2).into_iter().filter(|heading| !matches!(*heading, "Contents")).collect();
        if headings.len() <= 3 {
            continue;
        }
        let contents: Vec<String> =
            headings.iter().map(|heading| format!("* [{heading}](#{})\n", anchor(heading))).collect();
        assert!(page.text.contains(&contents.concat()), "{} should contain:\n{}", page.name, contents.concat());
    }
}

#[test]
fn the_readme_is_short_and_narrow() {
    let readme = named("README.md");
    assert!(readme.text.lines().count() <= 250, "{}", readme.text.lines().count());
    for page in pages() {
        for (number, line) in page.prose() {
            let is_table = line.starts_with('|');
            assert!(is_table || line.chars().count() <= 120, "{}, line {number}: {}", page.name, line.chars().count());
        }
    }
    for block in readme.blocks() {
        for line in block.code.lines() {
            assert!(
                line.chars().count() <= 120 || line.starts_with("next:"),
                "README, after line {}: {line}",
                block.line
            );
        }
    }
}

#[test]
fn every_file_that_the_guide_for_contributors_names_exists() {
    let guide = named("CONTRIBUTING.md").text;
    let starts = ["src/", "tests/", "benches/", "docs/", ".ci/"];
    let is_path = |word: &&str| starts.iter().any(|start| word.starts_with(start));
    let paths: Vec<&str> = guide.split('`').skip(1).step_by(2).filter(is_path).collect();
    assert!(paths.len() > 40, "{paths:?}");
    // `NAME` is a placeholder for the name of a new file.
    let is_missing = |path: &&str| !path.contains("NAME") && !Path::new(root()).join(path).exists();
    let missing: Vec<_> = paths.into_iter().filter(is_missing).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
