-- XX is an unknown country and T1 is Tor.
with first_days as (
    select user_id, value as country, min(day) as day
    from habits
    where kind = 'country'
    group by user_id, value
)
select
    user_id,
    min(event_time)                              as first_seen,
    max(event_time)                              as last_seen,
    list(ray_id order by event_time, ray_id)     as evidence,
    case when bool_and(identity = 'access') then 'access' else 'unconfirmed' end as identity,
    'For the first time a request came from the country ' || first_days.country
        || ': ' || count(*) || ' on ' || any_value(first_days.day) || ', from '
        || min_by(ip, event_time) || '.' as what
from acts
join first_days using (user_id)
where is_asked
  and upper(acts.country) = first_days.country
  and acts.date = first_days.day
  and first_days.country not in ('XX', 'T1')
group by user_id, first_days.country
