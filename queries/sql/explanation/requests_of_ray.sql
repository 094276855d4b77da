-- The requests with one Ray ID, oldest first. A Ray ID is not unique.
--
-- The column stands alone on its side, so that files and row groups without the Ray ID are skipped
-- by their bloom filters.
--
-- Parameters: $ray (16 hex digits in lower case), $since, $until (UTC, NULL is open), $shown
-- Columns:    total (of all), then the fields of records.LoggedRequest, in their order
select
    count(*) over ()                                as total,
    in_utc(event_time)                              as seen_at,
    user_id,
    user_source,
    ClientRequestMethod                             as method,
    ClientRequestHost                               as host,
    host_name(ClientRequestHost)                    as host_key,
    coalesce(ClientRequestURI, ClientRequestPath)   as uri,
    EdgeResponseStatus                              as status,
    ClientIP                                        as ip,
    ClientCountry                                   as country,
    ClientRequestUserAgent                          as user_agent,
    ClientRequestSource                             as source,
    RayID                                           as ray_id,
    ParentRayID                                     as parent_ray_id,
    EdgeColoCode                                    as data_center,
    EdgePathingSrc                                  as pathing_source,
    EdgePathingOp                                   as pathing_operation,
    EdgePathingStatus                               as pathing_status,
    SecurityAction                                  as security_action,
    SecurityRuleID                                  as security_rule,
    SecurityRuleDescription                         as security_rule_text,
    SecurityActions                                 as security_actions,
    SecurityRuleIDs                                 as security_rules,
    SecuritySources                                 as security_sources,
    CacheCacheStatus                                as cache_status,
    WorkerScriptName                                as worker,
    WorkerStatus                                    as worker_status,
    WorkerSubrequest                                as is_subrequest,
    WorkerSubrequestCount                           as subrequests,
    OriginResponseStatus                            as origin_status,
    EdgeServerIP                                    as edge_server_ip,
    OriginIP                                        as origin_ip,
    OriginTCPHandshakeDurationMs                    as origin_tcp_ms,
    OriginTLSHandshakeDurationMs                    as origin_tls_ms,
    OriginResponseHeaderReceiveDurationMs           as origin_wait_ms,
    OriginResponseDurationMs                        as origin_ms,
    ZoneName                                        as zone,
    batch_id,
    line_number
from http_requests
where RayID in ($ray, upper($ray))
  and ($since::timestamp is null or event_time >= $since)
  and ($until::timestamp is null or event_time < $until)
order by seen_at nulls last, batch_id, line_number
limit $shown
