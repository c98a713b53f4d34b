//! Tests of `verify --batch`, which a service keeps running.

use super::{
    home::{Ended, Home, KEYWRIGHT},
    promises::process::wait_for_polling,
};
use serde_json::{Value, json};
use std::{
    io::{BufRead as _, BufReader, Write as _},
    os::unix::fs::PermissionsExt as _,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

/// A running `verify --batch` process, to which a test sends questions.
pub(crate) struct Running {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Running {
    pub(crate) fn start(home: &Home, options: &str) -> Self {
        Self::spawn(home.keywright("verify --batch".split(' ').chain(options.split_whitespace())))
    }

    pub(crate) fn spawn(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        Self { input: child.stdin.take(), output: BufReader::new(child.stdout.take().unwrap()), child }
    }

    fn send(&mut self, line: impl AsRef<[u8]>) {
        let input = self.input.as_mut().unwrap();
        input.write_all(line.as_ref()).and_then(|()| input.write_all(b"\n")).unwrap();
    }

    fn receive(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line:?}"))
    }

    /// Sends one question, and returns the answer.
    pub(crate) fn ask(&mut self, question: &Value) -> Value {
        self.send(question.to_string());
        self.receive()
    }

    pub(crate) fn end(mut self) -> i32 {
        drop(self.input.take());
        self.child.wait().unwrap().code().unwrap()
    }
}

fn token(home: &Home, line: &str) -> String {
    home.generate(&format!("--type token {line}"))["token"].as_str().unwrap().to_owned()
}

#[test]
fn each_line_is_answered_in_order() {
    let home = Home::new();
    let web = token(&home, "--name web --scope read");
    let pair = home.generate("--name pair --type pair");
    let (api_key, api_secret) = (&pair["api_key"], &pair["api_secret"]);
    let presented = json!({ "api_key": api_key, "api_secret": api_secret });
    let bearer = home.run_with("exchange --quiet", presented.to_string()).ok().json()["access_token"].clone();
    let questions = [
        (json!({ "id": 1, "token": web }), "valid"),
        (json!({ "id": "two", "api_key": api_key, "api_secret": api_secret }), "valid"),
        (json!({ "id": [3], "token": bearer }), "valid"),
        (json!({ "token": web, "scopes": ["read"], "env": "test" }), "valid"),
        (json!({ "token": web, "scopes": ["read", "write"] }), "insufficient_scope"),
        (json!({ "token": web, "env": "live" }), "wrong_env"),
        (json!({ "token": web.replace("_test_", "_live_") }), "malformed"),
        (json!({ "api_key": api_key, "api_secret": web }), "malformed"),
        (json!({ "api_key": api_key, "api_secret": "x" }), "malformed"),
        (json!({ "id": 9, "token": "hunter2" }), "malformed"),
        (json!({ "id": 10, "tokens": web }), "bad_request"),
        (json!({ "id": 11 }), "bad_request"),
        (json!({ "id": 12, "api_key": api_key }), "bad_request"),
        (json!([web]), "bad_request"),
    ];
    let lines: Vec<String> = questions.iter().map(|(question, _)| question.to_string()).collect();
    let all = home.run_with("verify --batch --no-record", lines.join("\n")).ok();
    let answers: Vec<Value> = all.out().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), questions.len());
    let mut running = Running::start(&home, "");
    for ((question, code), answer) in questions.iter().zip(&answers) {
        assert_eq!(answer["code"], *code, "{question}: {answer}");
        assert_eq!(answer["valid"], *code == "valid");
        assert_eq!(answer["id"], question.get("id").cloned().unwrap_or_default(), "{question}");
        assert!(answer.as_object().unwrap().contains_key("labels"), "always all fields: {answer}");
        // The answers are the same if the questions are sent one at a time.
        assert_eq!(running.ask(question), *answer);
    }
    assert_eq!(running.end(), 0);
}

