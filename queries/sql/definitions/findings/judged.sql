-- What the rules find in the period [asked_since, asked_until), two TIMESTAMP in UTC, for these names;
-- NULL stands for everybody. Rules see everybody in both cases: they compare people. queries/findings/composition.py puts the rules into it.
--
-- The parameters have names that no column has: a parameter hides a column. Below here no column is
-- called since or until: DuckDB confuses them with the parameters of findings().
create macro rules.judged(asked_since, asked_until, asked_names) as table
with acts as materialized (
    select *, asked_since is null or event_time >= instant_of(asked_since) as is_asked
    from rules.acts(asked_since - rules.lookback(), asked_until)
),
-- The Access events of the time in which a session may have begun.
sign_ins as materialized (
    from rules.events(asked_since - rules.login_lookback(), asked_until)
),
events as materialized (
    select *, asked_since is null or event_time >= instant_of(asked_since) as is_asked
    from sign_ins
    where asked_since is null or event_time >= instant_of(asked_since - rules.lookback())
),
habits as materialized (from rules.habits(asked_until)),
takings as materialized (from rules.takings(asked_until)),
silence as materialized (
    from rules.silence(asked_since - rules.lookback(), asked_until)
),
active as materialized (
    select user_id, day from habits where kind = 'active'
),
store_age as materialized (
    select min(day) as first_day, max(day) as last_day from active
),
-- Hours, over all days of habits, in which nothing of anybody came although people were active in this hour
-- of the weeks before, and of which nobody knows that this is all.
empty_hours as materialized (
    select instant_of(hour) as hour
    from (
        select
            hour,
            people,
            avg(people) over weeks_before        as usual_people,
            count(*) over weeks_before           as weeks
        from (
            select unnest(generate_series(
                first_day::timestamp, last_day::timestamp + interval 23 hour, interval 1 hour
            )) as hour
            from store_age
        )
        left join (
            select day + to_hours(value::integer % 24) as hour, count(*) as people
            from habits
            where kind = 'hour'
            group by all
        ) using (hour)
        window weeks_before as (
            partition by isodow(hour), hour(hour) order by hour
            rows between 4 preceding and 1 preceding
        )
    )
    anti join (
        select in_utc(hour) as hour
        from coverage
        where dataset = 'http_requests'
        group by hour
        having bool_and(state = 'complete')
    ) as complete using (hour)
    where people is null and weeks >= 2 and usual_people >= rules.busy_people()
),
-- Hours in which logging was off.
lost_hours as materialized (
    select distinct hour
    from coverage
    where state = 'partial' and dataset in ('http_requests', 'access_requests')
    union
    from empty_hours
),
-- Half hours in which a host refused many of the people who used it: something was out of order.
outages as materialized (
    select host_key, half_hour
    from (
        select host_key, user_id, unnest([half_hour - 1, half_hour, half_hour + 1]) as half_hour, refusals
        from (
            select
                host_key, user_id, floor(epoch(event_time) / 1800)::bigint as half_hour,
                count(*) filter (is_refused and kind not in ('asset', 'prefetch')) as refusals
            from acts
            semi join (select distinct host_key from acts where is_refused) as refusing using (host_key)
            group by all
        )
    )
    group by host_key, half_hour
    having count(distinct user_id) filter (refusals >= 2) >= rules.outage_people()
       and count(distinct user_id) filter (refusals >= 2) * 3 >= count(distinct user_id)
),
found_alone as (
    select
        ''::varchar as rule, ''::varchar as title, ''::varchar as level, ''::varchar as room,
        ''::varchar as dataset, false as is_compared, ''::varchar as user_id,
        now()::timestamptz as first_seen, now()::timestamptz as last_seen, []::varchar[] as evidence,
        ''::varchar as identity, ''::varchar as what
    where false
),
-- A rule that compares with habits finds nothing while they are being learned.
found as materialized (
    select told.*
    from found_alone as told
    where not is_compared
       or (
           in_utc(told.first_seen)::date - (select first_day from store_age) >= rules.learning_store_days()
           and (
               select count(*) from active
               where active.user_id = told.user_id and active.day < in_utc(told.first_seen)::date
           ) >= rules.learning_active_days()
       )
),
found_together as (
    from found where false
),
found_by_all as materialized (
    from found
    union all
    select told.*
    from found_together as told
    where not is_compared
       or (
           in_utc(told.first_seen)::date - (select first_day from store_age) >= rules.learning_store_days()
           and (
               select count(*) from active
               where active.user_id = told.user_id and active.day < in_utc(told.first_seen)::date
           ) >= rules.learning_active_days()
       )
),
found_at_last as (
    from found_by_all where false
),
everything as (
    select *
    from (from found_by_all union all by name from found_at_last)
    where asked_names is null or list_contains(asked_names::varchar[], user_id)
),
verdicts as (
    from rules.verdicts(asked_since, asked_until)
),
graded as (
    select
        left(sha256(concat_ws(chr(10), told.rule, told.user_id, coalesce(lower(told.evidence[1]), told.first_seen::varchar))), 16) as id,
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
