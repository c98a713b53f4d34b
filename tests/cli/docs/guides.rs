//! Tests that run the guides and the transcript in README, in an empty home directory.

use super::{Block, Page, named, pages};
use crate::{
    home::{Ended, Home, KEYWRIGHT},
    tools::{foreign_libraries, have, skipped},
};
use std::{env, fmt::Write as _, path::Path};

/// Returns the path on which a shell finds the program under test first.
fn path() -> std::ffi::OsString {
    let directory = Path::new(KEYWRIGHT).parent().unwrap().to_owned();
    let others = env::var_os("PATH").unwrap_or_default();
    env::join_paths(std::iter::once(directory).chain(env::split_paths(&others))).unwrap()
}

/// Runs a script in a home with an empty working directory.
fn run(home: &Home, script: &str) -> Ended {
    Ended(home.program("bash").args(["-euo", "pipefail", "-c", script]).env("PATH", path()).output().unwrap())
}

/// Returns `true` if a block is to be executed: it has no note, or all programs are there that its note names.
fn is_runnable(page: &Page, block: &Block<'_>) -> bool {
    if block.note.starts_with("not run: ") {
        return false;
    }
    let needs = block.note.strip_prefix("needs: ").unwrap_or_default();
    let is_complete = needs.split_whitespace().all(have);
    if !is_complete {
        skipped(&format!("{}, line {}", page.name, block.line));
    }
    is_complete
}

#[test]
fn every_guide_can_be_pasted_into_a_shell() {
    let mut blocks_run = 0;
    for page in pages().into_iter().filter(|page| page.name == "README.md" || page.name.starts_with("docs/guides/")) {
        let mut script = String::new();
        for block in page.blocks() {
            if block.language == "sh" && is_runnable(&page, &block) {
                blocks_run += 1;
                write!(script, "echo 'line {}' >&2\n{}", block.line, block.code).unwrap();
            }
        }
        let home = Home::new();
        let ended = run(&home, &script);
        assert_eq!(ended.code(), 0, "{}\n{}\n{}", page.name, ended.err(), ended.out());
        if page.name == "docs/guides/signed-requests.md" && script.contains("sh request.sh") {
            let answers = "\nvalid acme\nreplayed acme\nwrong_signature \n";
            assert!(ended.out().contains(answers) && ended.out().contains("not_covered"), "{}", ended.out());
        }
        // The reader may have followed another page before, so no page uses the default keyring.
        assert!(!home.file(".local").exists(), "{}", page.name);
    }
    assert!(blocks_run > 20, "{blocks_run}");
}

#[test]
fn the_python_client_of_the_guide_for_signed_requests_is_accepted() {
    let Some(libraries) = foreign_libraries() else { return };
    let page = named("docs/guides/signed-requests.md");
    let blocks: Vec<_> = page.blocks().into_iter().filter(|block| block.language == "sh").collect();
    let client = blocks.iter().position(|block| block.code.contains("client.py")).unwrap();
    let script: String = blocks[..=client].iter().map(|block| block.code.as_str()).collect();
    let home = Home::new();
    let mut command = home.program("bash");
    command.args(["-euo", "pipefail", "-c", &script]).env("PATH", path());
    let ended = Ended(command.env("PYTHONPATH", libraries.join("python")).output().unwrap()).ok();
    assert!(ended.out().ends_with("valid acme\n\n"), "{}", ended.out());
}

/// Replaces what differs between two runs, which are ids, digests, prefixes and times. The length stays, because the columns
/// of a table depend on it.
fn without_chance(text: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || "-_:".contains(c);
    let mut rest = text;
    let mut replaced = String::new();
    while let Some(first) = rest.chars().next() {
        let length = rest.find(|c| is_word(c) != is_word(first)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(length);
        let is_hex = word.len() >= 8 && word.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
        let is_time = word.len() == 20 && word.starts_with("20") && word.ends_with('Z');
        if is_hex || is_time || word.starts_with("kw_") {
            replaced.push_str(&"*".repeat(length));
        } else {
            replaced.push_str(word);
        }
        rest = after;
    }
    replaced
}

#[test]
fn the_transcript_in_the_readme_can_be_repeated() {
    let readme = named("README.md");
    let blocks = readme.blocks();
    let transcript = &blocks.iter().find(|block| block.language == "console").unwrap().code;
    let home = Home::new();
    // The public key of a partner, which the transcript registers.
    let key = Home::new();
    key.run("generate --name partner --bits 2048 --out partner.key").ok();
    home.write("partner.pem", key.run("export --format pem --name partner").ok().out());
    let mut repeated = String::new();
    for command in transcript.lines().filter_map(|line| line.strip_prefix("$ ")) {
        // Standard error first, because keywright writes messages before the table that they announce.
        let ended = run(&home, &format!("{{ {command}; }} 2>&1 || true"));
        let output = ended.out().replace(home.path().to_str().unwrap(), "/home/ada");
        write!(repeated, "$ {command}\n{output}").unwrap();
    }
    let same = without_chance(transcript) == without_chance(&repeated);
    let (expected, new) = if same {
        (transcript, String::new())
    } else {
        (&repeated, readme.text.replace(transcript.as_str(), &repeated))
    };
    readme.compare(transcript, expected, &new);
}
