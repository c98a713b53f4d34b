//! Tests of keyrings, backups and exports of earlier schemas. `tests/data/README.md` describes how the files were
//! created.

use super::{
    exchange::assertion::{AUDIENCE, signed_at},
    home::{Ended, Home},
    promises::{bound_by_permissions, chmod, database},
};
use keywright::keypair::JwkAlgorithm;
use serde_json::{Map, Value};
use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Stdio,
};

/// The option that sets the clock to the time at which the files were written.
const NOW: &str = "--now 2026-01-31T12:00:00Z";

/// Calls `test` for each schema, with the directory of its files and with a home that contains a copy of its keyring.
fn every_schema(test: impl Fn(&Path, &Home)) {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let directories = fs::read_dir(data).unwrap().map(|entry| entry.unwrap().path());
    let schemas: Vec<PathBuf> = directories.filter(|path| path.to_str().unwrap().contains("/schema-")).collect();
    assert!(!schemas.is_empty());
    for schema in schemas {
        let home = Home::new();
        fs::create_dir_all(home.keyring().parent().unwrap()).unwrap();
        copy(&schema.join("keyring.db"), &home.keyring());
        for secret in fs::read_dir(schema.join("secrets")).unwrap() {
            let secret = secret.unwrap();
            copy(&secret.path(), &home.file(secret.file_name().to_str().unwrap()));
        }
        test(&schema, &home);
    }
}

/// Copies a file. Only the owner can read and write the copy.
fn copy(from: &Path, to: &Path) {
    fs::write(to, fs::read(from).unwrap()).unwrap();
    chmod(to, 0o600);
}

/// Converts a keyring file to schema 1, with the tables and the columns of that schema only.
pub(crate) fn to_first_schema(path: &Path) {
    let first = path.with_extension("first");
    fs::write(&first, "").unwrap();
    chmod(&first, 0o600);
    let connection = database(&first);
    connection.execute_batch(include_str!("../../src/keyring/sqlite/migrations/1.sql")).unwrap();
    connection.execute_batch("PRAGMA application_id = 0x6b777274; PRAGMA user_version = 1").unwrap();
    connection.execute("ATTACH ?1 AS today", [path.to_str()]).unwrap();
    for table in ["keyring", "key", "audit"] {
        let sql = format!("SELECT group_concat(name, ', ') FROM pragma_table_info('{table}', 'main')");
        let columns: String = connection.query_row(&sql, [], |row| row.get(0)).unwrap();
        let sql = format!("INSERT INTO main.{table} ({columns}) SELECT {columns} FROM today.{table}");
        connection.execute(&sql, []).unwrap();
    }
    connection.close().unwrap();
    fs::rename(first, path).unwrap();
}

/// Returns the schema version of a keyring file.
fn schema_of(path: &Path) -> i64 {
    database(path).pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
}

/// Returns the files in the directory of the keyring, other than the keyring.
fn beside(home: &Home) -> Vec<PathBuf> {
    let files = fs::read_dir(home.keyring().parent().unwrap()).unwrap();
    files.map(|file| file.unwrap().path()).filter(|path| *path != home.keyring()).collect()
}

