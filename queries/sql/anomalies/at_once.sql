-- Moments at which one person used two devices, or was in two countries, in turns: A, B, A, B.
--
-- Only requests that passed Access: elsewhere anybody can send the name. A device is a browser, because
-- programs of one computer have user agents of their own. Requests of one minute are taken together,
-- so that no request has to be sorted.
--
-- Parameters: $who, $since, $until, $access_hosts, $access_rules, $within (microseconds)
-- Columns:    kind, value, other, began_at, other_at, seen_at (of three requests: the first and the last
--             of `value`), began_ray_id, other_ray_id, ray_id
with minutes as (
    select
        coalesce(ClientRequestUserAgent, '')     as agent,
        upper(coalesce(ClientCountry, ''))       as country,
        date_trunc('minute', in_utc(event_time)) as minute,
        min(in_utc(event_time))                  as seen_at,
        min_by(RayID, event_time)                as ray_id
    from http_requests
    where list_contains($who::varchar[], user_id)
      and event_time is not null
      and ($since::timestamp is null or event_time >= $since)
      and ($until::timestamp is null or event_time < $until)
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
valued as (
    select 'two_devices_at_once' as kind, device_of(agent) as value, minute, seen_at, ray_id
    from minutes
    where starts_with(agent, 'Mozilla/')
    union all
    select 'two_countries_at_once', country, minute, seen_at, ray_id
    from minutes
    -- XX: Cloudflare does not know the country.
    where country not in ('', 'XX')
),
merged as (
    select kind, value, min(seen_at) as seen_at, min_by(ray_id, seen_at) as ray_id
    from valued
    group by kind, value, minute
),
changes as (
    select *, lag(value) over in_order as other
    from merged
    window in_order as (partition by kind order by seen_at, value)
    qualify value <> other
)
select
    kind,
    value,
    other,
    lag(seen_at, 2) over in_order as began_at,
    lag(seen_at) over in_order as other_at,
    seen_at,
    lag(ray_id, 2) over in_order as began_ray_id,
    lag(ray_id) over in_order as other_ray_id,
    ray_id
from changes
window in_order as (partition by kind order by seen_at, value)
qualify value = lag(value, 2) over in_order
    and epoch_us(seen_at) - epoch_us(began_at) <= $within
order by kind, seen_at
