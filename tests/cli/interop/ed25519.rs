//! Tests of Ed25519 keys with OpenSSL, OpenSSH, Node.js and Python.

use super::{all_here, fingerprint, sh, sha256};
use crate::{home::Home, tools::have_python};

#[test]
fn openssl_reads_the_keys_and_both_verify_the_signatures_of_the_other() {
    if !all_here(&["openssl"]) {
        return;
    }
    let home = Home::kalshi();
    home.run("generate --name ours --type ed25519 --out ours.pem --public-out ours.pub").ok();
    let spki = sh(&home, "openssl pkey -in ours.pem -pubout -outform DER").0.stdout;
    assert_eq!(fingerprint(&home, "ours"), sha256(&spki));
    // Both files of the key pair are byte for byte as OpenSSL writes them.
    assert_eq!(sh(&home, "openssl pkey -in ours.pem").out(), home.read("ours.pem"));
    assert_eq!(sh(&home, "openssl pkey -in ours.pem -pubout").out(), home.read("ours.pub"));

    let id = home.run("show ours --format id").ok().out();
    let sign =
        format!("sign --private-key ours.pem --key-id {} --timestamp 1700000000000 --method GET --path /a", id.trim());
    let signed = home.run(&format!("{sign} --format json")).ok().json();
    home.write("signature", signed["KALSHI-ACCESS-SIGNATURE"].as_str().unwrap());
    home.write("message", "1700000000000GET/a");
    sh(
        &home,
        "base64 -d signature > raw
         openssl pkeyutl -verify -pubin -inkey ours.pub -rawin -in message -sigfile raw",
    );

    sh(
        &home,
        "openssl genpkey -algorithm ed25519 -out theirs.pem
         openssl pkey -in theirs.pem -pubout -out theirs.pub
         openssl req -x509 -new -key theirs.pem -subj /CN=theirs -days 1 -out theirs.crt",
    );
    home.run("create --name theirs --public-key theirs.pub").ok();
    home.run("create --name again --public-key theirs.crt").refused(2, "certificate_given");
    home.run("create --name again --public-key theirs.crt --from-cert").refused(4, "key_registered");
    let id = home.run("show theirs --format id").ok().out();
    let signature = sh(
        &home,
        "printf '%sGET/a' \"$(($(date +%s) * 1000))\" > message; cut -c 1-13 message
         openssl pkeyutl -sign -inkey theirs.pem -rawin -in message | base64 -w 0",
    );
    let (timestamp, signature) = signature.out().split_once('\n').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let request = serde_json::json!({
        "method": "GET", "path": "/a", "KALSHI-ACCESS-KEY": id.trim(),
        "KALSHI-ACCESS-TIMESTAMP": timestamp, "KALSHI-ACCESS-SIGNATURE": signature,
    });
    let verdict = |request: &serde_json::Value| {
        home.run_with("verify-request --format json", request.to_string()).json()["code"].clone()
    };
    let mut other = request.clone();
    other["path"] = "/b".into();
    assert_eq!(
        (verdict(&other), verdict(&request), verdict(&request)),
        ("wrong_signature".into(), "valid".into(), "replayed".into())
    );
    assert_eq!(home.run("show - --format id").code(), 2);
    let found = home.run_with("show - --format id", home.read("theirs.pem")).ok();
    assert_eq!(found.out(), id);
}

#[test]
fn openssh_reads_and_writes_the_same_keys() {
    if !all_here(&["ssh-keygen", "openssl"]) {
        return;
    }
    let home = Home::new();
    sh(&home, "ssh-keygen -q -t ed25519 -N '' -C 'someone@host' -f id; ssh-keygen -e -f id > id.rfc4716");
    home.run("create --name theirs --public-key id.pub").ok();
    home.run("create --name again --public-key id.rfc4716").refused(4, "key_registered");
    home.run("create --name wrong --public-key id").refused(2, "private_key_given");
    // The last 32 bytes of both encodings are the point.
    let blob = sh(&home, "cut -d ' ' -f 2 id.pub | base64 -d | tail -c 32 | od -An -tx1").out();
    home.write("public.pem", home.run("show theirs --format json").ok().json()["public_key"].as_str().unwrap());
    let point = sh(&home, "openssl pkey -pubin -in public.pem -outform DER | tail -c 32 | od -An -tx1").out();
    assert_eq!(blob, point);
}

#[test]
fn node_reads_the_keys() {
    if !all_here(&["node"]) {
        return;
    }
    let home = Home::new();
    home.run("generate --name ours --type ed25519 --out ours.pem").ok();
    home.write("keys.json", home.run("export --format jwks").ok().out());
    home.write(
        "check.js",
        "const { createPrivateKey, createPublicKey, sign, verify } = require('node:crypto');
         const { readFileSync } = require('node:fs');
         const [jwk] = JSON.parse(readFileSync('keys.json')).keys;
         const key = createPublicKey({ key: jwk, format: 'jwk' });
         const signature = sign(null, 'message', createPrivateKey(readFileSync('ours.pem')));
         console.log(key.asymmetricKeyType, verify(null, 'message', key, signature));",
    );
    assert_eq!(sh(&home, "node check.js").out(), "ed25519 true\n");
}

#[test]
fn python_reads_and_writes_the_same_keys() {
    if !have_python("cryptography, jwt") {
        return;
    }
    let home = Home::new();
    home.run("generate --name ours --type ed25519 --out ours.pem --public-out ours.pub").ok();
    home.write("keys.json", home.run("export --format jwks").ok().out());
    home.write(
        "check.py",
        "import json, jwt
from cryptography.hazmat.primitives import serialization as s
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
ours = s.load_pem_private_key(open('ours.pem', 'rb').read(), None)
s.load_pem_public_key(open('ours.pub', 'rb').read()).verify(ours.sign(b'message'), b'message')
jwk = json.load(open('keys.json'))['keys'][0]
token = jwt.encode({'iss': 'us'}, ours, algorithm='EdDSA')
print(jwt.decode(token, jwt.PyJWK(jwk).key, algorithms=[jwk['alg']])['iss'])
theirs = Ed25519PrivateKey.generate()
pem = theirs.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption())
open('theirs.pub', 'wb').write(theirs.public_key().public_bytes(s.Encoding.PEM, s.PublicFormat.SubjectPublicKeyInfo))
open('theirs.pem', 'wb').write(pem)
",
    );
    assert_eq!(sh(&home, "python3 check.py").out(), "us\n");
    home.run("create --name theirs --public-key theirs.pub").ok();
    let found = home.run_with("show - --format id", home.read("theirs.pem")).ok();
    assert_eq!(found.out(), home.run("show theirs --format id").ok().out());
}
