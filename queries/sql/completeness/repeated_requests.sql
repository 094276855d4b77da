-- How many requests of these batches another batch holds as well. A request is held by the batch of
-- its row and by the batches whose rows were folded into it.
--
-- Requests are the same under the conditions of store/compaction/deduplication.py; one without a
-- Ray ID is never counted. If only batches of the list hold it, it counts for all but the first.
--
-- Parameters: $batches (a list of batch ids), $since, $until
-- Columns:    batch_id, requests
with tellings as (
    select
        hash(
            RayID, event_time, ClientRequestMethod, ClientRequestHost, ClientRequestURI, ClientIP
        ) as request,
        unnest(
            list_prepend(
                batch_id,
                list_transform(
                    coalesce(from_json(also_in, '["VARCHAR"]'), []),
                    lambda place: split_part(place, ':', 1)
                )
            )
        ) as batch_id
    from http_requests
    where event_time >= $since::timestamp
      and event_time <= $until::timestamp
      and coalesce(RayID, '') not in ('', '00')
),
told as (
    select request, batch_id, count(*) as times, list_contains($batches, batch_id) as is_asked
    from tellings
    group by request, batch_id
),
placed as (
    select
        batch_id,
        times,
        is_asked,
        bool_or(not is_asked) over (partition by request) as is_elsewhere,
        row_number() over (partition by request order by is_asked desc, batch_id) as place
    from told
)
select batch_id, sum(times)::bigint as requests
from placed
where is_asked
  and (is_elsewhere or place > 1)
group by batch_id
order by batch_id
