//! Collects several errors into a single error.

use super::{Code, Error, Result};

/// The maximum number of hints in an error that summarizes a long list of errors.
const HINTS: usize = 3;

/// The maximum number of invalid lines in an input that are reported individually.
const LINES: usize = 100;

/// The errors that were found while checking one input, which are reported together.
///
/// A command that stops at the first mistake has to be run once per mistake. `Problems` combines all mistakes into one
/// error instead. This error has the code of the most severe error, unless the caller sets another code, and the
/// details of all errors that are reported individually. The lower the exit status of an error, the more severe it is:
/// invalid input is more severe than a conflict, and a conflict is more severe than a refusal by the contract.
#[derive(Default)]
pub struct Problems {
    /// The errors that are reported individually.
    reported: Vec<Error>,
    /// The total number of errors, including those that are only counted.
    count: usize,
    /// The maximum number of errors to report individually, or `None` to report all errors.
    most: Option<usize>,
    /// The code and the hint of the most severe error.
    most_severe: Option<(Code, String)>,
}

impl Problems {
    /// Creates an empty collection that reports at most `most` errors individually, and at most three hints. Further
    /// errors are only counted, because a file of the wrong kind can cause a million errors.
    #[must_use]
    pub fn at_most(most: usize) -> Self {
        Self { most: Some(most), ..Self::default() }
    }

    /// Creates an empty collection for the errors of an input with many lines.
    #[must_use]
    pub fn of_lines() -> Self {
        Self::at_most(LINES)
    }

    /// Adds an error to the collection.
    pub fn push(&mut self, error: Error) {
        self.count += 1;
        let code = error.code();
        if self.most_severe.as_ref().is_none_or(|(most_severe, _)| (code.exit() as u8) < (most_severe.exit() as u8)) {
            self.most_severe = Some((code, error.hint().to_owned()));
        }
        if self.most.is_none_or(|most| self.reported.len() < most) {
            self.reported.push(error);
        }
    }

    /// Adds the errors of another collection.
    pub fn append(&mut self, other: Self) {
        let (unreported, severe) = (other.count - other.reported.len(), other.most_severe);
        other.reported.into_iter().for_each(|error| self.push(error));
        self.count += unreported;
        if let Some((code, hint)) = severe
            && self.most_severe.as_ref().is_none_or(|(most, _)| (code.exit() as u8) < (most.exit() as u8))
        {
            self.most_severe = Some((code, hint));
        }
    }

