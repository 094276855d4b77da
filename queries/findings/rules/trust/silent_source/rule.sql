-- By the people who were active on that day: how likely it is that none of them used the host, after the
-- share of their days on which they did. The last day of the records may not be whole yet.
with people_days as (
    select value as host_key, day, count(distinct user_id) as people
    from habits
    where kind = 'host'
    group by value, day
),
asked as (
    select distinct date as day from acts where is_asked and date < (select last_day from store_age)
),
-- Days on which the host was used one week before and two weeks before, and not then.
quiet as (
    select one.host_key, asked.day, (one.people + two.people) / 2.0 as people
    from asked
    join people_days as one on one.day = asked.day - 7
    join people_days as two on two.host_key = one.host_key and two.day = asked.day - 14
    anti join people_days as then_used
        on then_used.host_key = one.host_key and then_used.day = asked.day
),
spans as (
    select
        quiet.host_key,
        quiet.day,
        any_value(quiet.people)                  as people,
        count(distinct active.day)               as days
    from quiet
    join active
        on active.day < quiet.day and active.day >= quiet.day - 7 * rules.silent_source_weeks()
    group by quiet.host_key, quiet.day
    having count(distinct active.day) >= rules.silent_source_days()
),
-- Who was active on that day, and on how many days before.
present as (
    select spans.host_key, spans.day, spans.people, now_active.user_id, count(*) as days
    from spans
    join active as now_active on now_active.day = spans.day
    join active as before
        on before.user_id = now_active.user_id
        and (isodow(before.day) > 5) = (isodow(spans.day) > 5)
        and before.day < spans.day
        and before.day >= spans.day - 7 * rules.silent_source_weeks()
    group by all
),
used as (
    select present.host_key, present.day, present.user_id, count(*) as days
    from present
    join habits
        on habits.kind = 'host'
        and habits.value = present.host_key
        and habits.user_id = present.user_id
        and (isodow(habits.day) > 5) = (isodow(present.day) > 5)
        and habits.day < present.day
        and habits.day >= present.day - 7 * rules.silent_source_weeks()
    group by all
),
shares as (
    select
        present.host_key, present.day, present.people,
        -- Nobody is sure to come, and least of all after a few days.
        least(used.days / (present.days + 1.0), 0.9) as share
    from present join used using (host_key, day, user_id)
),
silent as (
    select
        host_key,
        day,
        sum(share)                               as expected,
        count(*)                                 as people
    from shares
    group by host_key, day
    having exp(sum(ln(1 - share))) * rules.silent_source_one_in() <= 1
       -- As many came on the same day of the week before: it is no day on which the host rests.
       and any_value(shares.people) * 2 >= sum(share)
),
spells as (
    select
        host_key,
        min(day)                                 as first_day,
        max(day)                                 as last_day,
        round(sum(expected))::bigint             as expected
    from (
        select *, day - row_number() over (partition by host_key order by day)::integer as spell
        from silent
    )
    group by host_key, spell
),
bounds as (
    select
        spells.host_key,
        spells.first_day,
        max(acts.event_time) filter (acts.date < spells.first_day) as last_before,
        min(acts.event_time) filter (acts.date > spells.last_day)  as first_after
    from spells join acts using (host_key)
    group by spells.host_key, spells.first_day
)
select
    null::varchar                                as user_id,
    coalesce(last_before, instant_of(spells.first_day::timestamp)) as first_seen,
    coalesce(first_after, instant_of(spells.last_day::timestamp + interval 1 day)) as last_seen,
    []::varchar[]                                as evidence,
    'unconfirmed'                                as identity,
    'No request with a name to ' || spells.host_key || ' was logged from '
        || strftime(in_utc(coalesce(last_before, instant_of(spells.first_day::timestamp))), '%Y-%m-%d %H:%M')
        || ' to '
        || strftime(in_utc(coalesce(first_after, instant_of(spells.last_day::timestamp + interval 1 day))), '%Y-%m-%d %H:%M')
        || ' UTC. Of the people who were active then, about ' || expected || ' use it on a usual day.' as what
from spells
left join bounds using (host_key, first_day)
