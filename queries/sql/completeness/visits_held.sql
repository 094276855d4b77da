-- Visitors' requests in the store, by zone and by the hour of their start. A row counts once, also
-- if repeated lines were folded into it.
--
-- side: within $edge of the hour's start ('first') or end ('last'), else 'middle'. Cloudflare may
-- count requests that near to an edge in the hour beside it.
--
-- Parameters: $since, $until, $edge (an interval as text)
-- Columns:    zone (lower case; NULL where its field was not selected), hour, side, requests
select
    lower(ZoneName)                as zone,
    date_trunc('hour', event_time) as hour,
    case
        when event_time < date_trunc('hour', event_time) + $edge::interval then 'first'
        when event_time >= date_trunc('hour', event_time) + interval '1 hour' - $edge::interval
            then 'last'
        else 'middle'
    end                            as side,
    count(*)                       as requests
from http_requests
where event_time >= $since::timestamp
  and event_time < $until::timestamp
  and coalesce(ClientRequestSource, '') in ('', 'eyeball')
group by all
order by all
