use super::super::{BearerForm, Env, KeyId, Secret, TokenForm, TokenPrefix};
use super::*;
use crate::testing::key_file;

fn text(secret: &Secret) -> String {
    String::from_utf8(secret.expose().to_vec()).unwrap()
}

fn id() -> KeyId {
    KeyId::from_random([3; 16])
}

fn a_token() -> String {
    text(&token::make_token(&TokenPrefix::default(), Env::Live, id(), &mut [5; 32]))
}

fn a_pair() -> (String, String) {
    let api_key = token::public_part(&TokenPrefix::default(), Env::Live, id());
    (api_key, text(&token::make_api_secret(&mut [6; 64])))
}

/// Returns a description of the kind and the words or fields of an input.
fn described(bytes: &[u8]) -> String {
    match SecretInput::read(bytes) {
        Ok(SecretInput::PrivateKey(_)) => "private key".into(),
        Ok(SecretInput::PublicKey) => "public key".into(),
        Ok(SecretInput::Words(words)) => words.iter().map(|word| word.as_str()).collect::<Vec<_>>().join(" "),
        Ok(SecretInput::Fields(SecretFields { token, bearer, api_key, api_secret })) => {
            let fields = [("token", token), ("bearer", bearer), ("api_key", api_key), ("api_secret", api_secret)];
            let given = fields.iter().filter_map(|(name, text)| Some(format!("{name}={}", text.as_ref()?.as_str())));
            given.collect::<Vec<_>>().join(" ")
        }
        Err(mistake) => format!("mistake: {mistake}"),
    }
}

fn base64(text: impl AsRef<[u8]>) -> String {
    Base64::encode_string(text.as_ref())
}

