-- A logout ends the sessions of one application, or of all if it is on the domain of the team, and a login
-- there begins new ones. It tells nothing of the sessions of other devices.
with ends as (
    select
        row_number() over ()                     as logout,
        user_id,
        event_time                               as logout_at,
        rules.network(ip)                        as network,
        host_name(split_part(coalesce(application, ''), '/', 1)) as host_key,
        nullif(app_uuid, '')                     as app_uuid
    from events
    where event = 'logout'
),
logouts as (
    select *, host_key = '' or ends_with(host_key, '.cloudflareaccess.com') as is_of_all from ends
),
begun_again as (
    select logout, min(events.event_time) as next_at
    from logouts
    join events
        on events.user_id = logouts.user_id
        and events.event_time > logout_at
        and (events.event = 'logout' or (events.event = 'login' and events.allowed))
    where is_of_all
       or coalesce(events.application, '') = ''
       or events.app_uuid = logouts.app_uuid
       or host_name(split_part(events.application, '/', 1)) = logouts.host_key
       or ends_with(host_name(split_part(events.application, '/', 1)), '.cloudflareaccess.com')
    group by logout
),
named as (
    from acts
    semi join logouts using (user_id)
    select user_id, event_time, ray_id, host_key, device, network, date, is_asked
    where identity = 'access'
),
-- What the person logged out with.
left_with as (
    select logouts.*, named.device, begun_again.next_at
    from logouts
    left join begun_again using (logout)
    asof left join named
        on named.user_id = logouts.user_id
        and named.network = logouts.network
        and named.event_time <= logouts.logout_at
),
later as (
    select
        left_with.logout, logout_at, named.*,
        named.network = left_with.network        as is_same_network,
        named.device = left_with.device          as is_same_device
    from left_with
    join named
        on named.user_id = left_with.user_id
        and named.event_time > logout_at + to_minutes(rules.after_logout_minutes())
        and named.event_time < coalesce(next_at, 'infinity'::timestamptz)
        and (is_of_all or named.host_key = left_with.host_key)
    where named.is_asked
      and (named.network = left_with.network or left_with.device is not null)
),
-- Devices and places with a session of their own: in use there on the day before, or known for long.
others as (
    select distinct later.logout, later.host_key, later.device, later.network
    from later
    join named
        on named.user_id = later.user_id
        and named.host_key = later.host_key
        and named.device = later.device
        and named.event_time between logout_at - rules.lookback() and logout_at
        and (named.network = later.network or not later.is_same_device)
    where not (later.is_same_device and later.is_same_network)
    union
    select distinct later.logout, later.host_key, later.device, later.network
    from later
    join habits
        on habits.kind = 'device'
        and habits.user_id = later.user_id
        and habits.value = left(later.device, 200)
        and habits.day < later.date
    where not later.is_same_device and not later.is_same_network
)
select
    user_id,
    min(event_time)                              as first_seen,
    max(event_time)                              as last_seen,
    list(ray_id order by event_time, ray_id)     as evidence,
    'access'                                     as identity,
    'The person logged out at ' || strftime(in_utc(logout_at), '%H:%M') || ' UTC, and '
        || count(*) || ' requests with this name passed Access after that without a login, the first at '
        || strftime(in_utc(min(event_time)), '%H:%M') || '.' as what
from later
anti join others using (logout, host_key, device, network)
group by user_id, logout, logout_at
