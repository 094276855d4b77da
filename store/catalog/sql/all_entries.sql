-- Every entry of the ledger, oldest first.
SELECT sequence, kind, recorded_at, previous, payload, digest FROM entries ORDER BY sequence
