-- What security rules did with one request, oldest first; and the events that name it as the request
-- which was challenged, between $near_since and $near_until (NULL: none of these).
--
-- Parameters: $ray (16 hex digits in lower case), $since, $until (UTC, NULL is open),
--             $near_since, $near_until, $shown
-- Columns:    total (of all), then the fields of records.FirewallEvent, in their order
with found as (
    select *, false as is_later
    from firewall_events
    where RayID in ($ray, upper($ray))
      and ($since::timestamp is null or event_time >= $since)
      and ($until::timestamp is null or event_time < $until)
    union all
    select *, true
    from firewall_events
    where OriginatorRayID in ($ray, upper($ray))
      and RayID not in ($ray, upper($ray))
      and event_time >= $near_since::timestamp
      and event_time < $near_until::timestamp
)
select
    count(*) over ()       as total,
    in_utc(event_time)     as seen_at,
    Action                 as action,
    Source                 as source,
    RuleID                 as rule,
    Description            as rule_text,
    ClientRequestHost      as host,
    ClientRequestPath || case
        when coalesce(ClientRequestQuery, '') = '' then ''
        when starts_with(ClientRequestQuery, '?') then ClientRequestQuery
        else '?' || ClientRequestQuery
    end                    as uri,
    EdgeResponseStatus     as status,
    OriginResponseStatus   as origin_status,
    ClientIP               as ip,
    ClientCountry          as country,
    RayID                  as ray_id,
    is_later,
    batch_id,
    line_number
from found
order by seen_at, MatchIndex, batch_id, line_number
limit $shown
