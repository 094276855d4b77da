-- What Access itself logged about one user: the newest $shown, oldest first, and how many.
--
-- Parameters: $user, $since, $until, $shown
-- Columns:    total, refused (of all of them), then findings.Login's fields
with newest as (
    select
        count(*) over ()                         as total,
        count(*) filter (not Allowed) over ()    as refused,
        event_time                               as seen_at,
        Action                                   as action,
        Allowed                                  as allowed,
        AppDomain                                as application,
        Connection                               as connection,
        IPAddress                                as ip,
        Country                                  as country,
        RayID                                    as ray_id,
        batch_id,
        line_number
    from access_requests
    where user_id = $user
      and ($since::timestamp is null or event_time >= $since)
      and ($until::timestamp is null or event_time < $until)
    order by seen_at desc nulls first, ray_id desc, batch_id desc, line_number desc
    limit $shown
)
select * from newest order by seen_at nulls last, ray_id, batch_id, line_number
