//! Signing a request.

use super::{
    Carrier, Concatenation,
    present::{RequestParts, parameters},
};
use crate::{
    error::{Code, Error, Result},
    signing::{HttpRequest, SignedParts, Signer, request::Method, request::Path},
};

impl Concatenation {
    /// Refuses a request that already has one of the parts that signing adds, because it would then be repeated.
    fn refuse_carriers(&self, request: &HttpRequest) -> Result<()> {
        let (_, query) = self.target(request);
        let carriers = [&self.headers.key, &self.headers.timestamp, &self.headers.signature];
        let found = carriers.into_iter().find(|carrier| match carrier {
            Carrier::Header(name) => request.fields.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)),
            Carrier::Query(name) => parameters(query).any(|(known, _)| known == name),
        });
        found.map_or(Ok(()), |carrier| {
            let message = format!("the request already has {}, which signing adds", carrier.name());
            Err(Error::new(Code::InvalidRequest, message, "remove it from the URL or the headers"))
        })
    }

    /// Signs a request and returns the parts to add to it.
    ///
    /// # Errors
    /// - `invalid_request` if the method or the path is malformed, or if the request lacks a part that the message needs
    /// - `invalid_secret` if the key cannot sign with any of the scheme's algorithms
    /// - `internal` if the operating system provides no random bytes, or if the computation fails
    pub fn sign(&self, request: &HttpRequest, signer: &Signer<'_>) -> Result<SignedParts> {
        let timestamp = self.timestamp.text(signer.timestamp);
        let method: Method = request.method.parse()?;
        let (path, query) = self.target(request);
        let path: Path = path.parse()?;
        self.refuse_carriers(request)?;
        // The timestamp and the key may be parameters, which the message covers like the other parameters.
        let mut added = SignedParts::default();
        for (carrier, value) in [(&self.headers.key, signer.key_id), (&self.headers.timestamp, &timestamp)] {
            match carrier {
                Carrier::Header(name) => added.headers.push((name.clone(), value.to_owned())),
                Carrier::Query(name) => added.query.push((name.clone(), value.to_owned())),
            }
        }
        let query = added.url(query);
        let parts = RequestParts {
            key: signer.key_id,
            timestamp: &timestamp,
            method: method.as_str(),
            path: path.as_str(),
            query: &query,
        };
        let message = self.check_query(request).and_then(|()| self.message(request, &parts)).map_err(|flaw| {
            let hint = "pass the missing part: a full URL such as https://api.example.com/orders as --path, --body, or --header";
            Error::new(Code::InvalidRequest, flaw.message.into_owned(), hint)
        })?;
        let algorithm = signer.algorithm(self.algorithms())?;
        let signature = self.encoding.encode(&signer.pair.sign(algorithm, &message)?);
        match &self.headers.signature {
            Carrier::Header(name) => added.headers.push((name.clone(), signature)),
            Carrier::Query(name) => added.query.push((name.clone(), signature)),
        }
        Ok(added)
    }
}
