-- The records of `http_requests` that a question is about, with the columns of the log.
--
-- everybody: a constant. true asks for all records, also those without a name; false for those under a
--            name of the list `who`. Written as one condition, so that DuckDB makes a semi join of it,
--            by which it skips files and row groups whether `who` is a constant or the result of a query.
-- since, until: two TIMESTAMP in UTC, see is_within().
create macro http_requests_where(who, everybody, since, until) as table
select *
from http_requests
where (everybody or user_id in (select unnest(who::varchar[])))
  and is_within(event_time, date, since, until)
