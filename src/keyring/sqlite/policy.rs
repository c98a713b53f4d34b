//! Storing the keyring's contract and the entitlements of owners.

use super::{
    error::{Attempt, Explain, corrupt},
    place::Place,
};
use crate::{
    error::Result,
    key::{DescriptionText as _, Owner, Time},
    keyring::Entitlement,
};
use rusqlite::{Connection, OptionalExtension, params};

/// Implements [`Keys::contract`](crate::keyring::Keys::contract).
pub(super) fn contract(connection: &Connection) -> rusqlite::Result<Option<String>> {
    connection.prepare_cached("SELECT contract FROM keyring")?.query_row([], |row| row.get(0))
}

/// Replaces the keyring's contract.
pub(super) fn set_contract(connection: &Connection, contract: &str) -> rusqlite::Result<()> {
    connection.execute("UPDATE keyring SET contract = ?1", [contract])?;
    Ok(())
}

/// Implements [`Keys::entitlements`](crate::keyring::Keys::entitlements).
pub(super) fn entitlements(connection: &Connection, owner: Option<&Owner>, place: &Place) -> Result<Vec<Entitlement>> {
    let read = Attempt::Read(place);
    let sql = "SELECT name, usage_level, changed_at FROM owner WHERE ?1 IS NULL OR name IN (?1, ?2) ORDER BY name";
    let forms = owner.map_or([None, None], |owner| owner.forms().map(Some));
    let mut statement = connection.prepare_cached(sql).explain(read)?;
    let mut rows = statement.query(forms).explain(read)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().explain(read)? {
        let (name, level, changed): (String, String, i64) =
            (|| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))().explain(read)?;
        let unreadable = |_| corrupt(place, "the row of an owner contains values that keywright never writes");
        found.push(Entitlement {
            owner: Owner::from_stored(name),
            usage_level: level.parse().map_err(unreadable)?,
            changed_at: Time::from_seconds(changed),
        });
    }
    Ok(found)
}

/// Inserts or replaces the entitlement of an owner.
pub(super) fn entitle(connection: &Connection, new: &Entitlement) -> rusqlite::Result<()> {
    let sql = "INSERT INTO owner (name, usage_level, changed_at) VALUES (?1, ?2, ?3)
               ON CONFLICT (name) DO UPDATE SET usage_level = ?2, changed_at = ?3";
    let values = params![new.owner.as_str(), new.usage_level.as_str(), new.changed_at.seconds()];
    connection.execute(sql, values)?;
    Ok(())
}

/// Implements [`Keys::nth_newest`](crate::keyring::Keys::nth_newest).
pub(super) fn nth_newest(
    connection: &Connection,
    owner: &Owner,
    since: Time,
    n: u32,
) -> rusqlite::Result<Option<Time>> {
    let sql = "SELECT created_at FROM key WHERE owner IN (?1, ?2) AND created_at > ?3 AND rotated_from IS NULL ORDER BY created_at DESC LIMIT 1 OFFSET ?4";
    let [nfc, nfd] = owner.forms();
    let values = params![nfc, nfd, since.seconds(), n.saturating_sub(1)];
    let found = connection.prepare_cached(sql)?.query_row(values, |row| row.get(0)).optional()?;
    Ok(found.map(Time::from_seconds))
}
