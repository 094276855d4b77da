-- Visitors' requests in the store, by zone and by the hour of their start. A row counts once, also
-- if repeated lines were folded into it.
--
-- side: within $edge of the hour's start ('first') or end ('last'), else 'middle'. Cloudflare may
-- count requests that near to an edge in the hour beside it.
--
-- Parameters: $since, $until, $edge (an interval as text)
-- Columns:    zone (lower case; NULL where its field was not selected), hour, side, requests
with held as (
    select lower(ZoneName) as zone, in_utc(event_time) as seen_at
    from http_requests
    where event_time >= $since::timestamp
      and event_time < $until::timestamp
      and coalesce(ClientRequestSource, '') in ('', 'eyeball')
)
select
    zone,
    date_trunc('hour', seen_at) as hour,
    case
        when seen_at < date_trunc('hour', seen_at) + $edge::interval then 'first'
        when seen_at >= date_trunc('hour', seen_at) + interval '1 hour' - $edge::interval
            then 'last'
        else 'middle'
    end                         as side,
    count(*)                    as requests
from held
group by all
order by all
