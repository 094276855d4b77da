-- The digest of one ledger entry, by its number.
--
-- Columns: digest
select digest from entries where sequence = :sequence
