with networks as (
    select
        user_id, value as asn, min(day) as day,
        list_sort(list(day))[rules.token_new_network_often_days()::bigint] as often_from
    from habits
    where kind = 'asn'
    group by user_id, value
),
-- Since when others are at home in a network: one day of somebody else makes it no known one.
regulars as (
    select asn, often_from, count(*) as people
    from networks
    where often_from is not null
    group by asn, often_from
),
company as (
    select
        mine.user_id, mine.asn, mine.day,
        coalesce(sum(people) filter (regulars.often_from < mine.day), 0) as others
    from networks as mine left join regulars using (asn)
    group by mine.user_id, mine.asn, mine.day
),
-- The database of addresses may give an address to another network.
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
programs as (
    select user_id, value as device, list(day) as days
    from habits
    where kind = 'device'
    group by user_id, value
),
told as (
    select acts.*
    from acts
    join company
        on acts.user_id = company.user_id
        and acts.asn::varchar = company.asn
        and acts.date = company.day
    anti join renumbered on renumbered.asn = acts.asn
    join programs on acts.user_id = programs.user_id and acts.device = programs.device
    where is_asked
      and is_program
      and company.others <= rules.token_new_network_others()
      and coalesce(rules.tunnel(acts.asn), 'vpn') = 'vpn'
      and len(list_filter(programs.days, lambda day: day < acts.date)) >= rules.token_new_network_days()
)
select
    user_id,
    min(event_time)                              as first_seen,
    max(event_time)                              as last_seen,
    list(ray_id order by event_time, ray_id)     as evidence,
    case when bool_and(identity = 'access') then 'access' else 'unconfirmed' end as identity,
    'The program ' || device || ' sent ' || count(*) || ' requests from the network AS' || asn
        || ' for the first time, from ' || min_by(ip, event_time) || '.' as what
from told
group by user_id, device, asn
