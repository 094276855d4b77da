-- The fields that rules need and that no record of a period has, of datasets with records.
--
-- Parameters: $since, $until (TIMESTAMP in UTC; NULL: open)
-- Columns:    dataset, field
select dataset, field
from rules.fields_logged($since::timestamp, $until::timestamp)
where records > 0 and logged = 0
order by dataset, field
