-- Nothing is claimed of hours of which not everything is known, nor of names or hosts without requests.
with logins as (
    select
        batch_id, line_number, user_id, logged_as, event_time, date, ray_id, ip, is_asked,
        application, place_host(application)     as host_key
    from events
    where event = 'login' and coalesce(allowed, true) and application <> ''
),
hosts as (
    select distinct value as host_key from habits where kind = 'host'
),
judged_hosts as (
    select distinct logins.host_key
    from (select distinct host_key from logins) as logins
    join hosts
        on dots_in(hosts.host_key) = dots_in(logins.host_key)
        and hosts.host_key like like_text(logins.host_key) escape '\'
),
newest as (
    select max(event_time) as newest_at from acts
),
followed as (
    select
        logins.batch_id,
        logins.line_number,
        bool_or(coalesce(
            next_acts.event_time <= logins.event_time + to_minutes(rules.login_without_requests_minutes()),
            false
        ))                                       as is_used
    from logins
    asof left join (select user_id, event_time from acts) as next_acts
        on logins.user_id = next_acts.user_id
        -- The clocks that stamp a login and a request may differ.
        and logins.event_time - interval 1 minute <= next_acts.event_time
    group by logins.batch_id, logins.line_number
),
names as (
    select
        batch_id, line_number,
        -- The name that the person's requests have.
        max_by(logins.user_id, (days.days, logins.user_id = logged_as, logins.user_id)) as user_id
    from logins
    join (select user_id, count(*) as days from active group by user_id) as days using (user_id)
    group by batch_id, line_number
),
told as (
    select logins.* exclude (user_id), names.user_id, is_used
    from logins
    join followed using (batch_id, line_number)
    join names using (batch_id, line_number)
    semi join judged_hosts using (host_key)
    where logins.user_id = logged_as
),
-- Requests to this host may not be logged at all, or not with names.
unlogged as (
    select host_key
    from told
    group by host_key
    having count(distinct logged_as) filter (not is_used) >= rules.login_without_requests_others()
       and count(*) filter (not is_used) * 100 >= count(*) * rules.login_without_requests_percent()
),
-- Or not at that time: between two requests to it, several people logged in, and nobody came.
unused as (
    select told.*, before.event_time as before_at
    from told
    asof left join (select host_key, event_time from acts) as before
        on told.host_key = before.host_key and told.event_time >= before.event_time
    where not is_used
),
silent as (
    select host_key, before_at
    from unused
    group by host_key, before_at
    having count(distinct logged_as) >= rules.login_without_requests_others()
)
select
    user_id,
    min(event_time)                              as first_seen,
    max(event_time)                              as last_seen,
    list(ray_id order by event_time, ray_id)     as evidence,
    'access'                                     as identity,
    'Access let the person in to ' || min_by(application, event_time) || ' at '
        || strftime(in_utc(min(event_time)), '%H:%M') || ' UTC, from ' || min_by(ip, event_time)
        || ', and no request to any host followed within '
        || rules.login_without_requests_minutes() || ' minutes.' as what
from unused
join newest on unused.event_time + to_minutes(rules.login_without_requests_minutes()) <= newest_at
anti join unlogged using (host_key)
anti join silent
    on silent.host_key = unused.host_key and silent.before_at is not distinct from unused.before_at
anti join silence
    on silence.hour > unused.event_time - interval 1 hour
    and silence.hour <= unused.event_time + to_minutes(rules.login_without_requests_minutes())
where is_asked
group by user_id, date
