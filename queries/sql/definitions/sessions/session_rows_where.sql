-- One row for each session of some names, or of everybody. The parameters are those of
-- http_requests_where(); the columns are explained in the view `sessions`.
create macro session_rows_where(who, everybody, since, until) as table
select
    any_value(session)                                              as id,
    case when everybody then person else min_by(user_id, {seen_at: event_time, name: user_id}) end as user_id,
    in_utc(min(event_time))::date                                   as date,
    min(event_time)                                                 as started_at,
    max(event_time)                                                 as ended_at,
    any_value(device)                                               as device,
    any_value(started_by)                                           as started_by,
    any_value(login)                                                as login,
    count(*)                                                        as requests,
    count(*) filter (kind = 'page')                                 as pages,
    count(*) filter (kind = 'download')                             as downloads,
    count(*) filter (kind = 'change')                               as changes,
    coalesce(sum(bytes), 0)::bigint                                 as bytes,
    coalesce(list_sort(list(distinct host_key) filter (host_key is not null)), []) as hosts,
    coalesce(list_sort(list(distinct ip) filter (ip is not null)), []) as ips,
    coalesce(list_sort(list(distinct country) filter (country is not null)), []) as countries
from (
    select *, case when everybody then user_id else '' end as person
    from sessions_where(who, everybody, since, until, session_gap())
)
group by person, number
