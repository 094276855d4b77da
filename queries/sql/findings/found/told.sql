-- The findings as they are told: of the names that were asked for, with an id, the completeness of their
-- hours, and who acknowledged them.
with everything as (
    select *
    from (from found_by_all union all by name from found_at_last)
    where asked_names is null or list_contains(asked_names::varchar[], user_id)
),
verdicts as (
    -- The first evidence may be from before the period, such as the one of the two places of a travel.
    from rules.verdicts(asked_since - rules.lookback(), asked_until)
),
graded as (
    select
        left(sha256(concat_ws(chr(10), told.rule, told.user_id, coalesce(lower(told.evidence[1]), in_utc(told.first_seen)::varchar))), 16) as id,
        told.rule,
        any_value(told.title)                        as title,
        any_value(told.level)                        as level,
        told.user_id,
        told.first_seen                                as since,
        told.last_seen                                 as until,
        told.evidence,
        told.what,
        told.identity,
        case
            when count(*) filter (verdicts.state = 'partial') > 0 then 'incomplete'
            when count(*) filter (verdicts.state = 'complete')
                = date_diff('hour', in_utc(told.first_seen), in_utc(told.last_seen)) + 1 then 'complete'
            else 'unknown'
        end                                          as coverage
    from everything as told
    left join verdicts
        on verdicts.dataset = told.dataset
        and in_utc(verdicts.hour) >= date_trunc('hour', in_utc(told.first_seen))
        and verdicts.hour <= told.last_seen
    group by told.rule, told.user_id, told.first_seen, told.last_seen, told.evidence, told.what, told.identity
)
select
    graded.*,
    -- NULL where nobody has acknowledged the finding.
    case
        when told.id is not null then {'by': told.by, 'reason': told.reason, 'at': told.at}
    end                                          as acknowledged
from graded
left join shape.acknowledged_findings as told using (id)
