with spaced as (
    select
        user_id,
        day,
        lag(day) over (partition by user_id order by day) as last_day
    from active
),
returned as (
    select * from spaced where day - last_day >= rules.dormant_returns_days()
),
-- On days on which nothing of anybody was logged, nobody can be seen to be away.
known as (
    select returned.user_id, returned.day, count(distinct others.day) as days
    from returned
    join active as others on others.day > returned.last_day and others.day < returned.day
    group by returned.user_id, returned.day
)
select
    acts.user_id,
    min(event_time)                              as first_seen,
    max(event_time)                              as last_seen,
    list(ray_id order by event_time, ray_id)     as evidence,
    case when bool_and(identity = 'access') then 'access' else 'unconfirmed' end as identity,
    'After ' || (returned.day - returned.last_day) || ' days without any request, the last on '
        || returned.last_day || ', there were ' || count(*) || ' on ' || returned.day || ', from '
        || min_by(ip, event_time) || '.' as what
from acts
join returned on returned.user_id = acts.user_id and returned.day = acts.date
join known on known.user_id = acts.user_id and known.day = acts.date
where is_asked
  and acts.folded_by is distinct from 'resent'
  and known.days * 100 >= (returned.day - returned.last_day) * rules.dormant_returns_percent()
group by acts.user_id, returned.day, returned.last_day
