//! Tests of input that `create` refuses. Each reason has its own code, and nothing is stored or echoed.

use super::{
    super::{
        home::{Ended, Home},
        tools::fixture,
    },
    create,
};
use std::process::Command;

/// Asserts that the output contains neither a line of the input nor the start of one.
#[track_caller]
fn assert_not_echoed(ended: &Ended, input: &[u8]) {
    let said = ended.out() + &ended.err();
    let text = String::from_utf8_lossy(input);
    // A shorter word may be the name of an algorithm, which the error may contain.
    for word in text.split(|c: char| c.is_whitespace() || c == '"').filter(|word| word.len() >= 24) {
        let start: String = word.chars().take(24).collect();
        assert!(!said.contains(&start), "{said}");
    }
    assert!(!said.contains("PRIVATE KEY-----"), "{said}");
    assert!(said.chars().all(|c| c == '\n' || !c.is_control()), "{said}");
}

#[test]
fn every_refusal_has_its_code_and_nothing_is_stored_or_echoed() {
    let openssl = "openssl pkey -in FILE -pubout";
    let home = Home::new();
    for (file, code, hint) in [
        ("rsa2048.private.pkcs8.pem", "private_key_given", openssl),
        ("rsa2048.private.pkcs8.der", "private_key_given", openssl),
        ("rsa2048.private.pkcs1.pem", "private_key_given", openssl),
        ("rsa2048.private.pkcs1.der", "private_key_given", openssl),
        ("rsa2048.private.encrypted.pem", "private_key_given", openssl),
        ("rsa2048.private.encrypted.der", "private_key_given", openssl),
        ("rsa2048.private.pkcs1-encrypted.pem", "private_key_given", openssl),
        ("rsa2048.private.inconsistent.pem", "private_key_given", openssl),
        ("ec.private.pem", "private_key_given", openssl),
        ("ec.private.der", "private_key_given", openssl),
        ("ed25519.private.pem", "private_key_given", openssl),
        ("pss.private.pem", "private_key_given", openssl),
        ("rsa2048.openssh", "private_key_given", "ssh-keygen -y"),
        ("rsa2048.ppk", "private_key_given", "puttygen"),
        ("rsa2048.p12", "private_key_given", "openssl pkcs12"),
        ("rsa2048.private.jwk", "private_key_given", "`kty`, `n` and `e`"),
        ("rsa2048.cert.pem", "certificate_given", "--from-cert"),
        ("rsa2048.cert.der", "certificate_given", "--from-cert"),
        ("ec.spki.pem", "unsupported_algorithm", "openssl genpkey"),
        ("ed448.spki.pem", "unsupported_algorithm", "openssl genpkey"),
        ("x25519.spki.pem", "unsupported_algorithm", "openssl genpkey"),
        ("dsa.spki.pem", "unsupported_algorithm", "openssl genpkey"),
        ("dh.spki.pem", "unsupported_algorithm", "openssl genpkey"),
        ("ml-dsa-44.spki.pem", "unsupported_algorithm", "openssl genpkey"),
        ("unknown.spki.pem", "unsupported_algorithm", "openssl genpkey"),
        ("ecdsa.ssh.pub", "unsupported_algorithm", "openssl genpkey"),
        ("pss-salt33.spki.pem", "unsupported_parameters", ""),
        ("pss-salt300.spki.der", "unsupported_parameters", ""),
        ("pss-sha512.spki.pem", "unsupported_parameters", ""),
        ("pss-mgf1sha1.spki.pem", "unsupported_parameters", ""),
        ("rsa2048.csr.pem", "public_key_missing", ""),
        ("weak-1024.pem", "key_too_small", "openssl genpkey"),
        ("weak-2047.pem", "key_too_small", "openssl genpkey"),
        ("weak-2052.pem", "key_size_uneven", "openssl genpkey"),
        ("weak-8200.pem", "key_too_large", "openssl genpkey"),
        ("weak-16384.pem", "key_too_large", "openssl genpkey"),
        ("weak-e1.pem", "exponent_too_small", "openssl genpkey"),
        ("weak-e3.pem", "exponent_too_small", "openssl genpkey"),
        ("weak-e65535.pem", "exponent_too_small", "openssl genpkey"),
        ("weak-e65538.pem", "exponent_even", "openssl genpkey"),
        ("weak-e2p33p1.pem", "exponent_too_large", "openssl genpkey"),
        ("weak-e128bits.pem", "exponent_too_large", "openssl genpkey"),
        ("weak-even-modulus.pem", "modulus_small_factor", "create a new one"),
        ("weak-factor65537.pem", "modulus_small_factor", "create a new one"),
        ("weak-prime.pem", "modulus_prime", "create a new one"),
        ("ed25519-small.pem", "point_order", "openssl genpkey -algorithm ed25519"),
        ("ed25519-uncanonical.pem", "public_key_malformed", "openssl pkey"),
        ("weak-square.pem", "modulus_square", "create a new one"),
        ("weak-close.pem", "modulus_close_primes", "create a new one"),
        ("weak-close-last-round.pem", "modulus_close_primes", "create a new one"),
        ("weak-roca2048.pem", "modulus_roca", "create a new one"),
        ("weak-roca3072.pem", "modulus_roca", "create a new one"),
        ("weak-repeated.pem", "modulus_pattern", "create a new one"),
        ("weak-biased.pem", "modulus_pattern", "create a new one"),
    ] {
        let refused = create(&home, "x", &fixture(file)).refused(2, code);
        let error = refused.error();
        assert!(error["hint"].as_str().unwrap().contains(hint), "{file}: {error}");
        assert!(error["message"].as_str().unwrap().contains(file), "{file}: {error}");
        let input = std::fs::read(fixture(file)).unwrap();
        assert_not_echoed(&refused, &input);
        let piped = home.run_with("create --name x --public-key -", &input).refused(2, code);
        assert!(piped.err().contains("standard input: "), "{}", piped.err());
        assert_not_echoed(&piped, &input);
        assert_eq!((home.state(), home.files()), (None, vec![]), "{file}: nothing is stored, no keyring is made");
    }
}

