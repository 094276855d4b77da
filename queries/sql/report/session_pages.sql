-- The first pages of a person's newest sessions, in the order of their views.
--
-- A page viewed several times in a row is one step with a count. Only a session's first $views
-- views are sorted: sorting ten million views of a program would take a minute. The rest only
-- counts in the session's number of pages.
--
-- Parameters: $who, $since, $until, $gap (microseconds), $after (number of the last session
--             to leave out), $views, $shown (steps of a session), $access_hosts,
--             $access_rules
-- Columns:    session, then the fields of model.PageStep
with listed as (
    select
        session,
        min_by(
            {event_time: in_utc(event_time), host: host_key, uri: uri, status: status},
            (event_time, coalesce(nanoseconds, 0), ray_id, batch_id, line_number),
            $views
        ) as views
    from sessions_of($who, $since::timestamp, $until::timestamp, $gap)
    where kind = 'page' and session > $after
    group by session
),
views as (
    select session, generate_subscripts(views, 1) as place, unnest(views, recursive := true)
    from listed
),
compared as (
    select
        *,
        place = 1
            or host is distinct from lag(host) over in_order
            or uri is distinct from lag(uri) over in_order as is_new
    from views
    window in_order as (partition by session order by place)
),
stepped as (
    select *, count(*) filter (is_new) over (partition by session order by place) as step
    from compared
)
select
    session,
    min(event_time)                                        as seen_at,
    any_value(host)                                        as host,
    if(
        bool_and(identity_of(
            host, uri, event_time, $access_hosts::varchar[], access_rules_of($access_rules)
        ) = 'access'),
        'access', 'unconfirmed'
    )                                                      as identity,
    any_value(uri)                                         as uri,
    coalesce(
        list_sort(list(distinct status) filter (status is not null)), []
    )                                                      as statuses,
    count(*)                                               as times
from stepped
group by session, step
having step <= $shown
order by session, step
