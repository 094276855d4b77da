with first_days as (
    select user_id, kind, value, min(day) as day, list_sort(list(day)) as days
    from habits
    where kind in ('asn', 'colo', 'country', 'device')
    group by user_id, kind, value
),
networks as (
    select user_id, value, day, days[rules.new_network_often_days()::bigint] as often_from
    from first_days
    where kind = 'asn'
),
-- Who had the network for the first time, or often enough to be at home in it.
steps as (
    select value, day, count(*) as visitors, 0 as regulars from networks group by all
    union all
    select value, often_from, 0, count(*) from networks where often_from is not null group by all
),
-- The database of addresses may give an address to another network, and moves many others with it.
numbers as (
    select user_id, network, asn, min(event_time) as first_at, max(event_time) as last_at
    from acts
    where asn is not null
    group by user_id, network, asn
),
renumbered as (
    select distinct now_has.asn
    from numbers as now_has
    join numbers as had using (user_id, network)
    where had.asn <> now_has.asn and had.last_at < now_has.first_at
),
seen as (
    select
        acts.*,
        -- The country of a VPN says nothing, nor does one whose data centre is a usual one.
        coalesce(
            countries.day = acts.date
            and not coalesce(colos.day < acts.date, false)
            and rules.tunnel(acts.asn) is null,
            false
        )
            or coalesce(devices.day = acts.date, false) as is_other_too,
        coalesce(devices.day < acts.date, false) as is_usual_device
    from acts
    join networks
        on networks.user_id = acts.user_id
        and networks.value = acts.asn::varchar
        and networks.day = acts.date
    left join first_days as countries
        on countries.kind = 'country'
        and countries.user_id = acts.user_id
        and countries.value = upper(acts.country)
    left join first_days as colos
        on colos.kind = 'colo'
        and colos.user_id = acts.user_id
        and colos.value = acts.colo
    left join first_days as devices
        on devices.kind = 'device'
        and devices.user_id = acts.user_id
        and devices.value = acts.device
    where coalesce(rules.tunnel(acts.asn), 'vpn') = 'vpn'
),
-- An office, a hotel or a fair: several people work at one address at the same time, with browsers that
-- they had before.
guests as (
    select distinct acts.network, acts.date, acts.user_id
    from acts
    join first_days as devices
        on devices.kind = 'device'
        and devices.user_id = acts.user_id
        and devices.value = acts.device
        and devices.day < acts.date
    semi join seen on seen.network = acts.network
),
gatherings as (
    select here.network, here.date
    from (select distinct network, date from seen where is_asked) as here
    join guests
        on guests.network = here.network
        and abs(guests.date - here.date) <= rules.new_network_gathering_days()
    group by here.network, here.date
    having count(distinct guests.user_id) >= rules.new_network_gathering()
),
-- With a browser and in a country of before: several who try one network are no change of provider.
newcomers as (
    select value, day, count(distinct user_id) as people
    from (select user_id, asn::varchar as value, date as day from seen where not is_other_too)
    group by value, day
),
came as (
    select distinct user_id, asn::varchar as value, date as day from seen where is_asked
),
company as (
    select
        came.*,
        coalesce(sum(regulars) filter (steps.day < came.day), 0) as regulars,
        coalesce(sum(visitors) filter (steps.day < came.day), 0) as visitors
    from came left join steps using (value)
    group by all
),
moves as (
    select came.*, sum(people) as people
    from came
    join newcomers
        on newcomers.value = came.value
        and abs(newcomers.day - came.day) <= rules.new_network_moved_days()
    group by all
),
told as (
    select
        seen.*,
        company.regulars > rules.new_network_others()
            or company.visitors > rules.new_network_visitors()
            or (company.visitors > 0 and rules.tunnel(seen.asn) is not null) as is_known,
        company.visitors                         as others
    from seen
    join company
        on company.user_id = seen.user_id
        and company.value = seen.asn::varchar
        and company.day = seen.date
    left join moves
        on moves.user_id = seen.user_id
        and moves.value = seen.asn::varchar
        and moves.day = seen.date
    anti join renumbered on renumbered.asn = seen.asn
    anti join gatherings
        on gatherings.network = seen.network and gatherings.date = seen.date and is_usual_device
    where is_asked and coalesce(moves.people, 0) < rules.new_network_moved()
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
having not bool_or(is_known) or bool_or(is_other_too)
