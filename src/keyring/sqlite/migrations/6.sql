-- The timestamp of the request, in milliseconds since 1970. NULL in rows from before this column was added.
ALTER TABLE replay ADD COLUMN timestamp INTEGER;

-- The newest timestamp of a request whose row in `replay` was deleted, in milliseconds since 1970. Requests with this or
-- an earlier timestamp are refused, because a replay could not be detected.
CREATE TABLE replay_floor (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    timestamp INTEGER NOT NULL
) STRICT;

-- There is at most one baseline, which begins the record of states in the log of an earlier version.
CREATE INDEX audit_baseline ON audit (seq) WHERE action = 'baseline';
