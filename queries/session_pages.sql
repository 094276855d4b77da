-- The pages of a user's newest sessions in the order they were looked at.
--
-- A page looked at several times in a row is one step with a count.
--
-- Parameters: $user, $since, $until, $gap (microseconds), $after (number of the last session
--             not wanted), $shown (steps of a session), $access_hosts
-- Columns:    session, steps (of that session, all of them), then findings.PageStep's fields
with pages as (
    select
        session, event_time, host_key, uri, status,
        row_number() over in_order as place,
        host_key is distinct from lag(host_key) over in_order
            or uri is distinct from lag(uri) over in_order
            or row_number() over in_order = 1 as is_new
    from sessions_of($user, $since::timestamp, $until::timestamp, $gap)
    where is_page and session > $after
    window in_order as (
        partition by session
        order by event_time, coalesce(nanoseconds, 0), ray_id, batch_id, line_number
    )
),
stepped as (
    select
        *,
        sum(is_new::int) over (
            partition by session order by place rows unbounded preceding
        ) as step
    from pages
),
steps as (
    select
        session,
        step,
        min(event_time)                            as seen_at,
        any_value(host_key)                        as host,
        any_value(uri)                             as uri,
        coalesce(list_sort(list(distinct status)), []) as statuses,
        count(*)                                   as times
    from stepped
    group by session, step
)
select
    session,
    max(step) over (partition by session)::bigint as steps,
    seen_at,
    host,
    identity_of(host, $access_hosts::varchar[])   as identity,
    uri,
    statuses,
    times
from steps
qualify step <= $shown
order by session, step
