-- Every answer that was delivered as a file, one row a request.
create view downloads as select * from requests where kind = 'download'
