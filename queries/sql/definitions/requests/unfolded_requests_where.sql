-- What one record alone tells of each request; requests_where() says which of them belong together.
--
-- The parameters are those of requests_where(). Columns beside those of `requests`: id (the Ray ID, or
-- batch:line without one), is_child (a Worker's or Cloudflare's own request), role (see folds_of()).
--
-- is_refused: status 401 or 403, or a rule blocked or challenged the request. A redirect to the
-- Access login is not a refusal: every visit begins with one.
create macro unfolded_requests_where(who, everybody, since, until) as table
with logged as (
    select
        event_time,
        date,
        case event_time
            when EdgeStartTimestamp then EdgeStartTimestamp_ns
            when EdgeEndTimestamp then EdgeEndTimestamp_ns
        end                                               as nanoseconds,
        user_id,
        user_source,
        ClientRequestMethod                               as method,
        upper(coalesce(ClientRequestMethod, ''))          as verb,
        ClientRequestHost                                 as host,
        coalesce(ClientRequestURI, ClientRequestPath)     as uri,
        coalesce(ClientRequestPath, split_part(ClientRequestURI, '?', 1)) as path,
        EdgeResponseStatus                                as status,
        ClientIP                                          as ip,
        ClientCountry                                     as country,
        ClientCity                                        as city,
        try_cast(ClientLatitude as double)                as latitude,
        try_cast(ClientLongitude as double)               as longitude,
        ClientASN                                         as asn,
        ClientIPClass                                     as ip_class,
        EdgeColoCode                                      as colo,
        JA4                                               as ja4,
        ClientXRequestedWith                              as requested_with,
        ClientRequestUserAgent                            as user_agent,
        ClientRequestReferer                              as referer,
        EdgeResponseContentType                           as logged_type,
        EdgeResponseBytes                                 as bytes,
        ClientRequestBytes                                as bytes_received,
        RayID                                             as ray_id,
        ParentRayID                                       as parent_ray_id,
        ClientRequestSource                               as source,
        WorkerSubrequest                                  as is_subrequest,
        WorkerSubrequestCount > 0                         as has_children,
        SecurityAction                                    as security_action,
        CacheCacheStatus                                  as cache_status,
        WorkerStatus                                      as worker_status,
        OriginResponseStatus                              as origin_status,
        -- Names of headers are compared in lower case. Text that is no JSON holds none.
        try(json_extract_string(lower(RequestHeaders), [
            '$."sec-fetch-dest"', '$."sec-fetch-mode"', '$."sec-fetch-user"', '$."sec-purpose"'
        ]))                                               as sent,
        try(json_extract_string(ResponseHeaders, [
            '$."content-disposition"', '$."Content-Disposition"',
            '$."content-type"', '$."Content-Type"'
        ]))                                               as answered,
        batch_id,
        line_number,
        received_at
    from http_requests_where(who, everybody, since, until)
),
told as (
    select
        * exclude (sent, answered, logged_type),
        host_name(host)                                   as host_key,
        coalesce(path, '')                                as asked,
        nullif(sent[1], '')                               as dest,
        nullif(sent[2], '')                               as mode,
        nullif(sent[3], '')                               as by_user,
        nullif(sent[4], '')                               as purpose,
        nullif(coalesce(answered[1], answered[2]), '')    as disposition,
        coalesce(nullif(logged_type, ''), answered[3], answered[4]) as content_type,
        coalesce(source, '') not in ('', 'eyeball')
            or is_subrequest is true
            or coalesce(parent_ray_id, '') not in ('', '00') as is_child
    from logged
),
-- A step of its own for all that is used more than once: an alias is a copy of its expression.
judged as (
    select
        *,
        content_of(content_type)                          as content,
        ending_of(asked)                                  as ending,
        is_delivered(status)                              as is_delivered,
        dest is null and mode is null and is_tool(user_agent) as is_program
    from told
),
compared as (
    select
        *,
        is_file(dest, mode, disposition, content, ending) as is_file,
        is_page_view(asked, dest, mode, content, ending)  as is_page_view,
        coalesce(bytes >= large_answer(), false)          as is_large
    from judged
),
kinds as (
    select
        *,
        request_kind(
            is_child, verb, status, asked, dest, mode, purpose, content, ending,
            is_delivered, is_file, is_large, is_page_view, is_program
        ) as kind
    from compared
),
sized as (
    select
        *,
        -- A change sends; but one that is answered with a file, as a clone or an export is, takes.
        case
            when kind = 'change' and bytes_received is not null
            and not (
                is_delivered
                and (is_large or is_file(dest, mode, disposition, content, ''))
            )
            then 'up'
            else 'down'
        end as direction
    from kinds
)
select
    event_time,
    date,
    nanoseconds,
    user_id,
    user_source,
    method,
    host,
    host_key,
    uri,
    path,
    host_path_template(host_key, path)                 as path_template,
    status,
    ip,
    country,
    city,
    latitude,
    longitude,
    asn,
    ip_class,
    colo,
    ja4,
    requested_with,
    user_agent,
    is_program,
    referer,
    content_type,
    bytes,
    bytes_received,
    direction,
    case when direction = 'up' then bytes_received else bytes end        as size_bytes,
    ray_id,
    parent_ray_id,
    source,
    security_action,
    dest                                               as sec_fetch_dest,
    mode                                               as sec_fetch_mode,
    by_user                                            as sec_fetch_user,
    purpose                                            as sec_purpose,
    disposition,
    kind,
    request_navigation(kind, dest, mode, by_user)      as navigation,
    coalesce(status in (401, 403), false)
        or is_stopped(security_action)                 as is_refused,
    is_let_through(
        method, status, security_action, cache_status, worker_status, origin_status
    )                                                  as is_let_through,
    folding_key(ray_id, batch_id, line_number)          as id,
    is_child,
    -- What folds_of() compares: a redirect shows nothing, the page that answers a form does.
    case
        when (
            kind = 'page'
            or (kind = 'change' and is_page_view and (content = 'page' or dest = 'document'))
        ) and (status is null or status = 304 or status not between 300 and 399) then 'page'
        when kind = 'download' then 'piece'
        when kind = 'prefetch' then 'ahead'
        when kind = 'asset' and dest in ('iframe', 'frame', 'embed', 'object') then 'frame'
        when is_child then 'child'
        when kind in ('api', 'asset') and not is_program then 'part'
        when kind = 'change' or has_children then 'parent'
    end                                                as role,
    batch_id,
    line_number,
    received_at
from sized
