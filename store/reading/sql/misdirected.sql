-- Records that look like those of another dataset than the one they were sent to.
--
-- Columns: dataset, looks_like, records
SELECT dataset, label AS looks_like, amount AS records
FROM counts
WHERE measure = 'foreign_lines' AND label <> '' AND amount > 0
ORDER BY dataset, label
