//! keywright: an API-key authority in one binary.

pub mod delivery;
pub mod error;
pub mod interrupt;
pub mod key;
pub mod keypair;
pub mod keyring;
pub mod process;
