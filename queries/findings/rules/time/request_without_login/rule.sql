-- As queries/anomalies/login_windows.py and known_time.py judge one person. Only names that meet a login at
-- all are judged, in a time for which all logins that could hold are known.
with programs as (
    select user_id, value as device, list(day) as days from habits where kind = 'device' group by user_id, value
),
-- A program that works for days under the name has a token of its own, which needs no login.
entered as (
    select acts.*
    from acts
    left join programs
        on acts.is_program and programs.user_id = acts.user_id and programs.device = acts.device
    where acts.is_asked
      and acts.identity = 'access'
      and not starts_with(coalesce(acts.uri, ''), '/cdn-cgi/')
      and len(list_filter(coalesce(programs.days, []), lambda day: day < acts.date))
          < rules.request_without_login_program_days()
),
hosts as (
    select distinct host_key from entered where host_key <> ''
),
apps as (
    select id, lasts, unnest(covers) as place from shape.applications
),
host_apps as (
    select hosts.host_key, apps.id, apps.lasts
    from hosts
    join apps
        on dots_in(hosts.host_key) = dots_in(place_host(apps.place))
        and hosts.host_key like like_text(place_host(apps.place)) escape '\'
),
sessions as (
    select
        hosts.host_key,
        coalesce(to_microseconds(max(host_apps.lasts)), default_session()) as lasts
    from hosts left join host_apps using (host_key)
    group by hosts.host_key
),
doors as (
    select distinct coalesce(application, '') as application, coalesce(app_uuid, '') as app_uuid
    from sign_ins
    where event = 'login' and coalesce(allowed, true)
),
-- Which login opens which host.
opened as (
    select doors.application, doors.app_uuid, host_apps.host_key
    from doors join host_apps on host_apps.id = doors.app_uuid
    union
    select doors.application, doors.app_uuid, hosts.host_key
    from doors
    join hosts
        on doors.application <> ''
        and dots_in(hosts.host_key) = dots_in(place_host(doors.application))
        and hosts.host_key like like_text(place_host(doors.application)) escape '\'
    union
    select doors.application, doors.app_uuid, hosts.host_key
    from doors cross join hosts
    where doors.application = '' and doors.app_uuid not in (select id from apps)
),
logins as (
    select sign_ins.user_id, opened.host_key, sign_ins.event_time as login_at
    from sign_ins
    join opened
        on opened.application = coalesce(sign_ins.application, '')
        and opened.app_uuid = coalesce(sign_ins.app_uuid, '')
    where sign_ins.event = 'login' and coalesce(sign_ins.allowed, true)
),
-- Times in which somebody's Access events were logged again and again.
spaced as (
    select
        event_time,
        event_time - lag(event_time) over (order by event_time)
            > to_hours(rules.request_without_login_silence_hours()) as is_apart
    from sign_ins
),
islands as (
    select
        min(event_time)                          as known_from,
        max(event_time) + to_hours(rules.request_without_login_silence_hours()) as known_to
    from (
        select *, count(*) filter (is_apart) over (order by event_time) as island from spaced
    )
    group by island
),
hours as (
    select
        user_id,
        host_key,
        date_trunc('hour', in_utc(event_time))   as hour,
        min(event_time)                          as hour_from,
        max(event_time)                          as hour_to
    from entered
    group by all
),
-- The clocks that stamp a login and the first request may differ.
unexplained as (
    select hours.*, logins.login_at, sessions.lasts
    from hours
    join sessions using (host_key)
    asof left join logins
        on hours.user_id = logins.user_id
        and hours.host_key = logins.host_key
        and hours.hour_to + interval 1 minute >= logins.login_at
    where logins.login_at is null or logins.login_at + sessions.lasts < hours.hour_from
),
judged as (
    select unexplained.*
    from unexplained
    join islands
        on islands.known_from + unexplained.lasts <= unexplained.hour_from
        and islands.known_to >= unexplained.hour_to
    semi join (select distinct user_id from sign_ins where event = 'login') as named using (user_id)
    anti join lost_hours
        on lost_hours.hour > unexplained.hour_from - unexplained.lasts - interval 1 hour
        and lost_hours.hour <= unexplained.hour_to
),
people as (
    select host_key, count(distinct user_id) as people from hours group by host_key
),
doubtful as (
    select host_key
    from judged join people using (host_key)
    group by host_key, people
    having count(distinct user_id) >= rules.request_without_login_others()
       and count(distinct user_id) * 100 >= people * rules.request_without_login_percent()
),
told as (
    select
        entered.user_id, entered.event_time, entered.ray_id, entered.host_key, judged.login_at, judged.lasts,
        entered.event_time - lag(entered.event_time) over (
            partition by entered.user_id order by entered.event_time
        ) > interval 24 hour                     as is_apart
    from entered
    join judged
        on judged.user_id = entered.user_id
        and judged.host_key = entered.host_key
        and entered.event_time between judged.hour_from and judged.hour_to
    anti join doubtful on doubtful.host_key = entered.host_key
)
select
    user_id,
    min(event_time)                              as first_seen,
    max(event_time)                              as last_seen,
    list(ray_id order by event_time, ray_id)     as evidence,
    'access'                                     as identity,
    count(*) || ' requests to ' || string_agg(distinct host_key, ', ' order by host_key)
        || ' passed Access, and no login that allowed it is known. A login to '
        || min_by(host_key, event_time) || ' lasts '
        || round(epoch(min_by(lasts, event_time)) / 3600)::bigint || ' hours'
        || coalesce(
            ', and the last one before was on '
                || strftime(in_utc(min_by(login_at, event_time)), '%Y-%m-%d at %H:%M') || ' UTC',
            ''
        ) || '.' as what
from (
    select *, count(*) filter (is_apart) over (partition by user_id order by event_time) as island
    from told
)
group by user_id, island
