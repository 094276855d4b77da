-- Hours of the week are of UTC. An hour is the person's own if the person was active at that time of the day,
-- or next to it so that summer time is no news, and on that day of the week.
with own_hours as (
    select
        user_id,
        (value::integer + shift.hours + 168) % 24 as day_hour,
        min(day)                                 as first_day
    from habits
    cross join (
        select unnest(range(-rules.off_hours_hours()::integer, rules.off_hours_hours()::integer + 1))::integer
            as hours
    ) as shift
    where kind = 'hour'
    group by all
),
own_weekdays as (
    select user_id, isodow(day) as weekday, min(day) as first_day from active group by all
),
others as (
    select distinct user_id, rule, title, first_seen, last_seen
    from found
    where user_id is not null
),
late as (
    select
        acts.user_id, acts.event_time, acts.ray_id, acts.identity, acts.date, acts.ip,
        others.title,
        others.first_seen                        as other_seen
    from acts
    join others
        on others.user_id = acts.user_id
        and acts.event_time >= others.first_seen - to_minutes(rules.off_hours_apart())
        and acts.event_time <= others.last_seen + to_minutes(rules.off_hours_apart())
    left join own_hours
        on own_hours.user_id = acts.user_id
        and own_hours.day_hour = hour(in_utc(acts.event_time))
        and own_hours.first_day < acts.date
    left join own_weekdays
        on own_weekdays.user_id = acts.user_id
        and own_weekdays.weekday = isodow(acts.date)
        and own_weekdays.first_day < acts.date
    where acts.is_asked
      and acts.folded_by is distinct from 'resent'
      and (own_hours.user_id is null or own_weekdays.user_id is null)
)
select
    user_id,
    min(event_time)                              as first_seen,
    max(event_time)                              as last_seen,
    list(distinct ray_id order by ray_id)        as evidence,
    case when bool_and(identity = 'access') then 'access' else 'unconfirmed' end as identity,
    'There were ' || count(distinct ray_id) || ' requests from ' || strftime(in_utc(min(event_time)), '%H:%M')
        || ' to ' || strftime(in_utc(max(event_time)), '%H:%M') || ' UTC on a '
        || dayname(date) || ', and this name was never active on that weekday or at that time before. Found at the same time: '
        || string_agg(distinct lower(left(title, 1)) || substr(title, 2), ', ') || '.' as what
from late
group by user_id, date
