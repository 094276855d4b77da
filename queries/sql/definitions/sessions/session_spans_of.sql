-- Which time of which user agent belongs to which session: the parts of sessions_under that no request
-- has to be sorted for.
--
-- Pauses are found between time slices instead of between requests: ten million requests in a month
-- fall into fifteen hundred slices of each device. A slice in which the person logged in is cut there.
--
-- A login belongs to the device that sends the next request within `gap`: from the address of the
-- login if one does, else to the host of the login's application.
--
-- A login begins a session, except a login to another application than those before it in the same
-- activity: that is one more application of the same session. So the first login of an activity
-- begins one, and so does each login to an application that the running session is logged in to.
create macro session_spans_of(who, since, until, gap) as table
with seen as not materialized (
    select
        coalesce(ClientRequestUserAgent, '')     as agent,
        ClientIP                                 as ip,
        host_name(ClientRequestHost)             as host_key,
        epoch_us(event_time)                     as at_us,
        session_bucket(event_time, gap)          as bucket
    from http_requests
    where event_time is not null
      and (who is null or list_contains(who, user_id))
      and (since is null or event_time >= since)
      and (until is null or event_time < until)
),
logged_in as (
    select distinct
        epoch_us(event_time)                     as login_us,
        session_bucket(event_time, gap)          as login_bucket,
        ip                                       as login_ip,
        host_name(split_part(application, '/', 1)) as login_host,
        coalesce(application, app_uuid, '')      as application,
        coalesce(ray_id, '')                     as login_ray
    from logins_under(who, since::timestamp - to_microseconds(gap), until)
    where event = 'login' and allowed is not false and event_time is not null
),
following as (
    select login_us, login_bucket, application, login_ray, agent, ip is distinct from login_ip as is_other, at_us
    from (select *, login_bucket + unnest([0, 1]) as bucket from logged_in)
    join seen using (bucket)
    where at_us >= login_us
      and at_us - login_us <= gap
      and (ip = login_ip or host_key = login_host)
),
assigned as (
    select
        login_us, login_bucket, application, login_ray,
        device_of(min_by(agent, (is_other, at_us))) as device
    from following
    group by login_us, login_bucket, application, login_ray
),
sliced as (
    select agent, device_of(agent) as device, bucket, first_us, last_us
    from (
        select agent, bucket, min(at_us) as first_us, max(at_us) as last_us
        from seen
        group by agent, bucket
    )
),
-- The pieces of a slice with logins: before the first, and from each until the next.
windows as (
    select
        device,
        bucket,
        row_number() over in_order - 1           as piece,
        from_us,
        coalesce(lead(from_us) over in_order, 9223372036854775807) as before_us
    from (
        select distinct device, login_bucket as bucket, unnest([login_us, -9223372036854775807]) as from_us
        from assigned
    )
    window in_order as (partition by device, bucket order by from_us)
),
cut_slices as (
    select sliced.agent, sliced.device, bucket, windows.piece, windows.from_us, windows.before_us
    from sliced join windows using (device, bucket)
),
agents as (
    select *, 0 as piece
    from sliced anti join windows using (device, bucket)
    union all by name
    select agent, device, bucket, piece, min(at_us) as first_us, max(at_us) as last_us
    from seen join cut_slices using (agent, bucket)
    where at_us >= from_us and at_us < before_us
    group by agent, device, bucket, piece
),
login_pieces as (
    select
        device,
        login_bucket as bucket,
        dense_rank() over (partition by device, login_bucket order by login_us) as piece,
        login_us,
        application,
        login_ray
    from assigned
),
pieces as (
    select
        device,
        bucket,
        piece,
        min(first_us)                            as first_us,
        min(begun_us)                            as begun_us,
        max(last_us)                             as last_us,
        min(application)                         as application,
        min_by(login_ray, (application, login_ray)) as login_ray
    from (
        select device, bucket, piece, first_us, first_us as begun_us, last_us, null as application, null as login_ray
        from agents
        union all
        select device, bucket, piece, null, login_us, login_us, application, login_ray
        from login_pieces
    )
    group by device, bucket, piece
),
activities as (
    select
        *,
        sum(case when pause > gap then 1 else 0 end) over (partition by device order by bucket, piece) as activity,
        coalesce(pause > gap, true) as is_after_silence
    from (
        select *, begun_us - lag(last_us) over (partition by device order by bucket, piece) as pause
        from pieces
    )
),
rounds as (
    select
        *,
        case
            when login_ray is null
            then 0
            else count(*) over (
                partition by device, activity, application order by bucket, piece
                rows between unbounded preceding and current row
            )
        end as round
    from activities
),
started as (
    select
        *,
        round > coalesce(
            max(round) over (
                partition by device, activity order by bucket, piece
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as is_login
    from rounds
),
tracked as (
    select
        *,
        sum(case when is_login or is_after_silence then 1 else 0 end) over (
            partition by device order by bucket, piece
            rows between unbounded preceding and current row
        ) as place
    from started
),
-- A login that another one follows before any request begins no session that has requests.
sessions as (
    select
        device,
        place,
        row_number() over (order by min(first_us), device) as session,
        case when bool_or(is_login) then 'login' else 'silence' end  as started_by,
        min(begun_us) filter (is_login)            as login_us,
        nullif(min(login_ray) filter (is_login), '') as login_ray_id
    from tracked
    group by device, place
    having min(first_us) is not null
)
select
    agents.agent,
    agents.bucket,
    agents.first_us,
    agents.last_us,
    sessions.session,
    sessions.device,
    sessions.started_by,
    make_timestamp(sessions.login_us)            as login_at,
    sessions.login_ray_id
from agents
join tracked using (device, bucket, piece)
join sessions using (device, place)
