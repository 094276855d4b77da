-- How complete each hour of the two datasets that rules read is, over all jobs: complete, partial or
-- cannot_tell.
create macro rules.verdicts(since, until) as table
select
    dataset,
    hour,
    case
        when bool_or(state = 'partial') then 'partial'
        when bool_and(state = 'complete') then 'complete'
        else 'cannot_tell'
    end as state
from coverage
where dataset in ('http_requests', 'access_requests')
  and (since is null or hour >= instant_of(since) - interval 1 hour)
  and (until is null or hour < instant_of(until))
group by dataset, hour
