-- Every request, one row each, with the column names that all questions use. A condition on the user
-- is applied before the requests are compared with one another.
create view requests as
select * from requests_under(null::varchar[], null::timestamp, null::timestamp)
