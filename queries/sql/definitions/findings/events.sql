-- The Access events of everybody in a period, each under every name that is known to be the person's:
-- `logged_as` is the name that Access logged, `user_id` one under which the person's requests may be.
create macro rules.events(since, until) as table
select person as user_id, user_id as logged_as, * exclude (person, user_id)
from everybodys_logins_where(null::varchar[], true, since, until)
where person is not null and event_time is not null
