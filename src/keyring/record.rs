//! The representation of keys as rows in any storage engine: their columns, values and digests.

use crate::{
    key::{
        AllowedIps, Description, DescriptionText as _, Env, Fingerprint, Key, KeyId, KeyType, KeyView, Labels,
        Lifecycle, Material, Name, Note, Owner, RateLimit, RevocationReason, Rotation, ScopeSet, Scopes, SecretHash,
        Time,
    },
    keypair::StoredPublicKey,
};
use sha2::{Digest as _, Sha256};
use std::str;

/// The value of a column, borrowed from a key or from a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cell<'a> {
    /// The absence of a value.
    Null,
    /// A number, a flag, or a time in seconds since 1970.
    Integer(i64),
    /// A floating-point number. keywright never writes such a number, but a damaged row may contain one.
    Real(f64),
    /// Text as UTF-8. In a damaged row, the bytes may not be valid UTF-8.
    Text(&'a [u8]),
    /// Bytes.
    Blob(&'a [u8]),
}

/// Declares the columns of a key, in the order in which the digest covers them.
macro_rules! columns {
    ($first:ident $first_name:literal; $($column:ident $name:literal;)+) => {
        /// A column of a key.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Column {
            $first,
            $($column,)+
        }

        impl Column {
            /// All columns in the order in which the digest covers them. New columns must be added at the end.
            pub(super) const ALL: &[Self] = &[Self::$first, $(Self::$column,)+];

            /// Returns the name of the column in SQL.
            pub(super) const fn name(self) -> &'static str {
                match self {
                    Self::$first => $first_name,
                    $(Self::$column => $name,)+
                }
            }
        }

        /// Expands to the names of all columns, separated by commas. This is a macro because `concat!` only accepts
        /// literals.
        macro_rules! column_names {
            () => {
                concat!($first_name, $(", ", $name),+)
            };
        }
    };
}

columns! {
    Id "id";
    Name "name";
    Type "type";
    Env "env";
    Prefix "prefix";
    Owner "owner";
    Scopes "scopes";
    Labels "labels";
    Note "note";
    CreatedAt "created_at";
    ActivatedAt "activated_at";
    ExpiresAt "expires_at";
    LastUsedAt "last_used_at";
    DisabledAt "disabled_at";
    RevokedAt "revoked_at";
    RevocationReason "revocation_reason";
    PerMinute "per_minute";
    PerHour "per_hour";
    PerDay "per_day";
    Spki "spki";
    Fingerprint "fingerprint";
    KeyBits "key_bits";
    ApiKey "api_key";
    RotatedFrom "rotated_from";
    RotatedTo "rotated_to";
    RevocationNote "revocation_note";
    ModulusHash "modulus_hash";
    SecretHash "secret_hash";
    Opaque "opaque";
    RetireOnUse "retire_on_use";
    Handover "handover";
    Registered "registered";
    AllowedIps "allowed_ips";
    ScopeWildcards "scope_wildcards";
}
pub(super) use column_names;

/// The number of columns of a key.
pub(super) const COUNT: usize = Column::ALL.len();

/// The number of columns in the first schema, which the digest always covers. The digest covers a column that was added
/// later only if the value is not NULL, so a migration does not have to recompute all digests.
const FIRST: usize = Column::Opaque as usize;

impl Column {
    /// Returns `true` if lists of keys do not read this column.
    pub(super) const fn is_hidden_in_lists(self) -> bool {
        matches!(
            self,
            Self::RevocationNote
                | Self::ModulusHash
                | Self::SecretHash
                | Self::Opaque
                | Self::RetireOnUse
                | Self::Handover
                | Self::Registered
        )
    }
}

/// The column values of a key that have to be formatted as text. The cells of the key borrow these values.
pub(super) struct Composed {
    handover: Option<String>,
}

impl Composed {
    /// Formats the values of a key.
    pub(super) fn of(key: &Key) -> Self {
        Self { handover: key.rotation.handover.map(|handover| handover.to_string()) }
    }
}

/// Returns the column values of a key in the order of [`Column::ALL`].
pub(super) fn cells<'a>(key: &'a Key, composed: &'a Composed) -> [Cell<'a>; COUNT] {
    let view = key.view();
    let life = view.lifecycle;
    let word = |word: &'a str| Cell::Text(word.as_bytes());
    let text = |text: Option<&'a str>| text.map_or(Cell::Null, word);
    let time = |time: Option<Time>| time.map_or(Cell::Null, |time| Cell::Integer(time.seconds()));
    let count = |count: Option<u32>| count.map_or(Cell::Null, |count| Cell::Integer(count.into()));
    let blob = |bytes: Option<&'a [u8]>| bytes.map_or(Cell::Null, Cell::Blob);
    let flag = |set: bool| if set { Cell::Integer(1) } else { Cell::Null };
    let id = |id: Option<&'a KeyId>| blob(id.map(|id| &id.as_bytes()[..]));
    let public = key.material.public_key();
    [
        id(Some(&key.id)),
        word(view.name),
        word(view.key_type.word()),
        word(view.env.word()),
        text(view.prefix),
        text(view.owner),
        word(view.scopes.text),
        word(view.labels),
        text(view.note),
        time(Some(life.created)),
        time(life.activated),
        time(life.expires),
        time(life.last_used),
        time(life.disabled),
        time(life.revoked),
        text(life.reason.map(RevocationReason::word)),
        count(view.rate_limit.minute),
        count(view.rate_limit.hour),
        count(view.rate_limit.day),
        blob(view.spki),
        blob(public.map(|public| &public.fingerprint().as_bytes()[..])),
        count(view.bits),
        text(view.api_key),
        id(key.rotation.from.as_ref()),
        id(key.rotation.to.as_ref()),
        text(view.revocation_note),
        blob(public.map(|public| &public.identity()[..])),
        blob(key.material.secret_hash().map(|hash| &hash.as_bytes()[..])),
        flag(matches!(key.material, Material::Opaque { .. })),
        flag(key.rotation.retire_on_use),
        text(composed.handover.as_deref()),
        flag(key.registered),
        text(Some(view.allowed_ips).filter(|networks| !networks.is_empty())),
        flag(view.scopes.wildcards),
    ]
}

