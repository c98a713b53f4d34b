//! Reading the input of an import.

use super::{Candidate, Defaults, json_lines::JsonLines, public_keys::PublicKeys};
use crate::{
    error::{Code, Error, Result},
    input,
};
use std::{
    io::{self, BufRead as _, BufReader},
    path::Path,
};

/// The keys in the input of an import, which are read one after another. An item is an error only if the input cannot
/// be read (`input_unreadable`).
pub type Candidates<'a> = Box<dyn Iterator<Item = Result<Candidate>> + 'a>;

/// The format of the input of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputFormat {
    /// One JSON object per line.
    JsonLines,
    /// One or more public keys.
    PublicKeys,
    /// A directory of files with public keys.
    Directory,
}

impl InputFormat {
    /// Returns the name of the format for messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::JsonLines => "JSON lines",
            Self::PublicKeys => "public keys",
            Self::Directory => "a directory of public keys",
        }
    }
}

/// Returns an error if the start of the input is recognized as a format that cannot be imported.
fn refuse_other_format(start: &[u8]) -> Result<()> {
    let line = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let is_text = line.iter().all(|byte| *byte == b'\t' || !byte.is_ascii_control() || *byte == b'\r');
    let is_key = line.starts_with(b"-----") || line.starts_with(b"ssh-");
    let (what, hint) = if line.starts_with(b"[") {
        ("a JSON array", "write one object per line: `jq -c '.[]' FILE | keywright import -`")
    } else if is_text && !is_key && line.contains(&b',') {
        ("CSV", "convert each row to one JSON object per line, such as {\"name\":\"web\",\"secret_sha256\":\"HASH\"}")
    } else {
        return Ok(());
    };
    let message = format!("the input is {what}, but `import` reads JSON lines and public keys");
    Err(Error::new(Code::PublicKeyMissing, message, hint))
}

/// Reads keys from a file, a directory, or standard input if `path` is `-`. The input consists of JSON lines, which are
/// recognized by a `{` at the start, or of public keys. Also returns the format of the input. A candidate contains the
/// error if its key is malformed, or if its file is too large or cannot be read.
///
/// # Errors
/// - `input_unreadable` if the file, the directory or standard input cannot be read
/// - `input_not_regular` if the path is not a regular file, an open pipe or a directory
/// - `public_key_missing` if the input is CSV or a JSON array
pub fn read<'a>(path: &Path, defaults: &'a Defaults) -> Result<(InputFormat, Candidates<'a>)> {
    if path.is_dir() {
        return Ok((InputFormat::Directory, Box::new(PublicKeys::in_directory(path, defaults)?.map(Ok))));
    }
    let mut source = BufReader::with_capacity(1 << 16, input::source(path)?);
    let start = source.fill_buf().map_err(|e| input::unreadable(path, e))?;
    if start.is_empty() {
        // A terminal could be read again after the end of the input.
        let keys = PublicKeys::in_bundle(path, &mut io::empty(), defaults);
        return Ok((InputFormat::PublicKeys, Box::new(keys.map(Ok))));
    }
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    if start.first() == Some(&b'{') {
        return Ok((InputFormat::JsonLines, Box::new(JsonLines::new(source, defaults))));
    }
    refuse_other_format(start)?;
    Ok((InputFormat::PublicKeys, Box::new(PublicKeys::in_bundle(path, &mut source, defaults).map(Ok))))
}
