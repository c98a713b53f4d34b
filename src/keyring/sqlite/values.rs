//! Conversions between SQLite values and the cells of [`record`](crate::keyring::record).

use crate::keyring::record::Cell;
use rusqlite::types::{FromSqlError, FromSqlResult, ValueRef};

/// Converts an SQLite value to a cell.
#[inline]
pub(super) const fn cell(value: ValueRef<'_>) -> Cell<'_> {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Integer(number),
        ValueRef::Real(number) => Cell::Real(number),
        ValueRef::Text(text) => Cell::Text(text),
        ValueRef::Blob(bytes) => Cell::Blob(bytes),
    }
}

/// Converts a cell to an SQLite value.
#[inline]
pub(super) const fn value(cell: Cell<'_>) -> ValueRef<'_> {
    match cell {
        Cell::Null => ValueRef::Null,
        Cell::Integer(number) => ValueRef::Integer(number),
        Cell::Real(number) => ValueRef::Real(number),
        Cell::Text(text) => ValueRef::Text(text),
        Cell::Blob(bytes) => ValueRef::Blob(bytes),
    }
}

/// Returns the bytes of a blob with exactly `N` bytes, or `None` if the value is NULL. Any other value is an error.
pub(super) fn array<const N: usize>(value: ValueRef<'_>) -> FromSqlResult<Option<[u8; N]>> {
    value.as_blob_or_null()?.map(|bytes| bytes.try_into().map_err(|_| FromSqlError::InvalidType)).transpose()
}
