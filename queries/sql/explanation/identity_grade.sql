-- Whether Access protected one request, and whether an application covers its host and path.
--
-- Parameters: $method, $status, $security_action, $cache_status, $worker_status, $origin_status (see
--             is_let_through), $host (a host_name), $uri, $seen_at, $access_hosts, $access_rules (see
--             identity_of)
-- Columns:    identity, is_covered
select
    identity_of(
        is_let_through(
            $method::varchar, $status::integer, $security_action::varchar, $cache_status::varchar,
            $worker_status::varchar, $origin_status::integer
        ),
        $host, $uri, $seen_at::timestamp, $access_hosts::varchar[], access_rules_of($access_rules)
    ) as identity,
    identity_of(
        true, $host, $uri, $seen_at::timestamp, $access_hosts::varchar[],
        access_rules_of($access_rules)
    ) = 'access' as is_covered