fn objects(lines: &str) -> Vec<Map<String, Value>> {
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Asserts that the JSON objects in the lines of `now` have every field of the objects in the file `earlier`, with the
/// same value. They may have additional fields.
#[track_caller]
fn same_fields(earlier: &Path, now: &str) {
    let (earlier, now) = (objects(&fs::read_to_string(earlier).unwrap()), objects(now));
    assert_eq!(earlier.len(), now.len());
    for (earlier, now) in earlier.iter().zip(&now) {
        for (field, value) in earlier {
            assert_eq!(now.get(field), Some(value), "{field} of {earlier:?}");
        }
    }
}

/// Asserts that a keyring still contains everything that the earlier version stored in it.
fn is_whole(schema: &Path, home: &Home) {
    same_fields(&schema.join("list.jsonl"), &home.run(&format!("list --all --format jsonl {NOW}")).ok().out());
    same_fields(&schema.join("audit.jsonl"), &home.run(&format!("audit --format jsonl {NOW}")).ok().out());
    same_fields(&schema.join("export.jsonl"), &home.run(&format!("export --all --format jsonl {NOW}")).ok().out());
    // Earlier versions always stated this algorithm.
    for (format, options) in [("jwks", "--alg PS256"), ("pem", ""), ("revocations", "")] {
        let earlier = fs::read_to_string(schema.join(format!("export.{format}"))).unwrap();
        assert_eq!(home.run(&format!("export --all --format {format} {options} {NOW}")).ok().out(), earlier);
    }
    let newest = objects(&fs::read_to_string(schema.join("audit.jsonl")).unwrap()).remove(0);
    let head = newest["hash"].as_str().unwrap();
    let verified = home.run(&format!("audit verify --head {head} --format json {NOW}")).ok().json();
    assert_eq!((&verified["rows"], &verified["head"]), (&newest["seq"], &newest["hash"]));
    let usage = "--skip pending --skip expired --skip unused --skip never-used --skip expiring";
    let findings = home.run(&format!("check {usage} --format json {NOW}")).ok().json();
    assert_eq!(findings, serde_json::json!([]));
    assert_eq!(home.run("owner list --format csv").ok().out().lines().count(), 3);
    assert_eq!(home.run("policy show --format json").ok().json()["rules"]["bearer_minutes"], 1440);
    let replayed = home.run(&format!("verify-request --input request.http --format json {NOW}"));
    assert_eq!((&replayed.json()["code"], replayed.code()), (&"replayed".into(), 1));
}

/// Asserts that each secret has the expected verdict. `bearer` is the verdict code of the bearer token, because neither
/// a backup nor an export contains bearer tokens.
fn secrets_verify(home: &Home, bearer: &str) {
    for (secret, verdict) in [
        ("token", "valid"),
        ("pair.json", "valid"),
        ("bearer.json", bearer),
        ("opaque", "valid"),
        ("disabled", "disabled"),
        ("expired", "expired"),
        ("revoked", "revoked"),
        ("to-be-revoked", "valid"),
        ("pending", "pending"),
        ("overlap", "valid"),
        ("overlap.old", "valid"),
        ("used", "valid"),
        ("used.old", "expired"),
        ("purged", "not_found"),
    ] {
        let ended = home.run(&format!("verify --no-record --token-file {secret} --format json {NOW}"));
        assert_eq!(ended.json()["code"], verdict, "{secret}");
        assert_eq!(ended.code(), i32::from(verdict != "valid"), "{secret}");
    }
}

/// Asserts that requests that are signed with each private key have the expected verdict. `valid` is the verdict code for a
/// key that is active.
fn signatures_verify(home: &Home, schema: &Path, valid: &str) {
    let keys = objects(&fs::read_to_string(schema.join("list.jsonl")).unwrap());
    for (private_key, name, status, verdict) in [
        ("rsa.pem", "rsa", "active", valid),
        ("at-once.pem", "at-once", "active", valid),
        ("at-once.old.pem", "at-once", "revoked", "revoked"),
    ] {
        let key = keys.iter().find(|key| key["name"] == name && key["status"] == status).unwrap();
        let id = key["api_key_id"].as_str().unwrap();
        // The timestamp is half a second after that of the request that the keyring has recorded.
        let request = format!("--key-id {id} --method GET --path /orders --timestamp 1769860800500");
        let headers = home.run(&format!("sign --private-key {private_key} {request}")).ok().out();
        let ended = home.run_with(
            &format!("verify-request --no-record --format json {NOW}"),
            format!("GET /orders HTTP/1.1\n{headers}\n"),
        );
        assert_eq!(ended.json()["code"], verdict, "{private_key}");
    }
}

#[test]
fn a_keyring_of_an_earlier_schema_opens_and_is_whole() {
    every_schema(|schema, home| {
        is_whole(schema, home);
        secrets_verify(home, "valid");
        signatures_verify(home, schema, "valid");
        // The first write upgrades the schema of the file, unless a read has already done so.
        home.run(&format!("generate --name new --type token --scope read --out new {NOW}")).ok();
        home.run(&format!("audit verify {NOW}")).ok();
        home.run(&format!("revoke new --yes {NOW}")).ok();
        home.run("purge --yes --name new --ended-before 2026-01-31T12:00:01Z --now 2026-01-31T12:00:01Z").ok();
        secrets_verify(home, "valid");
        signatures_verify(home, schema, "valid");
        same_fields(&schema.join("list.jsonl"), &home.run(&format!("list --all --format jsonl {NOW}")).ok().out());
        home.run(&format!("audit verify {NOW}")).ok();
    });
}

#[test]
fn a_keyring_of_an_earlier_schema_accepts_an_assertion_once() {
    every_schema(|_, home| {
        let before = home.state();
        let exchange = format!("exchange --audience {AUDIENCE} --format json {NOW}");
        let assertion = signed_at(home, "rsa", JwkAlgorithm::Ps256, 1_769_860_800);
        home.run_with(&format!("{exchange} --dry-run"), &assertion).ok();
        assert_eq!(home.state(), before, "the file is read as it is");
        home.run_with(&exchange, &assertion).ok();
        let refused = home.run_with(&exchange, &assertion).refused(1, "invalid_client");
        assert_eq!(refused.error()["details"][0]["type"], "replayed");
        home.run(&format!("audit verify {NOW}")).ok();
    });
}

#[test]
fn a_key_of_an_earlier_schema_can_be_changed() {
    every_schema(|_, home| {
        for change in [
            "update token --add-scope trade --no-note",
            "rotate overlap --overlap 1h --out overlap.new",
            "rotate rsa --bits 2048 --expires never --out rsa.new",
            "enable disabled",
            "activate pending --private-key pending",
            "exchange --token-file pair.json --scope write --out bearer.new",
            "revoke to-be-revoked --yes",
            "purge --ended-before 2026-01-10 --yes",
        ] {
            home.run(&format!("{change} {NOW}")).ok();
        }
        // The first use of a successor ends its predecessor.
        home.run(&format!("verify --token-file on-use {NOW}")).ok();
        let verdict = home.run(&format!("verify --token-file on-use.old --format json {NOW}")).json();
        assert_eq!(verdict["code"], "expired");
        // A key that was purged under an earlier schema does not come back.
        let purged = home.run(&format!("verify --token-file purged --format json {NOW}")).json();
        assert_eq!(purged["code"], "not_found");
        home.run(&format!("audit verify {NOW}")).ok();
        // The log of the earlier version contains no states, so the first change recorded a single digest of them.
        let baselines = home.run(&format!("audit --action baseline --format json {NOW}")).ok().json();
        assert_eq!(baselines.as_array().unwrap().len(), 1);
        let copy = fs::read(home.keyring()).unwrap();
        for edit in ["UPDATE tombstone SET purged_at = purged_at + 1", "UPDATE owner SET usage_level = 'premier'"] {
            database(&home.keyring()).execute_batch(edit).unwrap();
            let verified = home.run(&format!("audit verify --format json {NOW}"));
            let found = verified.json()["findings"].clone();
            let is_baseline = |finding: &serde_json::Value| finding["kind"] == "baseline";
            assert!(verified.code() == 1 && found.as_array().unwrap().iter().any(is_baseline), "{edit}: {found}");
            fs::write(home.keyring(), &copy).unwrap();
        }
        let damage =
            "--only damaged-file --only damaged-key --only damaged-row --only damaged-log --only contradiction";
        home.run(&format!("check {damage} {NOW}")).ok();
    });
}

#[test]
fn a_backup_of_an_earlier_schema_restores_into_a_new_keyring_and_into_its_own() {
    every_schema(|schema, home| {
        let (backup, before) = (schema.join("keyring.db"), home.keyring());
        let in_own = home.run(&format!("restore {} --dry-run --format json {NOW}", backup.display())).ok().json();
        assert_eq!(in_own, serde_json::json!([]));
        fs::remove_file(before).unwrap();
        home.run(&format!("restore {} --yes {NOW}", backup.display())).ok();
        same_fields(&schema.join("list.jsonl"), &home.run(&format!("list --all --format jsonl {NOW}")).ok().out());
        secrets_verify(home, "not_found");
        // Which requests were accepted since the backup is unknown.
        signatures_verify(home, schema, "forgotten");
        home.run(&format!("audit verify {NOW}")).ok();
    });
}

#[test]
fn an_export_of_an_earlier_schema_imports_into_a_new_keyring() {
    every_schema(|schema, home| {
        fs::remove_file(home.keyring()).unwrap();
        home.run(&format!("import {} {NOW}", schema.join("export.jsonl").display())).ok();
        for secret in ["token", "pair.json", "opaque", "overlap", "overlap.old", "used", "to-be-revoked"] {
            home.run(&format!("verify --no-record --token-file {secret} {NOW}")).ok();
        }
        for secret in ["disabled", "expired", "revoked", "used.old", "purged", "bearer.json"] {
            assert_eq!(home.run(&format!("verify --no-record --token-file {secret} {NOW}")).code(), 1, "{secret}");
        }
        let sorted = |lines: &str| {
            let mut keys = objects(lines);
            keys.retain(|key| key["status"] != "pending");
            keys.sort_by_key(|key| key["api_key_id"].to_string());
            keys
        };
        let earlier = sorted(&fs::read_to_string(schema.join("list.jsonl")).unwrap());
        let now = sorted(&home.run(&format!("list --all --format jsonl {NOW}")).ok().out());
        for (earlier, now) in earlier.iter().zip(&now) {
            for field in
                ["api_key_id", "name", "owner", "scopes", "status", "expires_at", "labels", "note", "rate_limit"]
            {
                assert_eq!(now[field], earlier[field], "{field} of {earlier:?}");
            }
        }
        assert_eq!(earlier.len(), now.len());
    });
}

#[test]
fn a_read_only_keyring_of_an_earlier_schema_can_be_read() {
    every_schema(|schema, home| {
        let Some(run) = bound_by_permissions(home) else { return };
        chmod(&home.keyring(), 0o400);
        chmod(home.keyring().parent().unwrap(), 0o500);
        let before = fs::read(home.keyring()).unwrap();
        same_fields(&schema.join("list.jsonl"), &run(&format!("list --all --format jsonl {NOW}")).ok().out());
        run(&format!("verify --token-file token {NOW}")).ok();
        run(&format!("show rsa {NOW}")).ok();
        run(&format!("audit verify {NOW}")).ok();
        run(&format!("generate --name new --type token --scope read --out new {NOW}")).refused(6, "keyring_read_only");
        chmod(home.keyring().parent().unwrap(), 0o700);
        assert_eq!(fs::read(home.keyring()).unwrap(), before);
    });
}

#[test]
fn the_first_write_upgrades_the_schema_and_leaves_a_copy_that_is_a_backup() {
    every_schema(|schema, home| {
        let before = fs::read(home.keyring()).unwrap();
        let earlier = schema_of(&home.keyring());
        home.run(&format!("list --all {NOW}")).ok();
        home.run(&format!("verify --no-record --token-file token {NOW}")).ok();
        home.run(&format!("backup saved {NOW}")).ok();
        assert!(fs::read(home.file("saved")).unwrap() == before);
        assert!(fs::read(home.keyring()).unwrap() == before, "reading changes nothing");
        assert_eq!(beside(home), [""; 0].map(PathBuf::from));

        home.run(&format!("generate --name new --type token --scope read --out new {NOW}")).ok();
        assert!(schema_of(&home.keyring()) > earlier);
        let [copy] = &beside(home)[..] else { panic!("{:?}", beside(home)) };
        let name = format!("keyring.db.schema-{earlier}.backup");
        assert_eq!(copy.file_name().unwrap().to_str(), Some(name.as_str()));
        assert!(fs::read(copy).unwrap() == before);
        assert_eq!(fs::metadata(copy).unwrap().permissions().mode() & 0o7777, 0o600);
        let usage = "--skip pending --skip expired --skip unused --skip never-used --skip expiring";
        assert_eq!(home.run(&format!("check {usage} --format json {NOW}")).ok().json(), serde_json::json!([]));

        let other = format!("--keyring {}", copy.display());
        same_fields(
            &schema.join("list.jsonl"),
            &home.run(&format!("list --all --format jsonl {other} {NOW}")).ok().out(),
        );
        home.run(&format!("restore {} --dry-run {NOW}", copy.display())).ok();
        let kept = home.run(&format!("revoke new --yes {NOW}")).ok();
        assert_eq!(beside(home).len(), 1, "one upgrade leaves one copy: {}", kept.err());
        fs::remove_file(copy).unwrap();
    });
}

#[test]
fn a_keyring_of_the_first_schema_is_upgraded_when_it_is_opened() {
    let home = Home::without_contract();
    home.run("generate --name a --type token --out a").ok();
    let keys = home.keys();
    to_first_schema(&home.keyring());
    let before = fs::read(home.keyring()).unwrap();
    assert_eq!(home.keys(), keys);
    assert!(schema_of(&home.keyring()) > 1);
    let [copy] = &beside(&home)[..] else { panic!("{:?}", beside(&home)) };
    assert!(fs::read(copy).unwrap() == before);
    home.run("verify --token-file a").ok();
    home.run("audit verify").ok();
    // A read-only file cannot be upgraded, and schema 1 cannot be read without an upgrade.
    fs::write(home.keyring(), &before).unwrap();
    let Some(run) = bound_by_permissions(&home) else { return };
    chmod(&home.keyring(), 0o400);
    run("list").refused(6, "keyring_read_only");
    assert!(fs::read(home.keyring()).unwrap() == before);
}

#[test]
fn processes_that_upgrade_at_once_upgrade_once() {
    every_schema(|_, home| {
        let before = fs::read(home.keyring()).unwrap();
        let start = |n| {
            let line = format!("generate --name new-{n} --type token --scope read --out new-{n} {NOW}");
            let mut command = home.keywright(line.split(' '));
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let processes: Vec<_> = (0..6).map(start).collect();
        for process in processes {
            Ended(process.wait_with_output().unwrap()).ok();
        }
        let [copy] = &beside(home)[..] else { panic!("{:?}", beside(home)) };
        assert!(fs::read(copy).unwrap() == before);
        home.run(&format!("audit verify {NOW}")).ok();
        for n in 0..6 {
            home.run(&format!("verify --token-file new-{n} {NOW}")).ok();
        }
    });
}
