//! The values of a row as the types of the domain. `NULL` is `None`; a value of another type or length is an error.

use crate::key::Time;
use rusqlite::types::{FromSqlError, FromSqlResult, ValueRef};

/// Reads a text.
pub(super) fn text(value: ValueRef<'_>) -> FromSqlResult<Option<&str>> {
    value.as_str_or_null()
}

/// Reads a time, which is stored in whole seconds since 1970.
pub(super) fn time(value: ValueRef<'_>) -> FromSqlResult<Option<Time>> {
    Ok(value.as_i64_or_null()?.map(Time::from_seconds))
}

/// Reads a number from 0 to `u32::MAX`.
pub(super) fn count(value: ValueRef<'_>) -> FromSqlResult<Option<u32>> {
    value.as_i64_or_null()?.map(|n| u32::try_from(n).map_err(|_| FromSqlError::OutOfRange(n))).transpose()
}

/// Reads a blob of `N` bytes.
pub(super) fn array<const N: usize>(value: ValueRef<'_>) -> FromSqlResult<Option<[u8; N]>> {
    value.as_blob_or_null()?.map(|bytes| bytes.try_into().map_err(|_| FromSqlError::InvalidType)).transpose()
}
