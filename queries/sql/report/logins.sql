-- One person's logins that Access logged: the newest $shown, oldest first, and the number of all.
--
-- Parameters: $who, $since, $until, $shown
-- Columns:    total, refused (of all of them), then the fields of model.Login
with newest as (
    select
        count(*) over ()                         as total,
        count(*) filter (not allowed) over ()    as refused,
        in_utc(event_time)                          as seen_at,
        action,
        allowed,
        application,
        connection,
        ip,
        country,
        ray_id,
        batch_id,
        line_number
    from sign_ins
    where list_contains($who::varchar[], user_id)
      and ($since::timestamp is null or event_time >= $since)
      and ($until::timestamp is null or event_time < $until)
    order by seen_at desc nulls first, ray_id desc, batch_id desc, line_number desc
    limit $shown
)
select * from newest order by seen_at nulls last, ray_id, batch_id, line_number
