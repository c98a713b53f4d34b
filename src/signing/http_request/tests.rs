//! Tests of parsing requests.

use super::*;

const HEAD: &str = "GET /trade-api/v2/markets?limit=5 HTTP/1.1\r\nHost: api.x.com\r\nkalshi-access-key:  an-id \r\n\
    Kalshi-Access-Timestamp: 1703123456789\r\nKALSHI-ACCESS-SIGNATURE:\tc2ln\r\n\r\nthe body";

fn field<'a>(request: &'a HttpRequest, name: &str) -> &'a str {
    request.field_values(name).next().unwrap()
}

#[test]
fn a_head_is_parsed_in_any_case_and_with_any_line_ends() {
    for head in [HEAD.to_owned(), HEAD.replace("\r\n", "\n"), HEAD.to_owned().to_uppercase().replace("AN-ID", "an-id")]
    {
        let read = HttpRequest::read(head.as_bytes()).unwrap();
        assert_eq!((field(&read, "kalshi-access-key"), &*read.method), ("an-id", "GET"));
        assert_eq!(field(&read, "kalshi-access-timestamp"), "1703123456789");
        assert!(read.path.eq_ignore_ascii_case("/trade-api/v2/markets"), "{}", read.path);
        assert!(read.query.eq_ignore_ascii_case("?limit=5"));
        assert!(read.body.as_deref().unwrap().eq_ignore_ascii_case(b"the body"));
        assert!(read.authority().unwrap().eq_ignore_ascii_case("api.x.com"));
    }
    let bare = HEAD.split("\r\n\r\n").next().unwrap();
    let bare = HttpRequest::read(bare.as_bytes()).unwrap();
    assert_eq!(field(&bare, "kalshi-access-signature"), "c2ln", "cut off after the last header");
    let absolute = HEAD.replace(" /trade", " http://other/trade").replace("api.x.com", "OTHER:80");
    let read = HttpRequest::read(absolute.as_bytes()).unwrap();
    assert_eq!(
        (read.path.as_str(), read.origin.as_deref(), read.authority()),
        ("/trade-api/v2/markets", Some("http://other"), Some("other"))
    );
    let star = HEAD.replace("GET /trade-api/v2/markets?limit=5", "OPTIONS *");
    assert_eq!(HttpRequest::read(star.as_bytes()).unwrap().path, "*", "refused later");
}

