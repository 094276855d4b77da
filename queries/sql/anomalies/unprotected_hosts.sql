-- Hosts on which requests had the person's name where no application covered host and path.
--
-- Parameters: $who, $since, $until, $access_hosts, $access_rules,
--             $judged (times for which applications are known: {since, until})
-- Columns:    host, requests, first_seen, last_seen, ray_id
with judged as (
    select unnest($judged::struct(since timestamp, until timestamp)[], recursive := true)
),
hours as (
    select
        host_name(ClientRequestHost)             as host,
        date_trunc('hour', in_utc(event_time))   as hour,
        count(*)                                 as requests,
        min(in_utc(event_time))                  as first_seen,
        max(in_utc(event_time))                  as last_seen,
        min_by(RayID, event_time)                as ray_id
    from http_requests
    where list_contains($who::varchar[], user_id)
      and ClientRequestHost <> ''
      and event_time is not null
      and ($since::timestamp is null or event_time >= $since)
      and ($until::timestamp is null or event_time < $until)
      -- Access answers these itself, whatever an application covers.
      and not starts_with(coalesce(ClientRequestPath, ClientRequestURI, ''), '/cdn-cgi/')
      -- Of every request, let through or not: the question is what an application covers.
      and identity_of(
          true, host_name(ClientRequestHost), coalesce(ClientRequestURI, ClientRequestPath),
          in_utc(event_time), $access_hosts::varchar[], access_rules_of($access_rules)
      ) = 'unconfirmed'
    group by all
)
select
    host,
    sum(requests)::bigint                        as requests,
    min(first_seen)                              as first_seen,
    max(last_seen)                               as last_seen,
    min_by(ray_id, first_seen)                   as ray_id
from hours
where exists (from judged where judged.since <= first_seen and judged.until >= last_seen)
group by host
order by first_seen, host
