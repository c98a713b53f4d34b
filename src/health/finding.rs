//! What can be found, how bad it is, and what to do about it.

use super::Watch;
use crate::{
    key::{KeyId, KeyView},
    keyring::Damage,
};
use serde_json::{Map, Value, json};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The keyring cannot be relied on.
    Critical,
    /// Something breaks soon, or could be abused.
    Warning,
    /// Something is left to tidy up.
    Notice,
}

impl Severity {
    /// The word that users see.
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
        /// What can be found, the worst first.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Kind {
            $(#[doc = $meaning] $variant,)*
        }

        impl Kind {
            /// Every kind with its word and what it means.
            pub const ALL: [(Self, &'static str, &'static str); [$(Kind::$variant),*].len()] =
                [$((Self::$variant, $word, $meaning)),*];

            /// The word that scripts see.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// How bad it is.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }

            /// What to do; `KEY` stands for the id.
            const fn next(self) -> &'static str {
                match self { $(Self::$variant => $next,)* }
            }
        }
    };
}

kinds! {
    Exposed "exposed" Critical "others can write the keyring or its directory" "chmod go-w PLACE, and check what they may have done with `keywright audit`";
    DamagedFile "damaged-file" Critical "SQLite finds the file damaged" "keep a copy of the file as it is, and put a backup in its place";
    DamagedKey "damaged-key" Critical "the row of a key does not match its digest" "keep a copy of the file as it is, and put a backup in its place";
    DamagedRow "damaged-row" Critical "the row of a bearer token or a tombstone is not what was written" "keep a copy of the file as it is, and put a backup in its place";
    DamagedLog "damaged-log" Critical "the audit log is not the one that was written" "look with `keywright audit verify`, and compare with a backup";
    Contradiction "contradiction" Critical "the audit log or a tombstone contradicts the row of a key" "look with `keywright audit KEY`, and compare with a backup";
    DamagedContract "damaged-contract" Critical "the keyring's contract does not hold" "put it under one that does with `keywright policy load`";
    ClockBehind "clock-behind" Warning "the clock is behind the audit log" "set the clock: what expires does so by it";
    Readable "readable" Warning "others can read the keyring" "chmod go-rwx PLACE";
    Expiring "expiring" Warning "a key expires soon" "keywright rotate KEY, or keywright update KEY --expires WHEN";
    Pending "pending" Warning "a key is pending for too long" "keywright activate KEY --private-key FILE if its secret arrived, or keywright activate --from FILE if many did together, else keywright revoke KEY";
    OverScoped "over-scoped" Warning "a key has every scope that the contract knows, or the scope `*`" "keywright update KEY --remove-scope SCOPE";
    WeakRsa "weak-rsa" Warning "an RSA key is smaller than the contract allows by now" "keywright rotate KEY";
    Unused "unused" Notice "a key was not used for long" "keywright disable KEY, and revoke it when nobody misses it";
    NeverUsed "never-used" Notice "a key was never used" "keywright disable KEY, and revoke it when nobody misses it";
    Expired "expired" Notice "a key expired and is not revoked" "keywright revoke KEY, or keywright purge --ended-before 90d";
}

/// Something that is worth a look.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What it is.
    pub kind: Kind,
    /// The key that it is about, and its name where that can be read.
    pub key: Option<(KeyId, Option<String>)>,
    /// What else it is about: a path, a row.
    pub place: Option<String>,
    /// What was found, in words.
    pub message: String,
    /// How many findings it stands for: one, or all that are not told one by one.
    pub count: u64,
}

impl Finding {
    /// The names of the fields of [`Finding::document`], in order.
    pub const FIELDS: [&'static str; 8] = ["api_key_id", "name", "kind", "severity", "count", "place", "msg", "next"];

    /// The next step.
    #[must_use]
    pub fn next(&self) -> String {
        let text = self.kind.next();
        match (&self.key, &self.place) {
            _ if self.count > 1 => {
                format!("look with `keywright check --only {}` when these are done", self.kind.word())
            }
            (Some((id, _)), _) => text.replace("KEY", &id.to_string()),
            (None, Some(place)) => text.replace("PLACE", place),
            (None, None) => text.to_owned(),
        }
    }

    /// The finding as JSON.
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

impl Watch {
    /// Notes a finding about a key that can be read.
    pub(super) fn key(&mut self, kind: Kind, facts: &KeyView<'_>, message: impl FnOnce() -> String) {
        self.note(kind, || Finding {
            kind,
            key: Some((facts.id, Some(facts.name.to_owned()))),
            place: None,
            message: message(),
            count: 1,
        });
    }

    /// Notes a row that is not what was written.
    pub(super) fn damage(&mut self, kind: Kind, Damage { seq, id, what }: Damage) {
        self.note(kind, || Finding {
            kind,
            key: id.map(|id| (id, None)),
            place: seq.map(|seq| format!("row {seq}")),
            message: what.to_owned(),
            count: 1,
        });
    }

    /// Notes a finding about something else.
    pub(super) fn place(&mut self, kind: Kind, place: Option<String>, message: impl FnOnce() -> String) {
        self.note(kind, || Finding { kind, key: None, place, message: message(), count: 1 });
    }
}
