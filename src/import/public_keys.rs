//! Reading public keys from files: one per file, or many in a bundle.

use super::{Candidate, Defaults, Incoming};
use crate::{
    error::{Code, Error, Result},
    input,
    issuance::material_of,
    key::{DescriptionChange, Env, Key, KeyId, Lifecycle, Name},
    keypair::PublicKey,
};
use std::{
    collections::VecDeque,
    io::Read,
    path::{Path, PathBuf},
};

/// The maximum size of a bundle in bytes.
const BUNDLE_LIMIT: usize = 16 * 1024 * 1024;

/// An iterator over public keys, one file after another.
pub(super) struct PublicKeys<'a> {
    files: VecDeque<PathBuf>,
    ready: VecDeque<Candidate>,
    defaults: &'a Defaults,
}

impl<'a> PublicKeys<'a> {
    /// Creates an iterator over the keys in the files of a directory, in the order of the file names. Hidden files and
    /// subdirectories are skipped.
    pub(super) fn in_directory(path: &Path, defaults: &'a Defaults) -> Result<Self> {
        let unreadable = |cause: std::io::Error| input::unreadable(path, cause);
        let mut files = Vec::new();
        for entry in std::fs::read_dir(path).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
            if !hidden && !entry.path().is_dir() {
                files.push(entry.path());
            }
        }
        files.sort();
        Ok(Self { files: files.into(), ready: VecDeque::new(), defaults })
    }

    /// Reads the public keys in `source`, which is the file at `path`, or standard input if `path` is `-`.
    pub(super) fn in_bundle(path: &Path, source: &mut dyn Read, defaults: &'a Defaults) -> Self {
        let mut keys = Self { files: VecDeque::new(), ready: VecDeque::new(), defaults };
        let stdin = path.as_os_str() == "-";
        let place = if stdin { "standard input".to_owned() } else { file_name(path) };
        match input::read_all(source, &place, 0, BUNDLE_LIMIT) {
            Ok(bytes) if stdin => keys.open(&place, None, &bytes),
            Ok(bytes) => keys.open_file(path, &bytes),
            Err(error) => keys.ready.push_back(Candidate { place, key: Err(error) }),
        }
        keys
    }
}

impl Iterator for PublicKeys<'_> {
    type Item = Candidate;

    fn next(&mut self) -> Option<Candidate> {
        while self.ready.is_empty() {
            let file = self.files.pop_front()?;
            match input::read(&file) {
                Ok(bytes) => self.open_file(&file, &bytes),
                Err(error) => self.ready.push_back(Candidate { place: file_name(&file), key: Err(error) }),
            }
        }
        self.ready.pop_front()
    }
}

impl PublicKeys<'_> {
    fn open_file(&mut self, file: &Path, bytes: &[u8]) {
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        self.open(&file_name(file), Some(&stem), bytes);
    }

    /// Reads the keys in `bytes`. A key without a name in a comment is named after `stem`, followed by a number if
    /// there are several keys. If `stem` is `None`, such a key is refused.
    fn open(&mut self, place: &str, stem: Option<&str>, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        let blocks = blocks(&text);
        if blocks.len() < 2 {
            // One key in any format, with any text around it.
            let comment = blocks.first().and_then(|block| block.comment.as_deref());
            let key = self.read(bytes, comment.or(stem));
            self.ready.push_back(Candidate { place: place.to_owned(), key });
            return;
        }
        for (block, number) in blocks.iter().zip(1..) {
            let numbered = stem.map(|stem| format!("{stem}-{number}"));
            let key = self.read(block.text.as_bytes(), block.comment.as_deref().or(numbered.as_deref()));
            self.ready.push_back(Candidate { place: format!("{place}, line {}", block.line), key });
        }
    }

    fn read(&self, bytes: &[u8], called: Option<&str>) -> Result<Incoming> {
        let public = PublicKey::read(bytes, false)?;
        public.judge()?;
        let (name, env) = parse_comment(called.ok_or_else(nameless)?);
        let name: Name = name.parse()?;
        let mut lifecycle = Lifecycle::new(self.defaults.now, self.defaults.expires);
        lifecycle.activated = Some(self.defaults.now);
        let given = DescriptionChange { env, ..DescriptionChange::default() };
        let id = KeyId::from_bytes([0; 16]);
        let key = self.defaults.describe(given, name, id, material_of(&public), lifecycle)?;
        Ok(Incoming::Public(Box::new(Key { registered: true, ..key })))
    }
}

