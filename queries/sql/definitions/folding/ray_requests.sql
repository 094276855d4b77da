-- What resends_of() compares of each request with a Ray ID. A macro, and not a part of it: a file loses
-- the `not materialized` of a part that is used twice, and with it each condition on the user.
create macro ray_requests(who, everybody, since, until) as table
select user_id, RayID as ray_id, hash(RayID) as ray, batch_id, line_number, received_at, event_time,
    ClientRequestMethod, ClientRequestHost, ClientRequestURI, ClientIP
from http_requests_where(who, everybody, since, until)
where RayID <> '' and RayID <> '00'
