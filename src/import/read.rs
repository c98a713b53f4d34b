//! Reading the input of an import.

use super::{Candidate, Defaults, json_lines::JsonLines, public_keys::PublicKeys};
use crate::{error::Result, input};
use std::{
    io::{BufRead as _, BufReader},
    path::Path,
};

/// Reads keys from a file, a directory, or standard input if `path` is `-`. The input consists of JSON lines, which are
/// recognized by their first character, or of public keys. An error in one key is returned in the candidate for that
/// key.
///
/// # Errors
/// `input_unreadable`, `input_not_regular` for anything but a regular file or a directory, or `input_too_large`.
pub fn read(path: &Path, defaults: &Defaults) -> Result<Vec<Candidate>> {
    if path.is_dir() {
        return PublicKeys::in_directory(path, defaults).map(Iterator::collect);
    }
    let mut source = BufReader::with_capacity(1 << 16, input::source(path)?);
    let start = source.fill_buf().map_err(|e| input::unreadable(path, e))?;
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    if start.first() == Some(&b'{') {
        return JsonLines::new(source, defaults).collect();
    }
    Ok(PublicKeys::in_bundle(path, &mut source, defaults).collect())
}
