-- The records of `http_requests` that an id names: a Ray ID, or batch:line of a request without one.
create macro requests_with_id(id) as table
select * from http_requests where RayID = id and id not in ('', '00')
union all
select *
from http_requests
where contains(id, ':')
  and batch_id = split_part(id, ':', 1)
  and line_number = try_cast(split_part(id, ':', 2) as bigint)
