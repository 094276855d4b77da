-- The last successful login of a person to the application of one request, at its time or before.
--
-- An application covers its path and everything below it.
--
-- Parameters: $users (the names of the person), $host (a host_name), $path, $seen_at (UTC)
-- Columns:    the fields of records.Login, in their order
with candidates as (
    select
        *,
        host_name(split_part(application, '/', 1))                   as application_host,
        rtrim(regexp_replace(application, '^[^/]*', ''), '/')        as application_path
    from logins_under($users::varchar[], null::timestamp, null::timestamp)
    where event = 'login'
      and allowed
      and event_time <= $seen_at::timestamp
)
select
    in_utc(event_time)   as seen_at,
    user_id,
    event,
    allowed,
    application,
    connection,
    ip,
    country,
    ray_id,
    source,
    batch_id,
    line_number
from candidates
where application_host = $host
  and (
      application_path = ''
      or $path = application_path
      or starts_with($path, application_path || '/')
  )
order by seen_at desc, batch_id, line_number
limit 1
