-- Every request of one person, oldest first; those without a time come last. The columns are those of
-- the view `requests`.
--
-- who: one name. Other names of the person count too, see names_of().
-- since, until: the period [since, until) as a text, DATE, TIMESTAMP or TIMESTAMPTZ, by default always;
--   what has no offset is UTC. '2026-11-21' as `until` means until the 20th ended.
--
-- Example: select event_time, host, uri from trail('srhea', since := '2026-11-20') where kind = 'page'
create macro trail(who, since := null, until := null) as table
from requests_where((select list(name) from names_of(who)), false, utc_moment(since), utc_moment(until))
order by event_time nulls last, coalesce(nanoseconds, 0), ray_id, batch_id, line_number
