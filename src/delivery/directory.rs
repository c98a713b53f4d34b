//! A directory for files with secrets.

use crate::error::{Code, Error, Result};
use std::{
    fs::DirBuilder,
    io::ErrorKind,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

/// Makes a directory where there is none, for its owner only, and returns its absolute path. For a rehearsal nothing is made.
///
/// # Errors
/// `output_directory` when it cannot be made.
pub fn make_directory(directory: &Path, rehearse: bool) -> Result<PathBuf> {
    // To make one that is there changes nothing.
    let made = if rehearse && !directory.exists() { Ok(()) } else { DirBuilder::new().mode(0o700).create(directory) };
    let there = match made {
        Err(e) if e.kind() == ErrorKind::AlreadyExists && directory.is_dir() => Ok(()),
        made => made,
    };
    there.and_then(|()| std::path::absolute(directory)).map_err(|e| {
        let problem = format!("the directory {} cannot be made", directory.display());
        Error::new(Code::OutputDirectory, problem, "choose another place for it").because(anyhow::Error::from(e))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_new_one_is_private_and_one_that_is_there_stays_as_it_is() {
        let home = tempfile::tempdir().unwrap();
        let directory = home.path().join("renewed");
        assert_eq!(make_directory(&directory, true).unwrap(), directory);
        assert!(!directory.exists(), "a rehearsal makes nothing");
        let mode = || std::fs::metadata(&directory).unwrap().permissions().mode() & 0o777;
        assert_eq!(make_directory(&directory, false).unwrap(), directory);
        assert_eq!(mode(), 0o700);
        std::fs::set_permissions(&directory, std::fs::Permissions::from_mode(0o750)).unwrap();
        make_directory(&directory, false).unwrap();
        assert_eq!(mode(), 0o750);
        let refused = make_directory(&directory.join("none").join("below"), false).unwrap_err();
        assert_eq!(refused.code(), Code::OutputDirectory);
        let file = home.path().join("file");
        std::fs::write(&file, "").unwrap();
        for rehearse in [true, false] {
            assert_eq!(make_directory(&file, rehearse).unwrap_err().code(), Code::OutputDirectory);
        }
    }
}
