-- Hours, over all days of habits, in which nothing of anybody came although people were active in this hour
-- of the weeks before, and of which nobody knows that this is all.
select instant_of(hour) as hour
from usual_hours
anti join (
    select in_utc(hour) as hour
    from coverage
    where dataset = 'http_requests'
    group by hour
    having bool_and(state = 'complete')
) as complete using (hour)
where people = 0 and weeks >= 2 and usual_people >= rules.busy_people()
