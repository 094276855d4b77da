-- One person's rows of another dataset in a period.
--
-- Parameters: $view (the dataset, or the dataset without its damaged files), $who, $since, $until
-- Columns:    the fields of acts.OtherRows but `dataset` and `is_at_least`
select
    user_id,
    count(*)                as rows,
    in_utc(min(event_time)) as first_seen,
    in_utc(max(event_time)) as last_seen
from query_table($view)
where user_id in (select unnest($who::varchar[]))
  and ($since::timestamp is null or event_time >= $since)
  and ($until::timestamp is null or event_time < $until)
group by user_id
order by user_id
