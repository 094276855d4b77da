with refused as (
    select
        user_id, event_time, ray_id, identity, host_key, host_key || path_template as place
    from acts
    where is_asked and is_refused and folded_into is null and kind not in ('asset', 'prefetch')
),
counted as (
    select
        *,
        count(*) over near                       as requests,
        count(distinct place) over near          as places,
        event_time - lag(event_time) over (partition by user_id order by event_time)
            > to_minutes(rules.refusal_burst_minutes()) as is_after_pause
    from refused
    window near as (
        partition by user_id order by event_time
        range between current row and to_minutes(rules.refusal_burst_minutes()) following
    )
),
numbered as (
    select
        *,
        count(*) filter (is_after_pause) over (partition by user_id order by event_time) as island
    from counted
)
select
    user_id,
    min(event_time)                              as first_seen,
    max(event_time)                              as last_seen,
    list(ray_id order by event_time, ray_id)     as evidence,
    case when bool_and(identity = 'access') then 'access' else 'unconfirmed' end as identity,
    count(*) || ' requests to ' || count(distinct place) || ' places on '
        || count(distinct host_key) || ' hosts were refused, up to ' || max(requests) || ' within '
        || rules.refusal_burst_minutes() || ' minutes.' as what
from numbered
group by user_id, island
having bool_or(
    requests >= rules.refusal_burst_requests() and places >= rules.refusal_burst_places()
)
