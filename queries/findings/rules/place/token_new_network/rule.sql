with first_days as (
    select user_id, value as asn, min(day) as day
    from habits
    where kind = 'asn'
    group by user_id, value
),
company as (
    select
        mine.user_id,
        mine.asn,
        mine.day,
        count(*) filter (other.day < mine.day and other.user_id <> mine.user_id) as others
    from first_days as mine
    join first_days as other using (asn)
    group by mine.user_id, mine.asn, mine.day
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
