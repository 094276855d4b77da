-- The entries of all erasures, oldest first.
--
-- Columns: sequence, recorded_at, payload, digest
select sequence, recorded_at, payload, digest
from entries
where kind = 'erased'
order by sequence
