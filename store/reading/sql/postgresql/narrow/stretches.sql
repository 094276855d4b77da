-- For each of some live files, by what its footer is known, and where the rows of some users are.
--
-- Parameters: :paths and :keys (of the users, see user_key), JSON lists
-- Columns:    path, footer_bytes, footer_sha256, users_number, who (NULL for none of them),
--             first_row, end_row, rows; placed counts the days of a user whose place is known, of days;
--             is_listed: whether the list of people has one of the users for the file, or their days
--             are missing altogether
SELECT
  files.path,
  files.footer_bytes,
  files.footer_sha256,
  files.users_number,
  user_days.who,
  MIN(user_days.first_row) AS first_row,
  MAX(user_days.first_row + user_days.rows) AS end_row,
  SUM(user_days.rows) AS rows,
  COUNT(user_days.first_row) AS placed,
  COUNT(user_days.day) AS days,
  files.number IS NOT NULL
  OR NOT EXISTS (SELECT 1 FROM user_days AS any_day WHERE any_day.file = files.users_number)
    AS is_listed
FROM files
LEFT JOIN user_days
  ON user_days.file = files.users_number
  AND user_days.who IN (SELECT CAST(value AS bigint) FROM json_array_elements_text(CAST(:keys AS json)))
WHERE files.path IN (SELECT CAST(value AS text) FROM json_array_elements_text(CAST(:paths AS json)))
  AND files.retired_sequence IS NULL
GROUP BY files.path, user_days.who
