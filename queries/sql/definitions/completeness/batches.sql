-- Every batch that was received, one row each, as the ledger has it.
--
-- An answer takes a second for each 100,000 batches. If a line of the ledger is missing or
-- damaged, it is an error and not a shorter answer.
--
-- Columns:
--   batch_id: The SHA-256 of its body, which each of its rows has in batch_id.
--   dataset: The dataset of its rows.
--   sent_as: The name that its sender gave, where that got no table.
--   received_at: When it arrived.
--   bytes: The size of its body, as it was sent.
--   inflated_bytes: Its size without compression; NULL where that could not be read.
--   state: waiting (for the loader), loaded, or unread (kept, but it could not be read).
--   reason: Why it is unread.
--   rows: How many rows it became.
--   rejected: How many of its lines are no record; they are in the view rejected.
--   loaded_at: When it was loaded, or decoded again.
--   is_fetched: Whether Raytrail fetched it itself, from an archive or from Cloudflare's API.
--   is_recovered: Whether it was found after a crash, so that its sender may have sent it again.
--   entry: The number of its entry in the ledger.
--
-- Example: select dataset, count(*), sum(rows), sum(rejected) from batches group by dataset
create view batches as
with entries as (
    select
        sequence,
        kind,
        recorded_at,
        payload->>'into' as moved_to,
        -- The first versions loaded one batch at a time, and wrote no list.
        case
            when kind in ('batch', 'unread') then [payload]
            when kind in ('loaded', 'replayed', 'reassigned')
            then coalesce(
                case when json_type(payload, '$.batches') = 'ARRAY' then (payload->'$.batches[*]') end,
                [payload]
            )
            else []
        end as told
    from shape.ledger
),
-- At least one row for each entry, so that all can be counted.
acts as (
    select
        sequence,
        kind,
        recorded_at,
        moved_to,
        unnest(case when len(told) = 0 then [null] else told end) as told,
        unnest(range(greatest(len(told), 1)))                     as place
    from entries
),
changes as (
    select
        sequence,
        recorded_at,
        kind = 'batch'                                            as is_entered,
        place = 0                                                 as is_first,
        case when kind in ('replayed', 'reassigned') then told->'after' else told end as told,
        case kind when 'batch' then told->>'dataset' else moved_to end as dataset,
        case kind when 'unread' then 'unread' when 'batch' then null else 'loaded' end as state,
        case
            when kind = 'batch' then sequence
            when kind not in ('replayed', 'reassigned') or (told->'after') is not null
            then (told->>'batch')::bigint
        end                                                       as entry
    from acts
),
folded as (
    select
        entry,
        count(*) filter (is_first)                                as entries,
        any_value(told) filter (is_entered)                       as told,
        arg_max(dataset, sequence)                                as dataset,
        arg_max(state, sequence)                                  as changed_to,
        arg_max(told->>'reason', sequence) filter (state = 'unread') as set_aside,
        arg_max((told->>'rows')::bigint, sequence)                as rows,
        arg_max((told->>'rejected_lines')::bigint, sequence)      as rejected,
        max(recorded_at) filter (state = 'loaded')                as loaded_at
    from changes
    group by entry
),
counted as (
    select *, sum(entries) over () as all_entries from folded
)
select
    told->>'batch_id'                                             as batch_id,
    dataset,
    told->>'sent_as'                                              as sent_as,
    (told->>'received_at')::timestamptz                           as received_at,
    (told->>'body_bytes')::bigint                                 as bytes,
    (told->>'inflated_bytes')::bigint                             as inflated_bytes,
    coalesce(
        changed_to, case when (told->>'reason') is null then 'waiting' else 'unread' end
    )                                                             as state,
    case
        when coalesce(changed_to, 'unread') = 'unread' then coalesce(set_aside, told->>'reason')
    end                                                           as reason,
    rows,
    rejected,
    loaded_at::timestamptz                                        as loaded_at,
    coalesce((told->>'is_fetched')::boolean, false)               as is_fetched,
    coalesce((told->>'recovered')::boolean, false)                as is_recovered,
    entry
from counted
where told is not null
  and case
      when all_entries = shape.sequence() then true
      else error('ledger/ is not whole: run `raytrail fsck`')
  end
