-- Every version of every Access application.
SELECT id, holds_from, holds_until, name, type, aud, coverage
FROM applications
ORDER BY id, holds_from
