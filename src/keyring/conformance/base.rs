//! Operations on a keyring by a single process.

mod keys;
mod lists;
mod log;
mod tombstones;
mod usage;

use super::*;
