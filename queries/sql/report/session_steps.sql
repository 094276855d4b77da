-- The steps of one person's newest sessions, in order of time.
--
-- A step is a request that is not folded under another one. The same request several times in a row
-- is one step with a count, and each step counts the requests that are folded under it.
--
-- Three classes share a session's $shown steps: downloads and changes, pages, and all others. The
-- classes take turns by time, and the others get every fourth turn, so that a program that polls
-- hides neither pages nor changes. Of each class only a session's first $read requests are sorted:
-- sorting ten million requests of a program would take a minute.
--
-- Parameters: $after (number of the last session to leave out), $read, $shown (steps of a session)
-- Columns:    session, then the fields of sessions.Step; `folded` is a list of {reason, requests}
with listed as (
    select
        session,
        case when kind in ('download', 'change') then 1 when kind = 'page' then 2 else 3 end as class,
        min_by(
            {
                event_time: in_utc(event_time), nanoseconds: coalesce(nanoseconds, 0),
                ray_id: ray_id, batch_id: batch_id, line_number: line_number,
                kind: kind, navigation: navigation, user_id: user_id, method: method,
                host: host_key, uri: uri, content_type: content_type, status: status,
                size_bytes: total_bytes, direction: direction, is_refused: is_refused,
                identity: identity
            },
            (event_time, coalesce(nanoseconds, 0), ray_id, batch_id, line_number),
            $read
        ) as requests
    from person_requests
    where folded_into is null and session > $after
    group by all
),
unfolded as (
    select session, class, unnest(requests, recursive := true) from listed
),
compared as (
    select
        *,
        -- Of a page, when the next one was opened.
        case when class = 2 then lead(event_time) over (
            partition by session, class
            order by event_time, nanoseconds, ray_id, batch_id, line_number
        ) end as left_at,
        row_number() over in_order as place,
        lag(session) over in_order is null
            or kind is distinct from lag(kind) over in_order
            or navigation is distinct from lag(navigation) over in_order
            or user_id is distinct from lag(user_id) over in_order
            or method is distinct from lag(method) over in_order
            or host is distinct from lag(host) over in_order
            or uri is distinct from lag(uri) over in_order as is_new
    from unfolded
    window in_order as (
        partition by session order by event_time, nanoseconds, ray_id, batch_id, line_number
    )
),
numbered as (
    select *, count(*) filter (is_new) over (partition by session order by place) as step
    from compared
),
merged as (
    select
        session,
        class,
        step,
        min(event_time)                                        as seen_at,
        any_value(kind)                                        as kind,
        any_value(navigation)                                  as navigation,
        any_value(user_id)                                     as user_id,
        if(bool_and(identity = 'access'), 'access', 'unconfirmed') as identity,
        any_value(method)                                      as method,
        any_value(host)                                        as host,
        any_value(uri)                                         as uri,
        any_value(content_type)                                as content_type,
        coalesce(
            list_sort(list(distinct status) filter (status is not null)), []
        )                                                      as statuses,
        sum(size_bytes)::hugeint                               as size_bytes,
        any_value(direction)                                   as direction,
        bool_or(is_refused)                                    as is_refused,
        count(*)                                               as times,
        max_by(left_at, place)                                 as left_at,
        list(folding_key(ray_id, batch_id, line_number))       as keys
    from numbered
    group by session, class, step
),
in_turn as (
    select
        *,
        row_number() over (partition by session, class order by step)
            * case class when 3 then 4 else 1 end as turn
    from merged
),
chosen as (
    select *
    from in_turn
    qualify row_number() over (partition by session order by turn, step) <= $shown
),
-- Different requests may have one Ray ID; what is folded under it is counted once.
heads as (
    select session, step, unnest(keys) as folded_into from chosen
),
first_heads as (
    select *
    from heads
    qualify row_number() over (partition by folded_into order by session, step) = 1
),
reasons as (
    select first_heads.session, step, folded_by as reason, count(*) as requests
    from person_requests
    join first_heads using (folded_into)
    group by all
),
under as (
    select session, step, list({reason: reason, requests: requests}) as folded
    from reasons
    group by session, step
)
select
    session, seen_at, kind, navigation, user_id, identity, method, host, uri, content_type, statuses,
    size_bytes, direction, is_refused, times, left_at, coalesce(folded, []) as folded
from chosen
left join under using (session, step)
order by session, step
