//! The settings for rotating many keys in one run.

use crate::{
    cli::Rotate,
    command::Context,
    contract::Rules,
    issuance::Succession,
    key::{KeyId, KeyType, Name, Time},
};
use std::path::{Path, PathBuf};

/// The settings that apply to every key that a run rotates.
pub(super) struct RotationRun<'a> {
    pub(super) args: &'a Rotate,
    pub(super) directory: &'a Path,
    pub(super) succession: Succession<'a>,
    pub(super) rules: Rules,
    /// The time by which the selected keys expire, or `None` if the keys were not selected by expiry. A successor must
    /// expire later.
    pub(super) window: Option<Time>,
    pub(super) context: &'a Context,
}

impl RotationRun<'_> {
    /// Returns the path of the file to which the secret of a key is written.
    pub(super) fn file(&self, name: &Name, id: KeyId, key_type: KeyType) -> PathBuf {
        self.directory.join(self.args.deliver.secret_format.file_name(name.as_str(), id, key_type))
    }
}
