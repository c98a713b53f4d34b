-- The contract, as JSON. NULL means the default contract.
ALTER TABLE keyring ADD COLUMN contract TEXT;

CREATE TABLE owner (
    name TEXT PRIMARY KEY,
    usage_level TEXT NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;