/// The error for a row with a value that keywright cannot have written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unreadable;

impl<'a> Cell<'a> {
    /// Reads a value with `read`, or returns `None` if the cell is NULL.
    fn read<T>(self, read: impl FnOnce(Self) -> Result<T, Unreadable>) -> Result<Option<T>, Unreadable> {
        if self == Cell::Null { Ok(None) } else { read(self).map(Some) }
    }

    fn text(self) -> Result<&'a str, Unreadable> {
        if let Self::Text(bytes) = self { str::from_utf8(bytes).map_err(|_| Unreadable) } else { Err(Unreadable) }
    }

    fn blob(self) -> Result<&'a [u8], Unreadable> {
        if let Self::Blob(bytes) = self { Ok(bytes) } else { Err(Unreadable) }
    }

    /// Reads a blob of `N` bytes.
    pub(super) fn array<const N: usize>(self) -> Result<[u8; N], Unreadable> {
        self.blob()?.try_into().map_err(|_| Unreadable)
    }

    fn integer(self) -> Result<i64, Unreadable> {
        if let Self::Integer(number) = self { Ok(number) } else { Err(Unreadable) }
    }

    fn time(self) -> Result<Time, Unreadable> {
        self.integer().map(Time::from_seconds)
    }

    fn count(self) -> Result<u32, Unreadable> {
        self.integer()?.try_into().map_err(|_| Unreadable)
    }

    fn id(self) -> Result<KeyId, Unreadable> {
        self.array().map(KeyId::from_bytes)
    }
}

/// Reads the fields that lists show, borrowed from a row. Listing keys spends most of the time in this function, so the
/// columns of a public key or an `api_key` are read only for key types that have such a value.
///
/// # Errors
/// Returns `Unreadable` if the row has a value that keywright cannot have written.
#[inline]
pub(super) fn view<'a>(at: impl Fn(Column) -> Result<Cell<'a>, Unreadable>) -> Result<KeyView<'a>, Unreadable> {
    let time = |column| at(column)?.read(Cell::time);
    let text = |column| at(column)?.read(Cell::text);
    let count = |column| at(column)?.read(Cell::count);
    let id = |column| at(column)?.read(Cell::id);
    let key_type = KeyType::from_word(at(Column::Type)?.text()?).ok_or(Unreadable)?;
    let (spki, fingerprint, bits) = if key_type.is_key_pair() {
        let fingerprint = at(Column::Fingerprint)?.read(Cell::array)?;
        (at(Column::Spki)?.read(Cell::blob)?, fingerprint, count(Column::KeyBits)?)
    } else {
        (None, None, None)
    };
    let revoked = time(Column::RevokedAt)?;
    let reason = match revoked {
        Some(_) => Some(at(Column::RevocationReason)?.text()?.parse().map_err(|_| Unreadable)?),
        None => None,
    };
    Ok(KeyView {
        id: at(Column::Id)?.id()?,
        name: at(Column::Name)?.text()?,
        key_type,
        env: Env::from_word(at(Column::Env)?.text()?).ok_or(Unreadable)?,
        prefix: text(Column::Prefix)?,
        owner: text(Column::Owner)?,
        scopes: ScopeSet {
            text: at(Column::Scopes)?.text()?,
            wildcards: at(Column::ScopeWildcards)?.read(Cell::integer)?.is_some(),
        },
        labels: at(Column::Labels)?.text()?,
        note: text(Column::Note)?,
        lifecycle: Lifecycle {
            created: at(Column::CreatedAt)?.time()?,
            activated: time(Column::ActivatedAt)?,
            expires: time(Column::ExpiresAt)?,
            last_used: time(Column::LastUsedAt)?,
            disabled: time(Column::DisabledAt)?,
            revoked,
            reason,
        },
        rate_limit: RateLimit {
            minute: count(Column::PerMinute)?,
            hour: count(Column::PerHour)?,
            day: count(Column::PerDay)?,
        },
        allowed_ips: text(Column::AllowedIps)?.unwrap_or_default(),
        spki,
        fingerprint: fingerprint.map(Fingerprint::from_bytes),
        bits,
        api_key: if key_type == KeyType::Pair { text(Column::ApiKey)? } else { None },
        rotated_from: id(Column::RotatedFrom)?,
        rotated_to: id(Column::RotatedTo)?,
        // Lists do not read the following fields.
        revocation_note: None,
        retire_on_use: false,
        handover: None,
    })
}

