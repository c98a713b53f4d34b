//! Finding problems with a single key.

use super::{Findings, Kind, Settings};
use crate::{
    contract::Rules,
    key::{KeyType, KeyView, Status, Time, irregularity},
};

impl Settings {
    /// Checks a key and adds a finding for each of its problems.
    pub(super) fn judge(&self, facts: &KeyView<'_>, rules: &Rules, findings: &mut Findings) {
        let life = &facts.lifecycle;
        let status = life.status(self.now);
        match status {
            Status::Revoked => return,
            // A successor replaces the key, so its end was intended.
            Status::Expired if facts.rotated_to.is_some() => return,
            Status::Expired => {
                findings.add_about_key(Kind::Expired, facts, || {
                    format!("expired at {} but is not revoked", shown(life.expires))
                });
                return;
            }
            Status::Pending if life.created <= self.pending_since => {
                findings.add_about_key(Kind::Pending, facts, || format!("pending since {}", life.created));
            }
            Status::Active => match life.last_used {
                Some(used) if used <= self.unused_since => {
                    findings.add_about_key(Kind::Unused, facts, || format!("last used at {used}"));
                }
                None if life.activated.unwrap_or(life.created) <= self.unused_since => {
                    findings.add_about_key(Kind::NeverUsed, facts, || {
                        format!("active since {} but never used", shown(life.activated))
                    });
                }
                _ => {}
            },
            Status::Pending | Status::Disabled => {}
        }
        // A rotated key already has a successor, and a disabled key is not in use, so the expiry is not a problem.
        let is_in_use = facts.rotated_to.is_none() && status != Status::Disabled;
        if is_in_use && life.expires.is_some_and(|end| end <= self.expiring_by) {
            findings.add_about_key(Kind::Expiring, facts, || format!("expires at {}", shown(life.expires)));
        }
        if rules.grants_everything(&facts.scopes) {
            findings.add_about_key(Kind::OverScoped, facts, || format!("has every scope: {}", facts.scopes));
        }
        if facts.scopes.wildcards != rules.scopes.wildcards
            && let Some(scope) = facts.scopes.with_star_segment().next()
        {
            findings.add_about_key(Kind::StarScope, facts, || {
                if rules.scopes.wildcards {
                    format!("the scope `{scope}` is literal, but the contract allows wildcards (rule scopes.wildcards)")
                } else {
                    format!(
                        "the scope `{scope}` is a wildcard, which the contract does not allow (rule scopes.wildcards)"
                    )
                }
            });
        }
        for (what, text) in [("name", Some(facts.name)), ("owner", facts.owner)] {
            if let Some(irregular) = text.and_then(irregularity) {
                findings.add_about_key(Kind::IrregularText, facts, || format!("the {what} {irregular}"));
            }
        }
        let is_rsa = facts.key_type == KeyType::Rsa;
        if let Some(bits) = facts.bits.filter(|bits| is_rsa && *bits < rules.rsa.smallest) {
            findings.add_about_key(Kind::WeakRsa, facts, || {
                format!("has {bits} bits; the minimum is {} (rule rsa.smallest)", rules.rsa.smallest)
            });
        }
    }
}

