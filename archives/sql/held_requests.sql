-- The requests of an answer that are already in the store, as pairs of a line and a row.
--
-- Ray IDs are not unique (Cloudflare documents this), and a request may be stored with other fields
-- and coarser times. So two requests are the same if their Ray IDs and starts agree, the starts at
-- the coarser precision of the two, and every other field that both have.
--
-- Parameters: $since, $until (all starts are between these, truncated to seconds)
-- Columns:    line, held (a hash of the row's batch and line), grain (nanoseconds; 1 is exact)
with asked as (
    select
        line_number as line,
        RayID,
        start_of(EdgeStartTimestamp, EdgeStartTimestamp_ns) as started,
        ClientRequestMethod as method,
        lower(ClientRequestHost) as host,
        ClientRequestURI as uri,
        coalesce(ClientRequestPath, split_part(ClientRequestURI, '?', 1)) as path,
        ClientRequestSource as source
    from answer
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
      and RayID in (select RayID from asked)
)
select
    asked.line,
    kept.held,
    greatest(grain_of(asked.started), grain_of(kept.started)) as grain
from asked join kept using (RayID)
where asked.started // greatest(grain_of(asked.started), grain_of(kept.started))
        = kept.started // greatest(grain_of(asked.started), grain_of(kept.started))
  and coalesce(asked.method = kept.method, true)
  and coalesce(asked.host = kept.host, true)
  and coalesce(asked.uri = kept.uri, asked.path = kept.path, true)
  and coalesce(asked.source = kept.source, true)
order by grain, asked.line, kept.held
