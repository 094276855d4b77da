with early as (
    select
        *,
        date_trunc('hour', in_utc(received_at))  as arrival
    from acts
    where is_asked and event_time > received_at + to_minutes(rules.clock_minutes())
),
arrivals as (
    select arrival, count(distinct user_id) >= rules.clock_people() as is_everybody
    from early
    group by arrival
)
select
    case when is_everybody then null else user_id end as user_id,
    min(event_time)                              as first_seen,
    max(event_time)                              as last_seen,
    list(ray_id order by event_time, ray_id)     as evidence,
    case when bool_and(identity = 'access') then 'access' else 'unconfirmed' end as identity,
    count(*) || ' requests '
        || case
            when is_everybody then 'of ' || count(distinct user_id) || ' people '
            else ''
        end
        || 'began up to ' || round(max(epoch(event_time) - epoch(received_at)) / 60)::bigint
        || ' minutes after their records arrived, the first at '
        || strftime(in_utc(min(event_time)), '%Y-%m-%d %H:%M') || ' UTC. '
        || case
            when is_everybody then 'The clock of this machine may have been wrong.'
            else 'The records of others that came with them did not.'
        end as what
from early join arrivals using (arrival)
group by 1, arrival, is_everybody
