with known as (
    select
        min(event_time) - to_days(rules.forgeable_identity_days()) as known_from,
        max(event_time) + to_days(rules.forgeable_identity_days()) as known_to
    from acts
    where identity = 'access'
),
-- Many people use the host, so it is one of the company that nobody has told us about.
usual as (
    select host_key
    from (
        select value as host_key, user_id
        from habits
        where kind = 'host'
        group by value, user_id
        having count(*) >= rules.forgeable_identity_usual_days()
    )
    group by host_key
    having count(*) >= rules.forgeable_identity_others()
),
people as (
    select date, count(distinct user_id) as people from acts group by date
),
open_acts as (
    select *
    from acts
    where identity = 'unconfirmed'
      and is_let_through
      and host_key <> ''
      and not starts_with(coalesce(uri, ''), '/cdn-cgi/')
      and coalesce(folded_by, '') not in ('resent', 'parent_ray')
),
crowded as (
    select host_key, date
    from open_acts
    join people using (date)
    group by host_key, date, people
    having count(distinct user_id) >= rules.forgeable_identity_others()
       and count(distinct user_id) * 100 >= people * rules.forgeable_identity_percent()
),
confirmed_hosts as (
    select distinct host_key, date from acts where identity = 'access'
),
-- After the last login to an application nothing tells any more that it covers its host.
sure as (
    select host_key, min(event_time) as sure_from, max(event_time) as sure_to
    from acts
    where identity = 'access'
    group by host_key
),
-- Access knew the person there on that day: the own browser opened a path that is left open.
confirmed_people as (
    select distinct user_id, network, date from acts where identity = 'access'
)
select
    open_acts.user_id,
    min(event_time)                              as first_seen,
    max(event_time)                              as last_seen,
    list(ray_id order by event_time, ray_id)     as evidence,
    'unconfirmed'                                as identity,
    count(*) || ' requests to ' || open_acts.host_key
        || ' had this name, and no application of Access is known to cover '
        || case when bool_or(confirmed_hosts.host_key is null) then 'that host' else 'that path' end
        || ': anybody could have sent it. They came from ' || min_by(ip, event_time)
        || coalesce(' with ' || nullif(min_by(device, event_time), ''), '') || '.' as what
from open_acts
join known on open_acts.event_time between known_from and known_to
left join sure on sure.host_key = open_acts.host_key
left join confirmed_hosts
    on confirmed_hosts.host_key = open_acts.host_key and confirmed_hosts.date = open_acts.date
left join confirmed_people
    on confirmed_people.user_id = open_acts.user_id
    and confirmed_people.network = open_acts.network
    and confirmed_people.date = open_acts.date
anti join usual on usual.host_key = open_acts.host_key and confirmed_hosts.host_key is null
anti join crowded on crowded.host_key = open_acts.host_key and crowded.date = open_acts.date
where is_asked
  and (sure.host_key is null or event_time between sure_from and sure_to)
  and (confirmed_hosts.host_key is null or confirmed_people.user_id is null)
group by open_acts.user_id, open_acts.host_key, open_acts.date
