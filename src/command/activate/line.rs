//! A line of the input of `activate --from`.

use super::prove;
use crate::{
    error::{Code, Error, Result},
    input::{InputLine, LIMIT},
    issuance::is_complete,
    key::{Key, KeyId, Time},
    keyring::Keyring,
    proof,
};
use serde::Deserialize;
use std::borrow::Cow;

/// The field of a line that names the key, in the JSON that `generate` writes.
#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow)]
    api_key_id: Cow<'a, str>,
}

/// Refuses a line that names another key than the one that its secret belongs to: whoever receives the line would use the
/// secret under the wrong id.
fn refuse_other_id(line: &[u8], key: &Key) -> Result<()> {
    // The document of a contract may have other text in this field.
    let named = serde_json::from_slice::<Named<'_>>(line).ok().and_then(|named| named.api_key_id.parse::<KeyId>().ok());
    match named {
        Some(named) if named != key.id => {
            let message = format!("the line names another key than {}, whose secret it contains", key.id);
            Err(Error::new(Code::InvalidSecret, message, "pass the file as `generate` wrote it"))
        }
        _ => Ok(()),
    }
}

/// Returns the key that the secret in a line belongs to, or `None` if the line is blank.
pub(super) fn identify(line: &InputLine<'_>, keyring: &dyn Keyring, now: Time) -> Result<Option<Key>> {
    let InputLine::Complete(secret) = line else {
        let message = format!("the line is longer than {LIMIT} bytes");
        return Err(Error::new(Code::InputTooLarge, message, "put one secret on each line"));
    };
    if secret.trim_ascii().is_empty() {
        return Ok(None);
    }
    let key = proof::identify(keyring, secret, now)?;
    // A bearer token identifies a key, but is not the secret of that key.
    prove(&key, secret)?;
    refuse_other_id(secret, &key)?;
    is_complete(keyring, &key, now).map(|_| Some(key))
}
