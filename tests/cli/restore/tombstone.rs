//! Tombstones of keys that the keyring has under other ids.

use crate::{home::Home, tools::fixture};

#[test]
fn the_tombstone_of_a_key_that_is_there_under_another_id_is_no_damage() {
    let home = Home::new();
    home.run("init").ok();
    home.run("backup empty").ok();
    home.run("restore empty --yes --keyring other.db").ok();
    for keyring in ["", "--keyring other.db"] {
        let key = fixture("rsa2048.spki.pem");
        home.run(&format!("create --name p --public-key {key} --expires 5h --quiet {keyring}")).ok();
    }
    home.run("revoke p --yes").ok();
    home.run("purge --ended-before 1s --yes --now 2099-01-01T00:00:00Z").ok();
    home.run("backup purged").ok();
    home.run("restore purged --yes --keyring other.db").ok();
    assert_eq!(home.run("show p --keyring other.db --format json").ok().json()["status"], "revoked");
    home.run("audit verify --keyring other.db").ok();
    home.run("backup whole --keyring other.db").ok();
    home.run("restore purged --yes --keyring other.db").ok();
    home.run("audit verify --keyring other.db").ok();
}
