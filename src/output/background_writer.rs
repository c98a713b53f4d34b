//! Writing while the next page is read: a long list spends as much time in the pipe as in the keyring.

use super::write;
use crate::error::Result;
use std::{
    sync::mpsc::{Receiver, SyncSender, channel, sync_channel},
    thread::{self, JoinHandle},
};

/// A thread that writes buffers to standard output in order and gives them back empty.
pub(super) struct BackgroundWriter {
    full: SyncSender<Vec<u8>>,
    empty: Receiver<Vec<u8>>,
    thread: JoinHandle<Result<()>>,
}

impl BackgroundWriter {
    /// None where no thread can be had.
    pub(super) fn start() -> Option<Self> {
        // One is written, one may wait: the reader is never more than a page ahead.
        let (full, to_write) = sync_channel::<Vec<u8>>(1);
        let (written, empty) = channel();
        let work = move || {
            for mut buffer in to_write {
                write(&buffer)?;
                buffer.clear();
                // Nobody waits for it after the last page.
                let _ = written.send(buffer);
            }
            Ok(())
        };
        let thread = thread::Builder::new().spawn(work).ok()?;
        Some(Self { full, empty, thread })
    }

    /// Hands a buffer over and takes an empty one. Once writing has failed nothing is taken any more, and
    /// [`BackgroundWriter::finish`] says why.
    pub(super) fn push(&self, buffer: Vec<u8>) -> Vec<u8> {
        let _ = self.full.send(buffer);
        self.empty.try_recv().unwrap_or_default()
    }

    /// Whether the thread has given up.
    pub(super) fn has_failed(&self) -> bool {
        self.thread.is_finished()
    }

    /// Waits until everything is written.
    pub(super) fn finish(self) -> Result<()> {
        drop(self.full);
        self.thread.join().unwrap_or(Ok(()))
    }
}
