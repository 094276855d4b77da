-- The names under which the records of one person are found, each with why.
--
-- They are those of `raytrail trail`: the asked name, its other spellings, and the names that an
-- operator linked to it or that follow from logins, without those of which an operator said that they
-- are somebody else's. Never a name that belongs to another name only. docs/identity.md explains it.
--
-- who: one name; NULL has none.
-- name: as it is logged. grade: 'asked', 'equal', 'setting' or 'inferred'. evidence: in words.
--
-- Example: from names_of('srhea')
create macro names_of(who) as table
with asked as (
    select who::varchar as name where who::varchar <> ''
),
-- The rare letters of a held name are folded in the table, those of any other name are not.
keys as (
    select spelling_of(name) as folded from asked
    union
    select told.folded from shape.known_names as told semi join asked using (name)
),
found as (
    select name, 1 as place, 'equal' as grade, null::varchar as evidence
    from shape.known_names semi join keys using (folded)
    union all
    select told.name, case told.grade when 'setting' then 2 else 3 end, told.grade, told.evidence
    from shape.mapped_names as told
    join asked on told.asked = asked.name
),
-- As store/registers/identity/name_pair.py has it: the newest act of two names counts.
others as (
    select told.name
    from (select distinct asked.name as asked, found.name from asked, found) as told
    join shape.name_acts as act
        on act.digest = name_pair_digest(act.salt, told.asked, told.name)
    group by told.name
    having not arg_max(act.is_same, act.number)
)
select
    name,
    arg_min(grade, place)                  as grade,
    arg_min({told: evidence}, place).told  as evidence
from (
    select name, place, grade, evidence from found anti join others using (name)
    union all
    select name, 0, 'asked', null from asked
)
group by name
order by min(place), name
