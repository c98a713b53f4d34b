//! Generates many keys with one worker thread per core.

use super::{KeySpec, Random, generate_with_id};
use crate::{
    error::{Error, Result},
    key::{KeyId, KeyType, Material, Secret},
    keypair::KeyPair,
};
use std::{
    num::NonZero,
    ops::Range,
    sync::{
        OnceLock,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread,
};

/// The id, the material and the secret of a generated key.
pub type Generated = (KeyId, Material, Secret);

/// Keys that worker threads generate, in blocks. Whoever needs a key waits until its block has been generated. Moving the
/// keys into a single vector would need twice the memory.
pub struct GeneratedKeys {
    ids: Vec<KeyId>,
    blocks: Vec<OnceLock<Result<Vec<Generated>>>>,
    size: usize,
    /// `true` if a key can have any of the ids.
    sorted: bool,
    /// The index of the next block to generate.
    next: AtomicUsize,
}

impl GeneratedKeys {
    /// Chooses the ids of the keys.
    fn new(count: usize, sorted: bool, size: usize) -> Result<Self> {
        let mut random = Random::ahead();
        let mut ids = (0..count).map(|_| random.id()).collect::<Result<Vec<_>>>()?;
        if sorted {
            ids.sort_unstable();
        }
        let blocks = std::iter::repeat_with(OnceLock::new).take(count.div_ceil(size)).collect();
        Ok(Self { ids, blocks, size, sorted, next: AtomicUsize::new(0) })
    }

    /// Returns the id of the key at an index, whether or not the key has been generated.
    #[must_use]
    pub fn id(&self, index: usize) -> KeyId {
        self.ids[index]
    }

    /// Waits until all keys have been generated.
    ///
    /// # Errors
    /// Returns the errors of [`generate_many`].
    fn wait(&self) -> Result<()> {
        self.blocks.iter().try_for_each(|block| block.wait().as_ref().map(drop).map_err(Error::again))
    }

    /// Waits until the key at an index has been generated, and returns it.
    ///
    /// # Errors
    /// Returns the errors of [`generate_many`].
    pub fn get(&self, index: usize) -> Result<&Generated> {
        let block = self.blocks[index / self.size].wait().as_ref().map_err(Error::again)?;
        Ok(&block[index % self.size])
    }

    /// Generates blocks until there are none left. Several threads can do so at the same time.
    fn generate<'a>(&self, spec: impl Fn(usize) -> &'a KeySpec, generated: &AtomicU64) {
        let mut random = Random::ahead();
        while let Some(claimed) = self.claim() {
            let start = claimed.index * self.size;
            let keys = start..self.ids.len().min(start + self.size);
            claimed.finish(self.generate_block(keys, &spec, &mut random, generated));
        }
    }

    /// Generates the keys of a block.
    fn generate_block<'a>(
        &self,
        keys: Range<usize>,
        spec: impl Fn(usize) -> &'a KeySpec,
        random: &mut Random,
        generated: &AtomicU64,
    ) -> Result<Vec<Generated>> {
        // Ed25519 keys are generated together, because that takes less than half the time.
        let count = keys.clone().filter(|index| spec(*index).key_type == KeyType::Ed25519).count();
        let mut pairs = KeyPair::generate_ed25519_many(count)?;
        if self.sorted {
            // The index of the identities is the only one of three indexes of random values that can be filled in order.
            pairs.sort_unstable_by(|(one, _), (other, _)| one.identity().cmp(other.identity()));
        }
        let mut pairs = pairs.into_iter();
        let one = |index| {
            let (id, spec) = (self.ids[index], spec(index));
            let (material, secret) = match spec.key_type {
                KeyType::Ed25519 => {
                    let pair = pairs.next().ok_or_else(|| Error::internal("too few key pairs were generated"))?;
                    (Material::KeyPair(pair.0), pair.1)
                }
                _ => generate_with_id(spec, id, Some(1), random, &AtomicU64::new(0))?,
            };
            generated.fetch_add(1, Ordering::Relaxed);
            Ok((id, material, secret))
        };
        keys.map(one).collect()
    }

    fn claim(&self) -> Option<Claimed<'_>> {
        let index = self.next.fetch_add(1, Ordering::Relaxed);
        (index < self.blocks.len()).then(|| Claimed { keys: self, index })
    }
}

/// A block that a thread generates. If the thread fails or panics, no further block is generated, and nobody waits in vain.
struct Claimed<'a> {
    keys: &'a GeneratedKeys,
    index: usize,
}

impl Claimed<'_> {
    fn finish(self, block: Result<Vec<Generated>>) {
        let failed = block.is_err();
        let _ = self.keys.blocks[self.index].set(block);
        if failed {
            drop(StopOnDrop(self.keys));
        }
    }
}

impl Drop for Claimed<'_> {
    fn drop(&mut self) {
        if self.keys.blocks[self.index].set(Err(stopped())).is_ok() {
            drop(StopOnDrop(self.keys));
        }
    }
}

