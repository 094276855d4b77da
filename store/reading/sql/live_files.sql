-- The live files that may hold a row of the scope. A parameter that is NULL narrows nothing.
-- :users and :keys are JSON lists. Names are in hexadecimal digits, which sort as the names do and
-- may stand for a NUL.
SELECT
  files.path,
  files.sha256,
  files.bytes,
  files.rows,
  files.dataset,
  files.day,
  files.time_min,
  files.time_max,
  files.columns,
  files.format,
  files.users_number,
  files.facts_revision,
  files.facts_number,
  damaged.kind,
  damaged.reason,
  damaged.found_at
FROM files
LEFT JOIN damaged ON damaged.path = files.path
WHERE retired_sequence IS NULL
  AND (
    :dataset IS NULL
    OR dataset <> :dataset
    OR (
      (
        :users IS NULL
        OR number IN (SELECT file FROM people WHERE who IN (SELECT value FROM json_each(:keys)))
        OR (
          number IS NULL
          -- Of a part with counted users, the users; should their days be missing, their range.
          AND (
            users_number IS NULL
            OR users_number < 0
            OR EXISTS (
              SELECT 1 FROM user_days
              WHERE file = users_number AND who IN (SELECT value FROM json_each(:keys))
            )
            OR NOT EXISTS (SELECT 1 FROM user_days WHERE file = users_number)
          )
          AND EXISTS (
            SELECT 1 FROM json_each(:users) WHERE value BETWEEN hex(user_min) AND hex(user_max)
          )
        )
      )
      AND (:since IS NULL OR time_max >= :since)
      AND (:until IS NULL OR time_min < :until)
    )
  )
ORDER BY files.dataset, files.day, files.path
