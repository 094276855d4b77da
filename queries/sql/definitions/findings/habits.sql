-- On which days which name had what, from rules.habit_days() before `until` on: one row for each name,
-- kind, value and UTC day.
--
-- The catalog has it of merged files, and the others are read. A day counts as a whole, also the last.
--
-- kind: country, asn, device, ja4, host, section, colo, hour (of the week in UTC, 0 is Monday from 0 to
-- 1), and active, whose value is ''.
create macro rules.habits(until) as table
with period as materialized (
    select
        (coalesce(until, shape.taken_at())::timestamp - rules.habit_days())::date      as first_day,
        (coalesce(until, shape.taken_at())::timestamp - to_microseconds(1))::date      as last_day
),
months as (
    select user_id, kind, value, month, bit_or(days) as days
    from (
        select user_id, kind, value, month, days from shape.user_facts
        union all
        select user_id, kind, value, month, days
        from rules.kept_habits(
            (coalesce(until, shape.taken_at())::timestamp - rules.habit_days())::date::timestamp,
            (coalesce(until, shape.taken_at())::timestamp - to_microseconds(1))::date::timestamp
                + interval 1 day
        )
    )
    where month between
        (select year(first_day) * 12 + month(first_day) - 1 from period)
        and (select year(last_day) * 12 + month(last_day) - 1 from period)
    group by user_id, kind, value, month
),
days as (
    select user_id, kind, value, make_date(month // 12, month % 12 + 1, bit + 1) as day
    from months
    cross join (select unnest(range(31))::integer as bit) as bits
    where ((days >> bit::uinteger) & 1) = 1
)
select
    user_id,
    kind,
    case kind when 'hour' then ((isodow(day) - 1) * 24 + value::integer)::varchar else value end as value,
    day
from days
where day between (select first_day from period) and (select last_day from period)
union all
select distinct user_id, 'active', '', day
from days
where kind = 'hour' and day between (select first_day from period) and (select last_day from period)
