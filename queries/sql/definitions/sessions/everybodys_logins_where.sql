-- The Access events of session_logins_where(), for everybody also under each person to whom the name
-- belongs, by the rule of names_of(): as another spelling, or because the two names are mapped.
create macro everybodys_logins_where(who, everybody, since, until) as table
with logged as materialized (
    from session_logins_where(who, everybody, since, until)
),
logged_names as (
    select name, coalesce(told.folded, spelling_of(name)) as folded
    from (select distinct user_id as name from logged where everybody and user_id <> '')
    left join shape.known_names as told using (name)
),
pairs as (
    select told.name as person, logged_names.name
    from logged_names join shape.known_names as told using (folded)
    where told.name <> logged_names.name
    union
    select asked, name from shape.mapped_names semi join logged_names using (name)
),
others as (
    select pairs.person, pairs.name
    from pairs
    join shape.name_acts as act on act.digest = name_pair_digest(act.salt, pairs.person, pairs.name)
    group by pairs.person, pairs.name
    having not arg_max(act.is_same, act.number)
)
from logged
union all
select pairs.person, logged.* exclude (person)
from logged
join (from pairs anti join others using (person, name)) as pairs on pairs.name = logged.user_id
