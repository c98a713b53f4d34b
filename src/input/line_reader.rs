//! Reads lines from a stream that may never end, without blocking while a complete line is available.

use super::LIMIT;
use crate::error::{Code, Error, Result};
use std::io::{ErrorKind, Read};
use zeroize::{Zeroize as _, Zeroizing};

/// The number of bytes without a line feed after which [`LineReader::read_line`] fails.
const ENDLESS: usize = 16 * 1024 * 1024;

/// A line without its line feed.
#[derive(Debug, PartialEq, Eq)]
pub enum InputLine<'a> {
    /// The complete line.
    Complete(&'a [u8]),
    /// A line that was longer than the limit, and was discarded.
    TooLong,
}

/// A line reader with a buffer that grows up to twice the length of the longest line. Lines that have been returned are
/// wiped before the reader waits for more input. The whole buffer is wiped when the reader is dropped.
pub struct LineReader<R> {
    source: R,
    /// The maximum length of a line.
    limit: usize,
    buffer: Zeroizing<Vec<u8>>,
    start: usize,
    /// The position up to which the buffer is known to contain no line feed.
    searched: usize,
    end: usize,
    skipping: bool,
    ended: bool,
}

impl<R: Read> LineReader<R> {
    /// Creates a line reader for lines of at most [`LIMIT`] bytes without reading anything.
    pub fn new(source: R) -> Self {
        Self::with_limit(source, LIMIT)
    }

    /// Creates a line reader for lines of at most `limit` bytes, which must not be less than [`LIMIT`].
    pub fn with_limit(source: R, limit: usize) -> Self {
        let buffer = Zeroizing::new(vec![0; 2 * LIMIT]);
        Self { source, limit, buffer, start: 0, searched: 0, end: 0, skipping: false, ended: false }
    }

