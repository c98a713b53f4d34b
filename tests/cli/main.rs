//! The program from outside: the real binary, run in an empty home.

#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected should stop there")]

mod home;

mod generate;
mod readme;
