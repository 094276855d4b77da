-- Every page that was viewed, one row a view.
create view page_views as select * from requests where kind = 'page'
