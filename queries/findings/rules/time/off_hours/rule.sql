-- Hours of the week are of UTC, and those next to an own one are own ones too, so that summer time is no news.
-- For people who come seldom an hour is also their own if they were active at that time of other days, more
-- than once or twice, and on that day of the week.
with near_hours as (
    select user_id, (value::integer + shift.hours + 168) % 168 as week_hour, day
    from habits
    cross join (
        select unnest(range(-rules.off_hours_hours()::integer, rules.off_hours_hours()::integer + 1))::integer
            as hours
    ) as shift
    where kind = 'hour'
),
own as (
    select user_id, week_hour, min(day) as first_day from near_hours group by all
),
-- Since when on enough days.
own_hours as (
    select user_id, day_hour, day as first_day
    from (
        select
            *,
            row_number() over (partition by user_id, day_hour order by day) as days
        from (select distinct user_id, week_hour % 24 as day_hour, day from near_hours)
    )
    where days = rules.off_hours_days()
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
    left join own
        on own.user_id = acts.user_id
        and own.week_hour = (isodow(acts.date) - 1) * 24 + hour(in_utc(acts.event_time))
        and own.first_day < acts.date
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
      and own.user_id is null
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
        || dayname(date) || ', and this name is not active then in other weeks. Found at the same time: '
        || string_agg(
            distinct lower(left(title, 1)) || substr(title, 2), ', '
            order by lower(left(title, 1)) || substr(title, 2)
        ) || '.' as what
from late
group by user_id, date
