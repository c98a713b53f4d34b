use super::*;
use crate::testing::key_file;
use base64ct::{Base64, Encoding};
use std::fmt::Write;

/// Files that all contain the same 2048-bit key.
pub(super) const SAME: [&str; 9] = [
    "rsa2048.spki.pem",
    "rsa2048.spki.der",
    "rsa2048.bare.spki.der",
    "rsa2048.pkcs1.pem",
    "rsa2048.pkcs1.der",
    "rsa2048.ssh.pub",
    "rsa2048.ssh2.pub",
    "rsa2048.jwk",
    "rsa2048.jwks",
];

/// Files with RSASSA-PSS keys that can be registered.
pub(super) const OTHERS: [&str; 3] = ["pss-none.spki.pem", "pss-sha256.spki.pem", "pss-salt20.spki.pem"];

fn key() -> PublicKey {
    PublicKey::from_spki(&key_file("rsa2048.spki.der")).unwrap()
}

fn text() -> String {
    String::from_utf8(key_file("rsa2048.spki.pem")).unwrap()
}

fn code(bytes: impl AsRef<[u8]>) -> Code {
    PublicKey::read(bytes.as_ref(), false).unwrap_err().code()
}

fn refused(name: &str) -> Error {
    PublicKey::read(&key_file(name), false).unwrap_err()
}

#[test]
fn every_format_gives_the_same_key() {
    for name in SAME {
        assert_eq!(PublicKey::read(&key_file(name), false).unwrap(), key(), "{name}");
    }
    for name in ["rsa2048.cert.pem", "rsa2048.cert.der"] {
        assert_eq!(PublicKey::read(&key_file(name), true).unwrap(), key(), "{name}");
    }
    assert_eq!(PublicKey::read(&key_file("rsa2048.spki.pem"), true).unwrap(), key());
}

#[test]
fn pss_keys_keep_their_spki() {
    for name in OTHERS {
        let pem = key_file(name);
        let key = PublicKey::read(&pem, false).unwrap();
        assert_eq!(crate::key::spki_pem(key.spki()).as_bytes(), pem, "{name}");
        assert_eq!(PublicKey::from_spki(key.spki()).unwrap(), key);
        key.judge().unwrap();
    }
    for name in ["pss-salt33.spki.pem", "pss-sha512.spki.pem", "pss-mgf1sha1.spki.pem", "pss-salt300.spki.der"] {
        assert_eq!(refused(name).code(), Code::UnsupportedParameters, "{name}");
    }
}

