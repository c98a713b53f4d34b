//! Documents of many keys, one per line.

use super::{Builder, IssuedSecret, PUBLIC};
use crate::contract::Template;
use std::io;

/// A writer that collects documents with secrets, one per line, in a buffer that is wiped. The writer passes the buffer
/// to the sink whenever the next document does not fit.
pub struct SecretLines<'a> {
    template: Option<&'a Template>,
    public: Vec<u8>,
    gathered: Builder,
    sink: &'a mut dyn FnMut(&[u8]) -> io::Result<()>,
}

impl<'a> SecretLines<'a> {
    /// The initial size of the buffer in bytes. The buffer is replaced by a larger one if a single document does not
    /// fit.
    const ROOM: usize = 64 * 1024;

    /// Creates a writer for a sink. Documents follow the contract's template, or are the complete JSON of the keys if
    /// `template` is `None`.
    #[must_use]
    pub fn new(template: Option<&'a Template>, sink: &'a mut dyn FnMut(&[u8]) -> io::Result<()>) -> Self {
        Self { template, public: Vec::with_capacity(PUBLIC), gathered: Builder::new(Self::ROOM), sink }
    }

    /// Adds the document of one key.
    ///
    /// # Errors
    /// Returns the error of the sink if it does not accept the buffered documents.
    pub fn add(&mut self, issued: &IssuedSecret<'_>) -> io::Result<()> {
        if let Some(template) = self.template {
            let line = issued.under(template);
            self.make_room(line.expose().len())?;
            self.gathered.put(line.expose());
            return Ok(());
        }
        self.public.clear();
        issued.document.write(&mut self.public);
        self.make_room(issued.room(&self.public))?;
        issued.close(&mut self.public, &mut self.gathered);
        Ok(())
    }

    fn make_room(&mut self, wanted: usize) -> io::Result<()> {
        if self.gathered.left() >= wanted {
            return Ok(());
        }
        (self.sink)(&self.gathered.0)?;
        if wanted > self.gathered.0.capacity() {
            self.gathered = Builder::new(wanted);
        }
        // The old content is overwritten by the next documents, or wiped when the buffer is dropped.
        self.gathered.0.clear();
        Ok(())
    }

    /// Passes the remaining documents in the buffer to the sink.
    ///
    /// # Errors
    /// Returns the error of the sink if it does not accept the buffered documents.
    pub fn finish(self) -> io::Result<()> {
        (self.sink)(&self.gathered.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        contract::{Contract, Operation},
        key::{KeyDocument, Secret},
        testing,
    };
    use zeroize::Zeroizing;

    /// Returns the lines written for secrets of the given lengths, the expected lines, and the number of pieces.
    fn gathered(template: Option<&Template>, lengths: &[usize]) -> (Vec<u8>, Vec<u8>, usize) {
        let key = testing::key(7);
        let (mut whole, mut expected, mut pieces) = (Vec::new(), Vec::new(), 0);
        let mut sink = |piece: &[u8]| {
            pieces += 1;
            whole.extend_from_slice(piece);
            Ok(())
        };
        let mut lines = SecretLines::new(template, &mut sink);
        for length in lengths {
            let secret = Secret::new(Zeroizing::new(vec![b's'; *length]));
            let document = KeyDocument { view: &key.view(), org_id: "o", now: testing::time(0) };
            let issued = IssuedSecret { document, secret: &secret };
            let alone = template.map_or_else(|| issued.document(), |template| issued.under(template));
            expected.extend_from_slice(alone.expose());
            lines.add(&issued).unwrap();
        }
        lines.finish().unwrap();
        (whole, expected, pieces)
    }

    #[test]
    fn lines_are_the_documents_of_each_key() {
        let contract = Contract::stored(Contract::built_in("kalshi")).unwrap();
        let template = contract.documents.template(Operation::Generate).unwrap();
        for template in [None, Some(&template)] {
            let (whole, expected, pieces) = gathered(template, &[60; 2000]);
            assert!(whole == expected && (2..2000).contains(&pieces), "{pieces}");
            let (whole, expected, _) = gathered(template, &[60, 100_000, 60, 30_000, 30_000, 200_000, 1]);
            assert!(whole == expected);
        }
        assert_eq!(gathered(None, &[]), (Vec::new(), Vec::new(), 1));
    }

    #[test]
    fn a_failing_sink_is_an_error() {
        let mut sink = |_: &[u8]| Err(io::ErrorKind::StorageFull.into());
        assert!(SecretLines::new(None, &mut sink).finish().is_err());
    }
}
