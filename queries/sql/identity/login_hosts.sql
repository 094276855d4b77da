-- The hosts with requests under an application that somebody logged in to.
--
-- Parameters: none
-- Columns:    host
select distinct host_name(host) as host from login_places() order by host
