//! Explanations of mistakes in signed requests.

/// An explanation of the mistakes in a signed request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// A stable word that identifies the mistake or, if there are several, the first one.
    pub mistake: &'static str,
    /// The steps that fix the mistakes, separated by semicolons.
    pub hint: String,
}

impl Explanation {
    /// Creates the explanation of one mistake.
    pub fn new(mistake: &'static str, hint: impl Into<String>) -> Self {
        Self { mistake, hint: hint.into() }
    }

    /// Combines the explanations of several mistakes: the first one provides the word, and all of them provide hints.
    /// Returns `None` if there are none.
    #[must_use]
    pub fn combined(mistakes: &[&Self]) -> Option<Self> {
        let first = mistakes.first()?;
        let hints: Vec<&str> = mistakes.iter().map(|mistake| mistake.hint.as_str()).collect();
        Some(Self::new(first.mistake, hints.join("; ")))
    }
}
