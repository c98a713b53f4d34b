//! The kinds of findings, their severity, and the next step for each.

use super::Findings;
use crate::{
    key::{KeyId, KeyView},
    keyring::Damage,
};
use serde_json::{Map, Value, json};

/// The severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The keyring cannot be trusted.
    Critical,
    /// The problem can lead to a failure or to misuse of a key.
    Warning,
    /// A key can be removed or disabled if it is no longer needed.
    Notice,
}

impl Severity {
    /// Returns the word for this severity in the output.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }
}

macro_rules! kinds {
    ($($variant:ident $word:literal $severity:ident $meaning:literal $next:literal;)*) => {
        /// The kind of a finding. The variants are in order of decreasing severity.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Kind {
            $(#[doc = $meaning] $variant,)*
        }

        impl Kind {
            /// All kinds, each with its word and its description.
            pub const ALL: [(Self, &'static str, &'static str); [$(Kind::$variant),*].len()] =
                [$((Self::$variant, $word, $meaning)),*];

            /// Returns the word for this kind in the output, which scripts can rely on.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// Returns `true` if a finding of this kind concerns a key and is found by reading the key.
            pub(super) fn is_about_keys(self) -> bool {
                // The kinds before `Expiring` concern the keyring, apart from damaged keys.
                self == Self::DamagedKey || self >= Self::Expiring
            }

            /// Returns the severity of findings of this kind.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }

            /// Returns the next step, in which `KEY` is a placeholder for the id of the key and `PLACE` for the path.
            const fn next(self) -> &'static str {
                match self { $(Self::$variant => $next,)* }
            }
        }
    };
}

kinds! {
    Exposed "exposed" Critical "other users can write to the keyring, or to a directory through which they can replace it" "run `chmod go-w PLACE`, and review the changes with `keywright audit`";
    NotOwned "not-owned" Critical "the keyring, or a directory above it, belongs to another user" "move the keyring to a path on which every directory belongs to you or to root";
    Linked "linked" Critical "the keyring file has a second hard link, or is mounted as a single file" "stop all programs that use the keyring, copy the keyring with `cp -p`, and replace the keyring with the copy";
    DamagedFile "damaged-file" Critical "SQLite reports damage in the keyring file" "move the keyring and its `-journal` file to another directory, then run `keywright restore` with a backup; do not copy a backup over the keyring";
    DamagedKey "damaged-key" Critical "the row of a key does not match its digest or its public key" "move the keyring and its `-journal` file to another directory, then run `keywright restore` with a backup; do not copy a backup over the keyring";
    DamagedRow "damaged-row" Critical "the row of a bearer token or a tombstone is damaged" "move the keyring and its `-journal` file to another directory, then run `keywright restore` with a backup; do not copy a backup over the keyring";
    DamagedLog "damaged-log" Critical "the audit log was altered" "run `keywright audit verify`, and compare the keyring with a backup";
    Contradiction "contradiction" Critical "the keyring contradicts the audit log or a tombstone" "run `keywright audit KEY`, and compare the keyring with a backup";
    DamagedContract "damaged-contract" Critical "the contract of the keyring is invalid" "load a valid contract with `keywright policy load`";
    ClockBehind "clock-behind" Warning "the system clock is behind the audit log" "set the system clock, or run `keywright audit accept-clock` if the clock is right";
    Readable "readable" Warning "other users can read the keyring" "run `chmod go-rwx PLACE`";
    AmbiguousSigning "ambiguous-signing" Warning "a signature for one request can be valid for another request" "if the service can change its signing scheme, run `keywright policy set signing SCHEME`; otherwise, pass `--skip ambiguous-signing`";
    UncoveredSigning "uncovered-signing" Warning "a signature is valid for another method or path" "if the service can change its signing scheme, run `keywright policy set signing SCHEME`; otherwise, pass `--skip uncovered-signing`";
    Expiring "expiring" Warning "a key expires soon" "run `keywright rotate KEY --expires 90d --out FILE`, or `keywright update KEY --expires 90d`";
    Pending "pending" Warning "a key has been pending for too long" "if the secret arrived, run `keywright activate KEY --private-key FILE`, or `keywright activate --from FILE` if the key was issued with others; otherwise, run `keywright revoke KEY`";
    OverScoped "over-scoped" Warning "a key has every scope that the contract knows, or the wildcard `*`" "run `keywright show KEY` to see the scopes, and remove those that it does not need with `keywright update KEY --remove-scope SCOPE`";
    StarScope "star-scope" Warning "a `*` in one of the scopes of a key has a different meaning under the current contract" "run `keywright update KEY --add-scope SCOPE` with this scope to give it the new meaning, or `keywright update KEY --remove-scope SCOPE` to remove it";
    IrregularText "irregular-text" Warning "the name or the owner of a key can be mistaken for a different name or owner" "run `keywright update KEY --name NAME`, or `keywright update KEY --owner OWNER`";
    WeakRsa "weak-rsa" Warning "an RSA key is smaller than the contract now allows" "run `keywright rotate KEY --out FILE`";
    Unused "unused" Notice "a key has not been used for a long time" "run `keywright disable KEY`, and revoke the key if nobody needs it";
    NeverUsed "never-used" Notice "a key has been active for a long time but has never been used" "run `keywright disable KEY`, and revoke the key if nobody needs it";
    Expired "expired" Notice "a key has expired, but is not revoked and has no successor" "run `keywright revoke KEY`; to delete all keys that ended more than 90 days ago, run `keywright purge --ended-before 90d`";
}

