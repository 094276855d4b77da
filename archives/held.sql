-- Which of the asked-for requests are in the store already, as pairs of one line and one row.
--
-- A Ray ID alone tells no request from another (Cloudflare says so), and the same request may be
-- held with other fields and coarser times. So two are the same where Ray ID and start agree, the
-- start by the coarser of both, and so does every other part that both tell.
--
-- Parameters: $since, $until (between these all starts are, seconds cut off)
-- Columns:    line, held (a hash of where the row came from), grain (nanoseconds; 1 is exact)
with wanted as (
    select
        line_number as line,
        RayID,
        start_of(EdgeStartTimestamp, EdgeStartTimestamp_ns) as started,
        ClientRequestMethod as method,
        lower(ClientRequestHost) as host,
        ClientRequestURI as uri,
        coalesce(ClientRequestPath, split_part(ClientRequestURI, '?', 1)) as path,
        ClientRequestSource as source
    from asked
    where RayID <> '' and EdgeStartTimestamp is not null
),
kept as (
    select
        hash(batch_id, line_number) as held,
        RayID,
        start_of(EdgeStartTimestamp, EdgeStartTimestamp_ns) as started,
        ClientRequestMethod as method,
        lower(ClientRequestHost) as host,
        ClientRequestURI as uri,
        coalesce(ClientRequestPath, split_part(ClientRequestURI, '?', 1)) as path,
        ClientRequestSource as source
    from http_requests
    where event_time >= $since
      and event_time <= $until
      and EdgeStartTimestamp is not null
      and RayID in (select RayID from wanted)
)
select
    wanted.line,
    kept.held,
    greatest(grain_of(wanted.started), grain_of(kept.started)) as grain
from wanted join kept using (RayID)
where wanted.started // greatest(grain_of(wanted.started), grain_of(kept.started))
        = kept.started // greatest(grain_of(wanted.started), grain_of(kept.started))
  and coalesce(wanted.method = kept.method, true)
  and coalesce(wanted.host = kept.host, true)
  and coalesce(wanted.uri = kept.uri, wanted.path = kept.path, true)
  and coalesce(wanted.source = kept.source, true)
order by grain, wanted.line, kept.held
