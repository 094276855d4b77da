-- One person's refused requests: the newest $shown, oldest first, and the number of all.
--
-- Parameters: $shown
-- Columns:    total, then the fields of model.Refusal
with newest as (
    select
        count(*) over () as total,
        in_utc(event_time) as seen_at, method, host, uri, status, security_action, ip, country, ray_id,
        batch_id, line_number
    from person_requests
    where is_refused
    order by seen_at desc nulls first, ray_id desc, batch_id desc, line_number desc
    limit $shown
)
select * from newest order by seen_at nulls last, ray_id, batch_id, line_number
