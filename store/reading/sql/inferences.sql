-- When names were last inferred, and up to which ledger entry.
SELECT judged_at, sequence
FROM inferences
