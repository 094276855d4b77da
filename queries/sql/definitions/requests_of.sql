-- One user's requests in a period [since, until); NULL is open. The name must be equal.
-- A request without a time is included only if both ends are open.
create macro requests_of(who, since, until) as table
select *
from requests
where user_id = who
  and (since is null or event_time >= since)
  and (until is null or event_time < until)
