CREATE TABLE keyring (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    created_at INTEGER NOT NULL
) STRICT;

-- Times are whole seconds since 1970. A status is never stored.
CREATE TABLE key (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL CHECK (length(id) = 16),
    name TEXT NOT NULL,
    type TEXT NOT NULL CHECK (type IN ('rsa', 'token', 'pair')),
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
    spki BLOB CHECK ((spki IS NOT NULL) = (type = 'rsa')),
    fingerprint BLOB CHECK (fingerprint IS NULL OR length(fingerprint) = 32),
    modulus_hash BLOB CHECK (modulus_hash IS NULL OR length(modulus_hash) = 32),
    key_bits INTEGER,
    api_key TEXT CHECK ((api_key IS NOT NULL) = (type = 'pair')),
    secret_hash BLOB CHECK ((secret_hash IS NOT NULL) = (type <> 'rsa')),
    rotated_from BLOB,
    rotated_to BLOB,
    digest BLOB NOT NULL CHECK (length(digest) = 32)
) STRICT;

CREATE UNIQUE INDEX key_by_id ON key (id);
CREATE INDEX key_by_name ON key (name);
CREATE INDEX key_by_expiry ON key (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX key_by_revocation ON key (revoked_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX key_by_owner ON key (owner) WHERE owner IS NOT NULL;
CREATE INDEX key_pending ON key (created_at) WHERE activated_at IS NULL;
CREATE INDEX key_by_fingerprint ON key (fingerprint) WHERE fingerprint IS NOT NULL;
CREATE UNIQUE INDEX key_by_modulus ON key (modulus_hash) WHERE modulus_hash IS NOT NULL;
-- A token carries its key's id; the secret half of a pair does not.
CREATE UNIQUE INDEX key_by_pair_secret ON key (secret_hash) WHERE api_key IS NOT NULL;

CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    clock_set INTEGER NOT NULL CHECK (clock_set IN (0, 1)),
    user TEXT NOT NULL,
    host TEXT NOT NULL,
    command TEXT NOT NULL,
    action TEXT NOT NULL,
    key_id BLOB,
    facts TEXT NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE INDEX audit_by_key ON audit (key_id) WHERE key_id IS NOT NULL;
