-- Every page that was viewed, one row a view.
--
-- Columns: those of requests
--
-- Example: select host_key, path_template, count(*) from page_views where user_id = 'srhea' group by all
create view page_views as select * from requests where kind = 'page'
