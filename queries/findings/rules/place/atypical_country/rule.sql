with days as (
    select
        user_id,
        value                                    as country,
        day,
        row_number() over before - 1             as days_before,
        lag(day) over before                     as last_day
    from habits
    where kind = 'country' and value not in ('XX', 'T1')
    window before as (partition by user_id, value order by day)
),
visits as (
    select
        *,
        sum(case when day - last_day > rules.atypical_country_days() then 1 else 0 end)
            over (partition by user_id, country order by day) as visits_before
    from days
),
seldom as (
    select
        visits.user_id, country, visits.day, days_before, last_day,
        count(active.day)                        as active_days
    from visits
    join active on active.user_id = visits.user_id and active.day < visits.day
    where visits.day - visits.last_day > rules.atypical_country_days()
      and visits_before <= rules.atypical_country_visits()
    group by visits.user_id, country, visits.day, days_before, last_day
    having visits.days_before * 100 <= count(active.day) * rules.atypical_country_percent()
),
told as (
    select acts.*, seldom.days_before, seldom.last_day, seldom.active_days
    from acts
    join seldom
        on acts.user_id = seldom.user_id
        and upper(acts.country) = seldom.country
        and acts.date = seldom.day
    where is_asked and rules.tunnel(acts.asn) is null
)
select
    user_id,
    min(event_time)                              as first_seen,
    max(event_time)                              as last_seen,
    list(ray_id order by event_time, ray_id)     as evidence,
    case when bool_and(identity = 'access') then 'access' else 'unconfirmed' end as identity,
    'Requests came from the country ' || upper(country) || ', where the person was on '
        || any_value(days_before) || ' of ' || any_value(active_days) || ' active days before, last on '
        || any_value(last_day) || ': ' || count(*) || ' on ' || date || ', from '
        || min_by(ip, event_time) || '.' as what
from told
group by user_id, upper(country), date
