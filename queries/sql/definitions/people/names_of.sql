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
select name, grade, evidence
from names_among([who])
order by place, name
