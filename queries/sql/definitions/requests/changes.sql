-- Every request that may have changed something (POST, PUT, PATCH, DELETE, ...), also refused ones.
--
-- Columns: those of requests
--
-- Example: select event_time, method, host, uri, status from changes where user_id = 'srhea'
create view changes as select * from requests where kind = 'change'