fn shown(time: Option<Time>) -> String {
    time.map_or_else(|| "an unknown time".to_owned(), |time| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::{Finding, Findings};
    use super::*;
    use crate::{
        key::{Key, Lifecycle},
        testing::{self, DAY},
    };

    fn at(day: i64) -> Time {
        testing::time(day * DAY)
    }

    fn settings() -> Settings {
        Settings {
            system_clock: at(0),
            now: at(0),
            expiring_by: at(30),
            unused_since: at(-90),
            pending_since: at(-1),
            kinds: Kind::ALL.map(|(kind, ..)| kind).to_vec(),
        }
    }

    fn key() -> Key {
        let mut key = testing::key(1).created_at(-100 * DAY);
        key.lifecycle.last_used = Some(at(-1));
        key
    }

    fn kinds(key: &Key, rules: &Rules) -> Vec<Kind> {
        let mut findings = Findings::new(&settings().kinds);
        settings().judge(&key.view(), rules, &mut findings);
        findings.into_list().iter().map(|finding: &Finding| finding.kind).collect()
    }

    #[test]
    fn each_kind_of_finding_has_its_limits() {
        let rules = Rules::default();
        let with = |change: &dyn Fn(&mut Lifecycle)| {
            let mut key = key();
            change(&mut key.lifecycle);
            kinds(&key, &rules)
        };
        assert!(with(&|_| {}).is_empty());
        assert_eq!(with(&|life| life.expires = Some(at(30))), [Kind::Expiring]);
        assert!(with(&|life| life.expires = Some(at(31))).is_empty());
        assert_eq!(with(&|life| life.expires = Some(at(0))), [Kind::Expired]);
        assert_eq!(with(&|life| life.last_used = Some(at(-90))), [Kind::Unused]);
        assert!(with(&|life| life.last_used = Some(at(-89))).is_empty());
        assert_eq!(with(&|life| life.last_used = None), [Kind::NeverUsed]);
        assert!(with(&|life| (life.last_used, life.activated) = (None, Some(at(-89)))).is_empty());
        assert_eq!(with(&|life| life.activated = None), [Kind::Pending]);
        assert!(with(&|life| (life.activated, life.created) = (None, at(0))).is_empty());
        assert!(with(&|life| (life.last_used, life.disabled) = (None, Some(at(-5)))).is_empty(), "nobody can use it");
        let revoked = with(&|life| {
            life.expires = Some(at(-1));
            life.revoke(at(-2), crate::key::RevocationReason::Unspecified);
        });
        assert!(revoked.is_empty());
    }

    #[test]
    fn a_rotated_key_may_expire() {
        let mut key = key();
        key.rotation.to = Some(testing::id(2));
        key.lifecycle.expires = Some(at(1));
        assert!(kinds(&key, &Rules::default()).is_empty());
    }

    #[test]
    fn a_key_with_every_scope_is_found() {
        let found = |known: Option<&str>, scopes: &[&str], wildcards: bool| {
            let mut rules = Rules::default();
            rules.scopes.known = known.map(|known| serde_json::from_str(known).unwrap());
            let mut key = key().with_scopes(scopes);
            key.description.scopes = key.description.scopes.read_with(wildcards);
            kinds(&key, &rules).contains(&Kind::OverScoped)
        };
        let of = |known: Option<&str>, scopes: &[&str]| found(known, scopes, false);
        let two = Some(r#"["read", "write"]"#);
        assert!(of(two, &["read", "write"]));
        assert!(!of(two, &["read"]) && !of(two, &[]));
        let below = Some(r#"["read", "write", "read::*", "write::*"]"#);
        assert!(of(below, &["read", "write"]), "each has what is below it");
        assert!(!of(below, &["read", "write::trade"]));
        let pattern = Some(r#"["orders:*", "admin"]"#);
        assert!(found(pattern, &["orders:*", "admin"], true));
        assert!(!of(pattern, &["orders:*", "admin"]), "without wildcards, the scope `orders:*` grants no order");
        assert!(!found(pattern, &["orders:read", "admin"], true));
        assert!(!of(Some(r#"["read"]"#), &["read"]), "where there is one scope, it says nothing");
        assert!(found(None, &["read", "*"], true) && !of(None, &["read", "write", "admin"]));
        assert!(!of(None, &["*"]), "without wildcards, the scope `*` grants nothing else");
    }

    #[test]
    fn a_modulus_below_the_minimum_is_found() {
        let mut rules = Rules::default();
        let key = key().with_material(testing::rsa(1));
        assert!(kinds(&key, &rules).is_empty());
        rules.rsa.smallest = 3072;
        assert_eq!(kinds(&key, &rules), [Kind::WeakRsa]);
    }
}
