-- 401 asks for a login, and a challenge for a proof that there is a person: neither refuses a person.
-- Who opened the path within a day before has the right to it; two refusals tell only of one never opened. Of pages of one kind that are tried one after
-- the other, one refusal of each is enough. Where a host refuses everybody, it is out of order.
with told as (
    select
        user_id, event_time, ray_id, identity, acts.host_key, path, path_template, is_asked, kind,
        outages.host_key is not null as is_out_of_order,
        status = 403 and is_refused
            and not regexp_matches(coalesce(security_action, ''), 'challenge', 'i') as is_closed,
        (status between 200 and 299 or status = 304) and is_let_through as is_open
    from acts
    left join outages
        on outages.host_key = acts.host_key
        and outages.half_hour = floor(epoch(acts.event_time) / 1800)::bigint
    where kind not in ('asset', 'prefetch')
      and (kind <> 'program' or is_program)
      and path is not null
      and coalesce(folded_by, '') not in ('resent', 'resumed', 'parent_ray')
),
tried as (
    select
        * exclude (is_closed),
        is_closed and not is_out_of_order        as is_closed,
        count(distinct path) filter (is_closed and not is_out_of_order and kind <> 'api') over (
            partition by user_id, host_key, path_template order by event_time
            range between to_minutes(rules.refused_then_allowed_minutes()) preceding
                and to_minutes(rules.refused_then_allowed_minutes()) following
        )                                        as tried_paths
    from told
    where is_closed or is_open
),
paths as (
    select user_id, host_key, path
    from tried
    group by user_id, host_key, path
    having bool_or(is_open and is_asked)
       and (
           count(*) filter (is_closed) >= rules.refused_then_allowed_pages()
           or max(tried_paths) filter (is_closed) >= rules.refused_then_allowed_refusals()
       )
),
marked as (
    select
        tried.*,
        max(event_time) filter (is_open) over (
            partition by user_id, host_key, path order by event_time
            rows between unbounded preceding and 1 preceding
        )                                        as opened_at
    from tried
    semi join paths using (user_id, host_key, path)
),
-- The refusals before the first success after them.
refusals as (
    select
        allowed.user_id, allowed.host_key, allowed.path,
        allowed.event_time                       as allowed_at,
        allowed.opened_at is null                as is_first,
        refused.event_time, refused.ray_id, refused.identity, refused.kind, refused.tried_paths,
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
            bool_and(kind <> 'api' and is_first)
            and count(*) >= rules.refused_then_allowed_pages()
            and min(pause) <= to_minutes(rules.refused_then_allowed_minutes())
        )
        or (
            bool_and(kind <> 'api')
            and max(tried_paths) >= rules.refused_then_allowed_refusals()
        )
)
select
    cases.user_id,
    cases.first_seen,
    max(marked.event_time)                       as last_seen,
    any_value(cases.evidence[1:10])
        || list(marked.ray_id order by marked.event_time, marked.ray_id)[1:10] as evidence,
    case when bool_and(is_access and identity = 'access') then 'access' else 'unconfirmed' end as identity,
    any_value(closed) || case when any_value(closed) = 1 then ' request for ' else ' requests for ' end || cases.host_key || cases.path
        || case when any_value(closed) = 1 then ' was' else ' were' end || ' refused, and from ' || strftime(in_utc(allowed_at), '%H:%M') || ' UTC on it was opened.' as what
from cases
join marked using (user_id, host_key, path)
where marked.is_open
  and marked.event_time >= allowed_at
  and marked.event_time <= allowed_at + to_minutes(rules.refused_then_allowed_minutes())
group by cases.user_id, cases.host_key, cases.path, cases.allowed_at, cases.first_seen
