//! Confirming that what passed the filter is a prime: what leaves this module goes into a key.
//!
//! Both tests are crypto-primes', whose arithmetic shares nothing with the filter's eight lanes:
//!
//! * Baillie–PSW (a strong test to base 2 and a Lucas test; Baillie, Fiori, Wagstaff 2021). No composite is known that
//!   passes.
//! * Miller–Rabin with random bases (FIPS 186-5, B.3.1): [`rounds`] of them bound the chance that a key holds a
//!   composite by 2^-128, whatever Baillie–PSW is worth, as follows.
//!
//! Damgård, Landrock and Pomerance (1993; FIPS 186-5, C.1) bound the chance p(k, t) that a random odd number of k bits
//! that passed t rounds is composite. A candidate here is not quite one, but the difference can be counted. A random
//! odd number passes with a chance below 3/k, so it is composite *and* passes with one below 3/k·p(k, t). The i-th
//! number of a window is as random as its start, but has its top two bits set, which half of the numbers have: twice
//! that. A key looks at ten windows in the mean at most (eight workers, and fresh starts for two primes) of 4,096
//! numbers each. By the union bound, a composite is among those that could be taken with a chance below
//! 10·4096·2·3/k·p(k, t) < 2^8·p(k, t) from k = 1024 on; one bit more covers the windows that hold no prime (one in 300
//! at worst). With p(k, t) < 2^-137 that is below 2^-128.
//!
//! The same argument covers a filter that is wrong: it can only choose among the numbers of those windows.

use super::{Random, bytes};
use crate::error::Result;
use crypto_bigint::{Odd, U1024, U1536, U2048, Uint};
use crypto_primes::hazmat::MillerRabin;
use crypto_primes::{Flavor, is_prime};
use zeroize::Zeroizing;

/// Whether a candidate of 16, 24 or 32 words is a prime.
pub(super) fn is_confirmed(candidate: &[u64], random: Random<'_>) -> Result<bool> {
    match candidate.len() {
        16 => sized::<{ U1024::LIMBS }>(candidate, random),
        24 => sized::<{ U1536::LIMBS }>(candidate, random),
        32 => sized::<{ U2048::LIMBS }>(candidate, random),
        words => unreachable!("no candidate has {words} words"),
    }
}

/// Rounds of Miller–Rabin: the least t with p(k, t) < 2^-137, by [`crypto_primes::hazmat::minimum_mr_iterations`],
/// which takes longer than the rounds.
const fn rounds(bits: u32) -> u32 {
    match bits {
        2048.. => 3,
        1536.. => 4,
        _ => 6,
    }
}

fn sized<const LIMBS: usize>(candidate: &[u64], random: Random<'_>) -> Result<bool> {
    let candidate = Zeroizing::new(Uint::<LIMBS>::from_le_slice(&bytes(candidate)));
    if !is_prime(Flavor::Any, &*candidate) {
        return Ok(false);
    }
    let Some(odd) = Odd::new(*candidate).into_option() else {
        return Ok(false);
    };
    let test = MillerRabin::new(odd);
    for _ in 0..rounds(Uint::<LIMBS>::BITS) {
        if test.test(&*base(&candidate, random)?).is_composite() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A random number from 2 to n − 2, by drawing until one is: with the top two bits of n set, three times in four.
fn base<const LIMBS: usize>(n: &Uint<LIMBS>, random: Random<'_>) -> Result<Zeroizing<Uint<LIMBS>>> {
    let mut bytes = Zeroizing::new(vec![0; Uint::<LIMBS>::BYTES]);
    let most = Zeroizing::new(n.wrapping_sub(&Uint::from_u8(2)));
    loop {
        random(&mut bytes)?;
        let base = Zeroizing::new(Uint::from_le_slice(&bytes));
        if *base > Uint::ONE && *base <= *most {
            return Ok(base);
        }
    }
}

#[cfg(test)]
mod tests {
    use crypto_primes::hazmat::minimum_mr_iterations;

    #[test]
    fn the_rounds_keep_the_bound() {
        for bits in [1024, 1536, 2048] {
            assert_eq!(Some(super::rounds(bits) as usize), minimum_mr_iterations(bits, 137), "{bits}");
        }
    }
}
