-- What a page loads by itself, at once after it, tells nothing about the person. An API call that is
-- refused with 401 and works on the same day is a session that was over. Where a host refuses everybody,
-- it is out of order.
with refused as (
    select
        user_id, event_time, ray_id, identity, kind, status, host_key, path, folded_into, batch_id,
        line_number,
        host_key || path_template as place
    from acts
    anti join outages
        on outages.host_key = acts.host_key
        and outages.half_hour = floor(epoch(acts.event_time) / 1800)::bigint
    where is_asked
      and is_refused
      and kind not in ('asset', 'prefetch')
      and (kind <> 'program' or is_program)
      and coalesce(folded_by, '') not in ('resent', 'resumed', 'parent_ray')
),
sessions_over as (
    select distinct refused.batch_id, refused.line_number
    from refused
    join acts using (user_id, host_key, path)
    where refused.status = 401
      and refused.kind in ('api', 'change')
      and (acts.status between 200 and 299 or acts.status = 304)
      and acts.event_time between
          refused.event_time - rules.lookback() and refused.event_time + rules.lookback()
),
page_requests as (
    select
        user_id, event_time, batch_id, line_number, folded_into,
        coalesce(folded_into, ray_id) as page,
        event_time - lag(event_time) over (
            partition by user_id, coalesce(folded_into, ray_id) order by event_time
        ) > to_seconds(rules.refusal_burst_pause()) as is_after_pause
    from acts
    semi join (from refused where folded_into is not null) as pages
        on acts.user_id = pages.user_id
        and coalesce(acts.folded_into, acts.ray_id) = pages.folded_into
),
loaded as (
    select
        batch_id, line_number, folded_into,
        count(*) filter (is_after_pause) over (
            partition by user_id, page order by event_time
        ) = 0 as is_at_once
    from page_requests
),
counted as (
    select
        *,
        count(*) over near                       as requests,
        count(distinct place) over near          as places
    from (
        select * from refused
        anti join sessions_over using (batch_id, line_number)
        anti join (from loaded where is_at_once and folded_into is not null) as parts
            using (batch_id, line_number)
    )
    window near as (
        partition by user_id order by event_time
        range between current row and to_minutes(rules.refusal_burst_minutes()) following
    )
),
-- The beginning of the last span with so many that a request is in.
spans as (
    select
        *,
        max(event_time) filter (
            requests >= rules.refusal_burst_requests() and places >= rules.refusal_burst_places()
        ) over (
            partition by user_id order by event_time
            range between to_minutes(rules.refusal_burst_minutes()) preceding and current row
        ) as span
    from counted
),
bursts as (
    select
        *,
        event_time - lag(event_time) over (partition by user_id order by event_time)
            > to_minutes(rules.refusal_burst_minutes()) as is_after_pause
    from spans
    where span is not null
),
numbered as (
    select
        *,
        count(*) filter (is_after_pause) over (partition by user_id order by event_time) as island
    from bursts
)
select
    user_id,
    min(event_time)                              as first_seen,
    max(event_time)                              as last_seen,
    list(ray_id order by event_time, ray_id)     as evidence,
    case when bool_and(identity = 'access') then 'access' else 'unconfirmed' end as identity,
    count(*) || ' requests for ' || count(distinct place) || ' kinds of pages on '
        || case when count(distinct host_key) = 1 then any_value(host_key)
            else count(distinct host_key) || ' hosts' end
        || ' were refused, up to ' || max(requests) || ' within '
        || rules.refusal_burst_minutes() || ' minutes.' as what
from numbered
group by user_id, island
