with first_days as (
    select user_id, kind, value, min(day) as day, list_sort(list(day)) as days
    from habits
    where kind in ('asn', 'device', 'ja4')
    group by user_id, kind, value
),
-- Who has a network or a fingerprint often, or came to the network with a browser, or to the
-- fingerprint in a network, that this person had before: several people who do neither are victims.
at_home as (
    select kind, value, user_id, null::date as day
    from first_days
    where kind in ('asn', 'ja4') and len(days) >= rules.session_changed_hands_often_days()
    union
    select 'asn', networks.value, networks.user_id, networks.day
    from first_days as networks
    join acts
        on networks.kind = 'asn'
        and acts.user_id = networks.user_id
        and acts.asn::varchar = networks.value
        and acts.date = networks.day
    join first_days as devices
        on devices.kind = 'device'
        and devices.user_id = acts.user_id
        and devices.value = acts.device
        and devices.day < acts.date
    union
    select 'ja4', prints.value, prints.user_id, prints.day
    from first_days as prints
    join acts
        on prints.kind = 'ja4'
        and acts.user_id = prints.user_id
        and acts.ja4 = prints.value
        and acts.date = prints.day
    join first_days as networks
        on networks.kind = 'asn'
        and networks.user_id = acts.user_id
        and networks.value = acts.asn::varchar
        and networks.day < acts.date
),
common as (
    select news.kind, news.value, news.day
    from (select distinct kind, value, day from first_days where kind in ('asn', 'ja4')) as news
    join at_home
        on at_home.kind = news.kind
        and at_home.value = news.value
        and coalesce(abs(at_home.day - news.day), 0) <= rules.session_changed_hands_others_days()
    group by news.kind, news.value, news.day
    having count(distinct at_home.user_id) >= rules.session_changed_hands_others()
),
hands as (
    select
        acts.user_id, acts.device, acts.network, acts.asn, acts.date,
        list_distinct(list(acts.ja4))            as prints,
        min(acts.event_time)                     as hand_from,
        max(acts.event_time)                     as hand_to,
        list(ray_id order by event_time, ray_id) as evidence,
        min_by(ip, event_time)                   as ip,
        count(*)                                 as requests,
        bool_and(identity = 'access')            as is_access
    from acts
    join first_days as networks
        on networks.kind = 'asn'
        and networks.user_id = acts.user_id
        and networks.value = acts.asn::varchar
        and networks.day = acts.date
    left join first_days as devices
        on devices.kind = 'device'
        and devices.user_id = acts.user_id
        and devices.value = acts.device
        and devices.day = acts.date
    left join first_days as prints
        on prints.kind = 'ja4'
        and prints.user_id = acts.user_id
        and prints.value = acts.ja4
        and prints.day = acts.date
    left join common as common_prints
        on common_prints.kind = 'ja4'
        and common_prints.value = acts.ja4
        and common_prints.day = acts.date
    anti join common
        on common.kind = 'asn' and common.value = acts.asn::varchar and common.day = acts.date
    where is_asked
      and coalesce(rules.tunnel(acts.asn), 'vpn') = 'vpn'
      and acts.folded_by is distinct from 'resent'
      and (devices.day is not null or (prints.day is not null and common_prints.value is null))
    group by acts.user_id, acts.device, acts.network, acts.asn, acts.date
),
-- What the person used before on that day, from another network.
owners as (
    select
        hands.user_id, hands.device, hands.network, hands.asn, hands.date,
        max_by(acts.device, acts.event_time)     as own_device,
        max_by(acts.asn, acts.event_time)        as own_asn,
        max_by(acts.ray_id, acts.event_time)     as own_ray,
        max(acts.event_time)                     as own_time
    from hands
    join acts
        on acts.user_id = hands.user_id
        and acts.asn <> hands.asn
        and acts.event_time < hands.hand_from
        and acts.event_time >= hands.hand_from - to_minutes(rules.session_changed_hands_minutes())
        and not acts.is_program
    group by hands.user_id, hands.device, hands.network, hands.asn, hands.date
),
-- The new browser was in another network before, where it is the matter of that.
carried as (
    select distinct hands.user_id, hands.device, hands.network, hands.asn, hands.date
    from hands
    join acts
        on acts.user_id = hands.user_id
        and acts.device = hands.device
        and acts.asn <> hands.asn
        and acts.event_time < hands.hand_from
        and (acts.ja4 is null or list_contains(hands.prints, acts.ja4))
),
logged_in as (
    select distinct hands.user_id, hands.device, hands.network, hands.asn, hands.date
    from hands
    join events
        on events.user_id = hands.user_id
        and events.event = 'login'
        and rules.network(events.ip) = hands.network
        and events.event_time <= hands.hand_to
        and events.event_time >= hands.hand_from - to_hours(rules.session_changed_hands_hours())
)
select
    user_id,
    min(hand_from)                               as first_seen,
    max(hand_to)                                 as last_seen,
    flatten(list(evidence order by hand_from))   as evidence,
    case when bool_and(is_access) then 'access' else 'unconfirmed' end as identity,
    'After ' || min_by(own_device, hand_from) || ' in the network AS' || min_by(own_asn, hand_from)
        || ', ' || min_by(device, hand_from) || ' in AS' || asn || ' sent ' || sum(requests)
        || ' requests under the same name without a login, from ' || min_by(ip, hand_from) || '.' as what
from hands
join owners using (user_id, device, network, asn, date)
anti join carried using (user_id, device, network, asn, date)
anti join logged_in using (user_id, device, network, asn, date)
where user_id in (select user_id from active group by user_id having count(*) >= 2)
group by user_id, asn, date
