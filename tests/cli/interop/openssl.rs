//! Tests with OpenSSL. OpenSSL reads the private keys of keywright, and keywright reads the public keys and signatures
//! of OpenSSL.

use super::{all_here, fingerprint, sh, sha256};
use crate::home::Home;

#[test]
fn openssl_reads_every_private_key() {
    if !all_here(&["openssl"]) {
        return;
    }
    let home = Home::new();
    home.write("message", "1700000000000GET/trade-api/v2/portfolio/balance");
    for bits in [2048, 3072, 4096] {
        for pem in ["pkcs8", "pkcs1"] {
            let name = format!("{pem}-{bits}");
            let line = format!("generate --name {name} --bits {bits} --pem {pem} --out {name} --public-out {name}.pub");
            let made = home.run(&line).ok();
            let checked = sh(&home, &format!("openssl pkey -in {name} -check -noout -text"));
            assert!(checked.out().contains("Key is valid"), "{}", checked.out());
            assert!(checked.out().contains(&format!("({bits} bit")), "{}", checked.out());
            assert!(checked.out().contains("publicExponent: 65537"), "{}", checked.out());

            let spki = sh(&home, &format!("openssl pkey -in {name} -pubout -outform DER")).0.stdout;
            assert_eq!(fingerprint(&home, &name), sha256(&spki));
            assert!(made.err().contains(&sha256(&spki)), "{}", made.err());
            let public = sh(&home, &format!("openssl pkey -pubin -in {name}.pub -pubout -outform DER"));
            assert_eq!(public.0.stdout, spki);
            // Both files of the key pair are byte for byte as OpenSSL writes them.
            let rewritten = sh(&home, &format!("openssl pkey -in {name} -pubout"));
            assert_eq!(rewritten.out(), home.read(&format!("{name}.pub")));
            let traditional = if pem == "pkcs1" { "-traditional" } else { "" };
            let rewritten = sh(&home, &format!("openssl pkey -in {name} {traditional}"));
            assert_eq!(rewritten.out(), home.read(&name));

            sh(
                &home,
                &format!(
                    "pss='-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 -sigopt rsa_mgf1_md:sha256'
                     openssl dgst -sha256 $pss -sign {name} -out signature message
                     openssl dgst -sha256 $pss -verify {name}.pub -signature signature message"
                ),
            );
        }
    }
}

#[test]
fn openssl_reads_a_private_key_from_a_pipe() {
    if !all_here(&["openssl"]) {
        return;
    }
    let home = Home::new();
    let line = "generate --name a --bits 2048 -- openssl pkey -pubout -out taken.pem";
    home.run(line).ok();
    let der = sh(&home, "openssl pkey -pubin -in taken.pem -outform DER").0.stdout;
    assert_eq!(fingerprint(&home, "a"), sha256(&der));
    // OpenSSL extracts the same public key as the record of the key contains.
    let record = home.run("show a --format json").ok().json();
    assert_eq!(record["public_key"].as_str().unwrap(), home.read("taken.pem"));
}

#[test]
fn public_keys_of_openssl_are_accepted() {
    if !all_here(&["openssl"]) {
        return;
    }
    for bits in [2048, 3072] {
        let forms = [
            "openssl pkey -in k -pubout > p",
            "openssl pkey -in k -pubout -outform DER > p",
            "openssl rsa -in k -RSAPublicKey_out > p 2>/dev/null",
            "openssl rsa -in k -RSAPublicKey_out -outform DER > p 2>/dev/null",
            "openssl pkey -in k -pubout | sed 's/$/\\r/' > p",
            "{ openssl pkey -in k -noout -text_pub; openssl pkey -in k -pubout; echo; echo; } > p",
            "openssl pkey -in k -pubout | sed 's/^/    /' > p",
        ];
        let made = Home::new();
        sh(&made, &format!("openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:{bits} -out k"));
        let key = made.read("k");
        for form in forms {
            let home = Home::new();
            home.write("k", &key);
            sh(&home, form);
            home.run("create --name a --public-key p").ok();
            let spki = sh(&home, "openssl pkey -in k -pubout -outform DER").0.stdout;
            assert_eq!(fingerprint(&home, "a"), sha256(&spki), "{form}");
            home.run_with("create --name b --public-key -", std::fs::read(home.file("p")).unwrap())
                .refused(4, "key_registered");
            // The holder's private key proves that the key is theirs.
            assert_eq!(home.run_with("show - --format json", &key).ok().json()["name"], "a");
        }
    }
}

