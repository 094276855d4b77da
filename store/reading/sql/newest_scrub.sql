-- The last complete round of the scrub.
SELECT number, started_at, ended_at, after_path, files, bytes, unreadable, catalog_problem
FROM scrubs
WHERE ended_at IS NOT NULL
ORDER BY number DESC
LIMIT 1
