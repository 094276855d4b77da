-- Findings that a person has acknowledged, and not withdrawn.
--
-- Columns: id, by, reason, at
select
    substr(alarm, length('finding/') + 1)        as id,
    acknowledged_by                              as by,
    reason,
    acknowledged_at                              as at
from acknowledgements
where alarm like 'finding/%' and amount > 0
order by id
