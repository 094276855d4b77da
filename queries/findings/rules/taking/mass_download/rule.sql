-- Others whose work is to take many files on one day in ten or more are left out of the comparison.
with taken as (
    select
        user_id, event_time, date, ray_id, identity, is_asked, host_key,
        coalesce(bytes, 0)                       as bytes,
        host_key || coalesce(uri, '')            as url
    from acts
    where kind = 'download'
      and coalesce(source, '') in ('', 'eyeball')
      and coalesce(folded_by, '') not in ('resent', 'parent_ray')
),
paused as (
    select
        *,
        event_time - lag(event_time) over (partition by user_id order by event_time)
            > to_hours(rules.mass_download_pause()) as is_after_pause
    from taken
    semi join (
        from taken
        select user_id
        group by user_id
        having count(distinct url) >= rules.mass_download_files()
    ) as busy using (user_id)
),
episodes as (
    select
        *,
        count(*) filter (is_after_pause) over (partition by user_id order by event_time) as episode
    from paused
),
added as (
    select
        *,
        count(distinct url) over recent          as files,
        sum(bytes) over recent                   as total,
        min(date) over recent                    as day
    from episodes
    window recent as (
        partition by user_id, episode order by event_time
        range between to_hours(rules.mass_download_hours()) preceding and current row
    )
),
asked_days as (
    select distinct user_id, day
    from added
    where is_asked and files >= rules.mass_download_files()
),
own as (
    select
        asked_days.user_id, asked_days.day,
        quantile_cont(coalesce(takings.bytes, 0), 0.99) as bytes_p99,
        quantile_cont(coalesce(takings.files, 0), 0.99) as files_p99
    from asked_days
    join active on active.user_id = asked_days.user_id and active.day < asked_days.day
    left join takings on takings.user_id = active.user_id and takings.day = active.day
    group by asked_days.user_id, asked_days.day
),
person_days as (
    select
        dates.day, active.user_id,
        coalesce(takings.files, 0)               as files,
        coalesce(takings.bytes, 0)               as bytes
    from (select distinct day from asked_days) as dates
    join active on active.day between dates.day - rules.mass_download_peer_days() and dates.day - 1
    left join takings on takings.user_id = active.user_id and takings.day = active.day
),
collectors as (
    select day, user_id
    from person_days
    group by day, user_id
    having quantile_cont(files, 0.9) >= rules.mass_download_files()
),
peers as (
    select
        day,
        quantile_cont(bytes, 0.99)               as bytes_p99,
        quantile_cont(files, 0.99)               as files_p99
    from person_days
    anti join collectors using (day, user_id)
    group by day
),
crowds as (
    select
        asked_days.user_id, asked_days.day,
        count(distinct active.user_id)           as people,
        count(distinct takings.user_id) filter (takings.files >= rules.mass_download_files()) as takers
    from asked_days
    join active on active.day = asked_days.day and active.user_id <> asked_days.user_id
    anti join collectors on collectors.day = asked_days.day and collectors.user_id = active.user_id
    left join takings on takings.user_id = active.user_id and takings.day = active.day
    group by asked_days.user_id, asked_days.day
),
judged_rows as (
    select
        added.*,
        coalesce(own.bytes_p99, 0)               as own_bytes,
        coalesce(own.files_p99, 0)               as own_files,
        coalesce(peers.bytes_p99, 0)             as peer_bytes,
        is_asked
        and files >= rules.mass_download_files()
        and (
            total > greatest(
                coalesce(own.bytes_p99, 0) * rules.mass_download_times(), coalesce(peers.bytes_p99, 0)
            )
            or (
                files >= rules.mass_download_many()
                and files > greatest(
                    coalesce(own.files_p99, 0) * rules.mass_download_times(), coalesce(peers.files_p99, 0)
                )
            )
        )
        and not (
            coalesce(takers, 0) >= rules.mass_download_crowd()
            and coalesce(takers, 0) * 100 >= people * rules.mass_download_crowd_percent()
        )                                        as is_over
    from added
    left join own using (user_id, day)
    left join crowds using (user_id, day)
    left join peers using (day)
),
spans as (
    select
        user_id, episode,
        min(event_time) - to_hours(rules.mass_download_hours()) as beginning,
        max(event_time)                          as ending,
        max(files)                               as files,
        max(total)                               as total,
        any_value(own_bytes)                     as own_bytes,
        any_value(own_files)                     as own_files,
        any_value(peer_bytes)                    as peer_bytes
    from judged_rows
    where is_over
    group by user_id, episode
)
select
    spans.user_id,
    min(event_time)                              as first_seen,
    max(event_time)                              as last_seen,
    list(ray_id order by event_time, ray_id)     as evidence,
    case when bool_and(identity = 'access') then 'access' else 'unconfirmed' end as identity,
    any_value(spans.files) || ' files of ' || round(any_value(spans.total) / 1e6, 1)
        || ' MB were downloaded within ' || rules.mass_download_hours()
        || ' hours, most from ' || mode(host_key) || '. Of 100 days before, 99 had at most '
        || round(any_value(own_files)) || ' files of ' || round(any_value(own_bytes) / 1e6, 1)
        || ' MB, and 99 of 100 days of other people at most ' || round(any_value(peer_bytes) / 1e6, 1)
        || ' MB.' as what
from spans
join episodes using (user_id, episode)
where event_time between beginning and ending
group by spans.user_id, spans.episode
