-- What the rules found, of the relation `told`.
--
-- Columns:    the fields of findings.question.Finding; times in UTC
select
    id,
    rule,
    title,
    level,
    user_id,
    in_utc(since)                                as since,
    in_utc("until")                              as until,
    evidence,
    what,
    identity,
    coverage,
    acknowledged.by                              as acknowledged_by,
    acknowledged.reason                          as acknowledged_reason,
    in_utc(acknowledged.at)                      as acknowledged_at
from told
order by since, rule, user_id
