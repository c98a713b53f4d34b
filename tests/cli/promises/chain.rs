//! A name means the rotation chain of a key, so that no earlier key stays valid unnoticed.

use crate::home::Home;

/// Creates a home with three keys in a rotation chain, all of them valid, whose secrets are in the files `k1`, `k2` and `k3`.
fn chain() -> Home {
    let home = Home::new();
    home.run("generate --name web --type token --out k1").ok();
    home.run("rotate web --overlap 30d --out k2").ok();
    home.run("rotate web --overlap 30d --out k3").ok();
    assert_eq!(verdicts(&home), ["valid"; 3]);
    home
}

fn verdicts(home: &Home) -> [String; 3] {
    ["k1", "k2", "k3"].map(|file| {
        let answer = home.run(&format!("verify --no-record --token-file {file} --format json")).json();
        answer["code"].as_str().unwrap().to_owned()
    })
}

/// Returns the id of the key whose secret is in a file.
fn id(home: &Home, file: &str) -> String {
    home.run(&format!("verify --no-record --token-file {file} --format json")).json()["api_key_id"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn revoke_by_name_ends_every_key_of_the_chain() {
    let home = chain();
    home.run("revoke web --reason key-compromise").refused(2, "confirmation_required");
    let rehearsed = home.run("revoke web --dry-run --format json").ok();
    assert_eq!(rehearsed.json().as_array().unwrap().len(), 3);
    let done = home.run("revoke web --reason key-compromise --yes --format json").ok();
    assert_eq!(done.json().as_array().unwrap().len(), 3, "all of them are listed");
    assert_eq!(verdicts(&home), ["revoked"; 3]);
    home.run("audit verify").ok();
}

#[test]
fn a_pending_successor_ends_with_its_chain() {
    let home = Home::new();
    home.run("generate --name web --type token --out k1").ok();
    let script = "cat > pending; kill -9 $PPID";
    assert_eq!(home.run_args(["rotate", "web", "--", "sh", "-c", script]).0.status.code(), None);
    home.run("revoke web --yes").ok();
    let statuses: Vec<_> = home.keys().iter().map(|key| key["status"].clone()).collect();
    assert_eq!(statuses, ["revoked", "revoked"]);
    assert_eq!(home.run("verify --token-file pending").code(), 1);
}

#[test]
fn an_id_means_one_key_and_the_others_are_mentioned() {
    let home = chain();
    let (first, third) = (id(&home, "k1"), id(&home, "k3"));
    let done = home.run(&format!("revoke {third} --yes")).ok();
    assert_eq!(verdicts(&home), ["valid", "valid", "revoked"]);
    assert!(done.err().contains(&first) && done.err().contains(&id(&home, "k2")), "{}", done.err());
    let by_secret = home.run_with("revoke - --yes", home.read("k1")).ok();
    assert_eq!(verdicts(&home), ["revoked", "valid", "revoked"]);
    assert!(by_secret.err().contains(&id(&home, "k2")) && !by_secret.err().contains(&third), "{}", by_secret.err());
}

#[test]
fn disable_takes_the_chain_and_enable_the_newest() {
    let home = chain();
    home.run("disable web").ok();
    assert_eq!(verdicts(&home), ["disabled"; 3]);
    let done = home.run("enable web").ok();
    assert_eq!(verdicts(&home), ["disabled", "disabled", "valid"]);
    assert!(done.err().contains(&id(&home, "k1")) && done.err().contains(&id(&home, "k2")), "{}", done.err());
}

#[test]
fn a_rotation_without_overlap_ends_every_older_key() {
    let home = chain();
    home.run("rotate web --overlap 0 --reason key-compromise --out k4").ok();
    assert_eq!(verdicts(&home), ["revoked"; 3]);
    assert_eq!(home.run("verify --token-file k4").code(), 0);
    let home = chain();
    home.run(&format!("rotate {} --overlap 0 --out k4", id(&home, "k3"))).ok();
    assert_eq!(verdicts(&home), ["valid", "valid", "revoked"], "an id means one key");
}

#[test]
fn an_environment_beside_a_key_chooses_among_names() {
    let home = Home::new();
    home.run("generate --name web --type token --env test --out t").ok();
    home.run("generate --name web --type token --env live --out l").ok();
    for line in ["revoke web --yes", "disable web", "show web", "update web --owner x", "rotate web --out new"] {
        home.run(line).refused(4, "ambiguous");
    }
    assert_eq!(home.run("show web --env live --format json").ok().json()["env"], "live");
    home.run("update web --env live --owner acme").ok();
    home.run("disable web --env test").ok();
    home.run("rotate web --env live --overlap 0 --out new").ok();
    home.run("revoke web --env live --yes").ok();
    let home_keys = home.keys();
    let mut states: Vec<String> =
        home_keys.iter().map(|key| format!("{} {}", key["env"], key["status"]).replace('"', "")).collect();
    states.sort();
    assert_eq!(states, ["live revoked", "live revoked", "test disabled"]);
    home.run("revoke web --env live --owner acme --yes").refused(2, "usage");
    home.run("show web --env live").ok();
}

#[test]
fn show_by_name_mentions_the_other_keys_that_work() {
    let home = chain();
    let shown = home.run("show web").ok();
    assert!(shown.err().contains(&id(&home, "k1")) && shown.err().contains(&id(&home, "k2")), "{}", shown.err());
    assert!(shown.out().contains(&id(&home, "k3")), "{}", shown.out());
}

#[test]
fn a_purged_key_in_the_middle_hides_no_older_key() {
    for line in ["revoke web --yes", "disable web", "rotate web --overlap 0 --out k4"] {
        let home = chain();
        home.run(&format!("revoke {} --yes", id(&home, "k2"))).ok();
        home.run("purge --ended-before 1d --yes --now 2090-01-01").ok();
        home.run(line).ok();
        let valid: Vec<String> = verdicts(&home).into_iter().filter(|verdict| verdict == "valid").collect();
        assert!(valid.is_empty(), "{line}: {:?}", verdicts(&home));
    }
}

#[test]
fn a_key_that_connects_an_older_key_is_not_purged() {
    let home = chain();
    home.run(&format!("update {} --name renamed", id(&home, "k1"))).ok();
    home.run(&format!("revoke {} --yes", id(&home, "k2"))).ok();
    std::thread::sleep(std::time::Duration::from_millis(2100));
    let kept = home.run("purge --ended-before 1s --yes").ok();
    assert!(kept.err().contains("kept 1 key"), "{}", kept.err());
    home.run("revoke web --yes").ok();
    assert_eq!(verdicts(&home), ["revoked"; 3]);
    // Once nothing depends on them, the keys can be purged.
    home.run("purge --ended-before 1d --yes --now 2090-01-01").ok();
    assert_eq!(home.keys(), Vec::<serde_json::Value>::new());
}

#[test]
fn a_crashed_rotation_without_overlap_ends_the_chain_when_it_is_completed() {
    let home = chain();
    let mut command = home.keywright("rotate web --overlap 0 --reason key-compromise -- sh -c".split(' '));
    command.arg("cat > k4; kill -9 $PPID");
    assert_eq!(command.status().unwrap().code(), None);
    let pending = home.run_with("show - --format json", home.read("k4")).ok().json()["api_key_id"].clone();
    assert_eq!(verdicts(&home), ["valid"; 3], "the new key is not active yet");
    home.run(&format!("activate {} --private-key k4 --insecure-permissions", pending.as_str().unwrap())).code();
    std::fs::set_permissions(home.file("k4"), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    home.run(&format!("activate {} --private-key k4", pending.as_str().unwrap())).code();
    assert_eq!(verdicts(&home), ["revoked"; 3]);
    assert_eq!(home.run("verify --token-file k4").code(), 0);
}

#[test]
fn a_successor_is_not_activated_after_its_predecessor_was_revoked_and_purged() {
    let home = Home::new();
    home.run("generate --name web --type token --out k1").ok();
    let mut command = home.keywright("rotate web -- sh -c".split(' '));
    command.arg("cat > k2; kill -9 $PPID");
    assert_eq!(command.status().unwrap().code(), None);
    std::fs::set_permissions(home.file("k2"), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    home.run(&format!("revoke {} --yes", id(&home, "k1"))).ok();
    let pending = home.run_with("show - --format json", home.read("k2")).ok().json()["api_key_id"].clone();
    let activate = format!("activate {} --private-key k2", pending.as_str().unwrap());
    home.run(&activate).refused(4, "wrong_state");
    home.run("purge --ended-before 1d --yes --now 2090-01-01").ok();
    home.run(&activate).refused(4, "wrong_state");
    assert_ne!(home.run("verify --token-file k2").code(), 0);
}