fn wrapped(base64: &str) -> String {
    base64.as_bytes().chunks(20).map(|line| str::from_utf8(line).unwrap()).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_token_is_found_in_each_usual_form() {
    let token = a_token();
    assert!(TokenForm::parse(&token).is_some());
    for form in [
        token.clone(),
        format!("\u{feff}  {token}\r\n"),
        format!("\"{token}\"\n"),
        format!("'{token}'"),
        format!("Bearer {token}"),
        format!("bearer \"{token}\"\r\n"),
        format!("\"Bearer {token}\""),
        format!("Authorization: Bearer {token}\r\n"),
        format!("X-API-Key: {token}"),
        format!("x-api-key:\t\"{token}\""),
        format!("export MY_TOKEN='{token}'"),
        base64(&token),
        wrapped(&base64(format!("{token}\n"))),
        base64(format!("Authorization: Bearer {token}")),
    ] {
        assert_eq!(described(form.as_bytes()), token, "{form}");
    }
    let utf16: Vec<u8> = format!("\u{feff}{token}\r\n").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(described(&utf16), token);
}

#[test]
fn fields_are_found_in_json_dotenv_and_kubernetes_files() {
    let (token, (api_key, secret)) = (a_token(), a_pair());
    let encoded = base64(&token);
    let yaml =
        |entries: &str| format!("apiVersion: v1\nkind: Secret\nmetadata:\n  name: x\n  labels:\n    a: b\n{entries}");
    for form in [
        format!("{{\"token\":\"{token}\",\"name\":\"x\",\"api_key\":null}}"),
        format!("# comment\nAPI_KEY_ID=\"x\"\nexport API_TOKEN=\"{token}\"\n"),
        format!("API_TOKEN={token}"),
        yaml(&format!("type: Opaque\nstringData:\n  api-key-id: \"x\"\n  token: \"{token}\"\n")),
        yaml(&format!("stringData:\n  token: {token}\ntype: Opaque\n")),
        yaml(&format!("stringData:\n    token: |\n      {token}\n")),
        format!(
            "apiVersion: v1\ndata:\n  api-key-id: eA==\n  token: {encoded}\nkind: Secret\nmetadata:\n  annotations:\n    a: |\n      {{\"token\":\"x\"}}\n"
        ),
        format!("{{\"kind\":\"Secret\",\"data\":{{\"api-key-id\":\"eA==\",\"token\":\"{encoded}\"}}}}"),
        format!("{{\"kind\":\"Secret\",\"stringData\":{{\"token\":\"{token}\"}}}}"),
    ] {
        assert_eq!(described(form.as_bytes()), format!("token={token}"), "{form}");
        assert_eq!(described(base64(&form).as_bytes()), format!("token={token}"), "{form} in base64");
    }
    let pair = format!("api_key={api_key} api_secret={secret}");
    for form in [
        format!("{{\"api_key\":\"{api_key}\",\"api_secret\":\"{secret}\"}}"),
        format!("API_KEY='{api_key}'\r\nAPI_SECRET=\"{secret}\"\r\n"),
        yaml(&format!("stringData:\n  api-key: \"{api_key}\"\n  api-secret: \"{secret}\"\n")),
        yaml(&format!("data:\n  api-key: {}\n  api-secret: {}\n", base64(&api_key), base64(&secret))),
    ] {
        assert_eq!(described(form.as_bytes()), pair, "{form}");
    }
    assert_eq!(described(yaml(&format!("stringData:\n  mine: {token}\n")).as_bytes()), token, "the only entry");
    let words = format!("{api_key} {secret}");
    for form in [
        format!("{api_key}\n{secret}\n"),
        format!("\"{api_key}\"\n\"{secret}\"\n"),
        format!("'{api_key}' '{secret}'"),
        format!("X-Key: {api_key}\r\nX-Secret: {secret}\r\n"),
        format!("Authorization: Basic {}", base64(format!("{api_key}:{secret}"))),
    ] {
        assert_eq!(described(form.as_bytes()), words, "{form}");
    }
    assert_eq!(described(format!("{api_key}: {secret}").as_bytes()), format!("{api_key}: {secret}"), "not a header");
    let bearer = text(&token::make_bearer(&TokenPrefix::default(), id(), &mut [7; 32]));
    assert!(BearerForm::parse(&bearer).is_some());
    assert_eq!(described(format!("{{\"access_token\":\"{bearer}\"}}").as_bytes()), format!("bearer={bearer}"));
}

#[test]
fn keys_are_recognized_before_anything_else() {
    let private = String::from_utf8(key_file("rsa2048.private.pkcs8.pem")).unwrap();
    let escaped = private.replace('\n', "\\n");
    for form in [
        private.clone(),
        format!("Dear Ann,\n{private}\nRegards"),
        base64(&private),
        wrapped(&base64(&private)),
        format!("API_PRIVATE_KEY=\"{escaped}\"\n"),
        format!("{{\"private_key\":\"{escaped}\"}}"),
        format!("kind: Secret\nstringData:\n  private-key: \"{escaped}\"\n"),
        format!("kind: Secret\ndata:\n  private-key: {}\n", base64(&private)),
        format!("kind: Secret\ndata:\n  private-key: {}\n", base64(key_file("rsa2048.private.pkcs8.der"))),
    ] {
        assert_eq!(described(form.as_bytes()), "private key", "{form}");
    }
    assert_eq!(described(&key_file("rsa2048.private.pkcs8.der")), "private key");
    for name in ["rsa2048.spki.pem", "rsa2048.spki.der", "rsa2048.ssh.pub"] {
        assert_eq!(described(&key_file(name)), "public key", "{name}");
    }
}

#[test]
fn the_token_of_another_system_is_not_changed() {
    for word in ["sk_live_4242+/=:x", "c2stbGl2ZS00Mg==", "AAAAAAAAAAAAAAAAAAAAAAAA", "a=b", "x\"y"] {
        assert_eq!(described(word.as_bytes()), word);
    }
}

#[test]
fn mistakes_are_described_without_the_secret() {
    let (token, (api_key, _)) = (a_token(), a_pair());
    for (form, mistake) in [
        (String::new(), "the input is empty"),
        (" \r\n".into(), "the input is empty"),
        (format!("API_KEY={api_key}\n\nAPI_KEY={api_key}x\n"), "lines 1 and 3 both set API_KEY; remove one of them"),
        (format!("{{\"token\":\"{token}\",\"a\":{{\"b\":1,\"b\":2}}}}"), "the field `b` is repeated"),
        ("{\"token\":1}".into(), INVALID_JSON),
        ("{".into(), INVALID_JSON),
        (
            format!("kind: Secret\nstringData:\n  token: {token}\n  token: {token}\n"),
            "the Kubernetes Secret has two entries `token`; remove one of them",
        ),
        (
            "kind: Secret\nstringData:\n  a: b\n  c: d\n".into(),
            "the Kubernetes Secret has no entry `token`, `api-key` or `api-secret`",
        ),
        (
            format!("kind: Secret\ndata:\n  token: {token}\n"),
            "the entry `token` of the Kubernetes Secret is not base64",
        ),
        ("Authorization: Basic ???".into(), "the Basic credentials are not a base64-encoded pair"),
    ] {
        assert_eq!(described(form.as_bytes()), format!("mistake: {mistake}"), "{form}");
    }
    let mut deep = token;
    for _ in 0..10 {
        deep = format!("\"{}\"", deep.replace('\\', "\\\\").replace('"', "\\\""));
    }
    assert!(described(deep.as_bytes()).contains("too many layers"));
}
