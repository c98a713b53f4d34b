//! Tests of keys with the npm package `web-bot-auth`, an implementation of HTTP Message Signatures for automated traffic
//! (draft-ietf-webbotauth-httpsig-protocol).

use super::{ForeignHome, Script};
use serde_json::json;

const SCRIPT: Script = Script { file: "web_bot_auth.mjs", text: include_str!("web_bot_auth.mjs") };

#[test]
fn the_exported_jwk_set_is_a_directory_for_web_bot_auth() {
    let Some(foreign) = ForeignHome::with_generated_keys() else { return };
    foreign.home.run("generate --name other --type ed25519 --out other.pem").ok();
    let signing = json!({ "scheme": "http-message-signatures", "components": ["@authority"], "tag": "web-bot-auth" });
    foreign.home.run_args(["policy", "set", "signing", &signing.to_string()]).ok();
    let keys = ["ed25519", "other"].map(|name| {
        let url = "https://shop.example/items?page=2";
        let line = format!("sign --private-key {name}.pem --method GET --path {url} --ttl 1min --format json");
        json!({
            "id": foreign.id(name),
            "url": url,
            "headers": foreign.home.run(&line).ok().json(),
            "private_key": foreign.home.read(&format!("{name}.pem")),
        })
    });
    // The directory also has the RSA key, which the library ignores.
    let directory = foreign.home.run("export --format jwks").ok().json();
    assert_eq!(directory["keys"].as_array().unwrap().len(), 3);
    // Requests that the library signs verify with the thumbprint and with the id of the key.
    let signed = foreign.run(&SCRIPT, &json!({ "directory": directory, "keys": keys }));
    assert_eq!(signed.as_array().unwrap().len(), 4);
    for request in signed.as_array().unwrap() {
        let mut copy = request.clone();
        copy["url"] = "https://other.example/items?page=2".into();
        assert_eq!(foreign.verdict(&copy), "wrong_signature", "{request}");
        assert_eq!(foreign.verdict(request), "valid", "{request}");
        assert_eq!(foreign.verdict(request), "replayed", "{request}");
    }
}
