-- Exact counts over one user's requests in a period.
--
-- Parameters: $user, $since, $until
-- Columns:    first_seen, last_seen, and the fields of model.Totals but `sessions`
select
    in_utc(min(event_time))                  as first_seen,
    in_utc(max(event_time))                  as last_seen,
    count(*)                              as requests,
    count(*) filter (is_page)             as pages,
    count(distinct host_key)              as hosts,
    count(distinct ip)                    as addresses,
    coalesce(sum(bytes), 0)::hugeint      as bytes,
    count(*) filter (is_refused)          as refused,
    count(*) filter (event_time is null)  as requests_without_time
from visits_of($user, $since::timestamp, $until::timestamp)
