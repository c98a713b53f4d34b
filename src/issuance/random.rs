//! Random bytes from the operating system.

use crate::{error::Result, key::KeyId, random};
use zeroize::{Zeroize, Zeroizing};

/// The number of bytes that a source created by [`Random::ahead`] requests at a time. This number is large enough to
/// make the cost of the calls negligible.
const AHEAD: usize = 4096;

/// A source of random bytes. Each byte is wiped from the buffer as soon as it has been returned, and no byte is
/// returned twice. The remaining bytes are wiped when the source is dropped.
#[derive(Default)]
pub struct Random {
    /// The buffer for bytes that are requested ahead. Empty if the source requests bytes one value at a time.
    ahead: Zeroizing<Vec<u8>>,
    /// The position of the first byte in the buffer that has not been returned yet.
    next: usize,
}

impl Random {
    /// Creates a source that requests 4096 bytes at a time, for generating thousands of tokens. Without the buffer,
    /// each token would need its own call to the operating system.
    #[must_use]
    pub fn ahead() -> Self {
        Self { ahead: Zeroizing::new(vec![0; AHEAD]), next: AHEAD }
    }

    /// Returns the next `N` random bytes.
    ///
    /// # Errors
    /// Returns `system_limit` if the operating system provides no random bytes.
    pub(super) fn take<const N: usize>(&mut self) -> Result<Zeroizing<[u8; N]>> {
        let mut bytes = Zeroizing::new([0; N]);
        if N > self.ahead.len() {
            random::fill(&mut *bytes)?;
            return Ok(bytes);
        }
        if self.next + N > self.ahead.len() {
            // If the call to the operating system fails, no byte of the buffer may be returned.
            self.next = self.ahead.len();
            random::fill(&mut self.ahead)?;
            self.next = 0;
        }
        let taken = &mut self.ahead[self.next..self.next + N];
        bytes.copy_from_slice(taken);
        taken.zeroize();
        self.next += N;
        Ok(bytes)
    }

    /// Returns a new random key id.
    ///
    /// # Errors
    /// Returns `system_limit` if the operating system provides no random bytes.
    pub fn id(&mut self) -> Result<KeyId> {
        Ok(KeyId::from_random(*self.take()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_byte_is_returned_twice_or_kept() {
        for mut random in [Random::default(), Random::ahead()] {
            let mut seen = BTreeSet::new();
            for _ in 0..200 {
                // Neither length divides the size of the buffer.
                let (odd, large) = (random.take::<9>().unwrap(), random.take::<100>().unwrap());
                assert!(seen.insert(odd.to_vec()) && seen.insert(large.to_vec()));
                assert!(random.ahead[..random.next].iter().all(|byte| *byte == 0));
            }
            let whole = random.take::<5000>().unwrap();
            assert!(whole.iter().any(|byte| *byte != 0));
        }
    }
}
