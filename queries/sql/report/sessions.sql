-- One person's sessions: the newest $shown, oldest first, and the number of all.
--
-- Parameters: $shown, $names (of hosts, addresses and countries listed for each session)
-- Columns:    number, started_at, ended_at, requests; hosts, addresses, countries and
--             their counts; device, started_by, login_at, login_ray_id; total
with sessions as (
    select
        session                                          as number,
        in_utc(min(event_time))                             as started_at,
        in_utc(max(event_time))                             as ended_at,
        count(*)                                         as requests,
        list_sort(list(distinct host_key) filter (host_key is not null))[:$names] as hosts,
        count(distinct host_key)                         as host_count,
        list_sort(list(distinct ip) filter (ip is not null))[:$names] as addresses,
        count(distinct ip)                               as address_count,
        list_sort(list(distinct country) filter (country is not null))[:$names] as countries,
        count(distinct country)                          as country_count,
        any_value(device)                                as device,
        any_value(started_by)                            as started_by,
        any_value(login_at)                              as login_at,
        any_value(login_ray_id)                          as login_ray_id
    from person_requests
    where session is not null
    group by session
),
counted as (
    select *, count(*) over () as total from sessions
)
select * from counted where number > total - $shown order by number
