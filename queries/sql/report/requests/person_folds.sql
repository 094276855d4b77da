-- Which requests of one person belong to another one. person_requests.py puts in the place of
-- folds_of() what it makes of the relation person_records.
--
-- Parameters: $who, $since, $until
-- Columns:    those of folds_of
select *
from folds_of($who, false, $since::timestamp - fold_reach(), $until::timestamp + prefetch_life())
