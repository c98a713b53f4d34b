//! The plan for the keys that a single run generates.

use crate::{
    error::{Error, Result},
    issuance::KeySpec,
    key::{Key, KeyId, Material, Name},
};

/// The keys to generate, in the order of their indexes.
pub(super) enum GenerationPlan {
    /// Keys with the same description.
    Counted {
        /// The description of the keys, as a pending key without an id.
        draft: Box<Key>,
        /// The specification of each key.
        spec: KeySpec,
        /// The number of keys.
        count: usize,
        /// `true` if the name of each key ends in its number.
        numbered: bool,
    },
    /// Keys with descriptions of their own.
    Listed(Vec<(Key, KeySpec)>),
}

impl GenerationPlan {
    /// Returns the number of keys.
    pub(super) fn count(&self) -> usize {
        match self {
            Self::Counted { count, .. } => *count,
            Self::Listed(keys) => keys.len(),
        }
    }

    /// Returns the specification of the key at an index.
    pub(super) fn spec(&self, index: usize) -> &KeySpec {
        match self {
            Self::Counted { spec, .. } => spec,
            Self::Listed(keys) => &keys[index].1,
        }
    }

    /// Returns the description of the key at an index. The name in the description does not include the number.
    fn described(&self, index: usize) -> &Key {
        match self {
            Self::Counted { draft, .. } => draft,
            Self::Listed(keys) => &keys[index].0,
        }
    }

    fn name(&self, index: usize) -> Result<Name> {
        let name = &self.described(index).description.name;
        match self {
            // Every number has as many digits as the last one (such as `web-007` out of 100), so that the names sort by
            // number.
            Self::Counted { count, numbered: true, .. } => name.numbered(index + 1, count.to_string().len()),
            _ => Ok(name.clone()),
        }
    }

    /// Returns the key at an index as a pending key without an id.
    ///
    /// # Errors
    /// Returns `invalid_name` if the name with the number is too long.
    pub(super) fn draft(&self, index: usize) -> Result<Key> {
        let described = self.described(index);
        Ok(described.another(described.id, self.name(index)?, described.material.clone()))
    }

    /// Returns the key at an index as a pending key with the given id and material.
    ///
    /// # Errors
    /// Returns `invalid_name` if the name with the number is too long.
    pub(super) fn key(&self, index: usize, id: KeyId, material: Material) -> Result<Key> {
        Ok(self.described(index).another(id, self.name(index)?, material))
    }

    /// Returns `true` if all keys have the same specification, so that a generated secret can belong to any of them.
    pub(super) const fn is_uniform(&self) -> bool {
        matches!(self, Self::Counted { .. })
    }

    /// Returns the first and the last of the names of the keys, in byte order.
    ///
    /// # Errors
    /// - `invalid_name` if a name with its number is too long.
    /// - `internal` if there are no keys.
    pub(super) fn names(&self) -> Result<(Name, Name)> {
        match self {
            Self::Counted { count, .. } => Ok((self.name(0)?, self.name(count.saturating_sub(1))?)),
            Self::Listed(keys) => {
                let ends = Name::ends(keys.iter().map(|(key, _)| key.description.name.clone()));
                ends.ok_or_else(|| Error::internal("there are no keys to name"))
            }
        }
    }
}

#[cfg(test)]
mod tests;
