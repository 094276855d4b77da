-- Every answer that was delivered as a file, one row a request.
--
-- Columns: those of requests
--
-- Example: from downloads where user_id = 'srhea' order by total_bytes desc limit 20
create view downloads as select * from requests where kind = 'download'
