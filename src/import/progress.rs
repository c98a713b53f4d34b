//! The result of an import while it runs.

use super::{Candidate, ImportOutcome, Imported, Incoming, Intake, REPORTED, import_one, issued_here};
use crate::{
    error::{Code, Detail, Error, Exit, Problems, Result},
    issuance::contract,
    key::{Lookup, Time},
};

/// The result of an import so far.
pub(super) struct ImportProgress {
    pub(super) imported: Imported,
    pub(super) problems: Problems,
    count: usize,
    /// `true` if a token of another system was added, of which only the hash is known.
    pub(super) has_hashes: bool,
}

impl Default for ImportProgress {
    fn default() -> Self {
        Self { imported: Imported::default(), problems: Problems::at_most(REPORTED), count: 0, has_hashes: false }
    }
}

impl ImportProgress {
    /// Imports the candidates. Counts the candidates whose key already exists or is pending, and records each candidate
    /// that cannot be imported as a problem.
    pub(super) fn add(
        &mut self,
        intake: &mut (impl Intake + ?Sized),
        candidates: &[Candidate],
        now: Time,
    ) -> Result<()> {
        let rules = contract(intake)?.rules;
        self.count += candidates.len();
        for Candidate { place, key } in candidates {
            let outcome = match key {
                Ok(incoming) => import_one(intake, &rules, incoming, now),
                Err(error) => {
                    self.problems.push(at(place, error));
                    continue;
                }
            };
            match outcome {
                Ok(ImportOutcome::Added(id)) => {
                    self.has_hashes |= key.as_ref().is_ok_and(Incoming::is_hash);
                    self.imported.added.push(id);
                }
                Ok(ImportOutcome::Exists) => self.imported.there += 1,
                Ok(ImportOutcome::Pending) => self.imported.pending += 1,
                Err(error) if error.code().exit() == Exit::Failed => return Err(error),
                Err(error) => self.problems.push(at(place, &error)),
            }
        }
        Ok(())
    }

    /// Records a problem for each added token that the keyring itself has issued. Such a token is recognized by the id in
    /// it, so the added key would never be used, and would outlive the original. No index contains the hashes of issued
    /// tokens, so they are all compared, once per import.
    pub(super) fn refuse_issued_tokens(&mut self, intake: &(impl Intake + ?Sized), now: Time) -> Result<()> {
        if !self.has_hashes {
            return Ok(());
        }
        intake.each_token(&mut |id, hash| {
            if let Some(added) = intake.find(&Lookup::Secret(*hash), now, 1)?.pop()
                && intake.is_new(added.id)?
            {
                let message = format!("the hash of `{}` is that of the token of key {id}", added.description.name);
                self.problems.push(issued_here(message));
            }
            Ok(())
        })
    }

    /// Adds the result for the candidates that follow.
    pub(super) fn append(&mut self, next: Self) {
        self.imported.added.extend(next.imported.added);
        self.imported.there += next.imported.there;
        self.imported.pending += next.imported.pending;
        self.problems.append(next.problems);
        self.count += next.count;
        self.has_hashes |= next.has_hashes;
    }

    /// Returns the result after the last candidate, or the error `import_refused` if a candidate could not be imported.
    pub(super) fn finish(self) -> Result<Imported> {
        let problems = self.problems.count();
        if problems == 0 {
            return Ok(self.imported);
        }
        let message = format!("{problems} of {} keys cannot be imported; nothing was imported", self.count);
        Err(self.problems.into_error(Code::ImportRefused, message))
    }
}

/// Returns the error of a candidate with the candidate's position before the message. The error has a single detail,
/// which names all problems.
fn at(place: &str, error: &Error) -> Error {
    let problem = match error.details() {
        [] | [_] => error.message(),
        several => {
            let named = |detail: &Detail| match detail.field {
                Some(field) => format!("{field}: {}", detail.msg),
                None => detail.msg.clone(),
            };
            several.iter().map(named).collect::<Vec<_>>().join("; ")
        }
    };
    let problem = format!("{place}: {problem}");
    let code = error.code();
    Error::new(code, &problem, error.hint()).detail(&["FILE", place], problem, code.word())
}
