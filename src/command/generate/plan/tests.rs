use super::*;
use crate::{
    contract::Contract,
    error::Code,
    issuance::KeyChoices,
    key::{Env, KeyType},
    testing,
};

fn make() -> KeySpec {
    let rules = Contract::stored(None).unwrap().rules;
    KeySpec::new(Some(KeyType::Token), Env::Test, &KeyChoices::default(), &rules)
}

fn draft(name: &str) -> Key {
    testing::key(0).with_name(name).with_material(make().placeholder())
}

fn names(plan: &GenerationPlan) -> Vec<String> {
    (0..plan.count()).map(|index| plan.draft(index).unwrap().description.name.to_string()).collect()
}

#[test]
fn numbers_have_as_many_digits_as_the_last_one() {
    let counted =
        |count, numbered| GenerationPlan::Counted { draft: Box::new(draft("web")), spec: make(), count, numbered };
    assert_eq!(names(&counted(3, true)), ["web-1", "web-2", "web-3"]);
    assert_eq!(names(&counted(3, false)), ["web", "web", "web"]);
    let hundred = counted(100, true);
    let all = names(&hundred);
    assert_eq!((all[0].as_str(), all[98].as_str(), all[99].as_str()), ("web-001", "web-099", "web-100"));
    assert!(all.is_sorted(), "so that a range of names holds them");
    let (first, last) = hundred.names().unwrap();
    assert_eq!((first.as_str(), last.as_str()), ("web-001", "web-100"));
    let long =
        GenerationPlan::Counted { draft: Box::new(draft(&"x".repeat(119))), spec: make(), count: 1, numbered: true };
    assert_eq!(long.draft(0).unwrap_err().code(), Code::InvalidName);
}

#[test]
fn listed_keys_keep_their_order() {
    let listed = GenerationPlan::Listed(["b", "a", "C"].map(|name| (draft(name), make())).into());
    assert_eq!(names(&listed), ["b", "a", "C"]);
    let (first, last) = listed.names().unwrap();
    assert_eq!((first.as_str(), last.as_str()), ("C", "b"), "byte by byte");
    assert!(!listed.is_uniform());
    assert_eq!(GenerationPlan::Listed(Vec::new()).names().unwrap_err().code(), Code::Internal);
}
