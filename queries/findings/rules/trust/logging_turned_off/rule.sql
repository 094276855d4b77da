-- An act on a Logpush job, by either of the audit logs; and hours of which Cloudflare counted requests, none
-- of anybody came, and people were active in each of the weeks before.
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
    select in_utc(hour) as hour
    from silence
    semi join empty_hours using (hour)
    where why = 'missing'
),
spells as (
    select
        instant_of(min(hour))                    as begins,
        instant_of(max(hour) + interval 1 hour)  as ends
    from (
        select *, hour - to_hours(row_number() over (order by hour)) as spell from dark
    )
    group by spell
),
-- From the last request before to the first one after.
silences as (
    select
        spells.begins,
        spells.ends,
        coalesce(max(acts.event_time) filter (acts.event_time < spells.begins), spells.begins) as dark_from,
        coalesce(min(acts.event_time) filter (acts.event_time >= spells.ends), spells.ends) as dark_to
    from spells left join acts on true
    group by spells.begins, spells.ends
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
        || ' UTC, hours in which people are usually active and of which Cloudflare counted requests.'
from silences
anti join switched_off
    on silences.begins <= act_at + to_minutes(rules.logging_turned_off_minutes())
    and silences.ends > act_at
where begins >= (select min(event_time) from acts where is_asked)
