//! Tests of the built-in contracts. Each document is checked against the JSON schemas of the service, and each rule
//! against the documentation of the service.

mod file;
mod imtegrate;
mod kalshi;
mod message_signatures;
mod policy;
mod polynode;
mod signing;
mod tighten;
mod yativo;

use super::home::{Ended, Home, changes};
use serde_json::Value;

/// Builds a home with a keyring that has the given contract.
fn under(contract: &str) -> Home {
    let home = Home::new();
    home.run(&format!("init --contract {contract}")).ok();
    home
}

/// Returns the JSON schemas of a service, by name.
fn schemas(contract: &str) -> serde_json::Map<String, Value> {
    let path = format!("{}/tests/data/contracts/{contract}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn validator(schema: &Value) -> jsonschema::Validator {
    let options = jsonschema::options().should_validate_formats(true);
    options.build(schema).unwrap()
}

/// Asserts that a document is valid under one of the JSON schemas of a service.
#[track_caller]
fn assert_valid(contract: &str, schema: &str, document: &Value) {
    let broken: Vec<String> = validator(schemas(contract).get(schema).unwrap())
        .iter_errors(document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(broken.is_empty(), "{broken:?}: {document}");
}

/// Returns the names of the members of a document, in order.
#[track_caller]
fn members(document: &Value) -> Vec<&str> {
    document.as_object().unwrap().keys().map(String::as_str).collect()
}

/// Returns the error document of a refused command. Asserts the exit status, and that standard output is empty.
#[track_caller]
fn error_document(ended: &Ended, exit: i32) -> Value {
    assert_eq!((ended.code(), ended.out().as_str()), (exit, ""), "{}", ended.err());
    assert_eq!(ended.err().lines().count(), 1, "{}", ended.err());
    serde_json::from_str(&ended.err()).unwrap()
}

/// Returns the command and the facts of each audit row with the given action.
fn audited(home: &Home, action: &str) -> Vec<(String, Value)> {
    let database = rusqlite::Connection::open(home.keyring()).unwrap();
    let mut statement = database.prepare("SELECT command, facts FROM audit WHERE action = ?1 ORDER BY seq").unwrap();
    let rows = statement.query_map([action], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)));
    rows.unwrap()
        .map(|row| row.unwrap())
        .map(|(command, facts)| (command, changes(serde_json::from_str(&facts).unwrap())))
        .collect()
}

#[test]
fn the_schemas_refuse_documents_of_other_services() {
    let wrong = serde_json::json!({ "id": "no uuid", "data": 1, "error": 1, "detail": [{}], "api_keys": [{}] });
    for contract in ["kalshi", "polynode", "yativo", "imtegrate"] {
        for (name, schema) in schemas(contract) {
            // Kalshi's documentation allows any error document.
            let anything = contract == "kalshi" && name == "error";
            assert_eq!(validator(&schema).is_valid(&wrong), anything, "{contract} {name}");
        }
    }
}
