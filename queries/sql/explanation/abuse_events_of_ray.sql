-- Events of account abuse protection with one Ray ID: logins and signups that Cloudflare judged.
--
-- Parameters: $ray (16 hex digits in lower case), $since, $until (UTC, NULL is open)
-- Columns:    seen_at, user_id, EventType, EventSource, AuthenticationStatus, Host, batch_id,
--             line_number
select
    in_utc(event_time)   as seen_at,
    user_id,
    EventType,
    EventSource,
    AuthenticationStatus,
    Host,
    batch_id,
    line_number
from account_abuse_protection_events
where RayID in ($ray, upper($ray))
  and ($since::timestamp is null or event_time >= $since)
  and ($until::timestamp is null or event_time < $until)
order by seen_at, batch_id, line_number
