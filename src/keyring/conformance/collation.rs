//! Comparing and sorting text byte by byte, regardless of the engine and the locale.

use super::*;
use crate::key::DescriptionText as _;

/// Names that locale-aware collation would sort differently or treat as equal.
const NAMES: [&str; 13] = ["Zoe", "a", "A", "b", "aB", "ab", "a b", "a-b", "a_b", "ä", "z", "é", "ab\u{1f511}"];

fn filled(store: &mut Store) {
    let keys: Vec<Key> = NAMES.iter().zip(1..).map(|(name, n)| token_key(n, name).with_owner(name)).collect();
    insert(store.keyring.as_mut(), &keys);
}

#[test]
fn names_and_owners_sort_by_byte() {
    for_each_engine(|mut store| {
        filled(&mut store);
        let mut sorted = NAMES;
        sorted.sort_unstable();
        for field in [SortField::Name, SortField::Owner] {
            for descending in [false, true] {
                let query = Query { sort: Sort { field, descending }, ..Query::every(Selection::all(time(0))) };
                assert_eq!(names(store.keyring.as_ref(), &query), sorted, "{field:?}");
                sorted.reverse();
            }
        }
    });
}

#[test]
fn names_that_differ_in_a_byte_are_different_names() {
    for_each_engine(|mut store| {
        filled(&mut store);
        for name in NAMES {
            let lookup = Lookup::Name(name.parse().unwrap());
            let found = store.keyring.find(&lookup, time(0), 9).unwrap();
            assert_eq!(found.iter().map(|key| key.description.name.as_str()).collect::<Vec<_>>(), [name]);
            let owned = Selection { owner: Some(name.parse().unwrap()), ..Selection::all(time(0)) };
            assert_eq!(store.keyring.count(&owned, 9).unwrap(), 1, "{name}");
        }
        let absent = Lookup::Name("AB".parse().unwrap());
        assert!(store.keyring.find(&absent, time(0), 9).unwrap().is_empty());
    });
}

#[test]
fn names_in_another_normalization_form_are_the_same_names() {
    for_each_engine(|mut store| {
        // New text is stored in Normalization Form C. Earlier versions stored it as it was.
        let (composed, decomposed) = ("\u{e9}", "e\u{301}");
        let old = |n, text: &str| {
            let mut key = token_key(n, "old");
            key.description.name = Name::from_stored(text.to_owned());
            key.description.owner = Some(Owner::from_stored(text.to_owned()));
            key
        };
        insert(store.keyring.as_mut(), &[old(1, composed), old(2, decomposed)]);
        for text in [composed, decomposed] {
            assert_eq!(store.keyring.find(&Lookup::Name(text.parse().unwrap()), time(0), 9).unwrap().len(), 2);
            let owned = Selection { owner: Some(text.parse().unwrap()), ..Selection::all(time(0)) };
            assert_eq!(store.keyring.count(&owned, 9).unwrap(), 2);
            assert!(store.keyring.nth_newest(&text.parse().unwrap(), time(-1), 2).unwrap().is_some());
        }
    });
}

#[test]
fn a_range_of_names_is_a_range_of_bytes() {
    for_each_engine(|mut store| {
        filled(&mut store);
        let bounds = ["!", "A", "B", "Z", "Zoe", "Zz", "a!", "aa", "ab", "c", "y", "{", "~"];
        for low in bounds {
            for high in bounds {
                let expected = NAMES.iter().any(|name| (low..=high).contains(name));
                let found = store.keyring.has_names_between(&low.parse().unwrap(), &high.parse().unwrap());
                assert_eq!(found.unwrap(), expected, "{low} {high}");
            }
        }
    });
}

#[test]
fn a_pattern_selects_what_it_matches() {
    for_each_engine(|mut store| {
        filled(&mut store);
        let patterns = [
            "*",
            "?",
            "a*",
            "A*",
            "*b",
            "a?b",
            "[a-z]",
            "[^a-z]",
            "[A-Z]*",
            "[!a]",
            "[]a]",
            "[a-]b",
            "[a",
            "a[ _-]b",
            "a[-_ ]b",
            "é",
            "e?",
            "*\u{1f511}",
            "**b",
            "a*b*",
            "[é-z]",
            "ab?",
            "%",
            "_",
            "\\a",
        ];
        for text in patterns {
            let pattern: Pattern = text.parse().unwrap();
            let expected: BTreeSet<String> =
                NAMES.iter().filter(|name| pattern.matches(name)).map(ToString::to_string).collect();
            let selection = Selection { name: Some(pattern), ..Selection::all(time(0)) };
            let found: BTreeSet<_> = names(store.keyring.as_ref(), &Query::every(selection)).into_iter().collect();
            assert_eq!(found, expected, "{text}");
        }
    });
}
