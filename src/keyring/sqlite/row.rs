//! Keys as rows.

use super::{
    bearer,
    digest::{Digester, digest},
    error::{Attempt, Explain, corrupt},
    place::Place,
    values::{array, count, text, time},
};
use crate::{
    error::{Error, Result},
    key::{
        Description, Env, Fingerprint, Key, KeyId, KeyType, KeyView, Labels, Lifecycle, Lookup, Material, Name,
        RateLimit, RevocationReason, Rotation, Scopes, SecretHash, Time,
    },
};
use rusqlite::{
    Connection, Row, params,
    types::{FromSqlError, ToSqlOutput, ValueRef},
};

/// The columns of a key that hold facts, in the order of the digest. The first [`SHOWN`] are what a list reads.
macro_rules! columns {
    () => {
        "id, name, type, env, prefix, owner, scopes, labels, note, \
        created_at, activated_at, expires_at, last_used_at, disabled_at, revoked_at, revocation_reason, \
        per_minute, per_hour, per_day, spki, fingerprint, key_bits, api_key, rotated_from, rotated_to, \
        revocation_note, modulus_hash, secret_hash, opaque, retire_on_use, handover, registered"
    };
}
pub(super) const COLUMNS: &str = columns!();
/// What every secret that is verified asks: ready, so that nothing has to be put together.
pub(super) const BY_ID: &str = concat!("SELECT ", columns!(), ", digest FROM key WHERE id = ?1");
/// How many columns there are.
pub(super) const COUNT: usize = 32;
/// How many of them a list reads.
const SHOWN: usize = 25;
pub(super) const LAST_USED: usize = 12;
pub(super) const ROTATED_FROM: usize = 23;
const REVOCATION_NOTE: usize = 25;
const MODULUS_HASH: usize = 26;
const SECRET_HASH: usize = 27;
const OPAQUE: usize = 28;
const RETIRE_ON_USE: usize = 29;
const HANDOVER: usize = 30;
const REGISTERED: usize = 31;

/// The columns that a list reads.
pub(super) fn shown_columns() -> String {
    COLUMNS.split(", ").map(str::trim).take(SHOWN).collect::<Vec<_>>().join(", ")
}

/// The values of a key, in the order of [`COLUMNS`], borrowed from it; `handover` is [`handover`] of it.
pub(super) fn values<'a>(key: &'a Key, handover: Option<&'a str>) -> [ValueRef<'a>; COUNT] {
    let facts = key.view();
    let life = facts.lifecycle;
    let word = |word: &'a str| ValueRef::Text(word.as_bytes());
    let text = |text: Option<&'a str>| text.map_or(ValueRef::Null, word);
    let time = |time: Option<Time>| time.map_or(ValueRef::Null, |time| ValueRef::Integer(time.seconds()));
    let count = |count: Option<u32>| count.map_or(ValueRef::Null, |count| ValueRef::Integer(count.into()));
    let blob = |bytes: Option<&'a [u8]>| bytes.map_or(ValueRef::Null, ValueRef::Blob);
    let flag = |set: bool| if set { ValueRef::Integer(1) } else { ValueRef::Null };
    let id = |id: Option<&'a KeyId>| blob(id.map(|id| &id.as_bytes()[..]));
    let fingerprint = match &key.material {
        Material::Rsa { fingerprint, .. } => Some(&fingerprint.as_bytes()[..]),
        _ => None,
    };
    let (modulus, secret) = match &key.material {
        Material::Rsa { modulus, .. } => (Some(modulus), None),
        Material::Token { hash, .. } | Material::Opaque { hash, .. } | Material::Pair { hash, .. } => {
            (None, Some(hash.as_bytes()))
        }
    };
    [
        id(Some(&key.id)),
        word(facts.name),
        word(facts.key_type.word()),
        word(facts.env.word()),
        text(facts.prefix),
        text(facts.owner),
        word(facts.scopes),
        word(facts.labels),
        text(facts.note),
        time(Some(life.created)),
        time(life.activated),
        time(life.expires),
        time(life.last_used),
        time(life.disabled),
        time(life.revoked),
        text(life.reason.map(RevocationReason::word)),
        count(facts.rate_limit.minute),
        count(facts.rate_limit.hour),
        count(facts.rate_limit.day),
        blob(facts.spki),
        blob(fingerprint),
        count(facts.bits),
        text(facts.api_key),
        id(key.rotation.from.as_ref()),
        id(key.rotation.to.as_ref()),
        text(facts.revocation_note),
        blob(modulus.map(|m| &m[..])),
        blob(secret.map(|s| &s[..])),
        flag(matches!(key.material, Material::Opaque { .. })),
        flag(key.rotation.retire_on_use),
        text(handover),
        flag(key.registered),
    ]
}

