-- For each login name, the request names that begin where and when it logs in, weighed by address.
--
-- A login by a name at an address for an application is followed by that person's first requests to
-- the application from there. A request name agrees with a login if it begins there, after a silence,
-- within the window. It speaks against the pair if it is not there at all. Amid a visit a login says
-- nothing: the session of somebody ended there.
-- The weight of a login is the logarithm of how much likelier its outcome is for the right name than
-- for another name at that address. docs/identity.md explains the numbers.
--
-- Parameters: access_hosts, access_rules (see identity_of); window, skew, pause (microseconds);
--             names_at_once: slots in which more names begin are left out
-- Columns:    login_name, request_name, address, crowd, weight, agreeing, against, first_us, last_us
with
visits as materialized (
    from protected_visits($access_hosts, $access_rules, $pause)
),
all_logins as materialized (
    select
        folded_name(user_id)                                   as login_name,
        address_block(ip)                                      as address,
        application,
        epoch_us(event_time)                                   as at_us,
        max(user_id)                                           as spelling
    from logins
    where event = 'login' and allowed and user_id <> '' and ip <> '' and event_time is not null
    group by all
),
-- Where the login name itself is on the requests, its logins need no other explanation, and nowhere
-- if that is so for half of them.
own_places as materialized (
    select distinct folded as login_name, application from visits
),
explained as (
    select login_name
    from all_logins left join own_places using (login_name, application)
    group by login_name
    having count(own_places.application) >= 0.5 * count(*)
),
-- A login to what nobody visits that day, as the log shows it, is no evidence.
logged_days as (
    select distinct application, unnest([first_us // 86400000000, last_us // 86400000000]) as day
    from visits
),
usable as materialized (
    select all_logins.*
    from all_logins
        semi join logged_days
            on all_logins.application = logged_days.application
            and at_us // 86400000000 = day
        anti join own_places using (login_name, application)
        anti join explained using (login_name)
),
-- What works around the clock is no person, and begins after everybody's logins too.
tireless as (
    select folded
    from (
        select folded, unnest(range(first_us // 3600000000, last_us // 3600000000 + 1)) as hour
        from visits
    )
    group by folded
    having count(distinct hour) > 20 * count(distinct hour // 24)
),
-- A request name that is a login name too is nobody else's, nor is a mail address like theirs: its
-- logins may be lost.
begins as materialized (
    select folded, address, application, first_us, first_us // $window as slot
    from visits
    where folded not in (select login_name from all_logins)
      and (
          not contains(folded, '@')
          or split_part(folded, '@', 2) not in (select split_part(login_name, '@', 2) from all_logins)
      )
      and folded not in (from tireless)
),
crowded as (
    select address, application, slot
    from begins
    group by all
    having count(distinct folded) > $names_at_once
),
slotted as (
    select
        *, unnest(range((at_us - $skew) // $window, (at_us + $window) // $window + 1)) as slot
    from usable
),
followed as materialized (
    select login_name, folded, address, application, at_us, min(first_us - at_us) as lag_us
    from slotted
        anti join crowded using (address, application, slot)
        join begins using (address, application, slot)
    where first_us between at_us - $skew and at_us + $window
    group by all
),
-- At one address, two agreeing logins and a quarter of all; the rest is chance.
candidates as materialized (
    select distinct login_name, folded
    from (
        select login_name, folded, address, count(*) as agreeing from followed group by all
    ) join (
        select login_name, address, count(*) as all_of_them from usable group by all
    ) using (login_name, address)
    where agreeing >= greatest(2, 0.25 * all_of_them)
),
crowds as (
    select address, greatest(count(distinct folded), count(distinct login_name)) as crowd
    from (
        select address, folded, null as login_name from visits
        union all
        select address, null, login_name from all_logins
    )
    group by address
),
faced as materialized (
    select login_name, folded, address, application, at_us, lag_us, crowd
    from candidates
        join usable using (login_name)
        join crowds using (address)
        left join followed using (login_name, folded, address, application, at_us)
),
visit_days as (
    select *, unnest(range(first_us // 86400000000, last_us // 86400000000 + 1)) as day
    from visits
),
amid as materialized (
    select distinct login_name, folded, address, application, at_us
    from faced join visit_days using (folded, address, application)
    where lag_us is null
      and day = at_us // 86400000000
      and at_us - $skew > first_us and at_us - $skew <= last_us
),
-- `rate` is how often another name begins there: with the crowd up to 3 in an hour, since people
-- have their hours in common. The first number is how often the right name does.
weighed as (
    select
        faced.*,
        least(3.0, 0.5 * crowd) / 3600e6                       as rate,
        case
            when lag_us <= 60e6 then ln(0.4 / (rate * (60e6 + $skew)))
            when lag_us <= 180e6 then ln(0.25 / (rate * 120e6))
            when lag_us is not null then ln(0.15 / (rate * ($window - 180e6)))
            when amid.at_us is not null then 0
            else -1.5
        end                                                    as weight,
        lag_us is null and amid.at_us is null                  as is_against
    from faced left join amid using (login_name, folded, address, application, at_us)
),
-- Logins within one window are one arrival, and count once with their mean weight.
spaced as (
    select *, at_us - lag(at_us) over (
        partition by login_name, folded order by at_us, application, address
    )                                                          as since_last
    from weighed
),
arrivals as (
    select *, count(*) filter (since_last is null or since_last > $window) over (
        partition by login_name, folded order by at_us, application, address
    )                                                          as arrival
    from spaced
),
weighed_arrivals as (
    select
        login_name,
        folded,
        address,
        any_value(crowd)                                       as crowd,
        avg(weight)                                            as weight,
        count(lag_us) > 0                                      as is_agreeing,
        bool_or(is_against) and count(lag_us) = 0              as is_against,
        min(at_us)                                             as first_us,
        max(at_us)                                             as last_us
    from arrivals
    group by login_name, folded, address, arrival
),
login_spellings as (
    select login_name, max_by(spelling, at_us) as told_login from all_logins group by login_name
),
request_spellings as (
    select folded, max_by(spelling, last_us) as told_request from visits group by folded
)
select
    told_login                                                 as login_name,
    told_request                                               as request_name,
    address,
    any_value(crowd)                                           as crowd,
    sum(weight)                                                as weight,
    count(*) filter (is_agreeing)                              as agreeing,
    count(*) filter (is_against)                               as against,
    min(first_us) filter (is_agreeing)                         as first_us,
    max(last_us) filter (is_agreeing)                          as last_us
from weighed_arrivals
    join login_spellings using (login_name)
    join request_spellings using (folded)
group by told_login, told_request, address
order by all