    /// Returns the value of a successful result. For a failed result, adds the error and returns `None`.
    pub fn keep<T>(&mut self, result: Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// Returns the total number of errors, including those that are only counted.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }

    /// Returns `true` if one of the reported errors is about the field with the given JSON name.
    #[must_use]
    pub fn concern(&self, field: &str) -> bool {
        self.reported.iter().flat_map(Error::details).any(|detail| detail.field == Some(field))
    }

    /// Returns the errors that are reported individually, in the order in which they were added.
    #[must_use]
    pub fn reported(&self) -> &[Error] {
        &self.reported
    }

    /// Combines the errors into one, with the details of the most severe errors first.
    ///
    /// # Errors
    /// Returns the combined error, or the original error if there is only one. Returns `Ok` if there are no errors.
    pub fn into_result(mut self) -> Result<()> {
        self.reported.sort_by_key(|error| error.code().exit() as u8);
        self.summarized(|count| format!("there are {count} problems"))
    }

    /// Combines the errors into one, whose message is the result of calling `summary` with the number of errors.
    ///
    /// # Errors
    /// Returns the combined error, or the original error if there is only one. Returns `Ok` if there are no errors.
    pub fn summarized(mut self, summary: impl FnOnce(usize) -> String) -> Result<()> {
        let Some((code, _)) = self.most_severe else { return Ok(()) };
        if self.count == 1 {
            return self.reported.pop().map_or(Ok(()), Err);
        }
        let message = summary(self.count);
        Err(self.into_error(code, message))
    }

    /// Combines the errors about rejected input lines into one.
    ///
    /// # Errors
    /// Returns the combined error, or the original error if there is only one. Returns `Ok` if there are no errors.
    pub fn into_line_result(self) -> Result<()> {
        self.summarized(|count| format!("{count} lines were rejected; nothing was changed"))
    }

    /// Combines the errors into one with the given code and message, even if there is only one.
    #[must_use]
    pub fn into_error(self, code: Code, message: impl Into<String>) -> Error {
        let mut error = Error::new(code, message, self.hints().join("; "));
        let more = self.count - self.reported.len();
        error.0.details = self.reported.into_iter().flat_map(|mut error| error.take_details()).collect();
        if more == 0 { error } else { error.detail(&[], format!("and {more} more"), "more") }
    }

    /// Returns the distinct hints of the errors, starting with the hint of the most severe error: at most [`HINTS`] if
    /// the number of reported errors is limited.
    fn hints(&self) -> Vec<&str> {
        let most = if self.most.is_some() { HINTS } else { usize::MAX };
        let most_severe = self.most_severe.iter().map(|(_, hint)| hint.as_str());
        let mut hints: Vec<&str> = Vec::new();
        for hint in most_severe.chain(self.reported.iter().map(Error::hint)) {
            if hints.len() < most && !hints.contains(&hint) {
                hints.push(hint);
            }
        }
        hints
    }
}

impl<E: Into<Error>> Extend<E> for Problems {
    fn extend<I: IntoIterator<Item = E>>(&mut self, errors: I) {
        for error in errors {
            self.push(error.into());
        }
    }
}

impl<E: Into<Error>> FromIterator<E> for Problems {
    fn from_iter<I: IntoIterator<Item = E>>(errors: I) -> Self {
        let mut problems = Self::default();
        problems.extend(errors);
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(codes: &[Code]) -> Result<()> {
        let mut problems = Problems::of_lines();
        for (index, code) in codes.iter().enumerate() {
            problems.push(Error::new(*code, "m", code.word()).in_line(index + 1));
        }
        problems.into_line_result()
    }

    fn rules(codes: &[Code]) -> Error {
        let errors = codes.iter().map(|code| Error::new(*code, "m", code.word()).in_option("-x"));
        errors.collect::<Problems>().into_result().unwrap_err()
    }

    #[test]
    fn no_problem_is_ok_and_a_single_one_stays_as_it_is() {
        assert!(lines(&[]).is_ok());
        assert!(Problems::default().into_result().is_ok());
        let one = lines(&[Code::NameTaken]).unwrap_err();
        assert_eq!((one.message(), one.code()), ("line 1: m".to_owned(), Code::NameTaken));
        assert_eq!(rules(&[Code::NameTaken]).message(), "-x: m");
    }

    #[test]
    fn the_first_are_reported_and_all_are_counted() {
        let mut codes = vec![Code::NameTaken; LINES + 5];
        assert_eq!(lines(&codes[..LINES]).unwrap_err().details().len(), LINES);
        codes.push(Code::InvalidLine);
        let many = lines(&codes).unwrap_err();
        assert_eq!((many.code(), many.hint()), (Code::InvalidLine, "invalid_line; name_taken"));
        assert_eq!(many.message(), "106 lines were rejected; nothing was changed");
        assert_eq!(many.details().len(), LINES + 1);
        assert_eq!(many.details()[LINES].msg, "and 6 more");
    }

    #[test]
    fn wrong_input_comes_before_a_refusal() {
        let both = rules(&[Code::TypeRefused, Code::InvalidName, Code::EnvRefused]);
        assert_eq!((both.code(), both.message().as_str()), (Code::InvalidName, "there are 3 problems"));
        assert_eq!(both.hint(), "invalid_name; type_refused; env_refused");
        let order: Vec<&str> = both.details().iter().map(|detail| detail.kind.as_str()).collect();
        assert_eq!(order, ["invalid_name", "type_refused", "env_refused"]);
    }

    #[test]
    fn an_error_of_its_own_stands_for_even_one_problem() {
        let mut problems = Problems::at_most(1);
        problems.push(Error::new(Code::NameTaken, "m", "do this").detail(&["FILE"], "m", "x"));
        let one = problems.into_error(Code::ImportRefused, "1 of 2");
        assert_eq!((one.code(), one.message().as_str(), one.hint()), (Code::ImportRefused, "1 of 2", "do this"));
        assert_eq!(one.details().len(), 1);
    }
}
