//! Tests of requests (RFC 9421) with the npm package `http-message-signatures` and the Python package of the same name.

use super::{ForeignHome, Script};
use serde_json::{Value, json};

const SCRIPTS: [Script; 2] = [
    Script { file: "requests.mjs", text: include_str!("requests.mjs") },
    Script { file: "requests.py", text: include_str!("requests.py") },
];

/// The keys of the home, each with its algorithm.
const KEYS: [(&str, &str); 2] = [("ed25519", "ed25519"), ("rsa", "rsa-pss-sha512")];

/// Returns a request with a query and a request with a body, neither of them signed.
fn unsigned() -> [Value; 2] {
    [
        json!({ "method": "GET", "url": "https://api.example.com/orders?limit=10&cursor=a%2Bb%3D" }),
        json!({
            "method": "POST",
            "url": "https://api.example.com:8443/a%20b/orders?limit=10",
            "body": "{\"price\":\"0.42\",\"note\":\"ä\"}\n",
        }),
    ]
}

/// Returns the members of both objects.
fn joined(one: &Value, other: &Value) -> Value {
    let (one, other) = (one.as_object().unwrap(), other.as_object().unwrap());
    one.iter().chain(other).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Returns copies of a signed request that differ in one place, each with the verdict code of `verify-request`.
fn changed(request: &Value) -> Vec<(Value, &'static str)> {
    let method = request["method"].as_str().unwrap();
    let mut places = vec![
        ("/method", method, if method == "GET" { "HEAD" } else { "PUT" }, "wrong_signature"),
        ("/url", "api.", "api2.", "wrong_signature"),
        ("/url", "orders", "order", "wrong_signature"),
        ("/url", "limit=10", "limit=11", "wrong_signature"),
        ("/headers/Signature-Input", "nonce=\"", "nonce=\"0", "wrong_signature"),
    ];
    if request.get("body").is_some() {
        places.push(("/body", "0.42", "0.43", "wrong_digest"));
        places.push(("/headers/Content-Digest", "sha-256=:", "sha-512=:", "wrong_digest"));
    }
    let change = |(place, old, new, code): (&str, &str, &str, _)| {
        let mut copy = request.clone();
        let value = copy.pointer_mut(place).unwrap();
        let text = value.as_str().unwrap().replacen(old, new, 1);
        assert_ne!(*value, text, "{place}");
        *value = text.into();
        (copy, code)
    };
    places.into_iter().map(change).collect()
}

#[test]
fn keywright_verifies_the_requests_that_libraries_sign() {
    let Some(foreign) = ForeignHome::with_generated_keys() else { return };
    for script in SCRIPTS {
        for (key, alg) in KEYS {
            let id = foreign.id(key);
            let with = json!({ "alg": alg, "keyid": id, "private_key": foreign.home.read(&format!("{key}.pem")) });
            let requests: Vec<_> = unsigned().iter().map(|request| joined(request, &with)).collect();
            let signed = foreign.run(&script, &json!({ "action": "sign", "requests": requests }));
            for request in signed.as_array().unwrap() {
                let about = format!("{}: {request}", script.file);
                for (copy, code) in changed(request) {
                    assert_eq!(foreign.verdict(&copy), code, "{about}: {copy}");
                }
                assert_eq!(foreign.verdict(request), "valid", "{about}");
                assert_eq!(foreign.verdict(request), "replayed", "{about}");
            }
        }
    }
}

#[test]
fn libraries_verify_the_requests_that_keywright_signs() {
    let Some(foreign) = ForeignHome::with_generated_keys() else { return };
    let (mut requests, mut expected) = (Vec::new(), Vec::new());
    for (key, alg) in KEYS {
        let id = foreign.id(key);
        let with = json!({ "alg": alg, "keyid": id, "public_key": foreign.public_key(key) });
        for request in unsigned() {
            let text = |member: &str| request[member].as_str().unwrap_or_default();
            let mut line =
                format!("sign --private-key {key}.pem --key-id {id} --format json --method {}", text("method"));
            if request.get("body").is_some() {
                foreign.home.write("body", text("body"));
                line += " --body body";
            }
            let headers = foreign.home.run(&format!("{line} --path {}", text("url"))).ok().json();
            let signed = joined(&request, &json!({ "headers": headers }));
            let copies = changed(&signed);
            expected.push(true);
            expected.extend(copies.iter().map(|_| false));
            let all = [signed].into_iter().chain(copies.into_iter().map(|(copy, _)| copy));
            requests.extend(all.map(|request| joined(&request, &with)));
        }
    }
    for script in SCRIPTS {
        let answers = foreign.run(&script, &json!({ "action": "verify", "requests": requests }));
        for ((request, answer), expected) in requests.iter().zip(answers.as_array().unwrap()).zip(&expected) {
            assert_eq!(answer, expected, "{}: {request}", script.file);
        }
        assert_eq!(answers.as_array().unwrap().len(), expected.len());
    }
}
