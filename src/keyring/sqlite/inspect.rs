//! Looking at a keyring as it lies there, whatever its state.

use super::{
    audit, bearer,
    connection::{connect, has_table},
    damage::Damage,
    digest,
    error::{Attempt, Explain},
    place::{Exposure, Place},
    purge, row, schema,
};
use crate::{
    error::{Code, Error, Result},
    key::{Facts, KeyId},
    keyring::{Chain, Contradiction},
};
use rusqlite::Connection;

/// Rows of one consistent read, after which a writer gets its turn.
const STRETCH: i64 = 8192;

/// A keyring that is looked at: one that others can write, that is damaged, or has an older schema, too. Nothing is written,
/// and each question has a connection of its own, so that threads can ask them side by side.
#[derive(Clone, Debug)]
pub struct Inspection {
    place: Place,
}

impl Inspection {
    /// Looks at the keyring that is there.
    ///
    /// # Errors
    /// `keyring_missing`; `keyring_foreign` and `keyring_newer` when there is nothing that could be looked at.
    pub(super) fn open(place: &Place) -> Result<Self> {
        if place.find()?.is_none() {
            return Err(missing(place));
        }
        let exam = Self { place: place.clone() };
        match exam.connect().and_then(|connection| schema::version(&connection, place)) {
            // Not even its head can be read. What there is to say of that, every question will.
            Err(error) if error.code() == Code::KeyringCorrupt => Ok(exam),
            outcome => outcome.map(|_| exam),
        }
    }

    fn read(&self) -> Attempt<'_> {
        Attempt::Read(&self.place)
    }

    fn connect(&self) -> Result<Connection> {
        let connection = connect(self.place.path()).explain(Attempt::Open(&self.place))?;
        connection.pragma_update(None, "query_only", true).explain(self.read())?;
        Ok(connection)
    }

    /// The contract that the keyring is under, as text; `None` is the default one.
    ///
    /// # Errors
    /// What the store reports.
    pub fn contract(&self) -> Result<Option<String>> {
        let connection = self.connect()?;
        if !columns(&connection, "keyring").explain(self.read())?.iter().any(|column| column == "contract") {
            return Ok(None);
        }
        super::policy::contract(&connection).explain(self.read())
    }

    /// Visits every key, in the order of making.
    ///
    /// # Errors
    /// What the store reports.
    pub fn each_key(&self, visit: &mut dyn FnMut(Result<&Facts<'_>, Damage>)) -> Result<()> {
        let connection = self.connect()?;
        let there = columns(&connection, "key").explain(self.read())?;
        let known = row::COLUMNS.split(',').map(str::trim);
        // A column that came later is NULL in all rows of an older schema.
        let wanted: Vec<&str> =
            known.map(|column| if there.iter().any(|name| name == column) { column } else { "NULL" }).collect();
        let sql = format!("SELECT {}, digest, seq FROM key WHERE seq > ?1 ORDER BY seq LIMIT ?2", wanted.join(", "));
        let mut statement = connection.prepare(&sql).explain(self.read())?;
        let mut digester = digest::Digester::default();
        let mut from = i64::MIN;
        loop {
            let mut seen = 0;
            let mut rows = statement.query([from, STRETCH]).explain(self.read())?;
            while let Some(found) = rows.next().explain(self.read())? {
                seen += 1;
                from = found.get(row::COUNT + 1).explain(self.read())?;
                visit(examine(found, from, &mut digester).as_ref().map_err(|damage| *damage));
            }
            if seen < STRETCH {
                return Ok(());
            }
        }
    }

    /// Visits what is damaged among the rows that stand beside the keys: bearer tokens, by their digests and their keys, and
    /// tombstones, which have no digest, by their shape.
    ///
    /// # Errors
    /// What the store reports.
    pub fn each_damage_beside(&self, visit: &mut dyn FnMut(Damage)) -> Result<()> {
        let connection = self.connect()?;
        // An older schema has none of them.
        if has_table(&connection, "bearer").explain(self.read())? {
            bearer::examine(&connection, visit).explain(self.read())?;
        }
        if has_table(&connection, "tombstone").explain(self.read())? {
            purge::examine(&connection, visit).explain(self.read())?;
        }
        Ok(())
    }

    /// Walks the audit log: see [`Keyring::verify_chain`](crate::keyring::Keyring::verify_chain).
    ///
    /// # Errors
    /// What the store reports.
    pub fn verify_chain(&self) -> Result<Chain> {
        let connection = self.connect()?;
        let org_id = schema::org_id(&connection).explain(self.read())?;
        audit::verify_chain(&connection, org_id, None, &self.place)
    }

    /// The keys whose rows the audit log or a tombstone contradicts: see
    /// [`Keyring::contradictions`](crate::keyring::Keyring::contradictions).
    ///
    /// # Errors
    /// What the store reports.
    pub fn contradictions(&self, limit: usize) -> Result<Vec<Contradiction>> {
        audit::contradictions(&self.connect()?, limit).explain(self.read())
    }

    /// What SQLite finds wrong with the file's pages, at most `limit`.
    ///
    /// # Errors
    /// What the store reports.
    pub fn problems(&self, limit: usize) -> Result<Vec<String>> {
        let connection = self.connect()?;
        let mut problems = Vec::new();
        if schema::torn(&connection, &self.place)? {
            problems.push(schema::TORN.to_owned());
        }
        // What a column may hold is not asked again: the digests tell whether it is what was written.
        connection.pragma_update(None, "ignore_check_constraints", true).explain(self.read())?;
        let mut statement = connection.prepare(&format!("PRAGMA quick_check({limit})")).explain(self.read())?;
        let mut rows = statement.query([]).explain(self.read())?;
        while let Some(row) = rows.next().explain(self.read())? {
            let problem: String = row.get(0).explain(self.read())?;
            problems.extend((problem != "ok").then(|| problem.replace('\n', " ")));
        }
        Ok(problems)
    }

    /// What others can do with the file and its directory.
    ///
    /// # Errors
    /// `keyring_failed` when they cannot be seen.
    pub fn exposures(&self) -> Result<Vec<Exposure>> {
        self.place.find()?.map_or_else(|| Err(missing(&self.place)), |file| self.place.exposures(file))
    }
}

fn examine<'a>(found: &'a rusqlite::Row<'_>, seq: i64, digester: &mut digest::Digester) -> Result<Facts<'a>, Damage> {
    let damage = |what| Damage { seq: Some(seq), id: found.get(0).ok().map(KeyId::from_bytes), what };
    match row::matches(found, digester) {
        Ok(true) => row::facts(found).map_err(|_| damage("the row holds what keywright does not write")),
        _ => Err(damage("the row does not match its digest")),
    }
}

fn columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare("SELECT name FROM pragma_table_info(?1)")?;
    statement.query_map([table], |row| row.get(0))?.collect()
}

/// There is no keyring.
pub(super) fn missing(place: &Place) -> Error {
    Error::new(
        Code::KeyringMissing,
        format!("there is no keyring at {}", place.path().display()),
        "make one with `keywright init`, or name another with --keyring",
    )
}
