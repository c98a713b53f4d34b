-- 1: the token does not contain the id of its key, and is found by its hash.
ALTER TABLE key ADD COLUMN opaque INTEGER CHECK (opaque IS NULL OR (opaque = 1 AND type = 'token'));
-- 1: the key expires when its successor is first used.
ALTER TABLE key ADD COLUMN retire_on_use INTEGER CHECK (retire_on_use = 1);
-- The plan for the predecessor, for as long as the key is pending.
ALTER TABLE key ADD COLUMN handover TEXT;
-- 1: the holder has the private key, and keywright never had it.
ALTER TABLE key ADD COLUMN registered INTEGER CHECK (registered IS NULL OR (registered = 1 AND type = 'rsa'));
CREATE UNIQUE INDEX key_by_opaque_secret ON key (secret_hash) WHERE opaque IS NOT NULL;
CREATE INDEX key_by_predecessor ON key (rotated_from) WHERE rotated_from IS NOT NULL;

-- Bearer tokens. `hash` is the SHA-256 hash of the entire token. Inserting a row deletes the expired rows.
CREATE TABLE bearer (
    hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
    key_id BLOB NOT NULL CHECK (length(key_id) = 16),
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    digest BLOB NOT NULL CHECK (length(digest) = 32)
) STRICT, WITHOUT ROWID;
CREATE INDEX bearer_by_expiry ON bearer (expires_at);
CREATE INDEX bearer_by_key ON bearer (key_id);

-- Accepted signatures. `hash` is a SHA-256 hash over the key and the signature. Each row is kept at least as long as
-- the timestamp of its request would be accepted.
CREATE TABLE replay (
    hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX replay_by_end ON replay (until);

-- Tombstones, which prevent purged keys from being added again.
CREATE TABLE tombstone (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    modulus_hash BLOB CHECK (modulus_hash IS NULL OR length(modulus_hash) = 32),
    secret_hash BLOB CHECK (secret_hash IS NULL OR length(secret_hash) = 32),
    ended_at INTEGER NOT NULL,
    revoked INTEGER NOT NULL CHECK (revoked IN (0, 1)),
    purged_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX tombstone_by_modulus ON tombstone (modulus_hash) WHERE modulus_hash IS NOT NULL;
CREATE INDEX tombstone_by_secret ON tombstone (secret_hash) WHERE secret_hash IS NOT NULL;
