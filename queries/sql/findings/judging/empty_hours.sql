-- Hours, over all days of habits, in which nothing of anybody came although people were active in this hour
-- of the weeks before, and of which nobody knows that this is all.
select instant_of(hour) as hour
from (
    select
        hour,
        people,
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
)
anti join (
    select in_utc(hour) as hour
    from coverage
    where dataset = 'http_requests'
    group by hour
    having bool_and(state = 'complete')
) as complete using (hour)
where people is null and weeks >= 2 and usual_people >= rules.busy_people()
