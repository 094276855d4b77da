-- How many people were active in each hour over all days of habits, and how many usually are in that hour of
-- the week.
select
    hour,
    coalesce(people, 0)                  as people,
    avg(people) over weeks_before        as usual_people,
    count(*) over weeks_before           as weeks
from (
    select unnest(generate_series(
        first_day::timestamp, last_day::timestamp + interval 23 hour, interval 1 hour
    )) as hour
    from store_age
)
left join (
    select day + to_hours(value::integer % 24) as hour, count(*) as people
    from habits
    where kind = 'hour'
    group by all
) using (hour)
window weeks_before as (
    partition by isodow(hour), hour(hour) order by hour
    rows between 4 preceding and 1 preceding
)
