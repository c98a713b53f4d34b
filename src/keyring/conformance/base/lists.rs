//! Listing keys.

use super::*;

/// Returns a lifecycle for every combination of unset, past, current and future times of expiry, disabling and
/// revocation, each with and without an activation.
fn lifecycles() -> Vec<Lifecycle> {
    let options = [None, Some(time(-10)), Some(time(0)), Some(time(10))];
    let mut all = Vec::new();
    for activated in [None, Some(time(-20))] {
        for expires in options {
            for disabled in options {
                for revoked in options {
                    let mut life = Lifecycle::new(time(-30), expires);
                    (life.activated, life.disabled) = (activated, disabled);
                    if let Some(at) = revoked {
                        life.revoke(at, RevocationReason::Unspecified);
                    }
                    all.push(life);
                }
            }
        }
    }
    all
}

#[test]
fn statuses_are_filtered_by_the_rule_of_the_domain() {
    for_each_engine(|mut store| {
        let keys: Vec<Key> = lifecycles()
            .into_iter()
            .zip(0u8..)
            .map(|(lifecycle, n)| Key { lifecycle, ..token_key(n, &format!("key{n}")) })
            .collect();
        insert(store.keyring.as_mut(), &keys);
        for status in Status::ALL {
            let selection = Selection { statuses: vec![status], ..Selection::all(time(0)) };
            let expected: BTreeSet<_> = keys
                .iter()
                .filter(|key| key.lifecycle.status(time(0)) == status)
                .map(|key| key.description.name.to_string())
                .collect();
            assert!(!expected.is_empty());
            let count = store.keyring.count(&selection, 1000).unwrap();
            assert_eq!(count, expected.len() as u64, "{status}");
            assert_eq!(store.keyring.count(&selection, 3).unwrap(), 3, "no further than the cap");
            let found: BTreeSet<_> = names(store.keyring.as_ref(), &Query::every(selection)).into_iter().collect();
            assert_eq!(found, expected, "{status}");
        }
        let all = names(store.keyring.as_ref(), &Query::every(Selection::all(time(0))));
        assert_eq!(all.len(), keys.len(), "every key has a status");
        for (selection, is_over) in
            [(Selection::all(time(0)).ended(), true), (Selection::all(time(0)).not_ended(), false)]
        {
            let is_it = |key: &&Key| key.lifecycle.status(time(0)).has_ended() == is_over;
            let expected: Vec<&str> =
                keys.iter().rev().filter(is_it).map(|key| key.description.name.as_str()).collect();
            let found = names(store.keyring.as_ref(), &Query::every(selection));
            assert_eq!(found, expected, "the newest first");
        }
    });
}

#[test]
fn every_condition_of_a_selection_counts() {
    for_each_engine(|mut store| {
        let mut web = token_key(1, "web-1");
        web.description.owner = Some("acme".parse().unwrap());
        web.description.scopes = scopes(&["read", "write"]);
        web.lifecycle.expires = Some(time(100));
        let mut ci = rsa_key(2, "ci");
        ci.description.env = Env::Live;
        ci.description.scopes = scopes(&["write::trade"]);
        ci.description.labels = Labels::new(&["team=core".parse().unwrap(), "tier=1".parse().unwrap()]).unwrap();
        ci.lifecycle.last_used = Some(time(50));
        insert(store.keyring.as_mut(), &[web, ci]);
        let base = || Selection::all(time(60));
        let scope = |text: &str| vec![text.parse::<Scope>().unwrap()];
        let label = |text: &str| vec![text.parse::<LabelFilter>().unwrap()];
        for (selection, expected) in [
            (base(), vec!["ci", "web-1"]),
            (Selection { types: vec![crate::key::KeyType::Rsa], ..base() }, vec!["ci"]),
            (Selection { envs: vec![Env::Live, Env::Test], ..base() }, vec!["ci", "web-1"]),
            (Selection { envs: vec![Env::Test], ..base() }, vec!["web-1"]),
            (Selection { scopes: scope("write"), ..base() }, vec!["web-1"]),
            (Selection { scopes: scope("trade"), ..base() }, vec![]),
            (Selection { owner: Some("acme".parse().unwrap()), ..base() }, vec!["web-1"]),
            (Selection { name: Some("web-*".parse().unwrap()), ..base() }, vec!["web-1"]),
            (Selection { name: Some("c?".parse().unwrap()), ..base() }, vec!["ci"]),
            (Selection { labels: label("team"), ..base() }, vec!["ci"]),
            (Selection { labels: label("team=core"), ..base() }, vec!["ci"]),
            (Selection { labels: label("team=edge"), ..base() }, vec![]),
            (Selection { expiring_by: Some(time(100)), ..base() }, vec!["web-1"]),
            (Selection { expiring_by: Some(time(99)), ..base() }, vec![]),
            (Selection { ended_before: Some(time(101)), ..base() }, vec!["web-1"]),
            (Selection { ended_before: Some(time(100)), ..base() }, vec![]),
            (Selection { unused_since: Some(time(49)), ..base() }, vec!["web-1"]),
            (Selection { unused_since: Some(time(50)), ..base() }, vec!["ci", "web-1"]),
            (Selection { never_used: true, ..base() }, vec!["web-1"]),
        ] {
            let shown = format!("{selection:?}");
            assert_eq!(names(store.keyring.as_ref(), &Query::every(selection)), expected, "{shown}");
        }
    });
}

