//! Operations of one process at a time.

mod keys;
mod lists;
mod log;
mod tombstones;
mod usage;

use super::*;
