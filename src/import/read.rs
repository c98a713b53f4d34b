//! Reading the input of an import.

use super::{Candidate, Defaults, json_lines::JsonLines, public_keys::PublicKeys};
use crate::{error::Result, input};
use std::{
    io::{self, BufRead as _, BufReader},
    path::Path,
};

/// The keys in the input of an import, which are read one after another. An item is an error only if the input cannot
/// be read (`input_unreadable`).
pub type Candidates<'a> = Box<dyn Iterator<Item = Result<Candidate>> + 'a>;

/// Reads keys from a file, a directory, or standard input if `path` is `-`. The input consists of JSON lines, which are
/// recognized by a `{` at the start, or of public keys. A candidate contains the error if its key is malformed, or if
/// its file is too large or cannot be read.
///
/// # Errors
/// - `input_unreadable` if the file, the directory or standard input cannot be read
/// - `input_not_regular` if the path is not a regular file, an open pipe or a directory
pub fn read<'a>(path: &Path, defaults: &'a Defaults) -> Result<Candidates<'a>> {
    if path.is_dir() {
        return Ok(Box::new(PublicKeys::in_directory(path, defaults)?.map(Ok)));
    }
    let mut source = BufReader::with_capacity(1 << 16, input::source(path)?);
    let start = source.fill_buf().map_err(|e| input::unreadable(path, e))?;
    if start.is_empty() {
        // A terminal could be read again after the end of the input.
        return Ok(Box::new(PublicKeys::in_bundle(path, &mut io::empty(), defaults).map(Ok)));
    }
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    if start.first() == Some(&b'{') {
        return Ok(Box::new(JsonLines::new(source, defaults)));
    }
    Ok(Box::new(PublicKeys::in_bundle(path, &mut source, defaults).map(Ok)))
}
