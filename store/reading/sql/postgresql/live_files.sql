-- The live files that may hold a row of the scope. A parameter that is NULL narrows nothing.
-- :written and :keys are JSON lists. Names are in hexadecimal digits, as the catalog has them.
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
        :written IS NULL
        OR number IN (SELECT file FROM people WHERE who IN (
          SELECT CAST(value AS bigint) FROM json_array_elements_text(CAST(:keys AS json))
        ))
        OR (
          number IS NULL
          -- Of a part with counted users, the users; should their days be missing, their range.
          AND (
            users_number IS NULL
            OR users_number < 0
            OR EXISTS (
              SELECT 1 FROM user_days
              WHERE file = users_number AND who IN (
                SELECT CAST(value AS bigint) FROM json_array_elements_text(CAST(:keys AS json))
              )
            )
            OR NOT EXISTS (SELECT 1 FROM user_days WHERE file = users_number)
          )
          AND EXISTS (
            SELECT 1 FROM json_array_elements_text(CAST(:written AS json)) AS named(value)
            WHERE decode(value, 'hex')
              BETWEEN convert_to(user_min, 'UTF8') AND convert_to(user_max, 'UTF8')
          )
        )
      )
      AND (:since IS NULL OR time_max >= :since)
      AND (:until IS NULL OR time_min < :until)
    )
  )
ORDER BY files.dataset, files.day, files.path
