//! Confirms that a number that has passed the filter is prime. The numbers that this module accepts become part of a
//! key.
//!
//! * Baillie–PSW (a strong test to base 2 and a Lucas test; Baillie, Fiori, Wagstaff 2021) always runs in
//!   crypto-primes, with the arithmetic of crypto-bigint. No composite number is known to pass this test.
//! * Miller–Rabin with random bases (FIPS 186-5, B.3.1) runs in crypto-primes for [`rounds`] rounds, one after another.
//!   Even without Baillie–PSW, these rounds reduce the probability of a composite number in a key to less than 2^-128.
//!   On a processor with AVX-512 IFMA, eight rounds run at once instead. The AVX-512 IFMA code, called *the lanes*
//!   below, computes with eight numbers at once and shares no code with crypto-bigint, which checks the results of the
//!   lanes.
//!
//! # Eight rounds at once
//!
//! With n − 1 = 2^s·d for an odd d, the lanes only raise eight random bases to the power d. All other steps are
//! computed with crypto-bigint, using the same operations for primes and for composite numbers:
//!
//! * Each power must be 1, or become −1 after fewer than s squarings. This is one round.
//! * The product of the eight bases, raised to the power d by crypto-bigint, must equal the product of the eight
//!   powers. This is true modulo any n, so a difference reveals a fault in one of the two implementations, but nothing
//!   about the number. A difference is an error, and no key is generated, because rejecting the number and continuing
//!   would hide the fault.
//! * The power of the product must pass a round too. Its base is random, because it is the product of random bases.
//!
//! One power that crypto-bigint computes therefore checks all eight. A single wrong power changes the product, because
//! the others can be divided out of it (a power without an inverse shares a factor with n and fails its round). To go
//! unnoticed, several powers would have to be wrong by factors whose product is 1. Even then, whatever the lanes
//! computed, two checks remain that only crypto-bigint computes: Baillie–PSW, and one round whose base was fixed before
//! the lanes ran. In addition, the finished key signs a message and verifies the signature. Together, these operations
//! raise a number modulo each prime p, in the arithmetic of the `rsa` crate, to a power that is 1 more than a multiple
//! of p − 1. By Fermat's theorem, the result must be the same number.
//!
//! The running time reveals s, the number of zero bits at the end of n − 1, which is two on average. The running time
//! of the rounds in crypto-primes also reveals s.
//!
//! # The bound
//!
//! Damgård, Landrock and Pomerance (1993; FIPS 186-5, C.1) give a bound p(k, t) for the probability that a random odd
//! number of k bits is composite if it has passed t rounds. A candidate differs slightly from a random odd number, but
//! the difference can be quantified. A random odd number passes with a probability below 3/k, so it is composite *and*
//! passes with a probability below 3/k·p(k, t). The i-th number in a window is as random as the start of the window,
//! except that its top two bits are set. Half of the odd numbers of k bits have this property, which doubles the
//! probability. The search for a key uses at most ten windows of 4,096 numbers on average (eight workers, and a new
//! start for each prime). By the union bound, the probability that there is a composite among the numbers that could be
//! taken is below 10·4096·2·3/k·p(k, t) < 2^8·p(k, t) for k ≥ 1024. One more bit accounts for windows without a prime
//! (at worst, one in 300). With p(k, t) < 2^-137, the result is below 2^-128.
//!
//! The same argument covers a faulty filter, because it can only choose among the numbers in these windows.

use super::{Candidate, LANES, Powers, Random, bytes};
use crate::error::{Code, Error, Result};
use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{Odd, U1024, U1536, U2048, Uint};
use crypto_primes::hazmat::MillerRabin;
use crypto_primes::{Flavor, is_prime};
use zeroize::Zeroizing;

/// Returns `true` if a candidate with 16, 24 or 32 words passes Baillie–PSW and the Miller–Rabin rounds. `powers`
/// computes the powers for the Miller–Rabin rounds; if it is `None`, crypto-primes runs the rounds.
///
/// # Errors
/// Returns `system_limit` if the operating system provides no random bytes, or `internal` if `powers` and crypto-bigint
/// disagree.
pub(super) fn is_confirmed(candidate: &[u64], powers: Option<&Powers<'_>>, random: Random<'_>) -> Result<bool> {
    match candidate.len() {
        16 => sized::<{ U1024::LIMBS }>(candidate, powers, random),
        24 => sized::<{ U1536::LIMBS }>(candidate, powers, random),
        32 => sized::<{ U2048::LIMBS }>(candidate, powers, random),
        words => unreachable!("no candidate has {words} words"),
    }
}

/// Returns the number of Miller–Rabin rounds for a number of `bits` bits: the least t with p(bits, t) < 2^-137.
///
/// The values are those of [`crypto_primes::hazmat::minimum_mr_iterations`], which takes longer to compute than the
/// rounds.
const fn rounds(bits: u32) -> u32 {
    match bits {
        2048.. => 3,
        1536.. => 4,
        _ => 6,
    }
}

const _: () = assert!(rounds(0) as usize <= LANES, "eight rounds at once are enough for every size");

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

/// Runs one round for each of eight bases, and one for their product. `powers` computes the powers of the eight bases,
/// and crypto-bigint computes all other values. Returns `true` if the candidate passes all nine rounds.
///
/// # Errors
/// Returns `internal` if the product of the eight powers is not the power of the product.
fn eight_rounds<const LIMBS: usize>(
    candidate: &[u64],
    odd: Odd<Uint<LIMBS>>,
    powers: &Powers<'_>,
    bases: &[Zeroizing<Uint<LIMBS>>],
) -> Result<bool> {
    let s = odd.wrapping_sub(&Uint::ONE).trailing_zeros_vartime();
    // n and n − 1 differ only in the last bit, and that bit is shifted out.
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
            "two implementations of modular exponentiation gave different results",
            "check the hardware, which may be faulty, or pass --prime-search portable to use only one of the two methods",
        ));
    }
    Ok(passed && passes(&power, s))
}

/// Returns `true` if `power`, which is a base raised to d, is 1 or becomes −1 after fewer than s squarings. For a prime
/// modulus, this is always the case.
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

/// Returns a uniformly random number from 2 to n − 2, or the error of `random`. Draws numbers until one is in this
/// range. If the top two bits of n are set, a draw succeeds with a probability of about 3/4 or more.
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

/// Returns the words of a number, from lowest to highest.
fn words<const LIMBS: usize>(number: &Uint<LIMBS>) -> Candidate {
    let bytes = Zeroizing::new(number.to_le_bytes());
    Zeroizing::new(bytes.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word)).collect())
}

#[cfg(test)]
pub(super) mod tests;
