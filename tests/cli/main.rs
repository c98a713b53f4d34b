//! Black-box tests, which run the real binary in an empty home directory.

#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected should stop there")]

mod activate;
mod allowed_ips;
mod assets;
mod audit;
mod backup;
mod batch;
mod check;
mod contract;
mod create;
mod disable;
mod docs;
mod earlier_schemas;
mod errors;
mod exchange;
mod export;
mod fields;
mod generate;
mod help;
mod home;
mod identify;
mod import;
mod init;
mod interop;
mod list;
mod options;
mod pager;
mod promises;
mod purge;
mod random;

mod restore;
mod revoke;
mod rotate;
mod show;
mod sign;
mod status;
mod tools;
mod untidy;
mod update;
mod verify;
mod verify_request;
mod wildcards;
