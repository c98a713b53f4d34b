CREATE TABLE key (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL CHECK (length(id) = 16),
    name TEXT NOT NULL,
    type TEXT NOT NULL CHECK (type <> ''),
    env TEXT NOT NULL CHECK (env IN ('test', 'live')),
    prefix TEXT,
    owner TEXT,
    scopes TEXT NOT NULL,
    labels TEXT NOT NULL,
    note TEXT,
    created_at INTEGER NOT NULL,
    activated_at INTEGER,
    expires_at INTEGER,
    last_used_at INTEGER,
    disabled_at INTEGER,
    revoked_at INTEGER,
    revocation_reason TEXT CHECK ((revocation_reason IS NULL) = (revoked_at IS NULL)),
    revocation_note TEXT,
    per_minute INTEGER,
    per_hour INTEGER,
    per_day INTEGER,
    -- A key has either a public key or the hash of a secret.
    spki BLOB CHECK ((spki IS NULL) = (secret_hash IS NOT NULL)),
    fingerprint BLOB CHECK (fingerprint IS NULL OR length(fingerprint) = 32),
    modulus_hash BLOB CHECK (modulus_hash IS NULL OR length(modulus_hash) = 32),
    key_bits INTEGER,
    api_key TEXT CHECK (api_key IS NULL OR secret_hash IS NOT NULL),
    secret_hash BLOB,
    rotated_from BLOB,
    rotated_to BLOB,
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    -- 1: the token does not contain the id of its key, and is found by its hash.
    opaque INTEGER CHECK (opaque IS NULL OR (opaque = 1 AND secret_hash IS NOT NULL AND api_key IS NULL)),
    -- 1: the key expires when its successor is first used.
    retire_on_use INTEGER CHECK (retire_on_use = 1),
    -- The plan for the predecessor, for as long as the key is pending.
    handover TEXT,
    -- 1: the holder has the private key, and keywright never had it.
    registered INTEGER CHECK (registered IS NULL OR (registered = 1 AND spki IS NOT NULL))
) STRICT
