-- Every request that may have changed something (POST, PUT, PATCH, DELETE, ...), also refused ones.
create view changes as select * from requests where kind = 'change'
