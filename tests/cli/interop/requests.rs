//! Tests of signed requests and exports with OpenSSL, curl and Python.

use super::{all_here, sh};
use crate::home::{Ended, Home};
use serde_json::json;

const PATH: &str = "/trade-api/v2/portfolio/balance";
const MESSAGE: &str = "1700000000000GET/trade-api/v2/portfolio/balance";

/// Builds a home with a private key from OpenSSL in the file `k`, whose public key is registered as `mine`. Returns the
/// home and the id of the key.
fn home(bits: u32) -> (Home, String) {
    let home = Home::kalshi();
    sh(
        &home,
        &format!(
            "umask 077; openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:{bits} -out k
             openssl pkey -in k -pubout > p"
        ),
    );
    home.write("message", MESSAGE);
    let id = home.run("create --name mine --public-key p --format id --now 2023-01-01").ok().out();
    (home, id.trim().to_owned())
}

/// Runs `verify-request` with a request that OpenSSL signs with the given options.
fn verdict(home: &Home, id: &str, options: &str) -> Ended {
    let signature = sh(home, &format!("openssl dgst -sha256 {options} -sign k message | openssl base64 -A")).out();
    let request =
        json!({ "key_id": id, "timestamp": "1700000000000", "method": "GET", "path": PATH, "signature": signature });
    let line = "verify-request --explain --no-record --format json --now 2023-11-14T22:13:20Z";
    home.run_with(line, request.to_string())
}

#[test]
fn openssl_signs_requests_that_verify() {
    if !all_here(&["openssl"]) {
        return;
    }
    for bits in [2048, 3072, 4096] {
        let (home, id) = home(bits);
        for options in [
            "-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32",
            "-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest",
            "-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:-1 -sigopt rsa_mgf1_md:sha256",
        ] {
            let verdict = verdict(&home, &id, options).ok().json();
            assert_eq!((&verdict["code"], &verdict["name"]), (&"valid".into(), &"mine".into()), "{options}");
        }
    }
}

#[test]
fn the_default_padding_of_openssl_is_refused_and_explained() {
    if !all_here(&["openssl"]) {
        return;
    }
    let (home, id) = home(2048);
    for (options, mistake, expected) in [
        ("-sigopt rsa_padding_mode:pss", "salt_length", "not 222"),
        ("-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:max", "salt_length", "not 222"),
        ("-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:20", "salt_length", "not 20"),
        ("-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:0", "salt_length", "not 0"),
        ("", "pkcs1_v15", "not PKCS#1 v1.5"),
    ] {
        let ended = verdict(&home, &id, options);
        assert_eq!(ended.code(), 1, "{options}");
        let verdict = ended.json();
        assert_eq!((&verdict["valid"], &verdict["code"]), (&false.into(), &"wrong_signature".into()));
        assert_eq!(verdict["explanation"]["mistake"], mistake, "{options}");
        let hint = verdict["explanation"]["hint"].as_str().unwrap();
        assert!(hint.contains(expected) && hint.contains("rsa_pss_saltlen:32"), "{hint}");
    }
    // Two mistakes are reported together.
    home.write("message", MESSAGE.replace("1700000000000", "1700000000"));
    let explained = verdict(&home, &id, "-sigopt rsa_padding_mode:pss").json()["explanation"].clone();
    assert_eq!(explained["mistake"], "salt_length");
    assert!(explained["hint"].as_str().unwrap().contains("milliseconds"), "{explained}");
    // Another mask generation function is not accepted, and is not one of the common mistakes that are explained.
    home.write("message", MESSAGE);
    let options = "-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 -sigopt rsa_mgf1_md:sha1";
    let other = verdict(&home, &id, options);
    assert_eq!((other.code(), &other.json()["explanation"]), (1, &serde_json::Value::Null));
}

