-- A part of an application that nobody else uses is no news on a known host: somebody began a project.
with reads as (
    select
        user_id, event_time, date, ray_id, identity, host_key,
        left(section, 200)                       as section,
        case when kind in ('page', 'download') then uri end as page,
        case when kind in ('api', 'program') and contains(path_template, '{') then path end as item
    from acts
    where is_asked
      and (kind in ('page', 'download', 'api') or (kind = 'program' and is_program))
      and (status between 200 and 299 or status = 304)
      and coalesce(folded_by, '') not in ('resent', 'resumed', 'parent_ray')
),
visits as (
    select
        user_id, host_key, section, date,
        greatest(count(distinct page), count(distinct item)) as reads
    from reads
    semi join (
        from reads
        select user_id, host_key
        group by user_id, host_key
        having greatest(count(distinct page), count(distinct item)) >= rules.reads_unlike_peers_reads()
    ) as busy using (user_id, host_key)
    group by user_id, host_key, section, date
),
new_visits as (
    select visits.*
    from visits
    left join habits
        on habits.kind = 'section'
        and habits.user_id = visits.user_id
        and habits.value = visits.section
        and habits.day < visits.date
    group by all
    having count(distinct habits.day) < rules.reads_unlike_peers_known_days()
),
-- Whether so much is new at all, before people are compared.
busy_days as (
    select
        user_id, host_key, date,
        sum(sum(reads)) over (
            partition by user_id, host_key order by date
            range between interval 1 day preceding and current row
        )                                        as reads
    from new_visits
    group by user_id, host_key, date
),
asked_visits as (
    select new_visits.*
    from new_visits
    semi join busy_days
        on new_visits.user_id = busy_days.user_id
        and new_visits.host_key = busy_days.host_key
        and new_visits.date between busy_days.date - 1 and busy_days.date
        and busy_days.reads >= rules.reads_unlike_peers_reads()
),
asked_hosts as (
    select distinct user_id, host_key, date from asked_visits
),
-- The hosts that people use: a single visit makes nobody alike.
profiles as (
    select dates.date, habits.user_id, habits.value as host
    from (select distinct date from asked_hosts) as dates
    join habits
        on habits.kind = 'host'
        and habits.day between dates.date - rules.reads_unlike_peers_days() and dates.date - 1
    group by dates.date, habits.user_id, habits.value
    having count(distinct habits.day) >= rules.reads_unlike_peers_known_days()
),
-- To use a host that the person does not know makes others less alike.
alike as (
    select
        asked.user_id, asked.host_key, asked.date, theirs.user_id as peer,
        count(own.host)                          as shared,
        count(*)                                 as theirs_count
    from asked_hosts as asked
    join profiles as theirs
        on theirs.date = asked.date
        and theirs.user_id <> asked.user_id
    left join profiles as known
        on known.date = asked.date
        and known.user_id = asked.user_id
        and known.host = asked.host_key
    left join profiles as own
        on own.date = asked.date
        and own.user_id = asked.user_id
        and own.host = theirs.host
    where theirs.host <> asked.host_key or known.host is null
    group by asked.user_id, asked.host_key, asked.date, theirs.user_id
    having count(own.host) > 0 or bool_or(theirs.host <> asked.host_key)
),
own_counts as (
    select asked.user_id, asked.host_key, asked.date, count(*) as hosts
    from asked_hosts as asked
    join profiles as own
        on own.date = asked.date and own.user_id = asked.user_id and own.host <> asked.host_key
    group by asked.user_id, asked.host_key, asked.date
),
peers as (
    select *
    from (
        select
            alike.user_id, alike.host_key, alike.date, peer,
            rank() over (
                partition by alike.user_id, alike.host_key, alike.date
                order by shared / (coalesce(hosts, 0) + theirs_count - shared) desc
            ) as place
        from alike
        left join own_counts
            on own_counts.user_id = alike.user_id
            and own_counts.host_key = alike.host_key
            and own_counts.date = alike.date
    )
    where place <= rules.reads_unlike_peers_peers()
),
peer_counts as (
    select user_id, host_key, date, count(*) as people
    from peers
    group by user_id, host_key, date
),
host_use as (
    select peers.user_id, peers.host_key, peers.date, count(distinct peer) as users
    from peers
    join habits
        on habits.kind = 'host'
        and habits.user_id = peers.peer
        and habits.value = peers.host_key
        and habits.day between peers.date - rules.reads_unlike_peers_days()
            and peers.date + rules.reads_unlike_peers_late_days()
    group by peers.user_id, peers.host_key, peers.date
),
section_use as (
    select
        asked.user_id, asked.section, asked.date,
        count(distinct habits.user_id) filter (habits.day < asked.date) as others,
        count(distinct habits.user_id)           as everybody,
        count(distinct peers.peer)               as users
    from asked_visits as asked
    join habits
        on habits.kind = 'section'
        and habits.value = asked.section
        and habits.user_id <> asked.user_id
        and habits.day between asked.date - rules.reads_unlike_peers_days()
            and asked.date + rules.reads_unlike_peers_late_days()
    left join peers
        on peers.user_id = asked.user_id
        and peers.host_key = asked.host_key
        and peers.date = asked.date
        and peers.peer = habits.user_id
    group by asked.user_id, asked.section, asked.date
),
company as (
    select dates.date, count(distinct active.user_id) as people
    from (select distinct date from asked_hosts) as dates
    join active
        on active.day between dates.date - rules.reads_unlike_peers_days()
            and dates.date + rules.reads_unlike_peers_late_days()
    group by dates.date
),
own_host_days as (
    select asked.user_id, asked.host_key, asked.date, count(distinct habits.day) as days
    from asked_hosts as asked
    join habits
        on habits.kind = 'host'
        and habits.user_id = asked.user_id
        and habits.value = asked.host_key
        and habits.day < asked.date
    group by asked.user_id, asked.host_key, asked.date
),
-- One person beside oneself is no custom, however few people are compared.
strange as (
    select
        asked.*,
        coalesce(own_host_days.days, 0) < rules.reads_unlike_peers_known_days() as is_new_host,
        coalesce(host_use.users, 0)
            > greatest(1, peer_counts.people * rules.reads_unlike_peers_peer_percent() / 100) as is_host_of_peers,
        coalesce(section_use.others, 0)          as others
    from asked_visits as asked
    join peer_counts using (user_id, host_key, date)
    join company using (date)
    left join host_use using (user_id, host_key, date)
    left join own_host_days using (user_id, host_key, date)
    left join section_use
        on section_use.user_id = asked.user_id
        and section_use.section = asked.section
        and section_use.date = asked.date
    where coalesce(section_use.users, 0)
        <= greatest(1, peer_counts.people * rules.reads_unlike_peers_peer_percent() / 100)
      and coalesce(section_use.everybody, 0) * 100
        < company.people * rules.reads_unlike_peers_crowd_percent()
),
strange_days as (
    select
        user_id, host_key, date,
        sum(sum(reads)) over near                as reads,
        bool_and(bool_and(is_new_host and not is_host_of_peers)) over near as is_strange_host,
        max(max(others)) over near               as others
    from strange
    group by user_id, host_key, date
    window near as (
        partition by user_id, host_key order by date
        range between interval 1 day preceding and current row
    )
),
told_days as (
    select
        *,
        date - row_number() over (partition by user_id, host_key order by date)::integer as island
    from strange_days
    where reads >= rules.reads_unlike_peers_reads()
      and (is_strange_host or others >= 2)
),
told as (
    select
        user_id, host_key, island,
        min(date) - 1                            as first_day,
        max(date)                                as last_day,
        max(reads)                               as reads
    from told_days
    group by user_id, host_key, island
)
select
    told.user_id,
    min(event_time)                              as first_seen,
    max(event_time)                              as last_seen,
    list(ray_id order by event_time, ray_id)     as evidence,
    case when bool_and(identity = 'access') then 'access' else 'unconfirmed' end as identity,
    any_value(told.reads) || ' different pages of ' || told.host_key || ' were read, in parts of it'
        || ' that the person hardly used before: '
        || array_to_string(list_sort(list_distinct(list(reads.section)))[1:4], ', ')
        || '. The people who use the same applications do not read them.' as what
from told
join reads
    on reads.user_id = told.user_id
    and reads.host_key = told.host_key
    and reads.date between told.first_day and told.last_day
semi join strange
    on strange.user_id = reads.user_id
    and strange.section = reads.section
    and strange.date = reads.date
group by told.user_id, told.host_key, told.island
