-- How much each user downloaded on which day in [asked_since, asked_until), two TIMESTAMP in UTC, by the
-- requests of files that the catalog has no facts of. The compactor asks it of a file without a period.
--
-- Each URL counts once a day, also in pieces; a request that was received twice counts once.
--
-- Columns: user_id, day (counted from 1970-01-01), files, bytes
create macro rules.kept_takings(asked_since, asked_until) as table
with taken as (
    select
        user_id,
        date,
        host_key || coalesce(uri, '')                             as url,
        id,
        max(bytes)                                                as bytes
    from rules.requests_without_facts(null::varchar[], true, asked_since, asked_until)
    where kind = 'download' and user_id is not null and event_time is not null and date is not null
    group by user_id, date, url, id
)
select
    user_id,
    (date - date '1970-01-01')::integer                           as day,
    count(distinct url)                                           as files,
    least(coalesce(sum(bytes), 0), 9223372036854775807)::bigint   as bytes
from taken
group by user_id, date
