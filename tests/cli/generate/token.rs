//! Tests of the token format against a second implementation.

use super::super::home::Home;

const DIGITS: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

fn base62(text: &str) -> u128 {
    text.chars().fold(0, |number, c| number * 62 + DIGITS.find(c).unwrap_or_else(|| panic!("{c} is no digit")) as u128)
}

/// Computes the CRC-32/ISO-HDLC checksum of a text, bit by bit.
fn crc32(text: &str) -> u32 {
    !text
        .bytes()
        .fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 * (crc & 1))))
}

fn check_holds(text: &str) {
    let (body, check) = text.split_at(text.len() - 6);
    assert_eq!(base62(check), u128::from(crc32(body)), "{text}");
}

fn uuid(number: u128) -> String {
    let hex = format!("{number:032x}");
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[test]
fn the_reference_implementation_matches_the_test_vectors() {
    assert_eq!(crc32("123456789"), 0xcbf4_3926);
    assert_eq!(base62("10"), 62);
}

#[test]
fn a_token_has_the_documented_form() {
    let home = Home::new();
    for (line, prefix, env) in [
        ("--name a", "kw", "test"),
        ("--name b --env live", "kw", "live"),
        ("--name c --prefix acme2 --env live", "acme2", "live"),
        ("--name d --prefix abcdefghijklmnop", "abcdefghijklmnop", "test"),
    ] {
        let key = home.generate(&format!("{line} --type token"));
        let token = key["token"].as_str().unwrap();
        let parts: Vec<&str> = token.split('_').collect();
        assert_eq!((parts.len(), parts[0], parts[1]), (4, prefix, env), "{token}");
        assert_eq!((parts[2].len(), parts[3].len()), (22, 43 + 6), "{token}");
        assert_eq!(uuid(base62(parts[2])), key["api_key_id"].as_str().unwrap());
        check_holds(token);
        let shown = key["prefix"].as_str().unwrap();
        assert!(token.starts_with(shown), "{shown}");
        assert!(shown.len() < prefix.len() + 1 + env.len() + 1 + 22, "{shown} is public");
    }
}

#[test]
fn a_pair_has_the_documented_form() {
    let home = Home::new();
    let key = home.generate("--name a --type pair --env live --prefix acme");
    let api_key = key["api_key"].as_str().unwrap();
    let digits = api_key.strip_prefix("acme_live_").unwrap();
    assert_eq!(digits.len(), 22);
    assert_eq!(uuid(base62(digits)), key["api_key_id"].as_str().unwrap());
    assert!(api_key.starts_with(key["prefix"].as_str().unwrap()));
    let secret = key["api_secret"].as_str().unwrap();
    assert_eq!(secret.len(), 64);
    assert!(secret.chars().all(|c| DIGITS.contains(c)));
    check_holds(secret);
    assert!(!api_key.contains(&secret[..8]) && !secret.contains(digits));
}

#[test]
fn no_two_secrets_are_alike() {
    let home = Home::new();
    let mut tails: Vec<String> = (0..8)
        .map(|i| {
            let key = home.generate(&format!("--name k{i} --type token"));
            key["token"].as_str().unwrap().rsplit_once('_').unwrap().1[..43].to_owned()
        })
        .collect();
    tails.sort();
    tails.dedup();
    assert_eq!(tails.len(), 8);
}
