with tools as (
    select user_id, value as device, day
    from habits
    where kind = 'device' and (not contains(value, ' on ') or starts_with(value, 'another browser on '))
),
-- Days on which anybody may have sent the name are no habit of a person whose name Access confirms.
unconfirmed_days as (
    select user_id, left(device, 200) as device, date as day
    from acts
    where is_program
    group by user_id, left(device, 200), date
    having bool_and(identity = 'unconfirmed')
),
first_days as (
    select
        tools.user_id, tools.device,
        min(tools.day)                           as day,
        min(tools.day) filter (unconfirmed_days.day is null) as confirmed_day
    from tools
    left join unconfirmed_days
        on unconfirmed_days.user_id = tools.user_id
        and unconfirmed_days.device = tools.device
        and unconfirmed_days.day = tools.day
    group by tools.user_id, tools.device
),
known as (
    select user_id, kind, value, min(day) as day
    from habits
    where kind in ('asn', 'host')
    group by user_id, kind, value
),
-- Programs that an office or a browser starts by itself are left out.
used as (
    select
        acts.user_id, acts.event_time, acts.ray_id, acts.identity, acts.host_key, acts.device,
        acts.user_agent, acts.ip, acts.date,
        coalesce(networks.day < acts.date, false) and coalesce(hosts.day < acts.date, false) as is_usual_place
    from acts
    join first_days
        on acts.user_id = first_days.user_id
        and left(acts.device, 200) = first_days.device
        and (
            acts.date = first_days.day
            or (acts.identity = 'access' and acts.date = first_days.confirmed_day)
        )
    left join known as networks
        on networks.kind = 'asn'
        and networks.user_id = acts.user_id
        and networks.value = acts.asn::varchar
    left join known as hosts
        on hosts.kind = 'host'
        and hosts.user_id = acts.user_id
        and hosts.value = acts.host_key
    where is_asked
      and (is_program or acts.device = 'headless browser')
      and coalesce(source, '') in ('', 'eyeball')
      and coalesce(parent_ray_id, '') in ('', '00')
      and coalesce(folded_by, '') not in ('resent', 'parent_ray')
      and not regexp_matches(
          user_agent,
          '(?i)^(microsoft office|microsoft-webdav|ms-office|office|outlook|onenote|libreoffice|thunderbird'
          || '|applecoremedia|com\.apple\.|cfnetwork|networkingextension|trustd|safari|androiddownloadmanager'
          || '|stagefright|nsplayer|vlc|slack|teams|zoom|webex)'
      )
),
told as (
    select
        user_id, device, date,
        min(event_time)                          as first_seen,
        max(event_time)                          as last_seen,
        list(ray_id order by event_time, ray_id) as evidence,
        bool_and(identity = 'access')            as is_access,
        bool_and(is_usual_place)                 as is_usual_place,
        count(*)                                 as requests,
        min_by(user_agent, event_time)           as agent,
        min_by(host_key, event_time)             as host,
        min_by(ip, event_time)                   as address
    from used
    group by user_id, device, date
),
days_before as (
    select told.user_id, told.device, count(distinct tools.day) as tool_days
    from told
    join tools on tools.user_id = told.user_id and tools.day < told.date
    group by told.user_id, told.device
),
crowds as (
    select told.user_id, told.device, count(*) as beginners
    from told
    join first_days as others
        on others.device = left(told.device, 200)
        and others.user_id <> told.user_id
        and others.day between told.date - rules.tool_user_agent_crowd_days()
            and told.date + rules.tool_user_agent_crowd_days()
    group by told.user_id, told.device
),
people as (
    select told.date, count(distinct active.user_id) as people
    from (select distinct date from told) as told
    join active
        on active.day between told.date - rules.tool_user_agent_crowd_days()
        and told.date + rules.tool_user_agent_crowd_days()
    group by told.date
)
select
    told.user_id,
    first_seen,
    last_seen,
    evidence,
    case when is_access then 'access' else 'unconfirmed' end as identity,
    'For the first time ' || case when agent = '' then 'a program without a name' else 'the program "' || left(agent, 80) || '"' end
        || ' sent requests under this name: ' || requests || ' on ' || told.date || ', the first to ' || host
        || ' from ' || address || '.' as what
from told
left join days_before using (user_id, device)
left join crowds using (user_id, device)
left join people on people.date = told.date
where not (is_usual_place and coalesce(tool_days, 0) >= rules.tool_user_agent_usual_days())
  and not (
      coalesce(beginners, 0) >= rules.tool_user_agent_crowd()
      and coalesce(beginners, 0) * 100 >= people.people * rules.tool_user_agent_crowd_percent()
  )
