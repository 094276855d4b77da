-- What stands out in the records of a period, one row a finding: computed from the records each time,
-- so that late ones count by themselves.
--
-- since, until: the period [since, until) as in trail(); what has no offset is UTC.
-- who: one name, by default everybody; other names of the person count too, see names_of().
-- docs/findings.md explains each rule. rule, title, level: which one it is, and how grave. evidence: the
-- Ray IDs, at most 20, the oldest first. what: one sentence. identity: access if Access itself wrote
-- the name on all of the evidence. coverage: whether the records of these hours are complete.
-- acknowledged: by, reason and at (an instant), where somebody ran `raytrail findings acknowledge`.
--
-- Example: select since, user_id, rule, what from findings('2026-11-01') order by since
create macro findings(since := null, until := null, who := null) as table
from rules.judged(
    utc_moment(since),
    utc_moment(until),
    -- An empty name is nobody's, and not everybody's.
    (select case when who is not null then coalesce(list(name), []) end from names_of(who))
) as told
order by told.since, told.rule, told.user_id
