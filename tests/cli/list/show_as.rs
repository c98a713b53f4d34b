//! Tests of the formats of a list.

use super::{
    super::{
        generate::assert_fields,
        home::{Ended, Home, KEYWRIGHT},
        tools::{fixture, on_terminal},
    },
    every_state,
};

const STYLES: [(&str, &str); 4] =
    [("active", "[38;5;2m"), ("pending", "[38;5;3m"), ("expired", "[38;5;6m"), ("revoked", "[38;5;1m")];

#[test]
fn json_is_an_array_and_jsonl_one_object_per_line() {
    let home = every_state();
    let array = home.run("list --all --format json").ok().json();
    let lines = home.run("list --all --format jsonl").ok().out();
    let objects: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(array, serde_json::Value::from(objects));
    lines.lines().for_each(|line| assert_fields(line, &[]));
    for key in array.as_array().unwrap() {
        let name = key["name"].as_str().unwrap();
        assert_eq!(home.run(&format!("show {name} --format json")).ok().json(), *key);
        assert!(key["created_at"].as_str().unwrap().ends_with('Z'));
    }
}

#[test]
fn csv_and_json_have_the_same_fields() {
    let home = every_state();
    home.run(&format!("create --name rsa --note \u{e4},\"b\" --public-key {}", fixture("rsa2048.spki.pem"))).ok();
    let keys = home.keys();
    let listed = home.run("list --all --format csv").ok();
    let mut reader = csv::ReaderBuilder::new().flexible(false).from_reader(listed.0.stdout.as_slice());
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let text = home.run("list --format jsonl --limit 1").ok().out();
    assert!(header.iter().map(|field| text.find(&format!("\"{field}\":")).unwrap()).is_sorted(), "the JSON's order");
    assert_eq!(header.len(), keys[0].as_object().unwrap().len());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), keys.len());
    for (row, key) in rows.iter().zip(&keys) {
        for (field, cell) in header.iter().zip(row) {
            match &key[field] {
                serde_json::Value::String(text) => assert_eq!(cell, text, "{field}"),
                serde_json::Value::Null => assert_eq!(cell, "", "{field}"),
                serde_json::Value::Number(number) => assert_eq!(cell, number.to_string(), "{field}"),
                _ => {}
            }
        }
    }
}

