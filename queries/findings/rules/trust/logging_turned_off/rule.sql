-- An act on a Logpush job, by either of the audit logs; and hours in which nothing of anybody came, people were
-- active in the weeks before, and Cloudflare counted requests, people logged in, or people were active
-- as usual before and after.
with acts_on_jobs as (
    select
        event_time, user_id, AuditLogID as act_id, ResourceID as job,
        coalesce(nullif(ActionDescription, ''), ActionType, '') as told,
        coalesce(lower(ActionResult), 'success') in ('success', 'successful', 'true', '') as is_done,
        lower(coalesce(ActionType, '')) = 'delete'
            or regexp_matches(coalesce(ActionDescription, ''), '\b(disabl|delet|deactivat|remov)', 'i')
            or regexp_matches(coalesce(ResourceRequest::varchar, ''), '"enabled"\s*:\s*false') as is_off
    from audit_logs_v2
    where regexp_matches(concat_ws(' ', ResourceType, ResourceProduct), 'logpush', 'i')
      and is_within(event_time, date, asked_since, asked_until)
    union all
    select
        event_time, user_id, ID, ResourceID, coalesce(ActionType, ''),
        coalesce(ActionResult, true),
        regexp_matches(coalesce(ActionType, ''), '(disabl|delet|deactivat|remov)', 'i')
            or regexp_matches(coalesce(NewValue::varchar, ''), '"enabled"\s*:\s*false')
    from audit_logs
    where regexp_matches(concat_ws(' ', ResourceType, ActionType), 'logpush', 'i')
      and is_within(event_time, date, asked_since, asked_until)
),
switched_off as (
    select distinct event_time as act_at, user_id, coalesce(job, '') as job, told
    from acts_on_jobs
    where is_off and is_done and event_time is not null
),
dark as (
    select hour, usual_people, counted.hour is not null as is_counted
    from usual_hours
    semi join (select in_utc(hour) as hour from empty_hours) as empty using (hour)
    left join (select distinct in_utc(hour) as hour from silence where why = 'missing') as counted using (hour)
),
empty_spells as (
    select
        min(hour)                                as first_hour,
        max(hour)                                as last_hour,
        sum(usual_people)                        as usual_people,
        bool_and(is_counted)                     as is_counted
    from (
        select *, hour - to_hours(row_number() over (order by hour)) as spell from dark
    )
    group by spell
),
logins as (
    select date_trunc('hour', in_utc(event_time)) as hour, logged_as
    from events
    where event = 'login'
),
-- On a holiday nobody comes at all, and when the clocks change people come an hour later.
witnesses as (
    select first_hour, count(distinct logged_as) as logged_in
    from empty_spells left join logins on logins.hour between first_hour and last_hour
    group by first_hour
),
neighbours as (
    select
        first_hour,
        count(*) filter (usual_hours.hour < first_hour) as busy_before,
        count(*) filter (usual_hours.hour > last_hour)  as busy_after
    from empty_spells
    left join usual_hours
        on usual_hours.hour between first_hour - interval 2 hour and last_hour + interval 2 hour
        and usual_hours.usual_people >= rules.busy_people()
        and usual_hours.people * 2 >= usual_hours.usual_people
    group by first_hour, last_hour
),
spells as (
    select
        instant_of(first_hour)                       as begins,
        instant_of(last_hour + interval 1 hour)      as ends,
        is_counted,
        logged_in
    from empty_spells join witnesses using (first_hour) join neighbours using (first_hour)
    where is_counted
       or (
           usual_people >= rules.logging_turned_off_people()
           and (busy_before > 0 and busy_after > 0 or logged_in >= rules.logging_turned_off_logins())
       )
),
-- From the last request before to the first one after.
silences as (
    select
        spells.begins,
        spells.ends,
        spells.is_counted,
        spells.logged_in,
        coalesce(max(acts.event_time) filter (acts.event_time < spells.begins), spells.begins) as dark_from,
        coalesce(min(acts.event_time) filter (acts.event_time >= spells.ends), spells.ends) as dark_to
    from spells left join acts on true
    group by spells.begins, spells.ends, spells.is_counted, spells.logged_in
),
told as (
    select
        switched_off.user_id, act_at, job, told,
        max(silences.dark_to)                    as dark_to
    from switched_off
    left join silences
        on silences.begins <= act_at + to_minutes(rules.logging_turned_off_minutes())
        and silences.ends > act_at
    group by switched_off.user_id, act_at, job, told
)
select
    user_id,
    act_at                                       as first_seen,
    coalesce(dark_to, act_at)                    as last_seen,
    []::varchar[]                                as evidence,
    'access'                                     as identity,
    'The audit log of Cloudflare has for ' || strftime(in_utc(act_at), '%Y-%m-%d %H:%M') || ' UTC: ' || told
        || ' ' || job
        || coalesce(
            '. After that nothing of anybody came until ' || strftime(in_utc(dark_to), '%Y-%m-%d %H:%M'), ''
        ) || '.' as what
from told
union all
select
    null,
    dark_from,
    dark_to,
    [],
    'unconfirmed',
    'Nothing of anybody came from ' || strftime(in_utc(dark_from), '%Y-%m-%d %H:%M') || ' to '
        || strftime(in_utc(dark_to), '%Y-%m-%d %H:%M')
        || ' UTC, hours in which people are usually active'
        || case
            when is_counted then ' and of which Cloudflare counted requests'
            when logged_in > 0 then ' and in which ' || logged_in || ' people logged in'
            else ''
        end || '.'
from silences
anti join switched_off
    on silences.begins <= act_at + to_minutes(rules.logging_turned_off_minutes())
    and silences.ends > act_at
where begins >= (select min(event_time) from acts where is_asked)