/// On drop, stops the generation of further blocks.
struct StopOnDrop<'a>(&'a GeneratedKeys);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        let blocks = &self.0.blocks;
        while let Some(block) = blocks.get(self.0.next.fetch_add(1, Ordering::Relaxed)) {
            let _ = block.set(Err(stopped()));
        }
    }
}

fn stopped() -> Error {
    Error::internal("the generation of keys was stopped")
}

/// The maximum number of keys that a thread generates at a time.
const BLOCK: usize = 8192;

/// Returns the number of keys, out of `count`, that each of the threads generates at a time. The number is small enough for
/// the threads to finish at about the same time.
fn block_size(count: usize, threads: usize) -> usize {
    (count / threads / 8).clamp(1, BLOCK)
}

/// Generates `count` keys in other threads, and meanwhile runs `work`, which waits for the keys that it needs. Stops the
/// generation when `work` ends. `spec` returns the specification of the key at an index. `generated` counts the finished keys.
///
/// If `sorted` is `true`, the keys are in ascending order of their ids, which is the fastest order for storing them.
/// The caller sets `sorted` only if all keys have the same specification, so that any id can belong to any of the keys.
///
/// # Errors
/// - `system_limit` if the operating system provides no random bytes
/// - `internal` if a check of the new key pairs fails
/// - any error of `work`
pub fn generate_many<'a, T>(
    count: usize,
    sorted: bool,
    spec: impl Fn(usize) -> &'a KeySpec + Sync,
    generated: &AtomicU64,
    work: impl FnOnce(&GeneratedKeys) -> Result<T>,
) -> Result<T> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let is_slow = (0..count).any(|index| spec(index).key_type.is_slow());
    let keys = GeneratedKeys::new(count, sorted, if is_slow { 1 } else { block_size(count, threads) })?;
    let generate = || {
        if !is_slow {
            give_way();
        }
        keys.generate(&spec, generated);
    };
    thread::scope(|scope| {
        let started =
            (0..threads.min(count)).filter_map(|_| thread::Builder::new().spawn_scoped(scope, generate).ok()).count();
        if started == 0 {
            keys.generate(&spec, generated);
        }
        let _stop = StopOnDrop(&keys);
        // The keyring stays locked while a transaction waits for keys, so it does not begin before slow keys are ready. The
        // others take less time than storing them.
        if is_slow {
            keys.wait()?;
        }
        work(&keys)
    })
}

/// Lowers the priority of this thread below that of the only thread that can store the keys. Linux has a priority for each
/// thread. Elsewhere, the change would apply to the process, so nothing changes.
fn give_way() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), 10);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{contract::Rules, error::Code, issuance::KeyChoices, key::Env};
    use std::panic::{AssertUnwindSafe, catch_unwind};

    fn spec(key_type: KeyType) -> KeySpec {
        KeySpec::new(Some(key_type), Env::Live, &KeyChoices::default(), &Rules::default())
    }

    #[test]
    fn every_key_is_generated_once_and_can_be_waited_for() {
        let specs = [spec(KeyType::Token), spec(KeyType::Ed25519)];
        for (count, sorted) in [(1, false), (2, true), (3000, true), (3000, false)] {
            let generated = AtomicU64::new(0);
            let ids = generate_many(
                count,
                sorted,
                |index| &specs[index % 2],
                &generated,
                |keys| {
                    let mut ids = Vec::new();
                    for index in (0..count).rev() {
                        let (id, material, _) = keys.get(index)?;
                        assert_eq!(*id, keys.id(index));
                        assert_eq!(material.public_key().is_some(), index % 2 == 1);
                        ids.push(*id);
                    }
                    keys.wait()?;
                    ids.reverse();
                    Ok(ids)
                },
            )
            .unwrap();
            assert_eq!((ids.len(), generated.into_inner()), (count, count as u64));
            assert!(!sorted || ids.is_sorted());
        }
    }

    #[test]
    fn generation_stops_when_the_work_ends() {
        let (spec, generated) = (spec(KeyType::Ed25519), AtomicU64::new(0));
        let refused = |_: &GeneratedKeys| Err::<(), _>(Error::new(Code::NameTaken, "taken", "use another name"));
        let error = generate_many(1_000_000, true, |_| &spec, &generated, refused).unwrap_err();
        assert_eq!(error.code(), Code::NameTaken);
        assert!(generated.into_inner() < 900_000);
    }

    #[test]
    fn nobody_waits_for_a_thread_that_panicked() {
        let (spec, generated, calls) = (spec(KeyType::Token), AtomicU64::new(0), AtomicU64::new(0));
        let of = |index: usize| {
            // The first call only asks for the type of the key.
            assert!(index != 2500 || calls.fetch_add(1, Ordering::Relaxed) == 0, "a bug");
            &spec
        };
        let mut waited = None;
        let run = || {
            generate_many(3000, true, of, &generated, |keys| {
                waited = Some(keys.wait());
                Ok(())
            })
        };
        assert!(catch_unwind(AssertUnwindSafe(run)).is_err());
        assert_eq!(waited.unwrap().unwrap_err().code(), Code::Internal);
    }
}
