-- Who visited a host, or a path of it and everything below: one row for each name, the largest first,
-- and one for the requests without a name (user_id NULL), which counts as one of them.
--
-- Parameters: $host (a host_name), $path ('' is every path), $is_template ($path is the beginning of a
--             path_template), $since, $until (UTC, NULL is open), $access_hosts, $access_rules (see
--             identity_of), $shown (NULL is all)
-- Columns:    total (rows of all), total_requests (of all), then the fields of visitors.Visitor
with found as (
    select
        *,
        identity_of(
            is_let_through, host_key, uri, in_utc(event_time), $access_hosts::varchar[],
            access_rules_of($access_rules)
        ) as identity
    from unfolded_requests_where(null::varchar[], true, $since::timestamp, $until::timestamp)
    where host_key = $host
      -- DuckDB pushes only this below the finding of kinds: a regular expression could fail.
      and (lower(host) = $host or starts_with(lower(host), $host || ':'))
      and (
          $path = ''
          or if($is_template, path_template, path) = $path
          or starts_with(if($is_template, path_template, path), $path || '/')
      )
),
counted as (
    select
        user_id,
        count(*)                                            as requests,
        count(*) filter (identity = 'access')               as confirmed,
        count(*) filter (is_refused)                        as refused,
        count(*) filter (kind = 'page')                     as pages,
        count(*) filter (kind = 'download')                 as downloads,
        count(*) filter (kind = 'change')                   as changes,
        count(*) filter (kind = 'api')                      as api_calls,
        count(*) filter (kind = 'program')                  as program_calls,
        count(*) filter (kind = 'asset')                    as assets,
        count(*) filter (kind = 'prefetch')                 as prefetches,
        coalesce(sum(size_bytes) filter (direction = 'down'), 0)::bigint as bytes_down,
        coalesce(sum(size_bytes) filter (direction = 'up'), 0)::bigint   as bytes_up,
        count(distinct ip)                                  as addresses,
        in_utc(min(event_time))                             as first_seen,
        in_utc(max(event_time))                             as last_seen
    from found
    group by user_id
)
select
    count(*) over ()                as total,
    sum(requests) over ()::bigint   as total_requests,
    *
from counted
order by requests desc, user_id nulls last
limit $shown
