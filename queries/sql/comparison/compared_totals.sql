-- What one person did in two periods, by kind of request.
--
-- Parameters: $who (all names of the person), $since, $until, $with_since, $with_until (UTC),
--             $access_hosts, $access_rules (see identity_of)
-- Columns:    is_now (of the first period), then the fields of comparison.KindTotal
with found as (
    select true as is_now, *
    from unfolded_requests_where($who::varchar[], false, $since::timestamp, $until::timestamp)
    union all
    select false, *
    from unfolded_requests_where($who::varchar[], false, $with_since::timestamp, $with_until::timestamp)
)
select
    is_now,
    kind,
    count(*)                                                               as requests,
    count(*) filter (
        identity_of(
            is_let_through, host_key, uri, in_utc(event_time), $access_hosts::varchar[],
            access_rules_of($access_rules)
        ) = 'access'
    )                                                                      as confirmed,
    count(*) filter (is_refused)                                           as refused,
    coalesce(sum(size_bytes) filter (direction = 'down'), 0)::bigint       as bytes_down,
    coalesce(sum(size_bytes) filter (direction = 'up'), 0)::bigint         as bytes_up,
    in_utc(min(event_time))                                                as first_seen,
    in_utc(max(event_time))                                                as last_seen
from found
group by is_now, kind
order by is_now desc, kind
