-- XX is an unknown country and T1 is Tor. Where the person had this network and this data centre before,
-- it is the database of addresses that has moved, and not the person.
with first_days as (
    select user_id, value as country, min(day) as day
    from habits
    where kind = 'country'
    group by user_id, value
),
known as (
    select user_id, kind, value, min(day) as day
    from habits
    where kind in ('asn', 'colo')
    group by user_id, kind, value
),
told as (
    select acts.*, first_days.country as new_country
    from acts
    join first_days
        on acts.user_id = first_days.user_id
        and upper(acts.country) = first_days.country
        and acts.date = first_days.day
    left join known as networks
        on networks.kind = 'asn'
        and networks.user_id = acts.user_id
        and networks.value = acts.asn::varchar
    left join known as colos
        on colos.kind = 'colo'
        and colos.user_id = acts.user_id
        and colos.value = acts.colo
    where is_asked
      and first_days.country not in ('XX', 'T1')
      and rules.tunnel(acts.asn) is null
      and not (coalesce(networks.day < acts.date, false) and coalesce(colos.day < acts.date, false))
)
select
    user_id,
    min(event_time)                              as first_seen,
    max(event_time)                              as last_seen,
    list(ray_id order by event_time, ray_id)     as evidence,
    case when bool_and(identity = 'access') then 'access' else 'unconfirmed' end as identity,
    'For the first time a request came from the country ' || new_country
        || ': ' || count(*) || ' on ' || any_value(date) || ', from '
        || min_by(ip, event_time) || '.' as what
from told
group by user_id, new_country
