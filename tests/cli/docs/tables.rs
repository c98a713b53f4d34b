//! Tests that the tables in the pages are those of the program.

use super::{named, root};
use crate::home::Home;
use keywright::{
    error::{Code, Exit},
    health::Kind,
    key::KeyDocument,
    proof::VerdictCode,
};
use serde_json::Value;
use std::fs;

#[test]
fn the_groups_of_commands_are_those_of_the_program() {
    let overview = Home::new().run("help").ok().out();
    let groups = ["Issue", "Inspect", "Verify", "Change", "Manage"];
    let item = |group: &&str| {
        let line = overview.lines().find_map(|line| line.trim().strip_prefix(group)).unwrap();
        let names: Vec<String> = line.trim().split(", ").map(|name| format!("`{name}`")).collect();
        format!("* {group}: {}\n", names.join(", "))
    };
    named("README.md").compare_section("commands", &groups.iter().map(item).collect::<String>());
}

#[test]
fn the_error_codes_are_those_of_the_program() {
    let rows =
        Code::ALL.iter().map(|code| format!("| `{}` | {} | {} |\n", code.word(), code.exit() as u8, code.meaning()));
    let table = format!("\n| code | exit | meaning |\n| --- | --- | --- |\n{}\n", rows.collect::<String>());
    named("docs/reference/codes.md").compare_section("codes", &table);
}

#[test]
fn the_kinds_of_findings_are_those_of_the_program() {
    let row =
        |(kind, word, meaning): &(Kind, &str, &str)| format!("| `{word}` | {} | {meaning} |\n", kind.severity().word());
    let rows: Vec<String> = Kind::ALL.iter().map(row).collect();
    let table = format!("\n| kind | severity | meaning |\n| --- | --- | --- |\n{}\n", rows.concat());
    named("docs/reference/commands.md").compare_section("kinds", &table);
}

#[test]
fn the_verdict_codes_are_those_of_the_program() {
    let rows = VerdictCode::ALL.iter().map(|finding| format!("| `{}` | {} |\n", finding.word(), finding.meaning()));
    let table = format!("\n| code | meaning |\n| --- | --- |\n{}\n", rows.collect::<String>());
    named("docs/reference/codes.md").compare_section("rulings", &table);
}

#[test]
fn the_exit_statuses_are_those_of_the_program() {
    let text = named("docs/reference/codes.md").text;
    for exit in Exit::ALL {
        assert!(text.contains(&format!("\n| {} | ", exit as u8)), "{exit:?}");
    }
}

#[test]
fn every_field_of_a_key_is_documented() {
    let formats = named("docs/reference/formats.md").text;
    for field in KeyDocument::FIELDS {
        assert!(formats.contains(&format!("`{field}`")), "{field}");
    }
}

#[test]
fn the_built_in_schemes_of_concatenation_are_written_out() {
    let page = named("docs/reference/signing.md");
    let shown: Vec<Value> = page
        .blocks()
        .iter()
        .filter(|block| block.language == "json")
        .map(|block| serde_json::from_str(&block.code).unwrap())
        .collect();
    for scheme in ["kalshi", "binance", "robinhood"] {
        let text = fs::read_to_string(root().join(format!("src/signing/builtin/{scheme}.json"))).unwrap();
        assert!(shown.contains(&serde_json::from_str(&text).unwrap()), "{scheme}");
    }
}
