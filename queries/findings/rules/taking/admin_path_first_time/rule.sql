-- Habits count what was refused or fetched ahead, too: of the days whose requests are here, those on
-- which nothing of the administration was opened do not count.
with visits as (
    select
        *,
        (status between 200 and 299 or status = 304)
            and kind not in ('asset', 'prefetch')
            and (kind <> 'program' or is_program) as is_opened
    from acts
    where is_admin
),
closed_days as (
    select user_id, left(section, 200) as section, date as day
    from visits
    group by user_id, left(section, 200), date
    having not coalesce(bool_or(is_opened), false)
),
first_days as (
    select habits.user_id, habits.value as section, min(habits.day) as day
    from habits
    anti join closed_days
        on habits.user_id = closed_days.user_id
        and habits.value = closed_days.section
        and habits.day = closed_days.day
    semi join (select distinct user_id, left(section, 200) as section from visits) as visited
        on habits.user_id = visited.user_id
        and habits.value = visited.section
    where kind = 'section'
    group by habits.user_id, habits.value
),
told as (
    select
        visits.user_id, first_days.section, date, host_key,
        min(event_time)                          as first_seen,
        max(event_time)                          as last_seen,
        list(ray_id order by event_time, ray_id) as evidence,
        bool_and(identity = 'access')            as is_access,
        count(*)                                 as requests,
        min_by(path, event_time)                 as path
    from visits
    join first_days
        on visits.user_id = first_days.user_id
        and left(visits.section, 200) = first_days.section
        and visits.date = first_days.day
    where is_asked
      and is_opened
      and coalesce(folded_by, '') not in ('resent', 'parent_ray')
    group by visits.user_id, first_days.section, date, host_key
),
crowds as (
    select
        told.user_id, told.section,
        count(distinct habits.user_id) filter (kind = 'section') as openers,
        count(distinct habits.user_id) filter (kind = 'active') as people
    from told
    join habits
        on habits.day between told.date - rules.admin_path_first_time_crowd_days()
            and told.date + rules.admin_path_first_time_late_days()
        and habits.user_id <> told.user_id
        and (
            (habits.kind = 'section' and habits.value = told.section)
            or habits.kind = 'active'
        )
    group by told.user_id, told.section
)
select
    told.user_id,
    first_seen,
    last_seen,
    evidence,
    case when is_access then 'access' else 'unconfirmed' end as identity,
    'For the first time the person opened the administration of ' || host_key || ': ' || requests
        || case when requests = 1 then ' request' else ' requests' end || ' on ' || date
        || ', the first for ' || path || '.' as what
from told
left join crowds using (user_id, section)
where not (
    coalesce(openers, 0) >= rules.admin_path_first_time_crowd()
    and coalesce(openers, 0) * 100 >= people * rules.admin_path_first_time_crowd_percent()
)
