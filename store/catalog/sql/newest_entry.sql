-- The number of the newest ledger entry, 0 before the first.
--
-- Columns: sequence
select coalesce(max(sequence), 0) from entries
