//! Bytes from the operating system's generator.

use crate::{
    error::{Code, Error, Result},
    key::KeyId,
};
use rand::{TryRng, rngs::SysRng};
use zeroize::{Zeroize, Zeroizing};

/// How many bytes are asked for at a time where many are wanted: so many that the calls cost nothing beside what the generator
/// itself takes.
const AHEAD: usize = 4096;

/// Random bytes, as they come from the operating system, each handed out once. What is there and not yet handed out is wiped
/// when it is dropped, and what was handed out is wiped here at once.
#[derive(Default)]
pub struct Random {
    ahead: Zeroizing<Vec<u8>>,
    /// Where in it begins what is not handed out yet.
    next: usize,
}

impl Random {
    /// Asks for many bytes at a time: for tokens by the thousand, each of which would cost two calls.
    #[must_use]
    pub fn ahead() -> Self {
        Self { ahead: Zeroizing::new(vec![0; AHEAD]), next: AHEAD }
    }

    /// The next bytes.
    ///
    /// # Errors
    /// `internal` when the operating system gives none.
    pub(super) fn take<const N: usize>(&mut self) -> Result<Zeroizing<[u8; N]>> {
        let mut bytes = Zeroizing::new([0; N]);
        if N > self.ahead.len() {
            fill(&mut *bytes)?;
            return Ok(bytes);
        }
        if self.next + N > self.ahead.len() {
            // Nothing is there to be handed out if this fails.
            self.next = self.ahead.len();
            fill(&mut self.ahead)?;
            self.next = 0;
        }
        let taken = &mut self.ahead[self.next..self.next + N];
        bytes.copy_from_slice(taken);
        taken.zeroize();
        self.next += N;
        Ok(bytes)
    }

    /// A new id.
    ///
    /// # Errors
    /// `internal` when the operating system gives no random numbers.
    pub fn id(&mut self) -> Result<KeyId> {
        Ok(KeyId::from_random(*self.take()?))
    }
}

fn fill(bytes: &mut [u8]) -> Result<()> {
    SysRng.try_fill_bytes(bytes).map_err(|e| {
        let hint = "check the sandbox that keywright runs in";
        Error::new(Code::Internal, "the operating system gives no random numbers", hint).because(anyhow::Error::new(e))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn nothing_is_handed_out_twice_or_kept() {
        for mut random in [Random::default(), Random::ahead()] {
            let mut seen = BTreeSet::new();
            for _ in 0..200 {
                // Neither divides what is there at a time.
                let (odd, large) = (random.take::<9>().unwrap(), random.take::<100>().unwrap());
                assert!(seen.insert(odd.to_vec()) && seen.insert(large.to_vec()));
                assert!(random.ahead[..random.next].iter().all(|byte| *byte == 0));
            }
            let whole = random.take::<5000>().unwrap();
            assert!(whole.iter().any(|byte| *byte != 0));
        }
    }
}
