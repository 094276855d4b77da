-- The requests under some names in a period [since, until); NULL is open. A name must be equal.
-- `who` is a list of names; NULL stands for everybody, also for requests without a name.
-- A request without a time is included only if both ends are open.
create macro requests_of(who, since, until) as table
select *
from requests
where (who is null or list_contains(who::varchar[], user_id))
  and (since is null or event_time >= since)
  and (until is null or event_time < until)
