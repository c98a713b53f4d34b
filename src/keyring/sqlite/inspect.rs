//! Inspecting keyring files.

use super::{
    audit,
    batch_state::activated_at,
    bearer,
    connection::{connect, has_table},
    contradictions,
    error::{Attempt, Explain},
    migrations::{OLDEST_READABLE, newest, read_as_current},
    place::Place,
    purge,
    row::{self, AFTER},
    schema, thumbprint, usage,
    values::cell,
};
use crate::{
    error::{Code, Error, Result},
    key::{KeyId, KeyView, Time},
    keyring::{
        Chain, Contradiction, Damage, Exposure, Inspection,
        record::{Cell, Column, Digester},
    },
};
use rusqlite::Connection;

/// The maximum number of rows per consistent read. Other processes can write between two reads.
const STRETCH: i64 = 8192;

/// A keyring file that is open for inspection.
#[derive(Clone, Debug)]
pub(super) struct FileInspection {
    place: Place,
}

impl FileInspection {
    /// Opens the keyring file at a place for inspection.
    ///
    /// # Errors
    /// - `keyring_missing` if the file does not exist
    /// - `keyring_foreign` if the file is not a keyring
    /// - `keyring_newer` if a newer version of keywright wrote the file
    /// - a [storage error](crate::keyring#storage-errors) other than `keyring_corrupt` if the file cannot be read
    pub(super) fn open(place: &Place) -> Result<Self> {
        if place.find()?.is_none() {
            return Err(missing(place));
        }
        let inspection = Self { place: place.clone() };
        match inspection.connect().and_then(|connection| schema::version(&connection, place)) {
            // The header of the file is unreadable. The methods that read the file will report this.
            Err(error) if error.code() == Code::KeyringCorrupt => Ok(inspection),
            outcome => outcome.map(|_| inspection),
        }
    }

    fn read(&self) -> Attempt<'_> {
        Attempt::Read(&self.place)
    }

    fn connect(&self) -> Result<Connection> {
        let connection = connect(self.place.path()).explain(Attempt::Open(&self.place))?;
        // If the version is unreadable, the methods that read the file report this.
        if let Ok(version) = schema::version(&connection, &self.place)
            && (OLDEST_READABLE..newest()).contains(&version)
        {
            read_as_current(&connection, version).explain(Attempt::Open(&self.place))?;
        }
        connection.pragma_update(None, "query_only", true).explain(self.read())?;
        Ok(connection)
    }
}

impl Inspection for FileInspection {
    fn contract(&self) -> Result<Option<String>> {
        let connection = self.connect()?;
        if !columns(&connection, "keyring").explain(self.read())?.iter().any(|column| column == "contract") {
            return Ok(None);
        }
        super::policy::contract(&connection).explain(self.read())
    }

