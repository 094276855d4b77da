with first_days as (
    select user_id, kind, value, min(day) as day
    from habits
    where kind in ('asn', 'country', 'device')
    group by user_id, kind, value
),
networks as (
    select user_id, value, day from first_days where kind = 'asn'
),
-- To whom else the network was known, and to whom it became known in the same week.
company as (
    select
        mine.user_id,
        mine.value,
        mine.day,
        count(*) filter (other.day < mine.day and other.user_id <> mine.user_id) as others,
        count(*) filter (abs(other.day - mine.day) <= 7) as moved
    from networks as mine
    join networks as other using (value)
    group by mine.user_id, mine.value, mine.day
),
told as (
    select
        acts.*,
        company.others,
        -- The country of a VPN says nothing.
        coalesce(countries.day = acts.date and rules.tunnel(acts.asn) is null, false)
            or coalesce(devices.day = acts.date, false) as is_other_too
    from acts
    join company
        on acts.user_id = company.user_id
        and acts.asn::varchar = company.value
        and acts.date = company.day
    left join first_days as countries
        on countries.kind = 'country'
        and countries.user_id = acts.user_id
        and countries.value = upper(acts.country)
    left join first_days as devices
        on devices.kind = 'device'
        and devices.user_id = acts.user_id
        and devices.value = acts.device
    where is_asked
      and company.moved < rules.new_network_moved()
      and coalesce(rules.tunnel(acts.asn), 'vpn') = 'vpn'
)
select
    user_id,
    min(event_time)                              as first_seen,
    max(event_time)                              as last_seen,
    list(ray_id order by event_time, ray_id)     as evidence,
    case when bool_and(identity = 'access') then 'access' else 'unconfirmed' end as identity,
    'For the first time requests came from the network AS' || asn || ', which '
        || case max(others) when 0 then 'nobody else' else max(others) || ' others' end
        || ' used before: ' || count(*) || ' on ' || any_value(date) || ', from '
        || min_by(ip, event_time) || '.' as what
from told
group by user_id, asn
having max(others) <= rules.new_network_others() or bool_or(is_other_too)