#[test]
fn a_long_body_is_kept_and_a_long_head_is_refused() {
    let read = |body: usize| HttpRequest::read(format!("{HEAD}{}", "b".repeat(body)).as_bytes()).unwrap();
    assert_eq!(read(200_000).body.unwrap().len(), 200_008);
    let long = "x".repeat(LONGEST_HEAD);
    let json = format!(r#"{{"key_id":"a","timestamp":"1","method":"GET","path":"/","signature":"b","more":"{long}"}}"#);
    for text in [HEAD.replace("api.x.com", &long), HEAD.replace("limit", &long)] {
        assert!(HttpRequest::read(text.as_bytes()).is_err_and(|mistake| mistake == TOO_LONG));
    }
    assert!(HttpRequest::read(json.as_bytes()).is_err_and(|mistake| mistake == TOO_LONG));
}

#[test]
fn json_has_a_target_headers_a_body_and_other_members() {
    let text = r#"{"method":"POST","url":"https://x:8443/a?b=c","headers":{"Host":" y ","X":["1",2],"Z":null},
        "body_base64":"aGk=","key_id":"an-id","timestamp":17,"more":{}}"#;
    let read = HttpRequest::read(text.as_bytes()).unwrap();
    let owned = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let expected = HttpRequest {
        method: "POST".to_owned(),
        origin: Some("https://x:8443".to_owned()),
        path: "/a".to_owned(),
        query: "?b=c".to_owned(),
        fields: owned(&[("host", "y"), ("x", "1"), ("x", "2")]),
        body: Some(b"hi".to_vec()),
        has_unread_body: false,
        members: owned(&[("key_id", "an-id"), ("timestamp", "17")]),
    };
    assert_eq!((&read, read.authority()), (&expected, Some("x:8443")));
    let path = HttpRequest::read(br#"{"method":"GET","path":"/a?b","body":{}}"#).unwrap();
    assert_eq!((path.path.as_str(), path.query.as_str(), path.body), ("/a?b", "", None));
    assert!(path.has_unread_body);
}

#[test]
fn a_repeated_field_is_refused_at_any_depth_and_named() {
    let json =
        r#"{"key_id":"an-id","timestamp":"1","method":"GET","path":"/a","signature":"c2ln","headers":{},"x":[{}]}"#;
    assert!(HttpRequest::read(json.as_bytes()).is_ok());
    for (once, twice, name) in [
        (r#""path":"/a""#, r#""path":"/a","path":"/b""#, "path"),
        (r#""headers":{}"#, r#""headers":{"Host":"a","Host":"b"}"#, "Host"),
        (r#""x":[{}]"#, r#""x":[{"y":1,"y":1}]"#, "y"),
    ] {
        let mistake = HttpRequest::read(json.replace(once, twice).as_bytes()).unwrap_err();
        assert_eq!(mistake, format!("the field `{name}` is repeated"));
    }
}

#[test]
fn anything_but_a_request_is_a_mistake() {
    let json = r#"{"key_id":"an-id","timestamp":"1","method":"GET","path":"/a","signature":"c2ln"}"#;
    for text in [
        "",
        " \n",
        "hello",
        "{",
        "{}",
        "[]",
        "{\"a\":1} x",
        &json.replace("\"GET\"", "7"),
        &json.replace("\"GET\"", "null"),
        &json.replace("\"path\"", "\"target\""),
        &json.replace('}', ",\"url\":\"https://x\"}"),
        &json.replace('}', ",\"headers\":[]}"),
        &json.replace('}', ",\"headers\":{\"a\":{}}}"),
        &json.replace('}', ",\"headers\":{\" host\":\"x\"}}"),
        &json.replace('}', ",\"headers\":{\"host\\r\\n\":\"x\"}}"),
        &json.replace('}', ",\"headers\":{\"a\":[[]]}}"),
        &json.replace('}', ",\"body\":\"\",\"body_base64\":\"\"}"),
        &json.replace('}', ",\"body\":{},\"body_base64\":\"\"}"),
        &json.replace('}', ",\"body_base64\":[1],\"body\":\"\"}"),
        &json.replace('}', ",\"body_base64\":\"*\"}"),
        "GET /a\r\n\r\n",
        "GET /a b HTTP/1.1\r\n\r\n",
        &HEAD.replace("Host:", "Host"),
        &HEAD.replace("Host:", " Host:"),
        &HEAD.replace("Host:", "Ho st:"),
        &HEAD.replace("Host:", ":"),
        &HEAD.replace("api.x.com", "api.x.com\rHost: other"),
        &HEAD.replace("api.x.com", "api.x.com\0"),
        &HEAD.replace("HTTP/1.1", "HTTP/1.1\rX"),
        &HEAD.replace(" /trade", " http://other/trade"),
        &HEAD.replace(" /trade", " http://api.x.com:8080/trade"),
    ] {
        assert!(HttpRequest::read(text.as_bytes()).is_err(), "{text:?}");
    }
    assert!(HttpRequest::read(&HEAD.as_bytes().iter().map(|b| b | 0x80).collect::<Vec<_>>()).is_err());
    let mut binary = HEAD.as_bytes().to_vec();
    let host = HEAD.find("api.x").unwrap();
    binary[host] = 0xff;
    assert!(HttpRequest::read(&binary).is_err());
}

#[test]
fn only_a_body_that_is_a_string_may_be_long() {
    let request = |body: String| format!(r#"{{"method":"POST","path":"/a","body":{body}}}"#);
    let read = |body: String| HttpRequest::read(request(body).as_bytes());
    assert_eq!(read(format!("\"{}\"", "b".repeat(LONGEST_HEAD))).unwrap().body.unwrap().len(), LONGEST_HEAD);
    for element in ["[0]", "{\"\":0}", "0", "null"] {
        assert_eq!(read(format!("[{element}{}]", format!(",{element}").repeat(LONGEST_HEAD))).unwrap_err(), TOO_LONG);
    }
}
