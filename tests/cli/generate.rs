//! `generate`.

use super::home::Home;

#[test]
fn the_main_job() {
    let home = Home::new();
    let made = home.run("generate --name ci --bits 2048").ok();
    assert!(
        made.out().starts_with("-----BEGIN PRIVATE KEY-----\n") && made.out().ends_with("-----END PRIVATE KEY-----\n")
    );
    assert!(made.err().contains("This was the only time"), "{}", made.err());
    assert_eq!(home.keys()[0]["status"], "active");
}

#[test]
fn a_taken_name_is_a_conflict() {
    let home = Home::new();
    home.run("generate --name ci --type token").ok();
    let refused = home.run("generate --name ci --type token").refused(4, "name_taken");
    assert!(refused.err().contains("rotate") && refused.err().contains("--if-not-exists"));
    assert_eq!(home.keys().len(), 1);
}

#[test]
fn a_file_is_private_and_never_overwritten() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::new();
    let answer = home
        .run("generate --name web --type token --out web.token --format json")
        .ok()
        .json();
    assert_eq!(
        answer["secret_file"],
        home.file("web.token").canonicalize().unwrap().to_str().unwrap()
    );
    assert!(answer.get("token").is_none());
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&home.file("web.token")), mode(&home.keyring())), (0o600, 0o600));
    let token = home.read("web.token");
    home.run("generate --name other --type token --out web.token")
        .refused(4, "file_exists");
    assert_eq!(
        (home.read("web.token"), home.files()),
        (token.clone(), vec!["web.token".to_owned()])
    );
    assert_eq!(home.keys().len(), 1);
    let shown = home.run_with("show - --format json", &token).ok().json();
    assert_eq!(shown["api_key_id"], answer["api_key_id"]);
    home.write("empty", "");
    home.run("show - --format json").refused(2, "invalid_secret");
}