    fn each_key(&self, visit: &mut dyn FnMut(Result<&KeyView<'_>, Damage>)) -> Result<()> {
        let connection = self.connect()?;
        let there = columns(&connection, "key").explain(self.read())?;
        let known = Column::ALL.iter().map(|column| column.name());
        // Columns that do not exist in an older schema are read as NULL.
        let wanted: Vec<&str> =
            known.map(|column| if there.iter().any(|name| name == column) { column } else { "NULL" }).collect();
        let activated = if there.iter().any(|name| name == "batch") { activated_at!() } else { "activated_at" };
        let has_thumbprints = thumbprint::are_stored(&connection).explain(self.read())?;
        let thumbprint = if has_thumbprints { "thumbprint" } else { "NULL" };
        let sql = format!(
            "SELECT {}, digest, {activated}, seq, {thumbprint} FROM key WHERE seq > ?1 ORDER BY seq LIMIT ?2",
            wanted.join(", ")
        );
        let mut statement = connection.prepare(&sql).explain(self.read())?;
        let mut digester = Digester::default();
        let mut from = i64::MIN;
        loop {
            let mut seen = 0;
            let mut rows = statement.query([from, STRETCH]).explain(self.read())?;
            while let Some(found) = rows.next().explain(self.read())? {
                seen += 1;
                from = found.get(AFTER).explain(self.read())?;
                let examined = examine(found, from, &mut digester).and_then(|view| {
                    let stored = found.get_ref(AFTER + 1).map_or(Cell::Null, cell);
                    if has_thumbprints && !thumbprint::is_right(stored, view.spki) {
                        let what = "the thumbprint in the row is not that of the public key";
                        return Err(Damage { seq: Some(from), id: Some(view.id), what });
                    }
                    Ok(view)
                });
                visit(examined.as_ref().map_err(|damage| *damage));
            }
            if seen < STRETCH {
                return Ok(());
            }
        }
    }

    fn each_other_damage(&self, visit: &mut dyn FnMut(Damage)) -> Result<()> {
        let connection = self.connect()?;
        // These tables do not exist in keywright's first schemas.
        if has_table(&connection, "bearer").explain(self.read())? {
            bearer::examine(&connection, visit).explain(self.read())?;
        }
        if has_table(&connection, "tombstone").explain(self.read())? {
            purge::examine(&connection, visit).explain(self.read())?;
        }
        Ok(())
    }

    fn verify_chain(&self) -> Result<Chain> {
        let connection = self.connect()?;
        let org_id = schema::org_id(&connection).explain(self.read())?;
        audit::verify_chain(&connection, org_id, None, &self.place)
    }

    fn contradictions(&self, limit: usize) -> Result<Vec<Contradiction>> {
        contradictions::contradictions(&self.connect()?, limit).explain(self.read())
    }

    fn forgotten_requests(&self) -> Result<Option<Time>> {
        let connection = self.connect()?;
        if !has_table(&connection, "replay_floor").explain(self.read())? {
            return Ok(None);
        }
        let forgotten = usage::forgotten_requests(&connection).explain(self.read())?;
        Ok(forgotten.map(|forgotten| Time::from_seconds(forgotten.div_euclid(1000))))
    }

    fn accepted_skew(&self) -> Result<i64> {
        let connection = self.connect()?;
        // The table does not exist in keywright's first schemas, and the others stand in for it.
        if schema::version(&connection, &self.place)? < OLDEST_READABLE {
            return Ok(0);
        }
        usage::accepted_skew(&connection).explain(self.read())
    }

    fn problems(&self, limit: usize) -> Result<Vec<String>> {
        let connection = self.connect()?;
        let mut problems = Vec::new();
        if schema::torn(&connection, &self.place)? {
            problems.push(schema::TORN.to_owned());
        }
        // Skip the CHECK constraints, because the other methods examine the values.
        connection.pragma_update(None, "ignore_check_constraints", true).explain(self.read())?;
        let mut statement = connection.prepare(&format!("PRAGMA integrity_check({limit})")).explain(self.read())?;
        let mut rows = statement.query([]).explain(self.read())?;
        while let Some(row) = rows.next().explain(self.read())? {
            let problem: String = row.get(0).explain(self.read())?;
            problems.extend((problem != "ok").then(|| problem.replace('\n', " ")));
        }
        Ok(problems)
    }

    fn exposures(&self) -> Result<Vec<Exposure>> {
        self.place.find()?.map_or_else(|| Err(missing(&self.place)), |file| self.place.exposures(file))
    }

    fn other_name(&self) -> Result<Option<String>> {
        self.place.other_name()
    }
}

fn examine<'a>(found: &'a rusqlite::Row<'_>, seq: i64, digester: &mut Digester) -> Result<KeyView<'a>, Damage> {
    let damage = |what| Damage { seq: Some(seq), id: found.get(0).ok().map(KeyId::from_bytes), what };
    match row::intact_cells(found, digester).map(|cells| cells.is_some()) {
        Ok(true) => {
            row::complete_view(found).map_err(|_| damage("the row contains values that keywright never writes"))
        }
        _ => Err(damage("the row does not match its digest")),
    }
}

fn columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare("SELECT name FROM pragma_table_info(?1)")?;
    statement.query_map([table], |row| row.get(0))?.collect()
}

/// Returns the `keyring_missing` error for a place at which there is no file.
pub(super) fn missing(place: &Place) -> Error {
    Error::new(
        Code::KeyringMissing,
        format!("there is no keyring at {}", place.path().display()),
        format!("create a keyring with `{}`, or pass another path with --keyring", place.init()),
    )
}
