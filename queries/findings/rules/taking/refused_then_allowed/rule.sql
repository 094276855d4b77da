-- 401 asks for a login, and a challenge for a proof that there is a person: neither refuses a person.
-- Who opened the path within a day before has the right to it.
with told as (
    select
        user_id, event_time, ray_id, identity, host_key, path, is_asked, kind,
        status = 403 and is_refused
            and not regexp_matches(coalesce(security_action, ''), 'challenge', 'i') as is_closed,
        (status between 200 and 299 or status = 304) and is_let_through as is_open
    from acts
    where kind not in ('asset', 'prefetch')
      and (kind <> 'program' or is_program)
      and path is not null
      and coalesce(folded_by, '') not in ('resent', 'resumed', 'parent_ray')
),
paths as (
    select user_id, host_key, path
    from told
    where is_closed or is_open
    group by user_id, host_key, path
    having count(*) filter (is_closed) >= rules.refused_then_allowed_pages()
       and bool_or(is_open and is_asked)
),
marked as (
    select
        told.*,
        max(event_time) filter (is_open) over (
            partition by user_id, host_key, path order by event_time
            rows between unbounded preceding and 1 preceding
        )                                        as opened_at
    from told
    semi join paths using (user_id, host_key, path)
    where is_closed or is_open
),
-- The refusals before the first success after them.
refusals as (
    select
        allowed.user_id, allowed.host_key, allowed.path,
        allowed.event_time                       as allowed_at,
        refused.event_time, refused.ray_id, refused.identity, refused.kind,
        refused.event_time - lag(refused.event_time) over (
            partition by allowed.user_id, allowed.host_key, allowed.path, allowed.event_time
            order by refused.event_time
        )                                        as pause
    from marked as allowed
    join marked as refused using (user_id, host_key, path)
    where allowed.is_open
      and allowed.is_asked
      and coalesce(
          allowed.opened_at < allowed.event_time - to_hours(rules.refused_then_allowed_hours()), true
      )
      and refused.is_closed
      and refused.event_time < allowed.event_time
      and refused.event_time >= allowed.event_time - to_hours(rules.refused_then_allowed_hours())
),
cases as (
    select
        user_id, host_key, path, allowed_at,
        min(event_time)                          as first_seen,
        count(*)                                 as closed,
        list(ray_id order by event_time, ray_id) as evidence,
        bool_and(identity = 'access')            as is_access
    from refusals
    group by user_id, host_key, path, allowed_at
    having count(*) >= rules.refused_then_allowed_refusals()
        or (
            bool_and(kind <> 'api')
            and count(*) >= rules.refused_then_allowed_pages()
            and min(pause) <= to_minutes(rules.refused_then_allowed_minutes())
        )
)
select
    cases.user_id,
    cases.first_seen,
    max(marked.event_time)                       as last_seen,
    any_value(cases.evidence[1:10])
        || list(marked.ray_id order by marked.event_time, marked.ray_id)[1:10] as evidence,
    case when bool_and(is_access and identity = 'access') then 'access' else 'unconfirmed' end as identity,
    any_value(closed) || ' requests for ' || cases.host_key || cases.path
        || ' were refused, and from ' || strftime(in_utc(allowed_at), '%H:%M') || ' UTC on it was opened.' as what
from cases
join marked using (user_id, host_key, path)
where marked.is_open
  and marked.event_time >= allowed_at
  and marked.event_time <= allowed_at + to_minutes(rules.refused_then_allowed_minutes())
group by cases.user_id, cases.host_key, cases.path, cases.allowed_at, cases.first_seen