#[test]
fn a_malformed_line_is_answered_and_does_not_end_the_batch() {
    let home = Home::new();
    let good = json!({ "id": "good", "token": token(&home, "--name web") }).to_string();
    let mut running = Running::start(&home, "--no-record");
    let (long, huge) = (vec![b'x'; 70_000], vec![b'{'; 10_000_000]);
    let deep = "[".repeat(60_000);
    let broken: [&[u8]; 16] = [
        b"",
        b"   ",
        b"\r",
        b"{",
        b"null",
        b"true",
        b"\"text\"",
        b"{\"token\":\"a\"",
        b"{\"token\":\"a\"}{}",
        b"{\"token\":\"\xff\"}",
        b"{\"token\":\"a\0b\"}",
        b"\0",
        b"{\"token\":\"a\",\"token\":\"b\"}",
        &long,
        &huge,
        deep.as_bytes(),
    ];
    for line in broken {
        running.send(line);
        let answer = running.receive();
        let shown = String::from_utf8_lossy(&line[..line.len().min(40)]).into_owned();
        assert_eq!((&answer["valid"], &answer["code"]), (&json!(false), &json!("bad_request")), "{shown}: {answer}");
        running.send(&good);
        let answer = running.receive();
        assert_eq!((&answer["valid"], &answer["id"]), (&json!(true), &json!("good")), "after {shown}");
    }
    // The last line needs no line feed.
    running.input.as_mut().unwrap().write_all(good.as_bytes()).unwrap();
    drop(running.input.take());
    assert_eq!(running.receive()["valid"], true);
    assert_eq!(running.end(), 0);
    assert_eq!(home.run_with("verify --batch", "").ok().out(), "");
}

#[test]
fn a_revocation_takes_effect_on_the_next_line() {
    let home = Home::new();
    let (a, b) = (token(&home, "--name a"), token(&home, "--name b"));
    let mut running = Running::start(&home, "");
    let code = |running: &mut Running, token: &str| running.ask(&json!({ "token": token }))["code"].clone();
    for _ in 0..3 {
        assert_eq!((code(&mut running, &a), code(&mut running, &b)), (json!("valid"), json!("valid")));
    }
    home.run("revoke a --yes").ok();
    assert_eq!((code(&mut running, &a), code(&mut running, &b)), (json!("revoked"), json!("valid")));
    home.run("disable b").ok();
    assert_eq!(code(&mut running, &b), "disabled");
    home.run("enable b").ok();
    assert_eq!(code(&mut running, &b), "valid");
    let c = token(&home, "--name c");
    assert_eq!(code(&mut running, &c), "valid", "keys issued together count too");
    assert_eq!(running.end(), 0);
}

