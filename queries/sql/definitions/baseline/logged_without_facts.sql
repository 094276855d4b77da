-- The records of files that the catalog has no facts of: http_requests_where() of these, and with the
-- same parameters.
create macro rules.logged_without_facts(who, everybody, since, until) as table
select *
from shape.requests_without_facts
where (everybody or user_id in (select unnest(who::varchar[])))
  and is_within(event_time, date, since, until)
