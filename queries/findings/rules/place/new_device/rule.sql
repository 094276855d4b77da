-- A tool is the matter of tool_user_agent.
with first_days as (
    select user_id, kind, value, min(day) as day, max(day) as last_day
    from habits
    where kind in ('device', 'ja4')
    group by user_id, kind, value
),
fingerprints as (
    select value, count(*) as people
    from first_days
    where kind = 'ja4'
    group by value
),
-- A kiosk: several people have used it, each for a while, and no two of them in turns.
turns as (
    select
        network, device, user_id, date, event_time,
        lag(user_id) over by_time                as user_before
    from acts
    window by_time as (partition by network, device order by event_time, ray_id)
),
changes as (
    select
        *,
        lag(user_before) over by_time            as user_before_that,
        event_time - lag(event_time) over by_time as taken
    from turns
    where user_id is distinct from user_before
    window by_time as (partition by network, device order by event_time)
),
one_by_one as (
    select network, device
    from changes
    group by network, device
    having count(distinct user_id) >= rules.new_device_sharers()
       and count(distinct date) >= rules.new_device_shared_days()
       and count(*) filter (
           user_id = user_before_that and taken <= to_minutes(rules.new_device_shared_minutes())
       ) = 0
),
-- Or several people have used it at an address where each of them has another one too.
used_there as (
    select distinct user_id, network, device
    from acts
    where not is_program
),
second_ones as (
    select mine.network, mine.device
    from used_there as mine
    join used_there as other
        on other.user_id = mine.user_id
        and other.network = mine.network
        and other.device <> mine.device
    group by mine.network, mine.device
    having count(distinct mine.user_id) > rules.new_device_sharers()
),
shared as (
    from one_by_one
    union
    from second_ones
),
-- When the fingerprint of a device changes for good, it is an update.
last_fingerprints as (
    select user_id, device, ja4, max(event_time) as last_at
    from acts
    where ja4 <> ''
    group by user_id, device, ja4
),
-- Until when the other fingerprints of the same browser were seen.
usual as (
    select mine.user_id, mine.device, mine.ja4, max(other.last_at) as seen_until
    from last_fingerprints as mine
    join last_fingerprints as other
        on other.user_id = mine.user_id
        and other.device = mine.device
        and other.ja4 <> mine.ja4
        and left(other.ja4, 1) = left(mine.ja4, 1)
    group by mine.user_id, mine.device, mine.ja4
),
told as (
    select
        acts.*,
        coalesce(devices.day = acts.date, false) as is_device,
        coalesce(
            prints.day = acts.date
            and fingerprints.people < rules.new_device_others()
            and devices.day < acts.date
            and usual.seen_until > acts.event_time + interval 12 hour,
            false
        ) as is_fingerprint
    from acts
    left join first_days as devices
        on devices.kind = 'device'
        and devices.user_id = acts.user_id
        and devices.value = acts.device
    left join first_days as prints
        on prints.kind = 'ja4'
        and prints.user_id = acts.user_id
        and prints.value = acts.ja4
    left join fingerprints on fingerprints.value = acts.ja4
    left join usual
        on usual.user_id = acts.user_id and usual.device = acts.device and usual.ja4 = acts.ja4
    anti join shared on shared.network = acts.network and shared.device = acts.device
    where is_asked
      and not is_program
      and acts.device <> ''
      and (devices.day = acts.date or prints.day = acts.date)
)
select
    user_id,
    min(event_time)                              as first_seen,
    max(event_time)                              as last_seen,
    list(ray_id order by event_time, ray_id)     as evidence,
    case when bool_and(identity = 'access') then 'access' else 'unconfirmed' end as identity,
    case
        when bool_or(is_device) then 'For the first time requests came from ' || device
        else 'Requests came from ' || device
            || ' with a TLS fingerprint that hardly anybody here has, beside the usual one'
    end
        || ': ' || count(*) || ' on ' || date || ', from ' || min_by(ip, event_time) || '.' as what
from told
where is_device or is_fingerprint
group by user_id, device, date
