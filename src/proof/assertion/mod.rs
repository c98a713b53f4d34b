//! Assertions: signed JWTs that prove possession of a private key (RFC 7523, section 3; `private_key_jwt` in `OpenID` Connect
//! Core 1.0, section 9).
//!
//! - [`sign_assertion`] signs an assertion.
//! - [`PresentedAssertion`] is an assertion that was found in an input.
//! - [`verify_assertion`] judges a presented assertion.
//! - [`AssertionUse`] records an accepted assertion, so that no other transaction accepts it again.

mod claims;
mod compact;
mod header;
mod input;
mod sign;
mod verify;

pub use input::PresentedAssertion;
pub use sign::{NewAssertion, sign_assertion};
pub use verify::{AcceptedAssertion, AssertionUse, ExpectedAssertion, verify_assertion};

use super::VerdictCode;
use std::borrow::Cow;

/// The reason why an assertion is refused before its signature is verified.
#[derive(Debug, PartialEq, Eq)]
struct AssertionFlaw {
    code: VerdictCode,
    /// A message without any part of the assertion, apart from an excerpt of the name of its algorithm.
    message: Cow<'static, str>,
}

impl AssertionFlaw {
    fn new(code: VerdictCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into() }
    }
}

#[cfg(test)]
mod tests;
