-- One person's requests by host and path template, the most used first.
--
-- Parameters: $shown
-- Columns:    total, then the fields of model.Place
select
    count(*) over ()                                  as total,
    host_key                                          as host,
    path_template                                     as template,
    count(*)                                          as requests,
    count(*) filter (kind = 'page')                   as pages,
    count(*) filter (is_refused)                      as refused
from person_requests
where folded_into is null
group by host_key, path_template
order by requests desc, host nulls last, template nulls last
limit $shown
