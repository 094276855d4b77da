-- What rules that compare people see of the requests of all others: the columns of rules.acts() that one
-- record tells at little cost. `kind` is known of what was refused.
create macro rules.other_acts(names, since, until) as table
select
    * replace (case when is_refused then kind end as kind),
    rules.device(user_agent)                     as device,
    rules.network(ip)                            as network
from graded_requests_where(null::varchar[], true, since, until)
where event_time is not null and not list_contains(names, user_id)
