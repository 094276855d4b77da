-- XX is an unknown country and T1 is Tor. Where the person had this network and this data centre before,
-- it is the database of addresses that has moved, and not the person.
with first_days as (
    select user_id, kind, value, min(day) as day
    from habits
    where kind in ('country', 'asn', 'colo', 'device')
    group by user_id, kind, value
),
visitors as (
    select value, day, count(*) as people from first_days where kind = 'asn' group by value, day
),
seen as (
    select
        acts.*,
        upper(acts.country)                      as new_country,
        coalesce(networks.day = acts.date and devices.day = acts.date, false) as is_strange,
        coalesce(colos.day < acts.date, false)   as is_usual_colo,
        coalesce(devices.day < acts.date, false) as is_usual_device
    from acts
    join first_days as countries
        on countries.kind = 'country'
        and countries.user_id = acts.user_id
        and countries.value = upper(acts.country)
        and countries.day = acts.date
    left join first_days as networks
        on networks.kind = 'asn'
        and networks.user_id = acts.user_id
        and networks.value = acts.asn::varchar
    left join first_days as colos
        on colos.kind = 'colo'
        and colos.user_id = acts.user_id
        and colos.value = acts.colo
    left join first_days as devices
        on devices.kind = 'device'
        and devices.user_id = acts.user_id
        and devices.value = acts.device
    where is_asked
      and countries.value not in ('XX', 'T1')
      and coalesce(rules.tunnel(acts.asn), 'vpn') = 'vpn'
      and not (coalesce(networks.day < acts.date, false) and coalesce(colos.day < acts.date, false))
),
-- A VPN leaves the internet anywhere. One that nobody here used before, with a new browser, is no excuse.
known_vpns as (
    select seen.user_id, seen.asn, seen.date
    from seen left join visitors on visitors.value = seen.asn::varchar and visitors.day < seen.date
    where rules.tunnel(seen.asn) is not null
    group by seen.user_id, seen.asn, seen.date
    having not bool_and(is_strange) or count(visitors.day) > 0
),
-- Addresses that were in another country before, and the networks around them that moved along.
lands as (
    select user_id, network, asn, upper(country) as land, min(event_time) as first_at
    from acts
    group by all
),
relocated as (
    select distinct now_is.asn, now_is.land
    from lands as now_is
    join lands as was using (user_id, network)
    where was.land <> now_is.land and was.first_at < now_is.first_at
),
-- Others have the network in a country that the person was in before.
near_networks as (
    select distinct lands.asn, first_days.user_id, first_days.day
    from (select distinct asn, land from lands) as lands
    join first_days on first_days.kind = 'country' and first_days.value = lands.land
    semi join seen on seen.user_id = first_days.user_id and seen.asn = lands.asn
),
misplaced as (
    select distinct seen.user_id, seen.asn, seen.date
    from seen
    join near_networks
        on near_networks.user_id = seen.user_id
        and near_networks.asn = seen.asn
        and near_networks.day < seen.date
    where seen.is_usual_colo
),
-- Who works at an address with a browser of before.
guests as (
    select distinct acts.network, acts.date, acts.user_id
    from acts
    join first_days as devices
        on devices.kind = 'device'
        and devices.user_id = acts.user_id
        and devices.value = acts.device
        and devices.day < acts.date
    semi join seen on seen.network = acts.network
),
-- An office, a hotel, a fair: several people are there at the same time.
gatherings as (
    select seen.network, seen.date
    from (select distinct network, date from seen) as seen
    join guests
        on guests.network = seen.network
        and abs(guests.date - seen.date) <= rules.new_country_gathering_days()
    group by seen.network, seen.date
    having count(distinct guests.user_id) >= rules.new_country_gathering()
)
select
    user_id,
    min(event_time)                              as first_seen,
    max(event_time)                              as last_seen,
    list(ray_id order by event_time, ray_id)     as evidence,
    case when bool_and(identity = 'access') then 'access' else 'unconfirmed' end as identity,
    'For the first time a request came from the country ' || new_country
        || ': ' || count(*) || ' on ' || any_value(date) || ', from '
        || min_by(ip, event_time) || '.' as what
from seen
anti join known_vpns
    on known_vpns.user_id = seen.user_id and known_vpns.asn = seen.asn and known_vpns.date = seen.date
anti join relocated on relocated.asn = seen.asn and relocated.land = seen.new_country and is_usual_colo
anti join misplaced
    on misplaced.user_id = seen.user_id and misplaced.asn = seen.asn and misplaced.date = seen.date
anti join gatherings
    on gatherings.network = seen.network and gatherings.date = seen.date and is_usual_device
group by user_id, new_country
