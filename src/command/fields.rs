//! The fields that `--fields` chooses.

use super::{Context, backup, owner, restore, status};
use crate::{
    cli,
    error::{Code, Error, Result},
    health::Finding,
    key::KeyDocument,
    keyring::AuditRow,
    output::Format,
    proof::Verdict,
};
use std::sync::Arc;

/// Returns the names of the fields that a command can print, in their usual order. Empty if the fields cannot be chosen.
pub(super) fn fields_of(command: &str) -> Vec<&'static str> {
    match command {
        "activate" | "create" | "disable" | "enable" | "import" | "list" | "revoke" | "show" | "update" => {
            KeyDocument::FIELDS.iter().map(|field| field.word()).collect()
        }
        "audit" => AuditRow::FIELDS.to_vec(),
        "backup" => backup::FIELDS.to_vec(),
        "check" => Finding::FIELDS.to_vec(),
        "owner list" | "owner set" | "owner show" => owner::FIELDS.to_vec(),
        "restore" => restore::FIELDS.to_vec(),
        "status" => status::FIELDS.to_vec(),
        "verify" => Verdict::FIELDS.to_vec(),
        "verify-request" => [Verdict::FIELDS.as_slice(), &["explanation"]].concat(),
        _ => Vec::new(),
    }
}

/// Returns the fields with the given names, or `None` if no name is given. The headings of a list, such as `id`
/// and `ends`, stand for the fields below them.
///
/// # Errors
/// Returns `usage` if the command has no such field, or if the format has a fixed set of fields.
pub(super) fn chosen(names: &[String], command: &str, format: Format) -> Result<Option<Arc<[&'static str]>>> {
    if names.is_empty() {
        return Ok(None);
    }
    let known = fields_of(command);
    if known.is_empty() {
        return Err(unsupported(&format!("`{command}` always prints the same fields")));
    }
    if matches!(format, Format::Id | Format::Contract) {
        let word = if format == Format::Id { "id" } else { "contract" };
        return Err(unsupported(&format!("the format `{word}` always has the same fields")));
    }
    let mut chosen = Vec::new();
    for name in names {
        let Some(field) = known.iter().find(|field| **field == cli::field_of_heading(name)) else {
            let hint = match cli::nearest(name, known.iter().copied()) {
                Some(similar) => format!("did you mean `{similar}`? the fields are {}", known.join(", ")),
                None => format!("choose from {}", known.join(", ")),
            };
            return Err(Error::new(Code::Usage, format!("there is no field `{name}`"), hint).in_option("--fields"));
        };
        // The name of a member of a JSON object is unique.
        if !chosen.contains(field) {
            chosen.push(*field);
        }
    }
    Ok(Some(chosen.into()))
}

impl Context {
    /// Refuses `--fields` for a document whose fields cannot be chosen.
    ///
    /// # Errors
    /// Returns `usage` if `--fields` is given.
    pub(super) fn refuse_fields(&self, document: &str) -> Result<()> {
        match self.style.fields {
            Some(_) => Err(unsupported(&format!("{document} always prints the same fields"))),
            None => Ok(()),
        }
    }
}

fn unsupported(problem: &str) -> Error {
    Error::new(Code::Usage, problem, "omit --fields").in_option("--fields")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_chosen_by_name() {
        let chosen = |names: &[&str], command, format| {
            let names: Vec<String> = names.iter().map(ToString::to_string).collect();
            chosen(&names, command, format).map(|fields| fields.map(|fields| fields.to_vec()))
        };
        assert_eq!(chosen(&[], "generate", Format::Id).unwrap(), None);
        let fields = chosen(&["name", "id", "name"], "list", Format::Csv).unwrap();
        assert_eq!(fields, Some(vec!["name", "api_key_id"]));
        for (names, command, format) in [
            (&["name"][..], "generate", Format::Json),
            (&["name"], "list", Format::Id),
            (&["name"], "list", Format::Contract),
            (&["nmae"], "list", Format::Table),
            (&["handover"], "list", Format::Table),
            (&["private_key"], "show", Format::Json),
        ] {
            let refused = chosen(names, command, format).unwrap_err();
            assert_eq!(refused.code(), Code::Usage, "{names:?} {command}");
        }
    }
}