/// Whether a row whose first columns are [`COLUMNS`] matches the digest that follows them.
pub(super) fn matches(row: &Row<'_>, digester: &mut Digester) -> rusqlite::Result<bool> {
    let mut columns = [ValueRef::Null; COUNT];
    for (place, column) in columns.iter_mut().enumerate() {
        *column = row.get_ref(place)?;
    }
    Ok(row.get_ref(COUNT)? == ValueRef::Blob(&digester.digest(columns.into_iter())))
}

/// A handover as it is stored.
pub(super) fn handover(key: &Key) -> Option<String> {
    key.rotation.handover.map(|handover| handover.to_string())
}

fn invalid() -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Null, Box::new(FromSqlError::InvalidType))
}

fn known<T>(value: Option<T>) -> rusqlite::Result<T> {
    value.ok_or_else(invalid)
}

/// The facts of a row whose first columns are [`shown_columns`], borrowed from it.
///
/// A list spends most of its time here, so the columns that keywright leaves unset for a type of key are not read.
pub(super) fn facts<'a>(row: &'a Row<'_>) -> rusqlite::Result<KeyView<'a>> {
    let at = |index: usize| row.get_ref(index);
    let key_type = match at(2)?.as_bytes()? {
        b"rsa" => KeyType::Rsa,
        b"token" => KeyType::Token,
        b"pair" => KeyType::Pair,
        _ => return Err(invalid()),
    };
    let (spki, fingerprint, bits) = match key_type {
        KeyType::Rsa => (at(19)?.as_blob_or_null()?, array(at(20)?)?, count(at(21)?)?),
        KeyType::Token | KeyType::Pair => (None, None, None),
    };
    let revoked = time(at(14)?)?;
    let reason = match revoked {
        Some(_) => Some(at(15)?.as_str()?.parse().map_err(|_| invalid())?),
        None => None,
    };
    Ok(KeyView {
        id: KeyId::from_bytes(known(array(at(0)?)?)?),
        name: at(1)?.as_str()?,
        key_type,
        env: known(Env::from_word(at(3)?.as_str()?))?,
        prefix: text(at(4)?)?,
        owner: text(at(5)?)?,
        scopes: at(6)?.as_str()?,
        labels: at(7)?.as_str()?,
        note: text(at(8)?)?,
        lifecycle: Lifecycle {
            created: known(time(at(9)?)?)?,
            activated: time(at(10)?)?,
            expires: time(at(11)?)?,
            last_used: time(at(12)?)?,
            disabled: time(at(13)?)?,
            revoked,
            reason,
        },
        rate_limit: RateLimit { minute: count(at(16)?)?, hour: count(at(17)?)?, day: count(at(18)?)? },
        spki,
        fingerprint: fingerprint.map(Fingerprint::from_bytes),
        bits,
        api_key: if key_type == KeyType::Pair { text(at(22)?)? } else { None },
        rotated_from: array(at(23)?)?.map(KeyId::from_bytes),
        rotated_to: array(at(24)?)?.map(KeyId::from_bytes),
        // Read with the whole key only.
        revocation_note: None,
        retire_on_use: false,
        handover: None,
    })
}

/// The whole key of a row whose first columns are [`COLUMNS`].
fn key(row: &Row<'_>) -> rusqlite::Result<Key> {
    let facts = facts(row)?;
    let set = |column: usize| -> rusqlite::Result<bool> { Ok(row.get_ref(column)?.as_i64_or_null()?.is_some()) };
    let secret = || -> rusqlite::Result<_> { Ok(SecretHash::from_bytes(known(array(row.get_ref(SECRET_HASH)?)?)?)) };
    let material = match facts.key_type {
        KeyType::Rsa => Material::Rsa {
            spki: known(facts.spki)?.to_owned(),
            fingerprint: known(facts.fingerprint)?,
            modulus: known(array(row.get_ref(MODULUS_HASH)?)?)?,
            bits: known(facts.bits)?,
        },
        KeyType::Token if set(OPAQUE)? => {
            Material::Opaque { prefix: facts.prefix.map(ToOwned::to_owned), hash: secret()? }
        }
        KeyType::Token => Material::Token { prefix: known(facts.prefix)?.to_owned(), hash: secret()? },
        KeyType::Pair => Material::Pair {
            prefix: known(facts.prefix)?.to_owned(),
            api_key: known(facts.api_key)?.to_owned(),
            hash: secret()?,
        },
    };
    let parsed = |note: Option<&str>| note.map(|note| note.parse().map_err(|_| invalid())).transpose();
    Ok(Key {
        id: facts.id,
        material,
        description: Description {
            name: facts.name.parse().map_err(|_| invalid())?,
            env: facts.env,
            owner: facts.owner.map(|owner| owner.parse().map_err(|_| invalid())).transpose()?,
            scopes: Scopes::from_stored(facts.scopes.to_owned()),
            labels: Labels::from_stored(facts.labels.to_owned()),
            note: parsed(facts.note)?,
            rate_limit: facts.rate_limit,
        },
        lifecycle: facts.lifecycle,
        revocation_note: parsed(text(row.get_ref(REVOCATION_NOTE)?)?)?,
        rotation: Rotation {
            from: facts.rotated_from,
            to: facts.rotated_to,
            retire_on_use: set(RETIRE_ON_USE)?,
            handover: text(row.get_ref(HANDOVER)?)?.map(|text| text.parse().map_err(|_| invalid())).transpose()?,
        },
        registered: set(REGISTERED)?,
    })
}