#[test]
fn untidy_files_are_read() {
    let pem = text();
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let rewrapped = |width: usize| {
        let lines: Vec<_> = body.as_bytes().chunks(width).map(|line| std::str::from_utf8(line).unwrap()).collect();
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----", lines.join("\n"))
    };
    let utf16: Vec<u16> = pem.encode_utf16().collect();
    for bytes in [
        format!("\u{feff}{pem}").into_bytes(),
        pem.replace('\n', "\r\n").into_bytes(),
        pem.replace('\n', "\r").into_bytes(),
        pem.replace('\n', " \t\n\t  ").into_bytes(),
        pem.trim_end().to_owned().into_bytes(),
        rewrapped(1).into_bytes(),
        rewrapped(76).into_bytes(),
        rewrapped(10_000).into_bytes(),
        pem.replace('\n', " ").into_bytes(),
        pem.trim_end().replace('\n', "\\n").into_bytes(),
        format!("Bag Attributes\n  localKeyID: 01\n{pem}\n\n \r\n\t").into_bytes(),
        format!("Sch\u{f6}ner Schl\u{fc}ssel:\n\n{pem}\u{1a}").into_bytes(),
        [b"\xff\xfe".to_vec(), utf16.iter().flat_map(|unit| unit.to_le_bytes()).collect()].concat(),
        [b"\xfe\xff".to_vec(), utf16.iter().flat_map(|unit| unit.to_be_bytes()).collect()].concat(),
        [b"latin-1: \xe4\xf6\n", pem.as_bytes()].concat(),
        [b"\xef\xbb\xbf\r\n ".to_vec(), key_file("rsa2048.ssh.pub")].concat(),
        [b"\xef\xbb\xbf\r\n ".to_vec(), key_file("rsa2048.jwk")].concat(),
    ] {
        assert_eq!(PublicKey::read(&bytes, false).unwrap(), key(), "{}", String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn private_keys_are_refused_with_a_command_that_extracts_the_public_key() {
    let openssl = "`openssl pkey -in FILE -pubout -out PUBLIC.pem`";
    for (name, hint) in [
        ("rsa2048.private.pkcs8.pem", openssl),
        ("rsa2048.private.pkcs8.der", openssl),
        ("rsa2048.private.pkcs1.pem", openssl),
        ("rsa2048.private.pkcs1.der", openssl),
        ("rsa2048.private.encrypted.pem", openssl),
        ("rsa2048.private.encrypted.der", openssl),
        ("rsa2048.private.pkcs1-encrypted.pem", openssl),
        ("ec.private.pem", openssl),
        ("ec.private.der", openssl),
        ("ed25519.private.pem", openssl),
        ("rsa2048.openssh", "`ssh-keygen -y -f FILE`"),
        ("rsa2048.ppk", "`puttygen FILE -O public-openssh`"),
        ("rsa2048.p12", "openssl pkcs12 -in FILE"),
        ("rsa2048.private.jwk", "`kty`, `n` and `e`"),
    ] {
        for allow_certificate in [false, true] {
            let error = PublicKey::read(&key_file(name), allow_certificate).unwrap_err();
            assert_eq!(error.code(), Code::PrivateKeyGiven, "{name}");
            assert!(error.hint().contains(hint), "{name}: {}", error.hint());
        }
    }
}

#[test]
fn hidden_private_keys_are_refused() {
    let (public, private) = (text(), String::from_utf8(key_file("rsa2048.private.pkcs8.pem")).unwrap());
    let relabelled = private.replace("PRIVATE KEY", "PUBLIC KEY");
    let json = format!("{{\"type\":\"service_account\",\"private_key\":\"{}\"}}", private.replace('\n', "\\n"));
    let der = [key_file("rsa2048.spki.der"), key_file("rsa2048.private.pkcs8.der")].concat();
    for bytes in [
        format!("{public}{private}").into_bytes(),
        format!("{private}{public}").into_bytes(),
        relabelled.clone().into_bytes(),
        format!("{public}{relabelled}").into_bytes(),
        private[..200].to_owned().into_bytes(),
        format!("{public}-----BEGIN OPENSSH PRIVATE KEY-----").into_bytes(),
        b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQ\n-----END PGP PRIVATE KEY BLOCK-----".to_vec(),
        b"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nAA\n---- END SSH2 ENCRYPTED PRIVATE KEY ----".to_vec(),
        json.into_bytes(),
        der,
    ] {
        assert_eq!(code(&bytes), Code::PrivateKeyGiven, "{}", String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn other_algorithms_are_refused_by_name() {
    for (name, algorithm) in [
        ("ed448.spki.pem", "Ed448"),
        ("x25519.spki.pem", "X25519"),
        ("ec.spki.pem", "EC P-256"),
        ("dsa.spki.pem", "DSA"),
        ("dh.spki.pem", "DH"),
        ("ml-dsa-44.spki.pem", "ML-DSA-44"),
        ("unknown.spki.pem", "1.3.6.1.4.1.99999.7"),
        ("ecdsa.ssh.pub", "ecdsa-sha2-nistp256"),
    ] {
        let error = refused(name);
        assert_eq!(error.code(), Code::UnsupportedAlgorithm, "{name}");
        assert_eq!(error.to_string(), format!("the key is for {algorithm}, not RSA or Ed25519"));
    }
    assert_eq!(code("-----BEGIN DSA PUBLIC KEY-----\nAA==\n-----END DSA PUBLIC KEY-----"), Code::UnsupportedAlgorithm);
    let certificate = PublicKey::read(&key_file("ec.cert.pem"), true).unwrap_err();
    assert_eq!(certificate.code(), Code::UnsupportedAlgorithm);
}

#[test]
fn certificates_need_the_option() {
    for name in ["rsa2048.cert.pem", "rsa2048.cert.der", "ec.cert.pem"] {
        let error = refused(name);
        assert_eq!(error.code(), Code::CertificateGiven, "{name}");
        assert!(error.hint().contains("--from-cert"));
    }
}

#[test]
fn more_than_one_key_is_refused() {
    let certificate = String::from_utf8(key_file("rsa2048.cert.pem")).unwrap();
    for several in [
        text().repeat(2),
        format!("{}{certificate}", text()),
        certificate.repeat(3),
        format!("{}\n{}", String::from_utf8(key_file("rsa2048.ssh.pub")).unwrap(), text()),
        format!("# two\r\n{}\r\n\r\n{}", String::from_utf8(key_file("ed25519.ssh.pub")).unwrap(), text()),
    ] {
        assert_eq!(PublicKey::read(several.as_bytes(), true).unwrap_err().code(), Code::MultipleKeys);
    }
}

#[test]
fn text_around_a_block_and_base64_around_the_input_are_ignored() {
    let key = PublicKey::read(text().as_bytes(), false).unwrap();
    let escaped = text().replace('\n', "\\n");
    let base64 = Base64::encode_string(text().as_bytes());
    for untidy in [
        format!("{}x", text()),
        format!("Hello,\n\n{}\nBest regards\n-- \nAnn", text()),
        format!("{{\"name\":\"x\",\"public_key\":\"{escaped}\",\"more\":[1]}}"),
        format!("{{\"public_key\":\"{}\"}}", escaped.replace('/', "\\/")),
        format!("PUBLIC_KEY='{escaped}'\nOTHER=1\n"),
        format!("'{}'", text()),
        base64.as_bytes().chunks(76).map(|line| str::from_utf8(line).unwrap()).collect::<Vec<_>>().join("\r\n"),
        base64,
        Base64::encode_string(&key_file("rsa2048.spki.der")),
        Base64::encode_string(&key_file("rsa2048.pkcs1.der")),
    ] {
        assert_eq!(PublicKey::read(untidy.as_bytes(), false).unwrap(), key, "{untidy}");
    }
    assert_eq!(
        code(format!("{}{}", text(), String::from_utf8(key_file("rsa2048.ssh.pub")).unwrap())),
        Code::MultipleKeys
    );
}

#[test]
fn data_after_the_key_is_refused() {
    assert_eq!(code([key_file("rsa2048.spki.der"), vec![0]].concat()), Code::TrailingData);
    assert_eq!(code([key_file("rsa2048.pkcs1.der"), vec![10]].concat()), Code::TrailingData);
    let cert = [key_file("rsa2048.cert.der"), vec![0]].concat();
    assert_eq!(PublicKey::read(&cert, true).unwrap_err().code(), Code::TrailingData);
}

#[test]
fn inputs_without_a_key_are_refused() {
    for bytes in [
        &b""[..],
        b" \r\n\t",
        b"\xef\xbb\xbf",
        b"<!DOCTYPE html><html></html>",
        b"hello there",
        b"0",
        b"{}",
        b"\0\x01\x02\x03",
        &[0x30, 0x00],
        b"-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----",
        b"-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----",
        b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQ\n-----END PGP PUBLIC KEY BLOCK-----",
    ] {
        assert_eq!(code(bytes), Code::PublicKeyMissing, "{}", String::from_utf8_lossy(bytes));
    }
    for name in ["rsa2048.csr.pem", "rsa2048.csr.der"] {
        let error = refused(name);
        assert_eq!(error.code(), Code::PublicKeyMissing);
        assert!(error.hint().contains("openssl req"));
    }
}

#[test]
fn damaged_keys_are_malformed() {
    let pem = text();
    let der = key_file("rsa2048.spki.der");
    let in_pkcs1 = |n: &[u8], e: &[u8]| {
        let integers = [&[2, 1][..], n, &[2, 1], e].concat();
        [&[0x30, u8::try_from(integers.len()).unwrap()][..], &integers].concat()
    };
    // The outer length is encoded in more bytes than necessary, which BER allows but DER does not.
    let long = [&[0x30, 0x83, 0x00, 0x01, 0x22][..], &der[4..]].concat();
    for bytes in [
        pem.replace("MII", "M?I").into_bytes(),
        pem.replace("-----END PUBLIC KEY-----", "").into_bytes(),
        pem.replace("END PUBLIC", "END RSA PUBLIC").into_bytes(),
        der[..der.len() - 1].to_vec(),
        long,
        vec![0x30, 0x80, 0x02, 0x01, 0x11, 0x02, 0x01, 0x03, 0x00, 0x00],
        in_pkcs1(&[0x91], &[3]),
        in_pkcs1(&[0x11], &[0x83]),
        in_pkcs1(&[0x11], &[0]),
        key_file("rsa2048.ssh.pub")[..100].to_vec(),
    ] {
        assert_eq!(code(&bytes), Code::PublicKeyMalformed, "{}", String::from_utf8_lossy(&bytes));
    }
    // Invalid parameters for rsaEncryption: an empty OCTET STRING instead of NULL.
    let mut parameters = der.clone();
    assert_eq!(parameters[17..19], [5, 0]);
    parameters[17] = 4;
    assert_eq!(code(&parameters), Code::PublicKeyMalformed);
}

#[test]
fn large_inputs_are_refused_unread() {
    assert_eq!(code(vec![b' '; 64 * 1024 + 1]), Code::InputTooLarge);
    assert_eq!(code(vec![b' '; 64 * 1024]), Code::PublicKeyMissing);
}

#[test]
fn errors_do_not_quote_the_input() {
    for name in ["rsa2048.private.pkcs8.pem", "rsa2048.private.jwk", "rsa2048.openssh", "rsa2048.cert.pem"] {
        let bytes = key_file(name);
        for end in (0..bytes.len()).step_by(7) {
            let Err(error) = PublicKey::read(&bytes[..end], false) else {
                continue;
            };
            let mut shown = format!("{} {}", error.message(), error.hint());
            write!(shown, "{error:?}").unwrap();
            for piece in bytes.windows(16).step_by(16) {
                let Ok(piece) = std::str::from_utf8(piece) else {
                    continue;
                };
                let base64 = piece.chars().all(|c| c.is_ascii_alphanumeric() || "+/-_".contains(c));
                assert!(!base64 || !shown.contains(piece), "{name}: {shown}");
            }
        }
    }
}
