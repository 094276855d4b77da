-- Which requests were received again in another batch, by the conditions of
-- store/compaction/deduplication.py: of the batches that hold a request, the one that holds it most
-- often, and then the one received first, is kept. One without a Ray ID or a user is never in the list.
--
-- The parameters are those of requests_where(). Columns: user_id, batch_id, line_number, ray_id
create macro resends_of(who, everybody, since, until) as table
-- Numbers are compared, as nearly no Ray ID is in two batches.
with several as (
    select user_id, ray
    from ray_requests(who, everybody, since, until)
    group by user_id, ray
    having min(hash(batch_id)) <> max(hash(batch_id))
),
alike as (
    select
        user_id, ray_id, batch_id, line_number, received_at,
        hash(
            ray_id, event_time, ClientRequestMethod, ClientRequestHost, ClientRequestURI, ClientIP
        ) as request
    from ray_requests(who, everybody, since, until) join several using (user_id, ray)
),
counted as (
    select *, count(*) over (partition by user_id, request, batch_id) as times from alike
),
compared as (
    select
        *,
        first_value(batch_id) over (
            partition by user_id, request order by times desc, received_at, batch_id
        ) as kept
    from counted
)
select user_id, batch_id, line_number, ray_id
from compared
where batch_id <> kept