#[test]
fn malformed_combinations_are_refused() {
    let read = |name: &str| std::fs::read(fixture(name)).unwrap();
    let (public, private) = (read("rsa2048.spki.pem"), read("rsa2048.private.pkcs8.pem"));
    let der = read("rsa2048.spki.der");
    let home = Home::new();
    for (input, code) in [
        ([public.clone(), private.clone()].concat(), "private_key_given"),
        ([private, public.clone()].concat(), "private_key_given"),
        ([public.clone(), read("rsa3072.spki.pem")].concat(), "multiple_keys"),
        (read("rsa2048.ssh.pub").repeat(2), "multiple_keys"),
        ([der.clone(), vec![0]].concat(), "trailing_data"),
        (der[..der.len() - 1].to_vec(), "public_key_malformed"),
        (public[..public.len() / 2].to_vec(), "public_key_malformed"),
        (vec![], "public_key_missing"),
        (b" \n \n".to_vec(), "public_key_missing"),
        (b"hello\n".to_vec(), "public_key_missing"),
        (b"{\"kty\":\"RSA\"}".to_vec(), "public_key_malformed"),
        (vec![b' '; 64 * 1024 + 1], "input_too_large"),
        ([public, vec![b'\n'; 64 * 1024]].concat(), "input_too_large"),
    ] {
        let refused = home.run_with("create --name x --public-key - --format json", &input).refused(2, code);
        assert_not_echoed(&refused, &input);
        assert_eq!(home.state(), None, "{code}");
    }
}

#[test]
fn special_files_are_refused() {
    let home = Home::new();
    let fifo = home.file("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    std::os::unix::fs::symlink("nowhere", home.file("dangling")).unwrap();
    home.write("large", vec![b' '; 70_000]);
    std::os::unix::fs::symlink(fixture("rsa2048.spki.pem"), home.file("link")).unwrap();
    for (file, code) in [
        ("fifo", "input_not_regular"),
        (".", "input_not_regular"),
        ("/dev/null", "input_not_regular"),
        ("missing.pem", "input_unreadable"),
        ("missing/x.pem", "input_unreadable"),
        ("dangling", "input_unreadable"),
        ("large", "input_too_large"),
    ] {
        let refused = create(&home, "x", file).refused(2, code);
        assert!(refused.err().contains(file), "{}", refused.err());
        assert_eq!(home.state(), None);
    }
    create(&home, "x", "link").ok();
}
