//! Tests of the forms in which an assertion is presented.

use super::*;

const TYPE: &str = "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";

#[test]
fn an_assertion_is_found_in_every_form() {
    let text = Draft::ed25519().text();
    let client = id(1);
    for (input, named) in [
        (text.clone(), false),
        (format!("\u{feff}{text}\r\n"), false),
        (format!("\"{text}\"\n"), false),
        (format!("{{\"client_assertion\":\"{text}\"}}"), false),
        (
            format!("{{\"grant_type\":1,\"client_id\":\"{client}\",\"client_assertion\":\"{text}\",\"token\":null}}"),
            true,
        ),
        (format!("client_assertion={text}"), false),
        (format!("grant_type=client_credentials&client_assertion_type={TYPE}&client_assertion={text}\n"), false),
        (format!("client_assertion={text}&client_id={client}&scope=a+b"), true),
        (format!("CLIENT_ASSERTION={text}\n"), false),
        (format!("# for the API\nexport CLIENT_ASSERTION='{text}'\nCLIENT_ID={client}\nOTHER=1\n"), true),
    ] {
        let found = PresentedAssertion::read(input.as_bytes()).expect(&input).expect(&input);
        assert_eq!(found.text.as_str(), text, "{input}");
        assert_eq!(found.client.as_deref(), named.then_some(client.as_str()), "{input}");
    }
    for bare in ["a.b.c", "eyJhbGciOiJub25lIn0.e30.", "eyJ.\n.x", "...."] {
        assert_eq!(PresentedAssertion::read(bare.as_bytes()).unwrap().unwrap().text.as_str(), bare, "judged as one");
    }
}

#[test]
fn other_input_is_no_assertion() {
    let pair = base64url(r#"{"api_key":"kw_test_x","api_secret":"y"}"#);
    for input in [
        "",
        "kw_test_x y",
        "ak.1:s.e.c",
        "sk_live_42.x",
        "{\"token\":\"a.b.c\"}",
        "{\"client_assertion\":null}",
        "{\"client_assertion\":",
        "API_KEY=a\nAPI_SECRET=b.c.d\n",
        &pair,
    ] {
        assert!(PresentedAssertion::read(input.as_bytes()).is_none(), "{input}");
    }
    assert!(PresentedAssertion::read(b"eyJ.\xff.x").is_none());
}

#[test]
fn a_malformed_request_is_refused_without_repeating_the_assertion() {
    let text = Draft::ed25519().text();
    for (input, expected) in [
        (format!("{{\"client_assertion\":\"{text}\",\"api_secret\":\"x\"}}"), "another secret"),
        (format!("{{\"client_assertion\":\"{text}\",\"client_secret\":\"x\"}}"), "another secret"),
        (format!("CLIENT_ASSERTION={text}\nAPI_TOKEN=x\n"), "another secret"),
        (format!("CLIENT_ASSERTION={text}\nAPI_SECRET=x\n"), "another secret"),
        (format!("{{\"client_assertion\":\"{text}\",\"client_id\":1}}"), "`client_id` is not a string"),
        ("{\"client_assertion\":[]}".to_owned(), "`client_assertion` is not a string"),
        (format!("client_assertion={text}&client_assertion={text}"), "repeated"),
        (format!("CLIENT_ASSERTION={text}\nCLIENT_ASSERTION={text}\n"), "two lines"),
        (format!("CLIENT_ASSERTION={text}\nSCOPE=read\nSCOPE=write\n"), "`scope` is repeated"),
        (format!("client_assertion={text}&client_assertion_type=urn%3Ax"), "client_assertion_type"),
        (format!("client_assertion={text}&x=%4"), "percent-encoded"),
        (format!("client_assertion={text}&x=%ff"), "percent-encoded"),
        (format!("client_assertion={text}&x=%+1"), "percent-encoded"),
    ] {
        let mistake = PresentedAssertion::read(input.as_bytes()).expect(&input).err().expect(&input);
        assert!(mistake.contains(expected), "{input}: {mistake}");
        assert!(!mistake.contains(&text[..20]), "{mistake}");
    }
}
