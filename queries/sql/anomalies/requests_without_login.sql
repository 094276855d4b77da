-- Hours in which one person's requests passed Access on a host while no login can have let them in.
--
-- An hour with a request in the time of a login is left out, so that requests shortly before and
-- after a login are not compared with it.
--
-- Parameters: $who, $since, $until, $access_hosts, $access_rules, $logged_in (times in which a login
--             holds), $judged (times for which all logins are known), each {host, since, until}
-- Columns:    host, requests, first_seen, last_seen, ray_id
with hours as (
    select
        host_name(ClientRequestHost)             as host,
        date_trunc('hour', in_utc(event_time))   as hour,
        count(*)                                 as requests,
        min(in_utc(event_time))                  as first_seen,
        max(in_utc(event_time))                  as last_seen,
        min_by(RayID, event_time)                as ray_id
    from http_requests
    where list_contains($who::varchar[], user_id)
      and event_time is not null
      and ($since::timestamp is null or event_time >= $since)
      and ($until::timestamp is null or event_time < $until)
      and not starts_with(coalesce(ClientRequestPath, ClientRequestURI, ''), '/cdn-cgi/')
      and identity_of(
          is_let_through(
              ClientRequestMethod, EdgeResponseStatus, SecurityAction, CacheCacheStatus, WorkerStatus,
              OriginResponseStatus
          ),
          host_name(ClientRequestHost), coalesce(ClientRequestURI, ClientRequestPath),
          in_utc(event_time), $access_hosts::varchar[], access_rules_of($access_rules)
      ) = 'access'
    group by all
),
logged_in as (
    select unnest($logged_in::struct(host varchar, since timestamp, until timestamp)[], recursive := true)
),
judged as (
    select unnest($judged::struct(host varchar, since timestamp, until timestamp)[], recursive := true)
)
select host, requests, first_seen, last_seen, ray_id
from hours
where exists (
    from judged
    where judged.host = hours.host and judged.since <= first_seen and judged.until >= last_seen
)
and not exists (
    from logged_in
    where logged_in.host = hours.host and logged_in.since <= last_seen and logged_in.until >= first_seen
)
order by host, hour