/// A problem that a check found.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The kind of problem.
    pub kind: Kind,
    /// The id of the affected key, and its name if the name is readable, or `None` if the finding is not about a key.
    pub key: Option<(KeyId, Option<String>)>,
    /// The affected path, or the affected row, such as `row 7`, or `None` if there is neither.
    pub place: Option<String>,
    /// A description of the problem.
    pub message: String,
    /// The number of problems: 1, or for the summary of a kind, the number of problems that are not reported
    /// individually.
    pub count: u64,
}

impl Finding {
    /// The names of the fields that [`Finding::document`] returns, in order.
    pub const FIELDS: [&'static str; 8] = ["api_key_id", "name", "kind", "severity", "count", "place", "msg", "next"];

    /// Returns the suggested next step for this finding.
    #[must_use]
    pub fn next(&self) -> String {
        let text = self.kind.next();
        match (&self.key, &self.place) {
            _ if self.count > 1 => {
                format!("fix the reported findings, then run `keywright check --only {}`", self.kind.word())
            }
            (Some((id, _)), _) => text.replace("KEY", &id.to_string()),
            (None, Some(place)) => text.replace("PLACE", place),
            (None, None) => text.to_owned(),
        }
    }

    /// Returns the finding as a JSON object.
    #[must_use]
    pub fn document(&self) -> Map<String, Value> {
        let name = self.key.as_ref().and_then(|(_, name)| name.as_deref());
        let values = [
            json!(self.key.as_ref().map(|(id, _)| id.to_string())),
            json!(name),
            json!(self.kind.word()),
            json!(self.kind.severity().word()),
            json!(self.count),
            json!(self.place),
            json!(self.message),
            json!(self.next()),
        ];
        Self::FIELDS.iter().map(ToString::to_string).zip(values).collect()
    }
}

impl Findings {
    /// Adds a finding about a readable key.
    pub(super) fn add_about_key(&mut self, kind: Kind, facts: &KeyView<'_>, message: impl FnOnce() -> String) {
        self.add(kind, || Finding {
            kind,
            key: Some((facts.id, Some(facts.name.to_owned()))),
            place: None,
            message: message(),
            count: 1,
        });
    }

    /// Adds a finding about a damaged row.
    pub(super) fn add_damage(&mut self, kind: Kind, Damage { seq, id, what }: Damage) {
        self.add(kind, || Finding {
            kind,
            key: id.map(|id| (id, None)),
            place: seq.map(|seq| format!("row {seq}")),
            message: what.to_owned(),
            count: 1,
        });
    }

    /// Adds a finding that is not about a key.
    pub(super) fn add_about(&mut self, kind: Kind, place: Option<String>, message: impl FnOnce() -> String) {
        self.add(kind, || Finding { kind, key: None, place, message: message(), count: 1 });
    }
}