/// Reads whole keys, checking the digest of each.
pub(super) fn keys(
    connection: &Connection,
    condition: &str,
    parameters: &[&dyn rusqlite::ToSql],
    place: &Place,
) -> Result<Vec<Key>> {
    let read = Attempt::Read(place);
    let sql = format!("SELECT {COLUMNS}, digest FROM key WHERE {condition}");
    let mut statement = connection.prepare_cached(&sql).explain(read)?;
    let mut rows = statement.query(parameters).explain(read)?;
    let mut keys = Vec::new();
    while let Some(row) = rows.next().explain(read)? {
        keys.push(checked(row, place)?);
    }
    Ok(keys)
}

/// [`Keyring::all_keys`](crate::keyring::Keyring::all_keys): the next keys after a row number, which is moved on.
pub(super) fn next(connection: &Connection, after: &mut Option<i64>, place: &Place) -> Result<Vec<Key>> {
    let read = Attempt::Read(place);
    let sql = format!("SELECT {COLUMNS}, digest, seq FROM key WHERE seq > ?1 ORDER BY seq LIMIT 512");
    let mut statement = connection.prepare_cached(&sql).explain(read)?;
    let mut rows = statement.query([after.unwrap_or(i64::MIN)]).explain(read)?;
    let mut keys = Vec::new();
    while let Some(row) = rows.next().explain(read)? {
        keys.push(checked(row, place)?);
        *after = Some(row.get(COUNT + 1).explain(read)?);
    }
    Ok(keys)
}

/// The whole key of a row whose first columns are [`COLUMNS`] and the digest, which has to match.
fn checked(row: &Row<'_>, place: &Place) -> Result<Key> {
    intact(row, place)?;
    key(row).map_err(|_| strange(place))
}

/// The columns of a row, after its digest was found to be theirs.
pub(super) fn intact<'a>(row: &'a Row<'_>, place: &Place) -> Result<[ValueRef<'a>; COUNT]> {
    let read = Attempt::Read(place);
    let mut columns = [ValueRef::Null; COUNT];
    for (index, column) in columns.iter_mut().enumerate() {
        *column = row.get_ref(index).explain(read)?;
    }
    let stored = array::<32>(row.get_ref(COUNT).explain(read)?).ok().flatten();
    if stored == Some(digest(columns.into_iter())) {
        return Ok(columns);
    }
    let id = array(columns[0]).ok().flatten().map(KeyId::from_bytes);
    let id = id.map_or_else(|| "with no id".to_owned(), |id| id.to_string());
    Err(corrupt(place, &format!("the row of key {id} does not match its digest")))
}

pub(super) fn strange(place: &Place) -> Error {
    corrupt(place, "a row holds what keywright does not write")
}