#[test]
fn openssl_verifies_the_output_of_sign() {
    if !all_here(&["openssl"]) {
        return;
    }
    for bits in [2048, 4096] {
        let (home, id) = home(bits);
        let line = format!("sign --private-key k --key-id {id} --method GET --path {PATH} --timestamp 1700000000000");
        let signed = home.run(&format!("{line} --format json")).ok().json();
        home.write("signature.b64", signed["KALSHI-ACCESS-SIGNATURE"].as_str().unwrap());
        let pss = "-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 -sigopt rsa_mgf1_md:sha256";
        let verified = sh(
            &home,
            &format!(
                "openssl base64 -d -A -in signature.b64 -out signature
                 openssl dgst -sha256 {pss} -verify p -signature signature message"
            ),
        );
        assert_eq!(verified.out(), "Verified OK\n");
    }
}

#[test]
fn a_shell_runs_the_curl_command() {
    let home = Home::kalshi();
    home.run("generate --name ci --bits 2048 --out k").ok();
    let id = "264dbd8e-7c98-4f11-a859-33b5fe3aa8fd";
    let url = "https://api.example/a?b='c d'&e=$HOME";
    let arguments = ["sign", "--private-key", "k", "--key-id", id, "--method", "GET", "--format", "curl", "--path"];
    home.run_args(arguments.iter().chain([&url])).refused(2, "invalid_request");
    let url = url.replace(' ', "%20");
    let line = home.run_args(arguments.iter().chain([&url.as_str()])).ok().out();
    // Replace `curl` with a function that prints one argument per line.
    let printed = sh(&home, &format!("curl() {{ printf '%s\\n' \"$@\"; }}; {line}")).out();
    let printed: Vec<&str> = printed.lines().collect();
    assert_eq!((printed[..2].to_vec(), printed.last()), (vec!["-X", "GET"], Some(&url.as_str())));
    assert!(printed[3].starts_with("KALSHI-ACCESS-KEY: ") && printed[7].starts_with("KALSHI-ACCESS-SIGNATURE: "));
}

#[test]
fn openssl_reads_the_exported_bundle() {
    if !all_here(&["openssl"]) {
        return;
    }
    let (home, _) = home(2048);
    home.run("generate --name other --bits 3072 --out other.pem").ok();
    home.run("export --format pem --out bundle.pem --name mine").ok();
    let read = sh(&home, "openssl pkey -pubin -in bundle.pem -pubout");
    assert_eq!(read.out(), home.read("p"), "the line above the block does not matter");
    home.run("export --format pem --out bundle.pem").ok();
    // Split the bundle into one file per key, as a service would.
    let count = sh(
        &home,
        "awk '/^# /{n++} {print > (\"part\" n)}' bundle.pem
         for part in part*; do openssl pkey -pubin -in $part -noout; done; ls part* | wc -l",
    );
    assert_eq!(count.out().trim(), "2");
}

#[test]
fn python_reads_the_same_key_from_the_jwk_set() {
    if !all_here(&["openssl", "python3"]) {
        return;
    }
    let (home, _) = home(2048);
    home.run("export --out jwks.json").ok();
    // The script prints the modulus in the format of openssl, and the thumbprint as defined in RFC 7638.
    let script = "import json,base64,hashlib
key = json.load(open(\"jwks.json\"))[\"keys\"][0]
n = base64.urlsafe_b64decode(key[\"n\"] + \"==\")
text = json.dumps({m: key[m] for m in sorted([\"e\", \"kty\", \"n\"])}, separators=(\",\", \":\"))
kid = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b\"=\").decode()
print(n.hex().upper(), kid == key[\"kid\"])";
    home.write("read.py", script);
    let modulus = sh(&home, "openssl rsa -pubin -in p -noout -modulus 2>/dev/null").out();
    let expected = modulus.trim().strip_prefix("Modulus=").unwrap().to_owned();
    assert_eq!(sh(&home, "python3 read.py").out(), format!("{expected} True\n"));
}
