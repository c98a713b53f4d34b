//! Tests of `status`.

use super::home::Home;
use std::{fs, os::unix::fs::PermissionsExt as _};

#[test]
fn the_keyring_in_use_is_described() {
    let home = Home::new();
    home.run("status").refused(3, "keyring_missing");
    home.run("generate --name a --type token --out a").ok();
    home.run("generate --name b --type token --out b").ok();
    home.run("revoke b --yes").ok();
    home.crash("c", "token");
    let before = home.state();
    let status = home.run("status --format json").ok().json();
    assert_eq!(status["keyring"], home.keyring().to_str().unwrap());
    assert_eq!(status["org_id"], home.keys()[0]["org_id"]);
    let counts = serde_json::json!({ "pending": 1, "active": 1, "disabled": 0, "expired": 0, "revoked": 1 });
    assert_eq!(
        (&status["keys"], &status["contract"], &status["problems"]),
        (&counts, &"default".into(), &serde_json::json!([]))
    );
    assert!(status["schema"].as_i64().unwrap() >= 10 && status["audit_rows"].as_u64().unwrap() >= 6, "{status}");
    let table = home.run("status").ok().out();
    assert!(table.contains("1 active") && table.contains("1 revoked") && table.contains("none found"), "{table}");
    let csv = home.run("status --format csv").ok().out();
    assert!(csv.starts_with("keyring,org_id,contract,schema,keys,audit_rows,keyring_time,problems\n"), "{csv}");
    assert_eq!(home.state(), before, "nothing was written");
}

#[test]
fn a_problem_changes_the_exit_status() {
    let home = Home::new();
    home.run("init").ok();
    fs::set_permissions(home.keyring(), fs::Permissions::from_mode(0o644)).unwrap();
    let status = home.run("status --format json");
    assert_eq!(status.code(), 1, "{}", status.err());
    assert!(status.json()["problems"][0].as_str().unwrap().contains("other users can read"), "{}", status.out());
}
