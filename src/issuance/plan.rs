//! Which keys are to be made at once, and what each is called.

use super::Make;
use crate::{
    error::{Code, Error, Result},
    key::{Key, KeyId, Material, Name},
};

/// Keys that are to be made, in order, of which none need be there yet.
pub enum Plan {
    /// The same, so many times.
    Counted {
        /// What is said of all of them, pending and without an id.
        draft: Box<Key>,
        /// What each is.
        make: Make,
        /// How many.
        count: usize,
        /// Whether each has its number in its name.
        numbered: bool,
    },
    /// Each by itself.
    Listed(Vec<(Key, Make)>),
}

impl Plan {
    /// How many.
    #[must_use]
    pub fn count(&self) -> usize {
        match self {
            Self::Counted { count, .. } => *count,
            Self::Listed(keys) => keys.len(),
        }
    }

    /// What one of them is.
    #[must_use]
    pub fn make(&self, index: usize) -> &Make {
        match self {
            Self::Counted { make, .. } => make,
            Self::Listed(keys) => &keys[index].1,
        }
    }

    /// What is described of one of the keys, but its name.
    fn described(&self, index: usize) -> &Key {
        match self {
            Self::Counted { draft, .. } => draft,
            Self::Listed(keys) => &keys[index].0,
        }
    }

    fn name(&self, index: usize) -> Result<Name> {
        let name = &self.described(index).description.name;
        match self {
            // As many digits as the last one needs, so that the order of names is that of numbers: `web-007` of a hundred.
            Self::Counted { count, numbered: true, .. } => name.numbered(index + 1, count.to_string().len()),
            _ => Ok(name.clone()),
        }
    }

    /// One of the keys, pending and without an id.
    ///
    /// # Errors
    /// `invalid_name` when its number does not fit into its name.
    pub fn draft(&self, index: usize) -> Result<Key> {
        let described = self.described(index);
        Ok(described.another(described.id, self.name(index)?, described.material.clone()))
    }

    /// One of the keys, pending. Their names were made before.
    #[must_use]
    pub fn key(&self, index: usize, id: KeyId, material: Material) -> Key {
        let name = self.name(index).unwrap_or_else(|_| unreachable!("names were made before"));
        self.described(index).another(id, name, material)
    }

    /// Whether any secret can go with any of the keys.
    #[must_use]
    pub const fn is_uniform(&self) -> bool {
        matches!(self, Self::Counted { .. })
    }

    /// The first and the last name, byte by byte.
    ///
    /// # Errors
    /// As [`Plan::draft`], and `internal` when there are no keys.
    pub fn names(&self) -> Result<(Name, Name)> {
        match self {
            Self::Counted { count, .. } => {
                Ok((self.draft(0)?.description.name, self.draft(count.saturating_sub(1))?.description.name))
            }
            Self::Listed(keys) => {
                let names = || keys.iter().map(|(key, _)| &key.description.name);
                let first = names().min_by_key(|name| name.as_str());
                let last = names().max_by_key(|name| name.as_str());
                first
                    .cloned()
                    .zip(last.cloned())
                    .ok_or_else(|| Error::new(Code::Internal, "there are no keys to be named", "report it as a bug"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        contract::Contract,
        issuance::Wanted,
        key::{Env, KeyType},
        testing,
    };

    fn make() -> Make {
        let rules = Contract::stored(None).unwrap().rules;
        Make::new(Some(KeyType::Token), Env::Test, &Wanted::default(), &rules)
    }

    fn draft(name: &str) -> Key {
        testing::key(0).with_name(name).with_material(make().stand_in())
    }

    fn names(plan: &Plan) -> Vec<String> {
        (0..plan.count()).map(|index| plan.draft(index).unwrap().description.name.to_string()).collect()
    }

    #[test]
    fn numbers_have_as_many_digits_as_the_last() {
        let counted = |count, numbered| Plan::Counted { draft: Box::new(draft("web")), make: make(), count, numbered };
        assert_eq!(names(&counted(3, true)), ["web-1", "web-2", "web-3"]);
        assert_eq!(names(&counted(3, false)), ["web", "web", "web"]);
        let hundred = counted(100, true);
        let all = names(&hundred);
        assert_eq!((all[0].as_str(), all[98].as_str(), all[99].as_str()), ("web-001", "web-099", "web-100"));
        assert!(all.is_sorted(), "so that a range of names holds them");
        let (first, last) = hundred.names().unwrap();
        assert_eq!((first.as_str(), last.as_str()), ("web-001", "web-100"));
        let long = Plan::Counted { draft: Box::new(draft(&"x".repeat(119))), make: make(), count: 1, numbered: true };
        assert_eq!(long.draft(0).unwrap_err().code(), Code::InvalidName);
    }

    #[test]
    fn a_list_stays_in_its_order_and_knows_its_ends() {
        let listed = Plan::Listed(["b", "a", "C"].map(|name| (draft(name), make())).into());
        assert_eq!(names(&listed), ["b", "a", "C"]);
        let (first, last) = listed.names().unwrap();
        assert_eq!((first.as_str(), last.as_str()), ("C", "b"), "byte by byte");
        assert!(!listed.is_uniform());
        assert_eq!(Plan::Listed(Vec::new()).names().unwrap_err().code(), Code::Internal);
    }
}
