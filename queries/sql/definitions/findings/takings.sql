-- How much which name downloaded on which UTC day, for the days of rules.habits(): files (each URL
-- counts once a day, also in pieces) and their bytes.
--
-- The catalog has it of merged files, and the others are read. Of a day in several files, such as one
-- with late records, each of them counts a URL, until they are merged.
create macro rules.takings(until) as table
select user_id, date '1970-01-01' + day as day, sum(files)::bigint as files, sum(bytes)::bigint as bytes
from (
    select user_id, day, files, bytes from shape.user_takings
    union all
    select user_id, day, files, bytes
    from rules.kept_takings(
        (coalesce(until, shape.taken_at())::timestamp - rules.habit_days())::date::timestamp,
        (coalesce(until, shape.taken_at())::timestamp - to_microseconds(1))::date::timestamp
            + interval 1 day
    )
)
where day between
    (coalesce(until, shape.taken_at())::timestamp - rules.habit_days())::date - date '1970-01-01'
    and (coalesce(until, shape.taken_at())::timestamp - to_microseconds(1))::date - date '1970-01-01'
group by user_id, day
