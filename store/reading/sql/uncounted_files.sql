-- Live files whose users are not counted in the catalog: see store/catalog/users/user_days.py.
--
-- Columns: path, sha256, dataset, day, format
SELECT path, sha256, dataset, day, format
FROM files
WHERE retired_sequence IS NULL
  AND (users_number IS NULL OR users_number < 0)
ORDER BY path
