//! Keys as comma-separated values (RFC 4180): the fields of the JSON, flat.

use crate::key::{Document, Time, spki_pem};

pub(super) fn record(out: &mut Vec<u8>, fields: &[&str]) {
    // Writing to memory does not fail.
    let mut writer = ::csv::Writer::from_writer(out);
    let _ = writer.write_record(fields);
    let _ = writer.flush();
}

/// Appends the header.
pub(super) fn header(out: &mut Vec<u8>) {
    record(out, &Document::FIELDS);
}

/// Appends a key, and the header before the first.
pub(super) fn row(out: &mut Vec<u8>, document: &Document<'_>, first: bool) {
    if first {
        header(out);
    }
    let facts = document.facts;
    let life = facts.lifecycle;
    let time = |time: Option<Time>| time.map(|time| time.to_string()).unwrap_or_default();
    let id = |id: Option<crate::key::KeyId>| id.map(|id| id.to_string()).unwrap_or_default();
    record(
        out,
        &[
            &facts.id.to_string(),
            document.org_id,
            facts.name,
            facts.key_type.word(),
            facts.env.word(),
            facts.prefix.unwrap_or_default(),
            facts.owner.unwrap_or_default(),
            facts.scopes,
            life.status(document.now).word(),
            &time(Some(life.created)),
            &time(life.activated),
            &time(life.expires),
            &time(life.last_used),
            &time(life.disabled),
            &time(life.revoked),
            life.reason.map(crate::key::RevocationReason::word).unwrap_or_default(),
            &facts.rate_limit.to_string(),
            &facts.fingerprint.map(|fingerprint| fingerprint.to_string()).unwrap_or_default(),
            &facts.spki.map(spki_pem).unwrap_or_default(),
            &facts.bits.map(|bits| bits.to_string()).unwrap_or_default(),
            facts.api_key.unwrap_or_default(),
            &id(facts.rotated_from),
            &id(facts.rotated_to),
            facts.labels,
            facts.note.unwrap_or_default(),
        ],
    );
}
