-- One person's changes, the most telling first, and the number of all.
--
-- In this order: deletions; changes of rights, secrets and sharing, told by words in the path;
-- other changes that were refused; all others, those that sent the most bytes first. Within the
-- first three the oldest first.
--
-- Parameters: $shown
-- Columns:    total, then the fields of acts.Act
with mine as (
    select
        *,
        case
            when method = 'DELETE' or regexp_matches(
                path, '(^|[/_.-])(delete|destroy|remove|purge|erase|wipe)([/_.-]|$)', 'i'
            ) then 'deletes'
            when regexp_matches(
                uri,
                '(token|secret|password|passwd|credential|api_?key|ssh_?key|deploy_?key|permission'
                || '|privilege|role|member|impersonat|visibility|share|sharing|invit|grant|acl'
                || '|admin|2fa|mfa|webhook|oauth|sudo)', 'i'
            ) then 'access'
            when is_refused then 'refused'
        end as why
    from person_requests
    where kind = 'change' and folded_into is null
)
select
    count(*) over ()                   as total,
    in_utc(event_time)                 as seen_at,
    why,
    user_id,
    identity,
    method, status, is_refused, size_bytes, direction, host, uri, content_type, 1 as requests, ip,
    country, ray_id, batch_id, line_number
from mine
order by
    case why when 'deletes' then 1 when 'access' then 2 when 'refused' then 3 else 4 end,
    case when why is null then size_bytes end desc nulls last,
    event_time nulls last, coalesce(nanoseconds, 0), ray_id, batch_id, line_number
limit $shown
