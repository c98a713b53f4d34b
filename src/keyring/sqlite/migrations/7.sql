-- Batches: keys that are written in several transactions and take effect in one. The keys of a batch that is not complete
-- are pending, whatever their own columns say. The row of a completed batch is deleted once its keys have been updated.
CREATE TABLE batch (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The time at which the last keys were added.
    written_at INTEGER NOT NULL,
    -- The host and the process that import the keys. NULL: the keys are being issued or activated.
    process TEXT,
    -- The first and the last row of the table `key` that can be part of the batch.
    first_key INTEGER,
    last_key INTEGER,
    -- The ranges of the audit rows that added the keys, as JSON. NULL: the keys were in the keyring before.
    rows TEXT,
    -- 1: a key of the batch has been changed or deleted.
    changed INTEGER NOT NULL CHECK (changed IN (0, 1)),
    completed_at INTEGER
) STRICT;
