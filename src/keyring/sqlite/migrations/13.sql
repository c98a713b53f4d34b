-- The largest difference between the clock and the timestamp of a request that was accepted, in milliseconds, if it was
-- more than the default of 30 seconds. A restore or a correction of the clock refuses requests within this difference.
CREATE TABLE accepted_skew (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    milliseconds INTEGER NOT NULL
) STRICT;

-- A signature is kept on record for twice the difference with which its request could be accepted. A day is the most that
-- counts.
INSERT INTO accepted_skew (only, milliseconds)
SELECT 1, CAST(min(max(until * 1000.0 - timestamp) / 2, 86400000) AS INTEGER)
FROM replay HAVING max(until * 1000.0 - timestamp) / 2 > 30999;
