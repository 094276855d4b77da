-- Every version of every Access application, and when a pull found it.
SELECT id, holds_from, holds_until, name, type, aud, coverage, entries.recorded_at AS listed_at
FROM applications
JOIN entries ON entries.sequence = applications.sequence
ORDER BY id, holds_from
