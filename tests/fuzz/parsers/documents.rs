//! Documents: requests, contracts, JSON, imports, lines and backups.

use super::{Outcome, message, must};
use crate::seeds::Seeds;
use keywright::{
    contract::Contract,
    error::{Code, Problems},
    import::{self, Defaults},
    input::{InputLine, LIMIT, LineReader},
    key::{DescriptionChange, Members},
    keyring::Location,
    signing::{HttpRequest, Signing},
    strict_json,
};

pub(super) fn signed_request(input: &[u8], seeds: &Seeds) -> Outcome {
    match HttpRequest::read(input) {
        Ok(request) => {
            for name in Signing::built_in_names() {
                let signing = Signing::built_in(name).unwrap();
                match signing.presented(&request) {
                    Ok(signatures) => must!((1..=4).contains(&signatures.len()), "{} signatures", signatures.len()),
                    Err(flaw) => {
                        must!(!seeds.is_leak(input, &flaw.message), "a leak: {}", flaw.message);
                        must!(flaw.message.len() < 400, "a long message: {}", flaw.message);
                    }
                }
            }
            Ok(true)
        }
        Err(mistake) => {
            must!(!seeds.is_leak(input, &mistake), "a leak: {mistake}");
            must!(mistake.len() < 400, "a long message: {mistake}");
            Ok(false)
        }
    }
}

pub(super) fn contract(input: &[u8], seeds: &Seeds) -> Outcome {
    let contract = match Contract::parse(input) {
        Ok(contract) => contract,
        Err(error) => {
            must!(!seeds.is_leak(input, &message(&error)), "a leak: {error}");
            return Ok(false);
        }
    };
    let text = contract.to_text().map_err(|error| format!("it cannot be written: {error}"))?;
    let again = Contract::stored(Some(&text)).map_err(|error| format!("its own text is refused: {error}"))?;
    must!(again.to_text().unwrap() == text, "another contract");
    let _ = contract.listed().map_err(|error| format!("its rules cannot be listed: {error}"))?;
    Ok(true)
}

pub(super) fn contract_rule(input: &[u8], _: &Seeds) -> Outcome {
    let Ok(text) = std::str::from_utf8(input) else { return Ok(false) };
    let (path, value) = text.split_once('=').unwrap_or((text, ""));
    let Ok(changed) = Contract::stored(None).unwrap().with(path, value) else { return Ok(false) };
    let text = changed.to_text().map_err(|error| format!("it cannot be written: {error}"))?;
    Contract::stored(Some(&text)).map_err(|error| format!("its own text is refused: {error}"))?;
    Ok(true)
}

pub(super) fn json(input: &[u8], _: &Seeds) -> Outcome {
    let Ok(value) = strict_json::parse(input) else { return Ok(false) };
    let again = strict_json::parse(value.to_string().as_bytes());
    must!(again.is_ok_and(|again| again == value), "another value");
    Ok(true)
}

pub(super) fn description(input: &[u8], seeds: &Seeds) -> Outcome {
    let mut members = match Members::parse(input, Code::InvalidLine) {
        Ok(members) => members,
        Err(error) => {
            must!(!seeds.is_leak(input, &message(&error)), "a leak: {error}");
            return Ok(false);
        }
    };
    let mut problems = Problems::default();
    let _ = DescriptionChange::from_json(&mut members, &mut problems);
    Ok(problems.reported().is_empty())
}

pub(super) fn import_file(input: &[u8], seeds: &Seeds) -> Outcome {
    let path = seeds.file("import", input);
    let defaults = Defaults {
        description: DescriptionChange::default(),
        env: "test".parse().unwrap(),
        expires: None,
        prefix: None,
        now: seeds.now,
    };
    let read = import::read(&path, &defaults).and_then(|(_, keys)| keys.collect::<Result<Vec<_>, _>>());
    let candidates = match read {
        Ok(candidates) => candidates,
        Err(error) => {
            must!(!seeds.is_leak(input, &message(&error)), "a leak: {error}");
            return Ok(false);
        }
    };
    for error in candidates.iter().filter_map(|candidate| candidate.key.as_ref().err()) {
        must!(!seeds.is_leak(input, &message(error)), "a leak: {error}");
    }
    Ok(candidates.iter().any(|candidate| candidate.key.is_ok()))
}

/// Compares the lines of [`LineReader`] with those of the standard library.
pub(super) fn lines(input: &[u8], _: &Seeds) -> Outcome {
    let mut reader = LineReader::new(Drops(input));
    let mut expected: Vec<&[u8]> = input.split(|byte| *byte == b'\n').collect();
    if expected.last().is_some_and(|last| last.is_empty()) {
        expected.pop();
    }
    for line in &expected {
        match reader.read_line() {
            Ok(Some(InputLine::Complete(found))) => {
                let same = found == *line || line.strip_suffix(b"\r") == Some(found);
                must!(same && found.len() <= LIMIT, "another line");
            }
            Ok(Some(InputLine::TooLong)) => must!(line.len() > LIMIT, "a line of {} bytes is too long", line.len()),
            Ok(None) => return Err("a line is missing".into()),
            Err(error) => return Err(format!("an error: {error}")),
        }
    }
    must!(matches!(reader.read_line(), Ok(None)), "an additional line");
    Ok(true)
}

/// A source that returns a few bytes at a time.
struct Drops<'a>(&'a [u8]);

impl std::io::Read for Drops<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = (1 + self.0.len() % 4093).min(self.0.len()).min(buffer.len());
        buffer[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

/// Returns `true` if a backup can be opened and read.
pub(super) fn backup(input: &[u8], seeds: &Seeds) -> bool {
    let path = seeds.file("mutated", input);
    let target = Location::named_or_default(Some(&path.with_file_name("target.db"))).unwrap();
    let Ok(backup) = target.open_backup(&path, true) else { return false };
    backup.keyring().is_ok_and(|keyring| keyring.snapshot().is_ok())
}
