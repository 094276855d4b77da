-- The rows of visitors(), of a host and path as visited_host() and visited_path() tell them. A parameter must not have the name of a
-- column that the macro reads, such as host and path.
create macro visitors_at(asked_host, asked_path, since, until) as table
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
    min(event_time)                                     as first_seen,
    max(event_time)                                     as last_seen
from graded_requests_where(null::varchar[], true, since, until)
where host_key = asked_host
  -- DuckDB pushes only this below the finding of kinds: a regular expression could fail.
  and (lower(host) = asked_host or starts_with(lower(host), asked_host || ':'))
  and (
      asked_path = ''
      or case when contains(asked_path, '{') then path_template else path end = asked_path
      or starts_with(
          case when contains(asked_path, '{') then path_template else path end, asked_path || '/'
      )
  )
group by user_id
order by requests desc, user_id nulls last