/// Reads all fields of a row into a key.
///
/// # Errors
/// Returns `Unreadable` if the row has a value that keywright cannot have written.
pub(super) fn key<'a>(at: impl Fn(Column) -> Result<Cell<'a>, Unreadable>) -> Result<Key, Unreadable> {
    let view = view(&at)?;
    let is_set = |column| at(column)?.read(Cell::integer).map(|flag| flag.is_some());
    let hash = || at(Column::SecretHash)?.array().map(SecretHash::from_bytes);
    let text = |column| at(column)?.read(Cell::text);
    let owned = |text: Option<&str>| text.map(ToOwned::to_owned).ok_or(Unreadable);
    let key_pair = |algorithm| {
        let identity = at(Column::ModulusHash)?.array()?;
        let (Some(spki), Some(fingerprint), Some(bits)) = (view.spki, view.fingerprint, view.bits) else {
            return Err(Unreadable);
        };
        Ok(Material::KeyPair(StoredPublicKey::from_stored(algorithm, spki.to_owned(), fingerprint, identity, bits)))
    };
    let material = if let Some(algorithm) = view.key_type.algorithm() {
        key_pair(algorithm)?
    } else if view.key_type == KeyType::Pair {
        Material::Pair { prefix: owned(view.prefix)?, api_key: owned(view.api_key)?, hash: hash()? }
    } else if is_set(Column::Opaque)? {
        Material::Opaque { prefix: view.prefix.map(ToOwned::to_owned), hash: hash()? }
    } else {
        Material::Token { prefix: owned(view.prefix)?, hash: hash()? }
    };
    Ok(Key {
        id: view.id,
        material,
        description: Description {
            name: Name::from_stored(view.name.to_owned()),
            env: view.env,
            owner: view.owner.map(|owner| Owner::from_stored(owner.to_owned())),
            scopes: Scopes::from_stored(view.scopes.text.to_owned(), view.scopes.wildcards),
            labels: Labels::from_stored(view.labels.to_owned()),
            note: view.note.map(|note| Note::from_stored(note.to_owned())),
            rate_limit: view.rate_limit,
            allowed_ips: AllowedIps::from_stored(view.allowed_ips.to_owned()),
        },
        lifecycle: view.lifecycle,
        revocation_note: text(Column::RevocationNote)?.map(|note| Note::from_stored(note.to_owned())),
        rotation: Rotation {
            from: view.rotated_from,
            to: view.rotated_to,
            retire_on_use: is_set(Column::RetireOnUse)?,
            handover: parsed(text(Column::Handover)?)?,
        },
        registered: is_set(Column::Registered)?,
    })
}

/// Parses optional text, or returns `Unreadable` if the text is invalid.
fn parsed<T: str::FromStr>(text: Option<&str>) -> Result<Option<T>, Unreadable> {
    text.map(|text| text.parse().map_err(|_| Unreadable)).transpose()
}

/// Returns the SHA-256 digest of the columns of a row. In addition to each value, the digest covers the value's type
/// and, for text or a blob, its length. The digest detects accidental damage, but not changes by somebody with write
/// access to the keyring, who can compute a new digest.
pub(super) fn digest<'a>(cells: impl Iterator<Item = Cell<'a>>) -> [u8; 32] {
    Digester::default().digest(cells)
}

/// A reusable buffer for computing digests, which collects the columns of a row so that the hash function is called
/// once per row instead of twice per column.
pub(super) struct Digester(Vec<u8>);

impl Default for Digester {
    fn default() -> Self {
        // Most rows fit, and memory that grows is copied and wiped.
        Self(Vec::with_capacity(1024))
    }
}

impl Digester {
    /// Returns the digest of the given columns.
    pub(super) fn digest<'a>(&mut self, cells: impl Iterator<Item = Cell<'a>>) -> [u8; 32] {
        self.0.clear();
        for (place, cell) in cells.enumerate() {
            if place >= FIRST {
                if cell == Cell::Null {
                    continue;
                }
                self.0.push(u8::try_from(place).unwrap_or(u8::MAX));
            }
            match cell {
                Cell::Null => self.0.push(0),
                Cell::Integer(number) => {
                    self.0.push(1);
                    self.0.extend_from_slice(&number.to_be_bytes());
                }
                Cell::Real(number) => {
                    self.0.push(2);
                    self.0.extend_from_slice(&number.to_be_bytes());
                }
                Cell::Text(bytes) => self.put(3, bytes),
                Cell::Blob(bytes) => self.put(4, bytes),
            }
        }
        Sha256::digest(&self.0).into()
    }

    fn put(&mut self, kind: u8, bytes: &[u8]) {
        self.0.push(kind);
        self.0.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        self.0.extend_from_slice(bytes);
    }
}
