//! Tests of assertions with `PyJWT` and with the crate `jsonwebtoken`.

use super::sh;
use crate::{
    exchange::assertion::{AUDIENCE, now, refused, signed_by, with_key_pairs},
    home::Home,
    tools::have_python,
};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use keywright::keypair::JwkAlgorithm;
use serde_json::{Value, json};

/// The keys of the home, each with its algorithms.
const SIGNED: [(&str, JwkAlgorithm, &str); 3] = [
    ("ed25519", JwkAlgorithm::EdDsa, "EdDSA"),
    ("rsa", JwkAlgorithm::Ps256, "PS256"),
    ("rsa", JwkAlgorithm::Rs256, "RS256"),
];

fn id(home: &Home, name: &str) -> String {
    home.run(&format!("show {name} --format id")).ok().out().trim().to_owned()
}

/// Returns the `kid` of a key in an exported JWK set.
fn kid(home: &Home, name: &str) -> String {
    let set = home.run(&format!("export --name {name} --format jwks")).ok().json();
    set["keys"][0]["kid"].as_str().unwrap().to_owned()
}

#[test]
fn pyjwt_verifies_the_assertions_and_signs_others() {
    if !have_python("cryptography, jwt") {
        return;
    }
    let home = with_key_pairs();
    for (name, algorithm, word) in SIGNED {
        home.write(
            "public.pem",
            home.run(&format!("show {name} --format json")).ok().json()["public_key"].as_str().unwrap(),
        );
        home.write("ours.jwt", signed_by(&home, name, algorithm));
        let (id, kid) = (id(&home, name), kid(&home, name));
        home.write(
            "check.py",
            format!(
                "import jwt, time, uuid
options = {{'require': ['exp', 'iat', 'iss', 'sub', 'aud', 'jti']}}
token, public = open('ours.jwt').read(), open('public.pem').read()
claims = jwt.decode(token, public, algorithms=['{word}'], audience='{AUDIENCE}', issuer='{id}', options=options)
assert claims['sub'] == '{id}' and jwt.get_unverified_header(token)['kid'] == '{kid}', claims
now = int(time.time())
theirs = dict(iss='{id}', sub='{id}', aud='{AUDIENCE}', iat=now, exp=now + 60, jti=str(uuid.uuid4()))
print(jwt.encode(theirs, open('{name}.pem').read(), algorithm='{word}'))
"
            ),
        );
        let theirs = sh(&home, "python3 check.py").out();
        let answer = home.run_with("exchange --quiet", &theirs).ok().json();
        assert!(answer["access_token"].is_string(), "{word}");
        assert_eq!(refused(&home, theirs.trim(), ""), "replayed", "{word}");
    }
}

#[test]
fn jsonwebtoken_verifies_the_assertions_and_signs_others() {
    let home = with_key_pairs();
    for (name, algorithm, word) in SIGNED {
        let public = home.run(&format!("show {name} --format json")).ok().json()["public_key"].clone();
        let (public, private) = (public.as_str().unwrap().as_bytes(), home.read(&format!("{name}.pem")));
        let keys = match name {
            "rsa" => (DecodingKey::from_rsa_pem(public), EncodingKey::from_rsa_pem(private.as_bytes())),
            _ => (DecodingKey::from_ed_pem(public), EncodingKey::from_ed_pem(private.as_bytes())),
        };
        let (verifying, signing) = (keys.0.unwrap(), keys.1.unwrap());
        let theirs: Algorithm = word.parse().unwrap();
        let id = id(&home, name);

        let ours = signed_by(&home, name, algorithm);
        let mut validation = Validation::new(theirs);
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[&id]);
        validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        let decoded = jsonwebtoken::decode::<Value>(&ours, &verifying, &validation).unwrap();
        assert_eq!(
            (decoded.header.kid.as_ref(), &decoded.claims["sub"]),
            (Some(&kid(&home, name)), &json!(id)),
            "{word}"
        );

        let claims = json!({
            "iss": id, "sub": id, "aud": AUDIENCE, "iat": now(), "exp": now() + 60, "jti": format!("theirs-{word}"),
        });
        let header = Header { kid: Some(id), ..Header::new(theirs) };
        let text = jsonwebtoken::encode(&header, &claims, &signing).unwrap();
        let answer = home.run_with("exchange --quiet", &text).ok().json();
        assert!(answer["access_token"].is_string(), "{word}");
        assert_eq!(refused(&home, &text, ""), "replayed", "{word}");
    }
}