#[test]
fn every_order_is_total_and_can_be_continued() {
    for_each_engine(|mut store| {
        let keys: Vec<Key> = (1..=40u8)
            .map(|n| {
                let mut key = token_key(n, &format!("k{:02}", u32::from(n) * 7 % 40));
                key.description.owner = (n % 3 > 0).then(|| format!("o{}", n % 4).parse().unwrap());
                key.lifecycle.expires = (n % 4 > 0).then(|| time(1000 + i64::from(n) * 37 % 11));
                key
            })
            .collect();
        insert(store.keyring.as_mut(), &keys);
        let keyring = store.keyring.as_ref();
        for (field, word) in SortField::ALL {
            for descending in [false, true] {
                let sort = Sort { field, descending };
                let whole = names(keyring, &Query { sort, ..Query::every(Selection::all(time(0))) });
                assert_eq!(whole.iter().collect::<BTreeSet<_>>().len(), keys.len(), "{word}");
                let mut pieces: Vec<String> = Vec::new();
                let mut after = None;
                loop {
                    let part = Query { sort, after, limit: Some(7), ..Query::every(Selection::all(time(0))) };
                    let piece = names(keyring, &part);
                    let Some(last) = piece.last() else { break };
                    after = keys.iter().find(|key| key.description.name.as_str() == last).map(|key| key.id);
                    pieces.extend(piece);
                }
                assert_eq!(pieces, whole, "{word}");
            }
        }
        let expires =
            |name: &String| keys.iter().find(|k| k.description.name.as_str() == name).unwrap().lifecycle.expires;
        let sort = Sort { field: SortField::Expires, descending: true };
        let sorted = names(keyring, &Query { sort, ..Query::every(Selection::all(time(0))) });
        let times: Vec<_> = sorted.iter().map(expires).collect();
        let set: Vec<_> = times.iter().flatten().collect();
        assert!(set.windows(2).all(|pair| pair[0] >= pair[1]));
        assert!(times[set.len()..].iter().all(Option::is_none), "unset comes last");
        let unknown = Query { after: Some(id(99)), ..Query::every(Selection::all(time(0))) };
        let refused = keyring.page(&unknown, &mut Cursor::default(), &mut |_| Ok(())).unwrap_err();
        assert_eq!(refused.code(), Code::NotFound);
    });
}

#[test]
fn ids_come_in_the_order_of_the_list() {
    for_each_engine(|mut store| {
        let keys: Vec<Key> = (0..200).map(|n| token_key(n, &format!("key{:03}", 255 - n))).collect();
        insert(store.keyring.as_mut(), &keys);
        let sort = Sort { field: SortField::Name, descending: false };
        let query = Query { sort, ..Query::every(Selection::all(time(0))) };
        let ids = query.ids(store.keyring.as_ref(), |facts| facts.name.ends_with('7')).unwrap();
        let expected: Vec<KeyId> =
            keys.iter().rev().filter(|key| key.description.name.as_str().ends_with('7')).map(|key| key.id).collect();
        assert_eq!(ids, expected);
    });
}

#[test]
fn a_visitor_can_stop_a_list() {
    for_each_engine(|mut store| {
        insert(store.keyring.as_mut(), &[token_key(1, "one"), token_key(2, "two")]);
        let mut flow = ControlFlow::Continue(());
        let stopped = store.keyring.page(&Query::every(Selection::all(time(0))), &mut Cursor::default(), &mut |_| {
            assert_eq!(flow, ControlFlow::Continue(()), "not called again");
            flow = ControlFlow::Break(());
            Err(Error::new(Code::OutputFailed, "no", "no"))
        });
        assert_eq!(stopped.unwrap_err().code(), Code::OutputFailed);
    });
}

#[test]
fn a_page_of_keys_has_the_same_keys_as_a_list_with_all_columns() {
    for_each_engine(|mut store| {
        let keys: Vec<Key> = (0..200).map(|n| token_key(n, &format!("key{:03}", 255 - n))).collect();
        insert(store.keyring.as_mut(), &keys);
        for field in [SortField::Created, SortField::Name] {
            for descending in [false, true] {
                let sort = Sort { field, descending };
                let query = Query { sort, limit: Some(150), ..Query::every(Selection::all(time(0))) };
                let listed = query.ids(store.keyring.as_ref(), |_| true).unwrap();
                let (mut found, mut cursor) = (Vec::new(), Cursor::default());
                while store
                    .keyring
                    .page_of_keys(&query, &mut cursor, &mut |key| {
                        found.push(key);
                        Ok(())
                    })
                    .unwrap()
                {}
                assert_eq!(found.iter().map(|key| key.id).collect::<Vec<_>>(), listed);
                assert!(found.iter().all(|key| keys.contains(key)));
            }
        }
    });
}
