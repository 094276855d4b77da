-- How many lines without an id of their own the given batches add to equal lines of other batches.
--
-- Of equal lines, as many as one batch holds are certain; the others are probable duplicates, by the
-- rule of store/compaction/deduplication.py. Counted is how many more of them there are because of
-- the given batches. The view is the dataset with its id as `record_id`, see archives/doubled_lines.py;
-- no dataset can have its name.
--
-- Parameters: $batches (a list of batch ids)
-- Columns:    the number
with period as (
    select
        min(event_time) as since,
        max(event_time) as until
    from "compared lines"
    where list_contains($batches, batch_id)
      and coalesce(record_id, '') in ('', '00')
),
by_batch as (
    select
        hash(*columns(lambda name: name not in (
            'batch_id', 'line_number', 'received_at', 'also_in', 'probable_duplicate', 'record_id'
        ))) as line,
        list_contains($batches, batch_id) as is_new,
        count(*) as times
    from "compared lines"
    where coalesce(record_id, '') in ('', '00')
      and (
          event_time is null
          or event_time between (select since from period) and (select until from period)
      )
    group by line, batch_id
),
counted as (
    select
        sum(times) - max(times) as after_import,
        coalesce(
            sum(times) filter (not is_new) - max(times) filter (not is_new), 0
        ) as before_import
    from by_batch
    group by line
)
select coalesce(sum(after_import - before_import), 0)::bigint from counted
