-- One person's downloads, the largest first and refused ones last, and the number of all.
--
-- The pieces of a resumed download are one download: its bytes are theirs, and `requests` counts them.
--
-- Parameters: $shown
-- Columns:    total, then the fields of acts.Act
with mine as (
    select *, folding_key(ray_id, batch_id, line_number) as key
    from person_requests
    where kind = 'download'
),
pieces as (
    select folded_into as key, count(*) as requests
    from mine
    where folded_by = 'resumed'
    group by folded_into
),
whole as (
    select mine.*, 1 + coalesce(pieces.requests, 0) as requests
    from mine left join pieces using (key)
    where mine.folded_into is null
)
select
    count(*) over ()                   as total,
    in_utc(event_time)                 as seen_at,
    if(is_refused, 'refused', null)    as why,
    user_id,
    identity,
    method, status, is_refused, total_bytes as size_bytes, direction, host, uri, content_type, requests, ip,
    country, ray_id, batch_id, line_number
from whole
order by
    is_refused, total_bytes desc nulls last, event_time nulls last, coalesce(nanoseconds, 0), ray_id,
    batch_id, line_number
limit $shown
