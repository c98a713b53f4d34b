use super::*;

fn id() -> KeyId {
    "4ab2c9c0-5a4e-4c53-9d1c-8f0b6c1d2e3f".parse().unwrap()
}

fn ascending() -> [u8; 32] {
    std::array::from_fn(|i| u8::try_from(i).unwrap())
}

fn token() -> String {
    let mut random = ascending();
    let secret = make_token(&TokenPrefix::default(), Env::Test, id(), &mut random);
    assert_eq!(random, [0; 32], "the random bytes are wiped");
    String::from_utf8(secret.expose().to_vec()).unwrap()
}

#[test]
fn a_token_has_the_documented_form() {
    // The expected value was computed independently, with Python's `int` and `zlib.crc32`.
    assert_eq!(token(), "kw_test_2Gx8aiEcMMEtFVyv5AoxAt_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf1tZpSk");
    assert_eq!(
        TokenForm::parse(&token()),
        Some(TokenForm { prefix: TokenPrefix::default(), env: Env::Test, id: id() })
    );
}

#[test]
fn every_typo_is_malformed() {
    let token = token();
    for i in 0..token.len() {
        for other in ["A", "0", "_", "z"] {
            let mut typo = token.clone();
            typo.replace_range(i..=i, other);
            assert!(typo == token || TokenForm::parse(&typo).is_none(), "{typo}");
        }
        assert!(TokenForm::parse(&token[..i]).is_none());
    }
    assert!(TokenForm::parse(&token.replace("_test_", "_live_")).is_none());
    assert!(TokenForm::parse(&format!("{token}A")).is_none());
    assert!(TokenForm::parse("ä").is_none());
}

#[test]
fn a_bearer_token_is_not_the_token_of_a_key() {
    let bearer = make_bearer(&TokenPrefix::default(), id(), &mut ascending());
    let text = str::from_utf8(bearer.expose()).unwrap();
    assert!(text.starts_with("kw_bearer_2Gx8aiEcMMEtFVyv5AoxAt_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf"), "{text}");
    assert_eq!(BearerForm::parse(text), Some(BearerForm { id: id() }));
    assert!(TokenForm::parse(text).is_none() && BearerForm::parse(&token()).is_none());
    assert!(BearerForm::parse(&text.replace("2Gx8", "2Gx9")).is_none(), "the checksum");
    assert!(BearerForm::parse(&text.replace("kw_", "Kw_")).is_none());
    assert!(looks_secret(text) && looks_secret(&text.replace("2Gx8", "2Gx9")) && looks_issued(text));
}

#[test]
fn a_public_part_contains_the_id() {
    let prefix = TokenPrefix::default();
    assert_eq!(api_key_id(&public_part(&prefix, Env::Live, id())), Some(id()));
    assert_eq!(api_key_id(&plain_api_key(&prefix, id(), &ascending())), Some(id()));
    let plain = plain_api_key(&prefix, id(), &ascending());
    for other in [&plain[..plain.len() - 1], "kw_test_2Gx8aiEc", "kw_x", "", "sk-123", &token()] {
        assert_eq!(api_key_id(other), None, "{other}");
    }
}

#[test]
fn an_api_secret_has_a_checksum() {
    let secret = make_api_secret(&mut [0xab; 64]);
    let text = str::from_utf8(secret.expose()).unwrap();
    assert!(is_api_secret(text));
    assert!(!is_api_secret(&text.replace(&text[..1], "-")));
    assert!(!is_api_secret(&text[1..]));
    let swapped: String = text.chars().rev().collect();
    assert!(!is_api_secret(&swapped));
}

#[test]
fn the_display_prefix_gives_the_start_of_the_id() {
    let shown = display_prefix(&TokenPrefix::default(), Env::Live, id());
    assert_eq!(shown.len(), "kw_live_".len() + 8);
    let (_, env, digits) = split_public(&shown).unwrap();
    let (low, high) = id_range(digits).unwrap();
    assert_eq!(env, Env::Live);
    assert!(low <= id() && id() <= high);
    assert_eq!(id_range("zzzzzzzz"), None, "no id begins like that");
}

#[test]
fn a_plain_public_part_begins_with_the_id() {
    let prefix: TokenPrefix = "yativo".parse().unwrap();
    let api_key = plain_api_key(&prefix, id(), &ascending());
    assert_eq!(api_key.len(), "yativo_".len() + 48);
    let digits = &public_part(&prefix, Env::Live, id())["yativo_live_".len()..];
    assert!(api_key["yativo_".len()..].starts_with(digits));
    assert_eq!(split_plain(&api_key), Some(digits));
    assert_eq!(plain_display_prefix(&prefix, &api_key), api_key[.."yativo_".len() + 8]);
    assert_ne!(api_key, plain_api_key(&prefix, id(), &[7; 32]));
    assert!(looks_issued(&api_key) && !looks_issued("web_production") && !looks_secret(&api_key));
    assert!(split_plain("ci_deploy").is_none() && split_plain("Yativo_0123456789").is_none());
}

#[test]
fn a_hash_matches_only_its_secret() {
    let hash = SecretHash::of(b"abc");
    assert!(hash.matches(b"abc"));
    assert!(!hash.matches(b"abd"));
}

#[test]
fn prefixes_are_parsed() {
    for text in ["", "Kw", "1a", "a_b", "a-b", "abcdefghijklmnopq", "ä"] {
        assert_eq!(text.parse::<TokenPrefix>().unwrap_err().code(), Code::InvalidPrefix, "{text:?}");
    }
    assert!("kw2".parse::<TokenPrefix>().is_ok());
}
