-- One person's requests that passed Access after a logout and before the next login.
--
-- Parameters: $who, $since, $until, $access_hosts, $access_rules,
--             $logouts ({number, host (NULL: any), since, until})
-- Columns:    number (of the logout), host, requests, first_seen, last_seen, ray_id
with logouts as (
    select unnest(
        $logouts::struct(number integer, host varchar, since timestamp, until timestamp)[],
        recursive := true
    )
),
hours as (
    select
        *,
        unnest(generate_series(date_trunc('hour', since), until, interval 1 hour)) as hour
    from logouts
),
seen as (
    select
        host_name(ClientRequestHost)             as host_key,
        coalesce(ClientRequestURI, ClientRequestPath) as uri,
        in_utc(event_time)                       as seen_at,
        date_trunc('hour', in_utc(event_time))   as hour,
        RayID                                    as ray_id,
        is_let_through(
            ClientRequestMethod, EdgeResponseStatus, SecurityAction, CacheCacheStatus, WorkerStatus,
            OriginResponseStatus
        )                                        as is_let_through
    from http_requests
    where list_contains($who::varchar[], user_id)
      and event_time is not null
      and ($since::timestamp is null or event_time >= $since)
      and ($until::timestamp is null or event_time < $until)
      and not starts_with(coalesce(ClientRequestPath, ClientRequestURI, ''), '/cdn-cgi/')
)
select
    number,
    host_key                                     as host,
    count(*)                                     as requests,
    min(seen_at)                                 as first_seen,
    max(seen_at)                                 as last_seen,
    min_by(ray_id, seen_at)                      as ray_id
from seen join hours using (hour)
where seen_at >= hours.since
  and seen_at < hours.until
  and (hours.host is null or hours.host = host_key)
  and identity_of(
      is_let_through, host_key, uri, seen_at, $access_hosts::varchar[],
      access_rules_of($access_rules)
  ) = 'access'
group by number, host_key
order by first_seen, host_key
