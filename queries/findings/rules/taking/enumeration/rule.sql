-- An item is named in the path or by a parameter of the query, such as pageId. What a page loads by
-- itself, at once after it, is no act of the person.
with told as (
    select
        user_id, event_time, ray_id, identity, kind, host_key, path, date, device, section, is_program,
        folded_into, batch_id, line_number,
        regexp_replace(path_template, '[0-9]+', '{number}', 'g') as template,
        floor(epoch(event_time) / (60 * greatest(rules.enumeration_minutes(), 1)))::bigint as bucket,
        case when contains(uri, '?') then list_filter(
            string_split(split_part(uri, '?', 2), '&'),
            lambda pair: regexp_matches(pair, '^[a-z_.-]*(id|key|guid|uuid|number|no|nr|code|ref|emp|employee|user|member|person|customer|client|account|contact|contract|invoice|order|ticket|issue|case|document|doc|file|record|item|project)=.*[0-9]', 'i')
                and not regexp_matches(
                    pair, '^[a-z_.-]*(request|trace|span|correlation|client|session|event|message|tab|window)[_.-]?id=', 'i'
                )
        ) else [] end as given
    from acts
    where is_asked
      and path is not null
      and kind not in ('asset', 'prefetch')
      and (kind not in ('change', 'program') or is_program)
      and (status not between 300 and 399 or status = 304)
      and coalesce(folded_by, '') not in ('resent', 'resumed', 'parent_ray')
),
items as (
    select
        * exclude (given),
        path || coalesce('?' || array_to_string(given, '&'), '') as item,
        host_key || template || case when len(given) = 0 then ''
            else '?' || regexp_replace(array_to_string(given, '&'), '=[^&]*', '={id}', 'g') end as place
    from told
    where contains(template, '{') or len(given) > 0
),
-- A span touches at most two buckets of its length, and one of them has half of it.
crowded as (
    select user_id, place, bucket
    from items
    group by user_id, place, bucket
    having count(distinct item) * 2 >= rules.enumeration_ids()
),
candidates as (
    select *
    from items
    semi join (
        select user_id, place, unnest([bucket - 1, bucket, bucket + 1]) as bucket from crowded
    ) as around using (user_id, place, bucket)
),
page_requests as (
    select
        user_id, event_time, batch_id, line_number, folded_into,
        coalesce(folded_into, ray_id) as page,
        event_time - lag(event_time) over (
            partition by user_id, coalesce(folded_into, ray_id) order by event_time
        ) > to_seconds(rules.enumeration_pause()) as is_after_pause
    from acts
    semi join (from candidates where folded_into is not null) as pages
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
    select *, count(distinct item) over near as near_items
    from (
        select * from candidates
        anti join (from loaded where is_at_once and folded_into is not null) as parts
            using (batch_id, line_number)
    )
    window near as (
        partition by user_id, place order by event_time
        range between current row and to_minutes(rules.enumeration_minutes()) following
    )
),
-- The beginning of the last span with so many that a request is in.
spans as (
    select
        *,
        max(event_time) filter (near_items >= rules.enumeration_ids()) over (
            partition by user_id, place order by event_time
            range between to_minutes(rules.enumeration_minutes()) preceding and current row
        ) as span
    from counted
),
runs as (
    select
        *,
        event_time - lag(event_time) over (partition by user_id, place order by event_time)
            > to_minutes(rules.enumeration_minutes()) as is_after_pause
    from spans
    where span is not null
),
numbered as (
    select
        *,
        count(*) filter (is_after_pause) over (
            partition by user_id, place order by event_time
        ) as island
    from runs
),
found_runs as (
    select
        user_id, place, island,
        min(event_time)                              as first_seen,
        max(event_time)                              as last_seen,
        list(ray_id order by event_time, ray_id)     as evidence,
        bool_and(identity = 'access')                as is_access,
        count(distinct item)                         as item_count,
        min(date)                                    as first_day,
        bool_and(is_program)                         as is_by_program,
        bool_and(kind = 'download')                  as is_of_files,
        any_value(device)                            as device,
        any_value(section)                           as section
    from numbered
    group by user_id, place, island
),
usual as (
    select
        run.user_id, run.place, run.island,
        count(*) filter (habits.kind = 'device')     as tool_days,
        count(*) filter (habits.kind = 'section')    as section_days
    from found_runs as run
    join habits
        on habits.user_id = run.user_id
        and habits.day < run.first_day
        and (
            (habits.kind = 'device' and habits.value = run.device)
            or (habits.kind = 'section' and habits.value = run.section)
        )
    where run.is_by_program
    group by run.user_id, run.place, run.island
),
usual_takings as (
    select run.user_id, run.place, run.island, count(*) as days
    from found_runs as run
    join takings on takings.user_id = run.user_id and takings.day < run.first_day
    where run.is_of_files and takings.files >= rules.enumeration_ids()
    group by run.user_id, run.place, run.island
)
select
    run.user_id,
    first_seen,
    last_seen,
    evidence,
    case when is_access then 'access' else 'unconfirmed' end as identity,
    item_count || ' different items of ' || run.place || ' were read from '
        || strftime(in_utc(first_seen), '%H:%M') || ' to ' || strftime(in_utc(last_seen), '%H:%M')
        || ' UTC' || case when is_by_program then ' with ' || coalesce(nullif(device, ''), 'a program') else '' end
        || '.' as what
from found_runs as run
left join usual using (user_id, place, island)
left join usual_takings using (user_id, place, island)
where coalesce(least(tool_days, section_days), 0) < rules.enumeration_usual_days()
  and coalesce(usual_takings.days, 0) < rules.enumeration_usual_days()
