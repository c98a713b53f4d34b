//! What is wrong with the lines of an input.

use super::{Code, Error, Result};

/// How many lines are told one by one: who gives a file of another kind has a million of them.
const TOLD: usize = 100;

/// The lines of an input that cannot be used: the first ones, and how many there are.
#[derive(Default)]
pub struct BrokenLines {
    told: Vec<Error>,
    count: usize,
    /// What goes before the others: what is wrong with the input goes before what is refused.
    first: Option<(Code, String)>,
}

impl BrokenLines {
    /// One more, which says its line.
    pub fn push(&mut self, error: Error) {
        self.count += 1;
        let code = error.code();
        if self.first.as_ref().is_none_or(|(first, _)| (code.exit() as u8) < (first.exit() as u8)) {
            self.first = Some((code, error.hint().to_owned()));
        }
        if self.told.len() < TOLD {
            self.told.push(error);
        }
    }

    /// One failure out of all; a single one stays as it is.
    ///
    /// # Errors
    /// When there is any.
    pub fn none(mut self) -> Result<()> {
        let Some((code, hint)) = self.first.filter(|_| self.count > 1) else {
            return self.told.pop().map_or(Ok(()), Err);
        };
        let mut whole = Error::new(code, format!("{} lines cannot be used; nothing was done", self.count), hint);
        let more = self.count - self.told.len();
        whole.0.details = self.told.into_iter().flat_map(|error| error.0.details).collect();
        Err(if more == 0 { whole } else { whole.detail(&[], format!("and {more} more lines"), "more") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(codes: &[Code]) -> Result<()> {
        let mut broken = BrokenLines::default();
        for (index, code) in codes.iter().enumerate() {
            broken.push(Error::new(*code, "m", code.word()).in_line(index + 1));
        }
        broken.none()
    }

    #[test]
    fn one_stays_as_it_is_and_none_is_none() {
        assert!(of(&[]).is_ok());
        let one = of(&[Code::NameTaken]).unwrap_err();
        assert_eq!((one.message(), one.code()), ("line 1: m".to_owned(), Code::NameTaken));
    }

    #[test]
    fn the_first_are_told_and_all_are_counted_and_judged() {
        let mut codes = vec![Code::NameTaken; TOLD + 5];
        assert_eq!(of(&codes[..TOLD]).unwrap_err().details().len(), TOLD);
        codes.push(Code::InvalidLine);
        let many = of(&codes).unwrap_err();
        assert_eq!((many.code(), many.hint()), (Code::InvalidLine, Code::InvalidLine.word()));
        assert_eq!(many.message(), "106 lines cannot be used; nothing was done");
        assert_eq!(many.details().len(), TOLD + 1);
        assert_eq!(many.details()[TOLD].msg, "and 6 more lines");
    }
}
