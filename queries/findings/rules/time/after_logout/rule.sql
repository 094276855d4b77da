with logouts as (
    select
        user_id,
        event,
        event_time                               as logout_at,
        rules.network(ip)                        as network,
        host_name(split_part(coalesce(application, ''), '/', 1)) as host_key,
        lead(event_time) over (partition by user_id order by event_time) as next_at
    from events
    where event = 'logout' or (event = 'login' and allowed)
)
select
    acts.user_id,
    min(acts.event_time)                         as first_seen,
    max(acts.event_time)                         as last_seen,
    list(acts.ray_id order by acts.event_time, acts.ray_id) as evidence,
    'access'                                     as identity,
    'The person logged out at ' || strftime(in_utc(logout_at), '%H:%M') || ' UTC, and '
        || count(*) || ' requests with this name passed Access after that without a login, the first at '
        || strftime(in_utc(min(acts.event_time)), '%H:%M') || '.' as what
from logouts
join acts
    on acts.user_id = logouts.user_id
    and acts.network = logouts.network
    and acts.event_time > logout_at + to_minutes(rules.after_logout_minutes())
    and acts.event_time < coalesce(next_at, 'infinity'::timestamptz)
where event = 'logout'
  and acts.is_asked
  and acts.identity = 'access'
  -- A logout on the domain of the team ends the sessions of all applications.
  and (
      logouts.host_key = ''
      or logouts.host_key = acts.host_key
      or ends_with(logouts.host_key, '.cloudflareaccess.com')
  )
group by acts.user_id, logout_at