#[test]
fn id_is_one_id_per_line() {
    let home = every_state();
    let ids: Vec<_> = home.keys().iter().map(|key| key["api_key_id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(home.run("list --all --format id").ok().out(), ids.join("\n") + "\n");
}

#[test]
fn a_table_shows_the_main_columns() {
    let home = every_state();
    home.generate("--name soon --type token --owner acme --scope a --expires 90d");
    let table = home.run("list --all").ok().out();
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 7);
    let columns: Vec<&str> = lines[0].split("  ").map(str::trim).filter(|column| !column.is_empty()).collect();
    assert_eq!(columns, ["NAME", "STATUS", "TYPE", "ENV", "ID", "ENDS", "OWNER", "SCOPES", "LAST USED", "CREATED"]);
    assert!(lines.iter().all(|line| *line == line.trim_end()), "{table}");
    let place = lines[0].find("ENDS").unwrap();
    let ends = |name: &str| lines.iter().find(|line| line.starts_with(name)).unwrap()[place..].to_owned();
    assert!(ends("soon").starts_with("in 89 days") || ends("soon").starts_with("in 90 days"), "{table}");
    assert!(ends("active").starts_with("never") && ends("revoked").starts_with("just now"), "{table}");
    assert!(
        ends("expired").contains("ago") && ends("planned").contains("in 29 days")
            || ends("planned").contains("in 30 days")
    );
    assert!(!table.contains('\u{1b}'), "a pipe has no colors");
}

#[test]
fn colors_are_for_terminals_and_on_request() {
    let home = every_state();
    let coloured = home.run("list --all --color always").ok().out();
    for (status, style) in STYLES {
        let line = coloured.lines().find(|line| line.starts_with(status)).unwrap();
        assert!(line.contains(style), "{line:?}");
    }
    let with = |line: &str, variable: &str, value: &str| {
        Ended(home.keywright(line.split_whitespace()).env(variable, value).output().unwrap()).ok().out()
    };
    assert!(with("list --color always", "NO_COLOR", "1").contains('\u{1b}'), "they are printed on request");
    assert!(!home.run("list --color never").ok().out().contains('\u{1b}'));
    for format in ["json", "jsonl", "csv", "id"] {
        assert!(!home.run(&format!("list --color always --format {format}")).ok().out().contains('\u{1b}'), "{format}");
    }
    let refused = home.run("show nobody --color always");
    assert!(refused.code() == 3 && refused.err().contains("\u{1b}[1;31m"), "{}", refused.err());
    let Some(terminal) = on_terminal(&home, 100, "list", "") else {
        return;
    };
    assert!(terminal.out().contains('\u{1b}'), "{}", terminal.out());
    let never = on_terminal(&home, 100, "list --color never", "").unwrap();
    assert!(!never.out().contains('\u{1b}'));
    for variable in ["env NO_COLOR=1", "env TERM=dumb"] {
        let command = format!("{variable} {KEYWRIGHT} list");
        let ended = Ended(home.program("script").args(["-qec", &command, "/dev/null"]).output().unwrap()).ok();
        assert!(ended.out().contains("active") && !ended.out().contains('\u{1b}'), "{variable}: {}", ended.out());
    }
}

#[test]
fn colors_do_not_change_the_text() {
    let home = Home::new();
    for (name, owner) in [("shop.example.com", "Payments Platform Team"), ("b", "Zoe"), ("test-m", "acme.com")] {
        home.run_args([
            "generate",
            "--name",
            name,
            "--owner",
            owner,
            "--note",
            "see confirm",
            "--type",
            "token",
            "--out",
            name,
        ])
        .ok();
    }
    for line in ["list", "show test-m", "show b", "list --fields name,owner,status", "audit", "status"] {
        let [plain, colored] = ["never", "always"].map(|color| home.run(&format!("{line} --color {color}")).ok().out());
        let mut text = String::new();
        let mut rest = colored.as_str();
        while let Some((before, code)) = rest.split_once('\u{1b}') {
            text.push_str(before);
            rest = code.split_once('m').unwrap().1;
        }
        text.push_str(rest);
        assert_eq!(text, plain, "{line}");
    }
}

#[test]
fn a_table_fits_its_terminal() {
    let home = Home::new();
    let name = "a-name-that-takes-a-lot-of-room-on-every-terminal-there-is";
    home.generate(&format!(
        "--name {name} --type token --owner an-owner-with-a-name-just-as-long --scope orders:read --scope orders:write"
    ));
    home.generate("--name \u{9375}\u{9375}\u{9375}\u{9375}\u{9375}\u{9375}\u{9375}\u{9375}\u{9375}\u{9375}\u{9375} --type pair --expires 90d");
    for columns in [60_u16, 80, 100, 200] {
        let Some(terminal) = on_terminal(&home, columns, "list --color never", "") else {
            return;
        };
        let text = terminal.ok().out();
        let lines: Vec<&str> = text.lines().map(|line| line.trim_end_matches('\r')).collect();
        assert_eq!(lines.len(), 3, "{text}");
        for line in &lines {
            let width = unicode_width::UnicodeWidthStr::width(*line);
            assert!(width <= usize::from(columns), "{width} of {columns}: {line}");
        }
        for column in ["NAME", "STATUS", "ID"] {
            assert!(lines[0].contains(column), "{columns}: {text}");
        }
    }
    assert!(home.run("list").ok().out().contains(name), "a pipe has room for everything");
}

#[test]
fn a_closed_pipe_is_not_an_error() {
    let home = Home::new();
    home.generate("--name one --type token --owner an-owner-who-fills-the-pipe");
    let keyring = rusqlite::Connection::open(home.keyring()).unwrap();
    let columns = "type, env, prefix, scopes, labels, created_at, activated_at, secret_hash, digest";
    let copies = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
         INSERT INTO key (id, name, {columns}) SELECT randomblob(16), 'k' || i, {columns} FROM n, key WHERE name = 'one'"
    );
    keyring.execute_batch(&copies).unwrap();
    for format in ["table", "json", "jsonl", "csv"] {
        let command = format!("{KEYWRIGHT} list --format {format} | head -n 1; echo ${{PIPESTATUS[0]}}");
        let ended = Ended(home.program("bash").args(["-c", &command]).output().unwrap()).ok();
        assert_eq!((ended.out().lines().last().unwrap(), ended.err().as_str()), ("0", ""), "{format}");
    }
}
