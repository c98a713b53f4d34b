//! Dividing the objects of a keyring into buckets, so that a [replay](super::replay) takes the same memory for any number
//! of objects.

use super::state::ObjectId;

/// The maximum average number of objects in a bucket. A bucket then takes about 50 MB. A hash map with slightly more
/// objects would take twice the memory.
pub(super) const BUCKET: usize = 430_000;

/// A division of all objects into buckets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Buckets {
    /// The number of buckets.
    pub(super) count: u64,
    /// The capacity to reserve for each bucket, so that its memory is not copied while it grows.
    pub(super) capacity: usize,
}

impl Buckets {
    /// Creates the division for the given number of objects.
    pub(super) fn of(objects: u64) -> Self {
        let count = objects.div_ceil(BUCKET as u64).max(1);
        // The buckets differ in size by much less than five percent, unless they are small.
        Self { count, capacity: usize::try_from(objects / count * 21 / 20).unwrap_or(0) }
    }

    /// Returns the bucket of an object. The buckets are in the order of [`spread`].
    pub(super) fn of_object(self, id: &ObjectId) -> u64 {
        let high = spread(id) >> 64;
        u64::try_from((high * u128::from(self.count)) >> 64).unwrap_or(0)
    }
}

/// Maps the ids of objects one to one to numbers that are evenly distributed, even if the ids begin with a time.
pub(super) fn spread(id: &ObjectId) -> u128 {
    u128::from_be_bytes(*id).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
}