/// [`Keys::peek`](crate::keyring::Keys::peek).
pub(super) fn peek(
    connection: &Connection,
    lookup: &Lookup,
    now: Time,
    see: &mut dyn FnMut(&KeyView<'_>, Option<&SecretHash>),
    place: &Place,
) -> Result<bool> {
    let read = Attempt::Read(place);
    let Some(id) = lookup.id() else {
        let Some(key) = find(connection, lookup, now, 1, place)?.pop() else { return Ok(false) };
        see(&key.view(), key.material.secret_hash());
        return Ok(true);
    };
    let mut statement = connection.prepare_cached(BY_ID).explain(read)?;
    let mut rows = statement.query([id.as_bytes()]).explain(read)?;
    let Some(row) = rows.next().explain(read)? else { return Ok(false) };
    let columns = intact(row, place)?;
    let hash = array(columns[SECRET_HASH]).map_err(|_| strange(place))?.map(SecretHash::from_bytes);
    see(&facts(row).map_err(|_| strange(place))?, hash.as_ref());
    Ok(true)
}

/// [`Keys::find`](crate::keyring::Keys::find).
pub(super) fn find(
    connection: &Connection,
    lookup: &Lookup,
    now: Time,
    limit: usize,
    place: &Place,
) -> Result<Vec<Key>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let order = "ORDER BY (coalesce(revoked_at <= ?3, 0) OR coalesce(expires_at <= ?3, 0)), seq DESC LIMIT ?4";
    let run = |condition: &str, low: &dyn rusqlite::ToSql, high: &dyn rusqlite::ToSql| {
        keys(connection, &format!("{condition} {order}"), &[low, high, &now.seconds(), &limit], place)
    };
    match lookup {
        // The one that every secret that is verified takes.
        Lookup::Ids(low, high) if low == high => keys(connection, "id = ?1", &[low.as_bytes()], place),
        Lookup::Bearer(hash) => match bearer::find(connection, hash, place)? {
            Some(bearer) => keys(connection, "id = ?1", &[bearer.key.as_bytes()], place),
            None => Ok(Vec::new()),
        },
        Lookup::Ids(low, high) | Lookup::Prefix(low, high, _) => {
            run("id BETWEEN ?1 AND ?2", &low.as_bytes(), &high.as_bytes())
        }
        Lookup::Name(name) => run("name = ?1 AND ?2", &name.as_str(), &true),
        Lookup::Fingerprints(low, high) => run("fingerprint BETWEEN ?1 AND ?2", &low.as_bytes(), &high.as_bytes()),
        Lookup::Modulus(hash) => run("modulus_hash = ?1 AND ?2", hash, &true),
        Lookup::Secret(hash) => {
            let pair = run("secret_hash = ?1 AND api_key IS NOT NULL AND ?2", hash.as_bytes(), &true)?;
            if pair.is_empty() {
                return run("secret_hash = ?1 AND opaque IS NOT NULL AND ?2", hash.as_bytes(), &true);
            }
            Ok(pair)
        }
        Lookup::Successors(id) => run("rotated_from = ?1 AND ?2", id.as_bytes(), &true),
    }
}

/// [`Keys::has_names_between`](crate::keyring::Keys::has_names_between).
pub(super) fn has_names_between(connection: &Connection, low: &Name, high: &Name) -> rusqlite::Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM key WHERE name BETWEEN ?1 AND ?2)";
    connection.prepare_cached(sql)?.query_row([low.as_str(), high.as_str()], |row| row.get(0))
}

/// Adds a row.
pub(super) fn insert(connection: &Connection, key: &Key) -> rusqlite::Result<()> {
    let handover = handover(key);
    let values = values(key, handover.as_deref());
    let digest = digest(values.iter().copied());
    let sql = format!("INSERT INTO key ({COLUMNS}, digest) VALUES (?{})", ", ?".repeat(COUNT));
    connection.prepare_cached(&sql)?.execute(rusqlite::params_from_iter(bound(&values, &digest)))?;
    Ok(())
}

/// Replaces a row; says whether it was there.
pub(super) fn update(connection: &Connection, key: &Key) -> rusqlite::Result<bool> {
    let handover = handover(key);
    let values = values(key, handover.as_deref());
    let digest = digest(values.iter().copied());
    let sql = format!("UPDATE key SET ({COLUMNS}, digest) = (?1{}) WHERE id = ?1", numbered());
    Ok(connection.prepare_cached(&sql)?.execute(rusqlite::params_from_iter(bound(&values, &digest)))? == 1)
}

/// Removes a row; says whether it was there.
pub(super) fn delete(connection: &Connection, id: KeyId) -> rusqlite::Result<bool> {
    Ok(connection.prepare_cached("DELETE FROM key WHERE id = ?1")?.execute(params![id.as_bytes()])? == 1)
}

/// `, ?2, ?3 …` up to the digest's place.
fn numbered() -> String {
    (2..=COUNT + 1).fold(String::new(), |sql, place| sql + ", ?" + &place.to_string())
}

pub(super) fn bound<'a>(values: &'a [ValueRef<'a>], digest: &'a [u8; 32]) -> impl Iterator<Item = ToSqlOutput<'a>> {
    values.iter().copied().chain([ValueRef::Blob(digest)]).map(ToSqlOutput::Borrowed)
}
