-- Hours in which logging was off.
select distinct hour
from coverage
where state = 'partial' and dataset in ('http_requests', 'access_requests')
union
from empty_hours