fn file_name(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn nameless() -> Error {
    let hint = "put a line `# NAME` before the key, pass a file, or register the key with `keywright create`";
    Error::new(Code::NameRequired, "a public key on standard input has no name, because it has no file name", hint)
}

/// A PEM block and the comment that precedes it.
struct NamedBlock {
    /// The text from the BEGIN line to the END line.
    text: String,
    /// The text after the `#` on the last line before the block that is not empty, or `None` if that line is not a
    /// comment.
    comment: Option<String>,
    /// The line number of the BEGIN line.
    line: usize,
}

/// Returns the PEM blocks (RFC 7468) in `text`.
fn blocks(text: &str) -> Vec<NamedBlock> {
    let mut found: Vec<NamedBlock> = Vec::new();
    let (mut comment, mut open) = (None, false);
    for (line, number) in text.lines().zip(1..) {
        let bare = line.trim();
        if open {
            if let Some(block) = found.last_mut() {
                block.text.push_str(bare);
                block.text.push('\n');
            }
            open = !bare.starts_with("-----END ");
        } else if bare.starts_with("-----BEGIN ") {
            found.push(NamedBlock { text: format!("{bare}\n"), comment: comment.take(), line: number });
            open = true;
        } else if !bare.is_empty() {
            comment = bare.strip_prefix('#').map(|comment| comment.trim().to_owned()).filter(|c| !c.is_empty());
        }
    }
    found
}

/// Parses a comment into a name and an environment. The comment is either `NAME ID ENV STATUS`, as written by `export
/// --format pem`, or just a name.
fn parse_comment(comment: &str) -> (&str, Option<Env>) {
    let mut words = comment.rsplitn(4, ' ');
    if let (Some(_), Some(env), Some(id), Some(name)) = (words.next(), words.next(), words.next(), words.next())
        && let (Some(env), Ok(_)) = (Env::from_word(env), id.parse::<KeyId>())
    {
        return (name, Some(env));
    }
    (comment, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_has_the_comment_before_it() {
        let text = "# one\n\n-----BEGIN X-----\nAA\n-----END X-----\n# passed over\nprose\n-----BEGIN Y-----\n-----END Y-----\n#  a  b \n  -----BEGIN Z-----\nBB";
        let found: Vec<_> = blocks(text).into_iter().map(|block| (block.line, block.comment, block.text)).collect();
        assert_eq!(found.len(), 3);
        assert_eq!(found[0], (3, Some("one".into()), "-----BEGIN X-----\nAA\n-----END X-----\n".into()));
        assert_eq!((found[1].0, &found[1].1), (8, &None));
        assert_eq!((found[2].1.as_deref(), found[2].2.as_str()), (Some("a  b"), "-----BEGIN Z-----\nBB\n"));
        assert!(blocks("ssh-rsa AAAA").is_empty());
    }

    #[test]
    fn a_comment_is_a_name_or_the_line_of_an_export() {
        let id = "4ab2c9c0-5a4e-4c53-9d1c-8f0b6c1d2e3f";
        assert_eq!(parse_comment(&format!("my key {id} live active")), ("my key", Some(Env::Live)));
        assert_eq!(parse_comment("my key x live active"), ("my key x live active", None));
        assert_eq!(parse_comment("ci"), ("ci", None));
    }
}
