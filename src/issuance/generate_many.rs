//! Generates many keys with one worker thread per core.

use super::{KeySpec, Random, generate_with_id};
use crate::{
    error::{Error, Result},
    key::{KeyId, KeyType, Material, Secret},
    keypair::KeyPair,
};
use std::{
    collections::BTreeMap,
    num::NonZero,
    ops::Index,
    panic::resume_unwind,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    thread,
};

/// The id, the material and the secret of a generated key.
pub type Generated = (KeyId, Material, Secret);

/// Generated keys, in the blocks that the worker threads returned. Moving the keys into a single vector would need
/// twice the memory.
pub struct GeneratedKeys {
    blocks: Vec<Vec<Generated>>,
    size: usize,
}

impl GeneratedKeys {
    /// Returns an iterator over the keys, in the order of their indexes.
    pub fn iter(&self) -> impl Iterator<Item = &Generated> {
        self.blocks.iter().flatten()
    }
}

impl Index<usize> for GeneratedKeys {
    type Output = Generated;

    fn index(&self, index: usize) -> &Generated {
        &self.blocks[index / self.size][index % self.size]
    }
}

/// Returns the number of keys, out of `count`, that a worker generates at a time. The number is small enough for all
/// workers to finish at about the same time.
const fn block_size(count: usize) -> usize {
    if count < 2048 { 1 } else { count / 1024 }
}

/// Generates `count` keys. `spec` returns the specification of the key at an index. `generated` counts the finished
/// keys.
///
/// If `sorted` is `true`, the keys are in ascending order of their ids, which is the fastest order for storing them.
/// The caller sets `sorted` only if all keys have the same specification, so that any id can belong to any of the keys.
///
/// # Errors
/// Returns `system_limit` if the operating system provides no random bytes, or `internal` if a check of the new key pairs
/// fails.
pub fn generate_many<'a>(
    count: usize,
    sorted: bool,
    spec: impl Fn(usize) -> &'a KeySpec + Sync,
    generated: &AtomicU64,
) -> Result<GeneratedKeys> {
    let size = block_size(count);
    let mut random = Random::ahead();
    let mut ids = (0..count).map(|_| random.id()).collect::<Result<Vec<_>>>()?;
    if sorted {
        ids.sort_unstable();
    }
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let blocks: Mutex<BTreeMap<usize, Vec<Generated>>> = Mutex::new(BTreeMap::new());
    let work = || -> Result<()> {
        let mut random = Random::ahead();
        while !failed.load(Ordering::Relaxed) {
            let start = next.fetch_add(size, Ordering::Relaxed);
            if start >= count {
                break;
            }
            let block = start..count.min(start + size);
            let block = generate_block(&ids[block.clone()], block.map(&spec), &mut random, generated)
                .inspect_err(|_| failed.store(true, Ordering::Relaxed))?;
            blocks.lock().unwrap_or_else(PoisonError::into_inner).insert(start, block);
        }
        Ok(())
    };
    let workers = thread::available_parallelism().map_or(1, NonZero::get).min(count);
    thread::scope(|scope| {
        let others: Vec<_> =
            (1..workers).filter_map(|_| thread::Builder::new().spawn_scoped(scope, work).ok()).collect();
        others.into_iter().fold(work(), |result, other| match other.join() {
            Ok(other) => result.and(other),
            Err(panic) => resume_unwind(panic),
        })
    })?;
    let blocks = blocks.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(GeneratedKeys { blocks: blocks.into_values().collect(), size })
}

/// Generates a key for each id. `specs` yields the specifications of the keys in the same order.
///
/// # Errors
/// Returns the errors of [`generate_many`].
fn generate_block<'a>(
    ids: &[KeyId],
    specs: impl Iterator<Item = &'a KeySpec> + Clone,
    random: &mut Random,
    generated: &AtomicU64,
) -> Result<Vec<Generated>> {
    // Ed25519 keys are generated together, because that takes less than half the time.
    let count = specs.clone().filter(|spec| spec.key_type == KeyType::Ed25519).count();
    let mut pairs = KeyPair::generate_ed25519_many(count)?.into_iter();
    let one = |(&id, spec): (_, &KeySpec)| {
        let (material, secret) = match spec.key_type {
            KeyType::Ed25519 => {
                let (public, pem) = pairs.next().ok_or_else(|| Error::internal("too few key pairs were generated"))?;
                (Material::KeyPair(public), pem)
            }
            _ => generate_with_id(spec, id, Some(1), random, &AtomicU64::new(0))?,
        };
        generated.fetch_add(1, Ordering::Relaxed);
        Ok((id, material, secret))
    };
    ids.iter().zip(specs).map(one).collect()
}
