//! An allocator that overwrites memory before it is freed.
//!
//! Types that hold a secret wipe the secret on drop, but cannot wipe every copy: intermediate values of the `rsa` and
//! `crypto-bigint` crates, the buffer in which `serde_json` removes escapes, and buffers that have been replaced by
//! larger ones. This allocator wipes these copies.
//!
//! The cost was measured on two cores, alternating between runs with and without this allocator:
//!
//! - The fastest of 300 starts takes 0.83 ms in both cases.
//! - `list` of 20,000 keys as JSON takes 29.0 ms instead of 28.3 ms. As a table, the time does not differ.
//! - Generating a 3072-bit RSA key takes 84 ms of processor time in both cases.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    ptr,
};

/// The system's allocator, except that memory is filled with zeros before it is freed.
pub struct WipingAllocator;

#[expect(unsafe_code, reason = "an allocator cannot be written in safe code")]
// SAFETY: each method passes its arguments on to `System`, which meets the contract of the trait. `realloc` is the provided
// one, which allocates, copies and calls `dealloc`, so that the old memory is wiped too.
unsafe impl GlobalAlloc for WipingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller meets the contract of `GlobalAlloc::alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller meets the contract of `GlobalAlloc::alloc_zeroed`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller guarantees that `memory` is an allocation of `layout.size()` bytes that nothing else uses.
        unsafe { ptr::write_bytes(memory, 0, layout.size()) };
        // Without this call, the compiler could remove the writes, because nothing reads them before the memory is freed.
        std::hint::black_box(memory);
        // SAFETY: the caller meets the contract of `GlobalAlloc::dealloc`.
        unsafe { System.dealloc(memory, layout) };
    }
}

#[global_allocator]
static ALLOCATOR: WipingAllocator = WipingAllocator;

#[cfg(test)]
mod tests;
