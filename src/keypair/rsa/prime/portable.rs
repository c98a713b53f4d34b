//! Base-2 Fermat tests of one candidate at a time, in arithmetic that every processor supports.

use super::bytes;
use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{CtAssign, Odd, U1024, U1536, U2048, Uint};
use zeroize::Zeroizing;

/// Returns `true` if an odd candidate with 16, 24 or 32 words passes the base-2 Fermat test.
pub(super) fn fermat(candidate: &[u64]) -> bool {
    match candidate.len() {
        16 => sized::<{ U1024::LIMBS }>(candidate),
        24 => sized::<{ U1536::LIMBS }>(candidate),
        32 => sized::<{ U2048::LIMBS }>(candidate),
        words => unreachable!("no candidate has {words} words"),
    }
}

/// Runs the test by left-to-right binary exponentiation (HAC 14.79) in Montgomery form: squares for each bit of the
/// exponent, and multiplies by the base, which is 2, for each bit that is set. The doubling is always computed, and a
/// mask selects the result. The exponent is the candidate minus one, which differs from the candidate only in the last
/// bit.
fn sized<const LIMBS: usize>(candidate: &[u64]) -> bool {
    let modulus = Zeroizing::new(Uint::<LIMBS>::from_le_slice(&bytes(candidate)));
    let Some(odd) = Odd::new(*modulus).into_option() else {
        return false;
    };
    let params = Zeroizing::new(FixedMontyParams::new(odd));
    let mut power = Zeroizing::new(FixedMontyForm::one(&params));
    for bit in (1..Uint::<LIMBS>::BITS).rev() {
        *power = power.square();
        let doubled = Zeroizing::new(power.double());
        power.as_montgomery_mut().ct_assign(doubled.as_montgomery(), modulus.bit(bit));
    }
    *power = power.square();
    power.as_montgomery() == params.one()
}
