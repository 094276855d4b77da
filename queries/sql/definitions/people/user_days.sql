-- How many rows of which user are in which dataset on which day.
--
-- Datasets that this version has no columns for are not in it.
--
-- Columns:
--   user_id: The user as logged.
--   day: The day in UTC; NULL for rows without a time.
--   dataset: The name of the dataset.
--   rows: How many rows of it the user has on that day.
--   first: The first of them, an instant.
--   last: The last of them.
--
-- Example: select day, dataset, rows from user_days where user_id = 'srhea' and day >= '2026-11-01'
create view user_days as
select
    user_id,
    date             as day,
    dataset,
    count(*)         as rows,
    min(event_time)  as first,
    max(event_time)  as last
from (
    select 'access_requests' as dataset, user_id, date, event_time from access_requests
    union all
    select 'access_requests_rest' as dataset, user_id, date, event_time from access_requests_rest
    union all
    select 'account_abuse_protection_events' as dataset, user_id, date, event_time from account_abuse_protection_events
    union all
    select 'audit_logs' as dataset, user_id, date, event_time from audit_logs
    union all
    select 'audit_logs_v2' as dataset, user_id, date, event_time from audit_logs_v2
    union all
    select 'biso_user_actions' as dataset, user_id, date, event_time from biso_user_actions
    union all
    select 'device_posture_results' as dataset, user_id, date, event_time from device_posture_results
    union all
    select 'dex_application_tests' as dataset, user_id, date, event_time from dex_application_tests
    union all
    select 'email_security_post_delivery_events' as dataset, user_id, date, event_time from email_security_post_delivery_events
    union all
    select 'gateway_dns' as dataset, user_id, date, event_time from gateway_dns
    union all
    select 'gateway_http' as dataset, user_id, date, event_time from gateway_http
    union all
    select 'gateway_network' as dataset, user_id, date, event_time from gateway_network
    union all
    select 'http_requests' as dataset, user_id, date, event_time from http_requests
    union all
    select 'mcp_portal_logs' as dataset, user_id, date, event_time from mcp_portal_logs
    union all
    select 'ssh_logs' as dataset, user_id, date, event_time from ssh_logs
    union all
    select 'warp_config_changes' as dataset, user_id, date, event_time from warp_config_changes
    union all
    select 'warp_toggle_changes' as dataset, user_id, date, event_time from warp_toggle_changes
    union all
    select 'zero_trust_network_sessions' as dataset, user_id, date, event_time from zero_trust_network_sessions
)
where user_id is not null
group by user_id, date, dataset
order by user_id, day, dataset
