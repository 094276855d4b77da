-- The names of several people: the rows of names_of() for each name of a list, with that name as `asked`.
create macro names_among(whos) as table
with wanted as (
    select distinct name from (select unnest(whos::varchar[]) as name) where name <> ''
),
-- The rare letters of a held name are folded in the table, those of any other name are not.
keys as (
    select name as asked, spelling_of(name) as folded from wanted
    union
    select told.name, told.folded from shape.known_names as told semi join wanted using (name)
),
found as (
    select keys.asked, told.name, 1 as place, 'equal' as grade, null::varchar as evidence
    from shape.known_names as told join keys using (folded)
    union all
    select
        told.asked, told.name, case told.grade when 'setting' then 2 else 3 end, told.grade,
        told.evidence
    from shape.mapped_names as told
    join wanted on told.asked = wanted.name
),
-- As store/registers/identity/name_pair.py has it: the newest act of two names counts.
others as (
    select told.asked, told.name
    from (select distinct asked, name from found) as told
    join shape.name_acts as act
        on act.digest = name_pair_digest(act.salt, told.asked, told.name)
    group by told.asked, told.name
    having not arg_max(act.is_same, act.number)
)
select
    asked,
    name,
    min(place)                             as place,
    arg_min(grade, place)                  as grade,
    arg_min({told: evidence}, place).told  as evidence
from (
    select * from found anti join others using (asked, name)
    union all
    select name, name, 0, 'asked', null from wanted
)
group by asked, name