#[test]
fn pss_only_keys_of_openssl_are_accepted() {
    if !all_here(&["openssl"]) {
        return;
    }
    for options in [
        "",
        "-pkeyopt rsa_pss_keygen_md:sha256 -pkeyopt rsa_pss_keygen_mgf1_md:sha256 -pkeyopt rsa_pss_keygen_saltlen:32",
    ] {
        let home = Home::new();
        sh(
            &home,
            &format!(
                "openssl genpkey -quiet -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 {options} -out k
                 openssl pkey -in k -pubout > p"
            ),
        );
        home.run("create --name a --public-key p").ok();
        // The fingerprint is that of the SPKI in the record of the key.
        let record = home.run("show a --format json").ok().json();
        home.write("record.pem", record["public_key"].as_str().unwrap());
        let plain = sh(&home, "openssl pkey -pubin -in record.pem -outform DER").0.stdout;
        assert_eq!(record["fingerprint"], sha256(&plain));
        let modulus = |file: &str| {
            let text = sh(&home, &format!("openssl pkey -pubin -in {file} -noout -text")).out();
            let (_, digits) = text.split_once("odulus:").unwrap();
            digits.split("xponent").next().unwrap().replace([' ', '\n'], "")
        };
        assert_eq!(modulus("record.pem"), modulus("p"));
        // Without parameters, the key may also sign with SHA-512 (RFC 4055, section 3.3).
        let sign = "sign --private-key k --method GET --path https://x/ --format json --scheme";
        let scheme = format!("{sign} http-message-signatures");
        if options.is_empty() {
            let added = home.run(&scheme).ok().json();
            let request = serde_json::json!({ "method": "GET", "url": "https://x/", "headers": added });
            home.run_with("verify-request", request.to_string()).ok();
        } else {
            let refused = home.run(&scheme).refused(2, "invalid_secret");
            assert!(refused.err().contains("restricted"), "{}", refused.err());
            sh(&home, "openssl rsa -in k -traditional -out plain 2>&1; chmod 600 plain");
            let added = home.run(&scheme.replace("-key k", "-key plain")).ok().json();
            let request = serde_json::json!({ "method": "GET", "url": "https://x/", "headers": added });
            let verdict = home.run_with("verify-request --format json", request.to_string()).json();
            assert_eq!(verdict["code"], "wrong_algorithm");
        }
        home.run(&format!("{sign} kalshi --key-id any")).ok();
    }
    let home = Home::new();
    sh(
        &home,
        "openssl genpkey -quiet -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_pss_keygen_md:sha512 -out k
         openssl pkey -in k -pubout > p",
    );
    home.run("create --name a --public-key p").refused(2, "unsupported_parameters");
}

#[test]
fn unsupported_keys_of_openssl_are_refused() {
    if !all_here(&["openssl"]) {
        return;
    }
    let home = Home::new();
    sh(
        &home,
        "openssl genpkey -quiet -algorithm ED25519 -out ed; openssl pkey -in ed -pubout > ed.pub
         openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec; openssl pkey -in ec -pubout > ec.pub
         openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out small; openssl pkey -in small -pubout > small.pub
         openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out k
         openssl pkey -in k -aes256 -passout pass:x > locked
         openssl pkey -in k -outform DER > k.der
         openssl pkey -in k -traditional > k.pkcs1
         openssl req -x509 -new -key k -subj /CN=x -days 1 -out crt
         openssl pkcs12 -export -inkey k -in crt -passout pass:x -out p12
         cat k crt > both",
    );
    for (file, code) in [
        ("ec.pub", "unsupported_algorithm"),
        ("small.pub", "key_too_small"),
        ("k", "private_key_given"),
        ("locked", "private_key_given"),
        ("k.der", "private_key_given"),
        ("k.pkcs1", "private_key_given"),
        ("p12", "private_key_given"),
        ("both", "private_key_given"),
        ("ed", "private_key_given"),
        ("crt", "certificate_given"),
    ] {
        home.run(&format!("create --name a --public-key {file}")).refused(2, code);
    }
    assert!(!home.keyring().exists());
    home.run("create --name a --public-key crt --from-cert").ok();
    let spki = sh(&home, "openssl x509 -in crt -noout -pubkey | openssl pkey -pubin -outform DER");
    assert_eq!(fingerprint(&home, "a"), sha256(&spki.0.stdout));
}
