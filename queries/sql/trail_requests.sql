-- What trail.sql shows, where no report has read it.
--
-- Parameters: $who, $since, $until (UTC, NULL is open), $host (NULL is any),
--             $access_hosts, $access_rules (what Access protects; see identity_of)
-- Columns:    those of requests_under, with identity
select * replace (
    identity_of(
        is_let_through, host_key, uri, in_utc(event_time), $access_hosts::varchar[],
        access_rules_of($access_rules)
    ) as identity
)
from requests_under($who, $since::timestamp, $until::timestamp)
where $host::varchar is null or host_key = host_name($host)
