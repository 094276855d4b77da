-- How complete each hour of each Logpush job is, by Cloudflare's own counts: one row an hour and job.
--
-- Columns:
--   hour: The beginning of the hour.
--   dataset: The dataset of the job.
--   job: The id of the Logpush job.
--   state: complete, partial (records are missing) or cannot_tell.
--   missing: How many records are missing at least; NULL where the hour is not partial.
--   why: What a reader should know about it; empty for most complete hours.
--
-- Example: select * from coverage where state <> 'complete' order by hour
create view coverage as
select
    make_timestamptz(epoch_us(unnest(generate_series(
        in_utc(first_hour), in_utc(last_hour), interval 1 hour
    )))) as hour,
    dataset,
    job,
    state,
    missing,
    why
from shape.coverage_runs
