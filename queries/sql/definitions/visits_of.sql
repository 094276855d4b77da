-- One user's requests in a period [since, until); NULL is open. The name is compared with
-- `=` alone. A request without a time is in no period: it is there only when both are open.
create macro visits_of(who, since, until) as table
select *
from visits
where user_id = who
  and (since is null or event_time >= since)
  and (until is null or event_time < until)
