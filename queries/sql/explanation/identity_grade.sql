-- Whether Access protected one request.
--
-- Parameters: $host (a host_name), $uri, $seen_at, $access_hosts, $access_rules; see identity_of
-- Columns:    identity
select identity_of(
    $host, $uri, $seen_at::timestamp, $access_hosts::varchar[], access_rules_of($access_rules)
) as identity
