//! Tests of the order and the pages of a list.

use super::{super::home::Home, set};

const FIELDS: [&str; 8] = ["created_at", "name", "owner", "type", "env", "expires_at", "last_used_at", "revoked_at"];

/// Builds a home with keys that have different values, equal values and no value in the sort fields.
fn some_keys() -> Home {
    let home = Home::new();
    for (i, line) in [
        "--name delta --type token --owner acme --expires 2090-01-01",
        "--name alpha --type pair --env live --owner globex",
        "--name echo --type token --expires 2080-01-01",
        "--name bravo --type pair --owner acme --env live",
        "--name charlie --type token --expires 2090-01-01",
        "--name foxtrot --bits 2048",
    ]
    .iter()
    .enumerate()
    {
        home.generate(&format!("{line} --now 2026-01-0{}T00:00:00Z", 6 - i));
    }
    home.run("revoke delta --at 2070-01-01 --yes").ok();
    home.run("revoke bravo --at 2060-01-01 --yes").ok();
    home.run("revoke alpha --yes").ok();
    home
}

#[test]
fn the_newest_key_comes_first() {
    let home = Home::new();
    for name in ["a", "b", "c"] {
        home.generate(&format!("--name {name} --type token"));
    }
    assert_eq!(home.names(""), ["c", "b", "a"]);
    assert_eq!(home.names("--sort created_at"), ["a", "b", "c"]);
    assert_eq!(home.names("--sort -created_at"), ["c", "b", "a"]);
}

#[test]
fn sorting_works_in_both_directions_with_unset_values_last() {
    let home = some_keys();
    set(&home, "last_used_at", 1_770_000_000, "echo");
    set(&home, "last_used_at", 1_760_000_000, "foxtrot");
    for field in &FIELDS[1..] {
        let of = |sort: &str| -> Vec<Option<String>> {
            let listed = home.run(&format!("list --all --sort {sort}{field} --format json")).ok().json();
            let keys = listed.as_array().unwrap();
            keys.iter().map(|key| key[*field].as_str().map(str::to_owned)).collect()
        };
        let (up, down) = (of(""), of("-"));
        let set = up.iter().flatten().count();
        assert!(set > 0 && up.len() == 6 && down.len() == 6, "{field}");
        for (order, rising) in [(&up, true), (&down, false)] {
            assert!(order[..set].iter().all(Option::is_some), "{field}: {order:?}");
            let right =
                order[..set].windows(2).all(|pair| if rising { pair[0] <= pair[1] } else { pair[0] >= pair[1] });
            assert!(right, "{field}: {order:?}");
        }
    }
    assert_eq!(home.names("--sort name --limit 2 --all"), ["alpha", "bravo"]);
    assert_eq!(home.names("--sort -expires_at --limit 3 --all"), ["charlie", "delta", "echo"]);
}

#[test]
fn pages_contain_every_key_once_in_every_order() {
    let home = some_keys();
    for i in 0..60 {
        home.run(&format!("generate --name k{:02} --type token --owner o{} --quiet", (i * 37) % 60, i % 7)).ok();
    }
    for field in FIELDS {
        for sort in [field.to_owned(), format!("-{field}")] {
            let whole = home.ids(&format!("--all --sort {sort}"));
            assert_eq!(whole.len(), 66);
            let mut paged: Vec<String> = Vec::new();
            loop {
                let after = paged.last().map_or(String::new(), |id| format!("--after {id}"));
                let page = home.ids(&format!("--all --sort {sort} --limit 20 {after}"));
                if page.is_empty() {
                    break;
                }
                assert!(page.len() == 20 || page.len() == 6, "{sort}");
                paged.extend(page);
            }
            assert_eq!(paged, whole, "{sort}");
        }
    }
}

#[test]
fn after_accepts_every_form_of_a_key_and_combines_with_conditions() {
    let home = some_keys();
    let all = home.names("--all --sort name");
    assert_eq!(all, ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot"]);
    assert_eq!(home.names("--all --sort name --after charlie"), all[3..]);
    let id = home.run("show charlie --format id").ok().out();
    assert_eq!(home.names(&format!("--all --sort name --after {} --limit 2", &id[..8])), all[3..5]);
    assert_eq!(home.names("--sort name --type token --after charlie"), ["delta", "echo"]);
    assert_eq!(home.names("--sort name --after foxtrot"), [""; 0]);
}

#[test]
fn a_list_longer_than_a_page_of_the_store_is_complete() {
    let home = Home::new();
    home.generate("--name one --type token");
    // Insert copies of one row with new ids, because 10,000 runs of `generate` would take minutes.
    let copy = |from: u32, to: u32| {
        let columns = "type, env, prefix, scopes, labels, created_at, activated_at, secret_hash, digest";
        let sql = format!(
            "WITH RECURSIVE n(i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i < {to})
             INSERT INTO key (id, name, {columns}) SELECT randomblob(16), 'k' || i, {columns} FROM n, key WHERE name = 'one'"
        );
        rusqlite::Connection::open(home.keyring()).unwrap().execute_batch(&sql).unwrap();
    };
    copy(1, 6_000);
    let middle = home.generate("--name k5-and-some --type token")["api_key_id"].as_str().unwrap().to_owned();
    copy(6_001, 9_998);
    for sort in ["created_at", "-created_at", "name", "-name", "-owner"] {
        let whole = home.ids(&format!("--sort {sort}"));
        let place = whole.iter().position(|id| *id == middle).unwrap() + 1;
        assert!((3_000..7_000).contains(&place), "{sort}: {place}");
        let first = home.ids(&format!("--sort {sort} --limit {place}"));
        let rest = home.ids(&format!("--sort {sort} --after {middle}"));
        assert!([first, rest].concat() == whole, "{sort}");
        let mut distinct = whole;
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), 10_000, "{sort}");
    }
    assert_eq!(home.run("list --format json").ok().json().as_array().unwrap().len(), 10_000);
    assert_eq!(home.run("list").ok().out().lines().count(), 10_001);
}
