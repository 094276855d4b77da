-- The hosts that requests of anybody are logged for.
--
-- Parameters: $hosts (at most so many)
-- Columns:    host
select distinct host_name(ClientRequestHost) as host
from http_requests
where ClientRequestHost is not null
limit $hosts
