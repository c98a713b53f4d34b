//! Changes to a single field of a key.

use crate::error::{Code, Error, Result};

/// A change to an optional field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Edit<T> {
    /// Keeps the current value.
    #[default]
    Keep,
    /// Removes the current value.
    Clear,
    /// Replaces the current value with the given value.
    Set(T),
}

impl<T> Edit<T> {
    /// Returns the change that removes the value if `clear` is `true`. Otherwise, returns the change that sets the
    /// given value, or the change that keeps the current value if none is given.
    #[must_use]
    pub fn new(clear: bool, given: Option<T>) -> Self {
        if clear { Self::Clear } else { given.map_or(Self::Keep, Self::Set) }
    }

    /// Returns this change, or `other` if this change keeps the value.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        if matches!(self, Self::Keep) { other } else { self }
    }
}

impl<T: Clone> Edit<T> {
    /// Returns the value of the field after the change, given its old value.
    #[must_use]
    pub fn apply(&self, old: Option<&T>) -> Option<T> {
        match self {
            Self::Keep => old.cloned(),
            Self::Clear => None,
            Self::Set(new) => Some(new.clone()),
        }
    }
}

/// A change to a field that contains a set of elements, such as the scopes. A value of type `R` identifies an element
/// to remove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetEdit<T, R = T> {
    /// `true` to remove all current elements before the new ones are added.
    pub clear: bool,
    /// The elements to add.
    pub add: Vec<T>,
    /// The elements to remove. Elements that the key does not have are ignored.
    pub remove: Vec<R>,
}

impl<T, R> Default for SetEdit<T, R> {
    fn default() -> Self {
        Self { clear: false, add: Vec::new(), remove: Vec::new() }
    }
}

impl<T, R> SetEdit<T, R> {
    /// Returns the change that replaces all elements with the given ones.
    #[must_use]
    pub const fn replace(elements: Vec<T>) -> Self {
        Self { clear: true, add: elements, remove: Vec::new() }
    }

    /// Returns the change that replaces all elements with the given ones, or the change that keeps the current elements
    /// if none are given.
    #[must_use]
    pub fn given(elements: Vec<T>) -> Self {
        Self { clear: !elements.is_empty(), add: elements, remove: Vec::new() }
    }

    /// Returns `true` if the change keeps the elements, because it clears, adds and removes nothing.
    #[must_use]
    pub const fn is_keep(&self) -> bool {
        !self.clear && self.add.is_empty() && self.remove.is_empty()
    }

    /// Returns this change, or `other` if this change keeps the elements.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        if self.is_keep() { other } else { self }
    }

    /// Checks that no element is both added and removed. `word` returns the text that identifies an added element, and
    /// `removed` returns the text that identifies a removed one.
    ///
    /// # Errors
    /// Returns `usage` if an element is both added and removed.
    pub(super) fn refuse_contradiction(
        &self,
        word: impl Fn(&T) -> String,
        removed: impl Fn(&R) -> String,
    ) -> Result<()> {
        let gone: Vec<String> = self.remove.iter().map(removed).collect();
        match self.add.iter().map(word).find(|word| gone.contains(word)) {
            None => Ok(()),
            Some(both) => {
                let message = format!("`{both}` is both added and removed");
                Err(Error::new(Code::Usage, message, "add it or remove it, but not both"))
            }
        }
    }
}
