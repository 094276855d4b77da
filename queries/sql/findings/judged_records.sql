-- What the rules find in a period.
--
-- Parameters: $who (a list of names; NULL: everybody), $since, $until (TIMESTAMP in UTC; NULL: open)
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
from rules.judged($since::timestamp, $until::timestamp, $who::varchar[])
order by since, rule, user_id
