-- Exact counts over one person's requests in a period.
--
-- probable_duplicates: of equal requests without a Ray ID, as many as one batch holds are certain;
-- the others may be the same ones, sent again. The rule is that of store/compaction/deduplication.py.
--
-- Parameters: $who, $since, $until
-- Columns:    first_seen, last_seen, and the fields of model.Totals but `sessions`
with without_id as (
    select
        batch_id,
        hash(*columns(* exclude (
            batch_id, line_number, received_at, also_in, probable_duplicate
        ))) as request
    from http_requests
    where list_contains($who::varchar[], user_id)
      and ($since::timestamp is null or event_time >= $since)
      and ($until::timestamp is null or event_time < $until)
      and (RayID is null or RayID in ('', '00'))
),
by_batch as (
    select request, count(*) as times
    from without_id
    group by request, batch_id
),
repeats as (
    select sum(times) - max(times) as times
    from by_batch
    group by request
)
select
    in_utc(min(event_time))                  as first_seen,
    in_utc(max(event_time))                  as last_seen,
    count(*)                              as requests,
    (select coalesce(sum(times), 0)::bigint from repeats) as probable_duplicates,
    count(*) filter (kind = 'page')             as pages,
    count(distinct host_key)              as hosts,
    count(distinct ip)                    as addresses,
    coalesce(sum(bytes), 0)::hugeint      as bytes,
    coalesce(sum(bytes_received), 0)::hugeint as bytes_received,
    coalesce(sum(size_bytes) filter (kind = 'download' and not is_refused), 0)::hugeint
                                          as bytes_downloaded,
    count(*) filter (identity = 'access') as confirmed,
    in_utc(min(received_at))              as first_received,
    in_utc(max(received_at))              as last_received,
    count(*) filter (is_refused)          as refused,
    count(*) filter (event_time is null)  as requests_without_time
from person_requests
