-- Which time of which user agent belongs to which session: one row a person, user agent, slice of
-- time and piece of it. No request has to be sorted for it.
--
-- who, everybody, since, until: as in http_requests_where(). gap: microseconds.
-- The person is '' for the names of a list, which are one person's. For everybody, each name is one
-- person; where analysts ask, a login under another name of that person counts too.
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
--
-- The id of a session is that of its first request; of several in its first microsecond, the smallest.
create macro session_spans_where(who, everybody, since, until, gap) as table
with logged_in as (
    select distinct
        person,
        epoch_us(event_time)                     as login_us,
        session_bucket(event_time, gap)          as bucket,
        ip                                       as login_ip,
        host_name(split_part(application, '/', 1)) as login_host,
        coalesce(application, app_uuid, '')      as application,
        coalesce(ray_id, '')                     as login_ray
    from session_logins_where(who, everybody, since::timestamp - to_microseconds(gap), until)
    where event = 'login' and allowed is not false and event_time is not null
),
-- A slice with logins, and the one after it, in which a login's next request may be.
cut_slices as (
    select person, bucket, list_sort(list(distinct login_us) filter (login_us is not null)) as cuts
    from (
        select person, bucket, login_us from logged_in
        union all
        select person, bucket + 1, null from logged_in
    )
    group by person, bucket
),
seen as (
    select
        case when everybody then user_id else '' end as person,
        user_id,
        coalesce(ClientRequestUserAgent, '')     as agent,
        epoch_us(event_time)                     as at_us,
        session_bucket(event_time, gap)          as bucket,
        ClientIP                                 as ip,
        ClientRequestHost                        as host,
        folding_key(RayID, batch_id, line_number) as id
    from http_requests_where(who, everybody, since, until)
    where event_time is not null and user_id is not null
),
heard as (
    select
        person,
        user_id,
        agent,
        bucket,
        coalesce(len(list_filter(cuts, lambda cut: cut <= at_us)), 0) as piece,
        case when is_near then ip end            as ip,
        case when is_near then host end          as host,
        min(at_us)                               as first_us,
        max(at_us)                               as last_us,
        min({at_us: at_us, id: id})              as first
    from seen
    left join (select *, true as is_near from cut_slices) using (person, bucket)
    group by all
),
following as (
    select
        logged_in.*,
        heard.agent,
        heard.first_us,
        heard.ip is distinct from login_ip       as is_other
    from (select *, bucket + unnest([0, 1]) as heard_bucket from logged_in) as logged_in
    join heard on heard.person = logged_in.person and heard.bucket = heard_bucket
    where first_us >= login_us
      and first_us - login_us <= gap
      and (heard.ip = login_ip or host_name(heard.host) = login_host)
),
assigned as (
    select
        person, login_us, bucket, application, login_ray,
        device_of(min_by(agent, {is_other: is_other, at_us: first_us, agent: agent})) as device
    from following
    group by all
),
pieces as (
    select
        person,
        device,
        bucket,
        piece,
        list(distinct sender) filter (sender is not null) as senders,
        min(first_us)                            as first_us,
        min(begun_us)                            as begun_us,
        max(last_us)                             as last_us,
        min(first)                               as first,
        min(application)                         as application,
        min_by(login_ray, {application: application, ray: login_ray}) as login_ray
    from (
        select
            person, device_of(agent) as device, bucket, piece, {user_id: user_id, agent: agent} as sender,
            first_us, first_us as begun_us, last_us, first, null as application, null as login_ray
        from heard
        union all
        select
            person, device, bucket, list_position(cuts, login_us), null,
            null, login_us, login_us, null, application, login_ray
        from assigned join cut_slices using (person, bucket)
    )
    group by person, device, bucket, piece
),
activities as (
    select
        *,
        sum(case when pause > gap then 1 else 0 end) over (
            partition by person, device order by bucket, piece
        ) as activity,
        coalesce(pause > gap, true) as is_after_silence
    from (
        select
            *,
            begun_us - lag(last_us) over (partition by person, device order by bucket, piece) as pause
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
                partition by person, device, activity, application order by bucket, piece
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
                partition by person, device, activity order by bucket, piece
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
            partition by person, device order by bucket, piece
            rows between unbounded preceding and current row
        ) as place
    from started
),
told as (
    select
        person,
        device,
        senders,
        bucket,
        first_us,
        last_us,
        min(first_us) over whole                 as started_us,
        min(first) over whole                    as first,
        bool_or(is_login) over whole             as is_login,
        min(case when is_login then begun_us end) over whole as login_us,
        nullif(min(case when is_login then login_ray end) over whole, '') as login_ray_id
    from tracked
    window whole as (partition by person, device, place)
)
select
    person,
    -- A condition on the user is applied to the files only if it is one on the person.
    case when everybody then person else sender.user_id end as user_id,
    sender.agent                                 as agent,
    bucket,
    first_us,
    last_us,
    session,
    first.id                                     as id,
    device,
    case when is_login then 'login' else 'silence' end as started_by,
    make_timestamp(login_us)                     as login_at,
    login_ray_id
from (
    select
        *,
        dense_rank() over (partition by person order by started_us, device) as session,
        unnest(senders)                          as sender
    from told
    -- A login that another one follows before any request begins no session that has requests.
    where first_us is not null
)