#[test]
fn uses_are_recorded_once_and_not_in_a_read_only_keyring() {
    let home = Home::new();
    let a = token(&home, "--name a");
    let question = json!({ "token": a }).to_string() + "\n";
    home.run_with("verify --batch --no-record", &question).ok();
    assert_eq!(home.keys()[0]["last_used_at"], json!(null));
    let many = question.repeat(1000);
    let now = "--now 2030-01-01T00:00:00Z";
    let answers = home.run_with(&format!("verify --batch {now}"), &many).ok().out();
    assert_eq!(answers.lines().filter(|line| line.contains("\"valid\":true")).count(), 1000);
    assert_eq!(home.keys()[0]["last_used_at"], "2030-01-01T00:00:00Z");
    let before = home.state();
    let b = home.run_with("verify --batch --now 2030-01-01T00:00:59Z", &many);
    assert_eq!((b.code(), home.state()), (0, before), "less than a minute later nothing is written");
    let other = rusqlite::Connection::open(home.keyring()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let busy = home.run_with("verify --batch --now 2031-01-01T00:00:00Z", &many).ok();
    assert_eq!((busy.out().lines().count(), busy.err()), (1000, String::new()), "while another writes");
}

#[test]
fn a_damaged_row_is_reported_and_the_other_lines_are_answered() {
    let home = Home::new();
    let (a, b) = (token(&home, "--name a"), token(&home, "--name b"));
    let connection = rusqlite::Connection::open(home.keyring()).unwrap();
    connection.execute("UPDATE key SET scopes = 'admin' WHERE name = 'a'", []).unwrap();
    drop(connection);
    let mut running = Running::start(&home, "");
    let answer = running.ask(&json!({ "id": 7, "token": a }));
    assert_eq!((&answer["code"], &answer["id"], &answer["name"]), (&json!("unavailable"), &json!(7), &Value::Null));
    assert_eq!(running.ask(&json!({ "token": b }))["code"], "valid");
    assert_eq!(running.end(), 0);
}

#[test]
fn no_answer_repeats_a_secret() {
    let home = Home::new();
    let a = token(&home, "--name a");
    let secret = &a[a.len() - 49..];
    for question in [
        json!({ "token": a }).to_string(),
        json!({ "token": a, "more": 1 }).to_string(),
        json!({ "tokens": a }).to_string(),
        json!({ "token": a, "env": a }).to_string(),
        json!({ "token": a, "scopes": [a.as_str(), "a b"] }).to_string(),
        format!("{{\"token\":{a}}}"),
        a.clone(),
    ] {
        let ended = home.run_with("verify --batch", question + "\n").ok();
        assert_eq!(ended.out().lines().count(), 1);
        // A question whose `id` is the secret gets the secret back. No other answer contains the secret.
        assert!(!ended.out().contains(secret) && !ended.err().contains(secret), "{}", ended.out());
    }
}

/// Builds a home with a private key in `key.pem`. Returns the home, and a function that signs requests with the key.
fn signing() -> (Home, impl Fn(&Home, &str) -> Value) {
    let home = Home::kalshi();
    let key = home.generate("--name ci --bits 2048 --scope read");
    home.write("key.pem", key["private_key"].as_str().unwrap());
    let id = key["api_key_id"].as_str().unwrap().to_owned();
    let sign = move |home: &Home, path: &str| {
        let line =
            format!("sign --private-key key.pem --insecure-permissions --key-id {id} --method GET --path {path}");
        let mut request = home.run(&format!("{line} --format json")).ok().json();
        (request["method"], request["path"]) = ("GET".into(), path.into());
        json!({ "request": request, "scopes": ["read"] })
    };
    (home, sign)
}

#[test]
fn a_request_among_tokens_is_accepted_once() {
    let (home, sign) = signing();
    let web = token(&home, "--name web");
    let (a, b) = (sign(&home, "/a"), sign(&home, "/b"));
    let mut wrong = sign(&home, "/c");
    wrong["request"]["path"] = "/d".into();
    let mut bad = sign(&home, "/e");
    bad["request"]["KALSHI-ACCESS-TIMESTAMP"] = "1700000000".into();
    let mut running = Running::start(&home, "");
    assert_eq!(running.ask(&a)["code"], "valid");
    assert_eq!(running.ask(&a)["code"], "replayed");
    // Send all questions in one write. One request is sent twice.
    let tokens = json!({ "token": web });
    let questions = [&b, &tokens, &wrong, &b, &json!({ "request": {} }), &bad, &a, &tokens];
    let text: String = questions.iter().enumerate().fold(String::new(), |text, (i, question)| {
        let mut question = (*question).clone();
        question["id"] = i.into();
        text + &question.to_string() + "\n"
    });
    running.send(text.trim_end());
    let answers: Vec<Value> = questions.iter().map(|_| running.receive()).collect();
    let codes: Vec<&str> = answers.iter().map(|answer| answer["code"].as_str().unwrap()).collect();
    assert_eq!(
        codes,
        ["valid", "valid", "wrong_signature", "replayed", "bad_request", "bad_timestamp", "replayed", "valid"]
    );
    assert!(answers.iter().enumerate().all(|(i, answer)| answer["id"] == i), "{answers:?}");
    assert_eq!((&answers[0]["name"], &answers[0]["credential"]), (&"ci".into(), &"signature".into()));
    assert_eq!(running.end(), 0);
    assert_ne!(home.run("show ci --format json").ok().json()["last_used_at"], Value::Null);
    // Another process sees the recorded signature too.
    let replay = b["request"].to_string();
    let ended = home.run_with("verify-request --format json", replay);
    assert_eq!((ended.code(), &ended.json()["code"]), (1, &"replayed".into()));
}

#[test]
fn a_request_that_cannot_be_recorded_is_not_accepted() {
    let (home, sign) = signing();
    let request = sign(&home, "/a");
    let mut looking = Running::start(&home, "--no-record");
    assert_eq!(looking.ask(&request)["code"], "valid");
    assert_eq!(looking.ask(&request)["code"], "valid", "it only looks");
    assert_eq!(looking.end(), 0);
    let locked = rusqlite::Connection::open(home.keyring()).unwrap();
    locked.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut running = Running::start(&home, "");
    running.send(request.to_string());
    wait_for_polling(&running.child);
    locked.execute_batch("ROLLBACK").unwrap();
    assert_eq!(running.receive()["code"], "valid", "it waited for the lock");
    assert_eq!(running.end(), 0);
}

#[test]
fn many_concurrent_requests_are_all_answered() {
    let (home, sign) = signing();
    let request = sign(&home, "/a").to_string() + "\n";
    // Send more lines than fit into the buffer. The first request is accepted, and all others repeat it.
    let mut running = Running::start(&home, "");
    let mut input = running.input.take().unwrap();
    let feeder = std::thread::spawn(move || input.write_all(request.repeat(1000).as_bytes()).unwrap());
    let codes: Vec<Value> = (0..1000).map(|_| running.receive()["code"].clone()).collect();
    feeder.join().unwrap();
    assert_eq!(codes[0], "valid");
    assert!(codes[1..].iter().all(|code| code == "replayed"));
    assert_eq!(running.end(), 0);
}

#[test]
fn a_failed_record_refuses_a_request_but_not_a_secret() {
    let (home, sign) = signing();
    let (token, request) = (json!({ "token": token(&home, "--name t") }), sign(&home, "/a"));
    home.write("questions", format!("{token}\n{request}\n{token}\n"));
    // A file size limit of zero stops every write, even for root.
    let script = "ulimit -f 0; exec \"$0\" verify --batch < questions";
    let ended = Ended(home.program("sh").args(["-c", script, KEYWRIGHT]).output().unwrap()).ok();
    let answers: Vec<Value> = ended.out().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let codes: Vec<&str> = answers.iter().map(|answer| answer["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["valid", "unavailable", "valid"], "{}", ended.out());
    let mut running = Running::start(&home, "");
    assert_eq!(running.ask(&request)["code"], "valid", "the record was not used");
    assert_eq!(running.end(), 0);
}

#[test]
fn a_replaced_keyring_is_opened_again() {
    let home = Home::new();
    let web = token(&home, "--name web");
    let question = json!({ "token": web });
    let mut running = Running::start(&home, "");
    assert_eq!(running.ask(&question)["code"], "valid");
    // A backup takes the place of the file, and the key is revoked there.
    home.run("backup copy.db").ok();
    std::fs::rename(home.file("copy.db"), home.keyring()).unwrap();
    home.run("revoke web --reason key-compromise --yes").ok();
    assert_eq!(running.ask(&question)["code"], "revoked");
    let directory = home.keyring().parent().unwrap().to_owned();
    std::fs::rename(home.keyring(), directory.join("moved.db")).unwrap();
    let gone = running.ask(&question);
    assert_eq!(gone["code"], "unavailable", "{gone}");
    std::fs::rename(directory.join("moved.db"), home.keyring()).unwrap();
    assert_eq!(running.ask(&question)["code"], "revoked");
    std::fs::remove_dir_all(&directory).unwrap();
    assert_eq!(running.ask(&question)["code"], "unavailable");
    assert_eq!(running.end(), 0);
}

#[test]
fn an_older_copy_of_the_keyring_revives_no_key() {
    for in_place in [false, true] {
        let home = Home::new();
        let web = token(&home, "--name web");
        let question = json!({ "token": web });
        let mut running = Running::start(&home, "");
        assert_eq!(running.ask(&question)["code"], "valid");
        let older = std::fs::read(home.keyring()).unwrap();
        home.run("revoke web --reason key-compromise --yes").ok();
        if in_place {
            // A file that is written over looks like a commit of another process, so the process must have seen the row.
            assert_eq!(running.ask(&question)["code"], "revoked");
            std::fs::write(home.keyring(), &older).unwrap();
        } else {
            let copy = home.keyring().with_file_name("older.db");
            std::fs::write(&copy, &older).unwrap();
            std::fs::set_permissions(&copy, std::fs::Permissions::from_mode(0o600)).unwrap();
            std::fs::rename(copy, home.keyring()).unwrap();
        }
        for _ in 0..3 {
            let answer = running.ask(&question);
            assert_eq!(answer["code"], "unavailable", "{answer}");
            // Another older copy is no better.
            let copy = home.keyring().with_file_name("older.db");
            std::fs::write(&copy, &older).unwrap();
            std::fs::set_permissions(&copy, std::fs::Permissions::from_mode(0o600)).unwrap();
            std::fs::rename(copy, home.keyring()).unwrap();
        }
        assert_eq!(running.end(), 0);
    }
}

#[test]
fn a_bearer_token_loses_the_scopes_that_its_key_loses() {
    let home = Home::new();
    let pair = home.generate("--name pair --type pair --scope read --scope write");
    let presented = json!({ "api_key": pair["api_key"], "api_secret": pair["api_secret"] });
    let bearer = home.run_with("exchange --quiet", presented.to_string()).ok().json()["access_token"].clone();
    let mut running = Running::start(&home, "");
    let write = json!({ "token": bearer, "scopes": ["write"] });
    assert_eq!(running.ask(&write)["code"], "valid");
    home.run("update pair --remove-scope write --add-scope admin").ok();
    let refused = running.ask(&write);
    assert_eq!((&refused["code"], &refused["scopes"]), (&json!("insufficient_scope"), &json!(["read"])));
    assert_eq!(running.ask(&json!({ "token": bearer, "scopes": ["admin"] }))["code"], "insufficient_scope");
    assert_eq!(running.ask(&json!({ "token": bearer, "scopes": ["read"] }))["code"], "valid");
    assert_eq!(running.end(), 0);
}
