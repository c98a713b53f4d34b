//! Checking a scheme for contradictions and weaknesses.

use super::{Carrier, Concatenation, MessagePart};
use crate::{key::Verbatim, keypair::SignatureAlgorithm, signing};

impl Concatenation {
    /// Checks the scheme.
    ///
    /// # Errors
    /// Returns a description of the mistake, with the name of the member, if the scheme is contradictory, if its message
    /// does not cover the timestamp, or if the message can be parsed in more than one way and the scheme does not accept
    /// this with `ambiguous`.
    pub fn validate(&self) -> Result<(), String> {
        let carriers = [&self.headers.key, &self.headers.timestamp, &self.headers.signature];
        for (i, carrier) in carriers.iter().enumerate() {
            let is_same = |other: &&Carrier| match (carrier, other) {
                (Carrier::Header(one), Carrier::Header(other)) => one.eq_ignore_ascii_case(other),
                (one, other) => *one == *other,
            };
            if carriers[i + 1..].iter().any(is_same) {
                return Err(format!("headers: `{}` is used twice", carrier.name()));
            }
        }
        if self.algorithms.is_empty() {
            return Err("algorithms: the list is empty".to_owned());
        }
        let algorithms: Vec<SignatureAlgorithm> = self.algorithms.iter().map(|known| *known.value()).collect();
        if let Some(twice) = algorithms.iter().enumerate().find(|(i, one)| algorithms[i + 1..].contains(one)) {
            return Err(format!("algorithms: `{}` appears twice", twice.1));
        }
        signing::skew_millis(&self.max_skew)?;
        self.validate_message()
    }

    fn validate_message(&self) -> Result<(), String> {
        let is_literal = |part: &&MessagePart| matches!(part, MessagePart::Literal(_));
        if let Some((_, twice)) = self
            .parts()
            .enumerate()
            .find(|(i, part)| !is_literal(part) && self.parts().skip(i + 1).any(|other| other == *part))
        {
            return Err(format!("message: `{twice}` appears twice"));
        }
        if self.has(&MessagePart::Query) && self.has(&MessagePart::Params) {
            return Err("message: `{query}` and `{params}` both contain the query; use only one of them".to_owned());
        }
        if let Carrier::Header(signature) = &self.headers.signature
            && self.has(&MessagePart::Header(signature.to_ascii_lowercase()))
        {
            return Err("message: the signature cannot be part of the message that it signs".to_owned());
        }
        if !self.covers(&self.headers.timestamp, &MessagePart::Timestamp) {
            return Err("message: the timestamp must be part of the message; otherwise, a signature could be sent \
                        again at any time"
                .to_owned());
        }
        match self.confusions().first() {
            Some(found) if !self.ambiguous => Err(format!(
                "message: the end of `{}` cannot be distinguished from the start of `{}`, so a signature for one request \
                 could be valid for another; put text such as \"\\n\" between them, or add \"ambiguous\": true if the \
                 scheme cannot be changed",
                found.before, found.after
            )),
            None if self.ambiguous => {
                Err("ambiguous: the message can be parsed in only one way; omit the member".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// Returns `true` if the message contains a value, either as `part` or with the place that carries it.
    fn covers(&self, carrier: &Carrier, part: &MessagePart) -> bool {
        let with_place = match carrier {
            Carrier::Header(name) => self.has(&MessagePart::Header(name.to_ascii_lowercase())),
            Carrier::Query(_) => self.covers_query(),
        };
        with_place || self.has(part)
    }

    /// Returns the names of the parts of a request that every signature should cover and this one does not: the method and
    /// the path.
    #[must_use]
    pub fn uncovered(&self) -> Vec<&'static str> {
        let covered = [("method", self.has(&MessagePart::Method)), ("path", self.has(&MessagePart::Path))];
        covered.into_iter().filter(|(_, is_covered)| !is_covered).map(|(name, _)| name).collect()
    }

    /// Returns the accepted algorithms.
    pub fn algorithms(&self) -> impl Iterator<Item = SignatureAlgorithm> {
        self.algorithms.iter().map(Verbatim::value).copied()
    }
}