    /// Reads from the source once, waiting if no input is available. Returns `false` at the end of the stream, and also
    /// if the buffer is full. Take all ready lines before you call this method.
    ///
    /// # Errors
    /// Returns `input_unreadable` if the source cannot be read.
    pub fn read(&mut self) -> Result<bool> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.buffer[self.end - self.start..self.end].zeroize();
        self.end -= self.start;
        self.searched -= self.start;
        self.start = 0;
        if self.end == self.buffer.len() && self.end < 2 * self.limit {
            // The old buffer is wiped when it is dropped.
            let mut larger = Zeroizing::new(vec![0; (2 * self.end).min(2 * self.limit)]);
            larger[..self.end].copy_from_slice(&self.buffer);
            self.buffer = larger;
        }
        loop {
            match self.source.read(&mut self.buffer[self.end..]) {
                Ok(count) => {
                    self.end += count;
                    self.ended = count == 0;
                    return Ok(!self.ended);
                }
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => {
                    let hint = "check the source of the input";
                    let error = Error::new(Code::InputUnreadable, "the input cannot be read", hint);
                    return Err(error.because(anyhow::Error::from(e)));
                }
            }
        }
    }

    /// Returns `true` if [`LineReader::ready_line`] would return a line. Discards the bytes of a line that is too long.
    pub fn is_ready(&mut self) -> bool {
        let unsearched = &self.buffer[self.searched..self.end];
        if let Some(distance) = unsearched.iter().position(|byte| *byte == b'\n') {
            self.searched += distance;
            return true;
        }
        self.searched = self.end;
        if self.end - self.start > self.limit {
            self.skipping = true;
            self.start = self.end;
        }
        self.ended && (self.skipping || self.start < self.end)
    }

    /// Returns the next line, reading as often as necessary, or `None` at the end of the stream.
    ///
    /// # Errors
    /// - `input_unreadable` if the source cannot be read
    /// - `input_too_large` if there is no line feed within 16 MiB, because the source may never end
    pub fn read_line(&mut self) -> Result<Option<InputLine<'_>>> {
        let mut length = 0;
        while !self.is_ready() && !self.ended {
            let before = self.end - self.start;
            self.read()?;
            length += self.end - before;
            if length > ENDLESS {
                let message = format!("the input has a line of more than {ENDLESS} bytes");
                return Err(Error::new(Code::InputTooLarge, message, "check that this is the right input"));
            }
        }
        Ok(self.ready_line())
    }

    /// Takes the next line from the buffer, or returns `None` if no line has been read completely. The last line of the
    /// stream needs no line feed.
    pub fn ready_line(&mut self) -> Option<InputLine<'_>> {
        if !self.is_ready() {
            return None;
        }
        let line = self.start..self.searched;
        self.start = self.end.min(self.searched + 1);
        self.searched = self.start;
        if std::mem::take(&mut self.skipping) || line.len() > self.limit {
            return Some(InputLine::TooLong);
        }
        Some(InputLine::Complete(&self.buffer[line]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A source that returns a limited number of bytes at a time.
    struct Trickle<'a>(&'a [u8], usize);

    impl Read for Trickle<'_> {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let count = self.1.min(self.0.len()).min(into.len());
            into[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    /// Returns all lines in `bytes`, with `None` for each line that is too long.
    fn all(bytes: &[u8], at_a_time: usize) -> Vec<Option<Vec<u8>>> {
        all_up_to(LIMIT, bytes, at_a_time)
    }

    fn all_up_to(limit: usize, bytes: &[u8], at_a_time: usize) -> Vec<Option<Vec<u8>>> {
        let mut lines = LineReader::with_limit(Trickle(bytes, at_a_time), limit);
        let mut found = Vec::new();
        loop {
            let more = lines.read().unwrap();
            while let Some(line) = lines.ready_line() {
                found.push(match line {
                    InputLine::Complete(line) => Some(line.to_vec()),
                    InputLine::TooLong => None,
                });
            }
            if !more {
                return found;
            }
        }
    }

    #[test]
    fn lines_do_not_depend_on_the_sizes_of_reads() {
        let whole = |texts: &[&str]| texts.iter().map(|text| Some(text.as_bytes().to_vec())).collect::<Vec<_>>();
        for at_a_time in [1, 2, 3, 1000] {
            assert_eq!(all(b"a\n\nbc\r\nd", at_a_time), whole(&["a", "", "bc\r", "d"]));
            assert_eq!(all(b"a\nb\n", at_a_time), whole(&["a", "b"]));
            assert_eq!(all(b"", at_a_time), whole(&[]));
            assert_eq!(all(b"\n", at_a_time), whole(&[""]));
        }
    }

    #[test]
    fn a_source_without_line_feeds_is_given_up() {
        let refused = LineReader::new(std::io::repeat(b'x')).read_line().unwrap_err();
        assert_eq!(refused.code(), Code::InputTooLarge);
        let long = vec![b'x'; ENDLESS - 1];
        let mut lines = LineReader::new(long.as_slice());
        assert_eq!(lines.read_line().unwrap(), Some(InputLine::TooLong));
        assert_eq!(lines.read_line().unwrap(), None);
    }

    #[test]
    fn taken_lines_are_wiped_before_more_is_read() {
        /// A source that returns one line at a time.
        struct Lines(Vec<&'static [u8]>);

        impl Read for Lines {
            fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
                let line = self.0.pop().unwrap_or_default();
                into[..line.len()].copy_from_slice(line);
                Ok(line.len())
            }
        }

        let mut lines = LineReader::new(Lines(vec![b"", b"rest\n", b"secret-3 \nbegun ", b"secret-1\nsecret-2\n"]));
        lines.read().unwrap();
        assert_eq!(lines.ready_line(), Some(InputLine::Complete(b"secret-1")));
        assert_eq!(lines.ready_line(), Some(InputLine::Complete(b"secret-2")));
        lines.read().unwrap();
        assert!(lines.buffer.starts_with(b"secret-3 \nbegun \0") && lines.buffer[16..].iter().all(|byte| *byte == 0));
        assert_eq!(lines.ready_line(), Some(InputLine::Complete(b"secret-3 ")));
        lines.read().unwrap();
        assert_eq!(lines.ready_line(), Some(InputLine::Complete(b"begun rest")));
        lines.read().unwrap();
        assert!(lines.buffer.iter().all(|byte| *byte == 0));
    }

    #[test]
    fn a_line_that_is_too_long_is_reported_once_and_skipped() {
        let mut bytes = b"a\n".to_vec();
        bytes.extend(vec![b'x'; LIMIT]);
        bytes.extend(b"\n");
        bytes.extend(vec![b'y'; LIMIT + 1]);
        bytes.extend(b"\nb\n");
        bytes.extend(vec![b'z'; 5 * LIMIT]);
        for at_a_time in [1000, 65_536, 65_537, 1 << 20] {
            let found = all(&bytes, at_a_time);
            let lengths: Vec<_> = found.iter().map(|line| line.as_ref().map(Vec::len)).collect();
            assert_eq!(lengths, [Some(1), Some(LIMIT), None, Some(1), None], "{at_a_time}");
        }
    }

    #[test]
    fn the_buffer_grows_for_lines_up_to_the_limit() {
        let limit = 5 * LIMIT + 7;
        let lengths = [3, limit, 0, limit + 1, LIMIT, 2 * limit, limit];
        let lines: Vec<Vec<u8>> = lengths.iter().map(|length| [vec![b'x'; *length], vec![b'\n']].concat()).collect();
        for at_a_time in [1000, 65_537, 1 << 20] {
            let found = all_up_to(limit, &lines.concat(), at_a_time);
            let found: Vec<_> = found.iter().map(|line| line.as_ref().map(Vec::len)).collect();
            assert_eq!(found, lengths.map(|length| (length <= limit).then_some(length)), "{at_a_time}");
        }
    }
}
