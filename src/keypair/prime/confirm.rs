//! Confirming that what passed the filter is a prime: what leaves this module goes into a key.
//!
//! * Baillie–PSW (a strong test to base 2 and a Lucas test; Baillie, Fiori, Wagstaff 2021), always by crypto-primes,
//!   whose arithmetic is crypto-bigint's and shares nothing with the filter's eight lanes. No composite is known that
//!   passes.
//! * Miller–Rabin with random bases (FIPS 186-5, B.3.1): [`rounds`] of them bound the chance that a key holds a
//!   composite by 2^-128, whatever Baillie–PSW is worth. By crypto-primes too, one after another; or, where there are
//!   lanes, eight at once, and then crypto-bigint checks what the lanes computed.
//!
//! # Eight rounds at once
//!
//! With n − 1 = 2^s·d and d odd, the lanes raise eight random bases to the power of d, and nothing else. What follows
//! is done with crypto-bigint, the same for a number that is a prime and one that is not:
//!
//! * Each power must be 1, or be −1 after fewer than s squarings. That is the round.
//! * The product of the eight bases, raised to the power of d by crypto-bigint, must be the product of the eight powers.
//!   It is, modulo any n: a difference speaks against one of the two arithmetics, never against the number. So it is an
//!   error and there is no key; to reject the number and go on would hide it.
//! * That power must pass a round itself. As the bases are random, so is their product.
//!
//! So one power in slow arithmetic vouches for all eight. A single wrong one changes the product, since the others can
//! be divided out of it (one that cannot shares a factor with n, and fails its round). Several would have to be wrong by
//! factors whose product is 1. Even then, and whatever the lanes did, what is left is Baillie–PSW and a round that is
//! crypto-bigint's alone, to a base that was settled before the lanes were asked. And the finished key signs once: that
//! raises a random number modulo each prime, in the `rsa` package's arithmetic, to a power that is 1 more than a
//! multiple of p − 1, and the same number must come back, as by Fermat's theorem it does.
//!
//! What time shows, here as in crypto-primes' own rounds, is s: how many bits at the end of n − 1 are zeros, two in the
//! mean.
//!
//! # The bound
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

use super::ifma::LANES;
use super::{Candidate, Powers, Random, bytes};
use crate::error::{Code, Error, Result};
use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{Odd, U1024, U1536, U2048, Uint};
use crypto_primes::hazmat::MillerRabin;
use crypto_primes::{Flavor, is_prime};
use zeroize::Zeroizing;

/// Whether a candidate of 16, 24 or 32 words is a prime.
///
/// # Errors
///
/// `internal` if there are no random bytes, or `powers` and crypto-bigint disagree.
pub(super) fn is_confirmed(candidate: &[u64], powers: Option<&Powers<'_>>, random: Random<'_>) -> Result<bool> {
    match candidate.len() {
        16 => sized::<{ U1024::LIMBS }>(candidate, powers, random),
        24 => sized::<{ U1536::LIMBS }>(candidate, powers, random),
        32 => sized::<{ U2048::LIMBS }>(candidate, powers, random),
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

const _: () = assert!(rounds(0) as usize <= LANES, "eight rounds at once are enough at every size");

fn sized<const LIMBS: usize>(candidate: &[u64], powers: Option<&Powers<'_>>, random: Random<'_>) -> Result<bool> {
    let number = Zeroizing::new(Uint::<LIMBS>::from_le_slice(&bytes(candidate)));
    if !is_prime(Flavor::Any, &*number) {
        return Ok(false);
    }
    let Some(odd) = Odd::new(*number).into_option() else {
        return Ok(false);
    };
    if let Some(powers) = powers {
        let mut bases = Vec::with_capacity(LANES);
        for _ in 0..LANES {
            bases.push(base(&number, random)?);
        }
        return eight_rounds(candidate, odd, powers, &bases);
    }
    let test = MillerRabin::new(odd);
    for _ in 0..rounds(Uint::<LIMBS>::BITS) {
        if test.test(&*base(&number, random)?).is_composite() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A round to each of eight bases: their powers by the lanes, the rest by crypto-bigint.
fn eight_rounds<const LIMBS: usize>(
    candidate: &[u64],
    odd: Odd<Uint<LIMBS>>,
    powers: &Powers<'_>,
    bases: &[Zeroizing<Uint<LIMBS>>],
) -> Result<bool> {
    let s = odd.wrapping_sub(&Uint::ONE).trailing_zeros_vartime();
    // The last bits of n and n − 1 differ in nothing but what is shifted out.
    let d = Zeroizing::new(odd.shr_vartime(s));
    let params = Zeroizing::new(FixedMontyParams::new(odd));
    let form = |number: &Uint<LIMBS>| Zeroizing::new(FixedMontyForm::new(number, &params));

    let words: Vec<Candidate> = bases.iter().map(|base| words(base)).collect();
    let powers = powers(candidate, std::array::from_fn(|lane| &words[lane][..]), s as usize);

    let (mut base, mut claimed) = (form(&Uint::ONE), form(&Uint::ONE));
    let mut passed = true;
    for (factor, power) in bases.iter().zip(&powers) {
        let power = form(&Uint::from_le_slice(&bytes(power)));
        *base *= &*form(factor);
        *claimed *= &*power;
        passed &= passes(&power, s);
    }
    let power = Zeroizing::new(base.pow(&d));
    if power.as_montgomery() != claimed.as_montgomery() {
        return Err(Error::new(
            Code::Internal,
            "two ways to compute a power came to different results",
            "distrust the machine; with `--prime-search portable` keywright uses one of them only",
        ));
    }
    Ok(passed && passes(&power, s))
}

/// Whether a base's power to d is what it is modulo every prime: 1, or −1 after fewer than s squarings.
fn passes<const LIMBS: usize>(power: &FixedMontyForm<LIMBS>, s: u32) -> bool {
    let one = Zeroizing::new(FixedMontyForm::one(power.params()));
    let minus_one = Zeroizing::new(-*one);
    let mut power = Zeroizing::new(*power);
    let mut passed = power.as_montgomery() == one.as_montgomery();
    for _ in 0..s {
        passed |= power.as_montgomery() == minus_one.as_montgomery();
        *power = power.square();
    }
    passed
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

/// A number's words, the lowest first.
fn words<const LIMBS: usize>(number: &Uint<LIMBS>) -> Candidate {
    let bytes = Zeroizing::new(number.to_le_bytes());
    Zeroizing::new(bytes.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word)).collect())
}

#[cfg(test)]
pub(super) mod tests;
