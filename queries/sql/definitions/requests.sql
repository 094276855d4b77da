-- Every request, with the column names that all questions use. Defines page and refusal.
--
-- is_page: a person viewed a page. All of these must hold:
--   a visitor's own request (source "eyeball", or empty, which Cloudflare's documents count as one);
--   not a subrequest of a Worker and not a child of another Ray ("" and "00" both mean no parent);
--   answered with HTML or without a content type, as redirects, refusals and 204s are;
--   not for a file that pages load, even if it was answered with an error page in HTML;
--   not for a path under /cdn-cgi/ that Cloudflare's scripts fetch, except Access's login and logout.
--
-- is_refused: status 401 or 403, or a rule blocked or challenged the request. A redirect to the
-- Access login is not a refusal: every visit begins with one.
create view requests as
select
    event_time,
    case event_time
        when EdgeStartTimestamp then EdgeStartTimestamp_ns
        when EdgeEndTimestamp then EdgeEndTimestamp_ns
    end                                                as nanoseconds,
    user_id,
    user_source,
    ClientRequestMethod                                as method,
    ClientRequestHost                                  as host,
    host_name(ClientRequestHost)                       as host_key,
    coalesce(ClientRequestURI, ClientRequestPath)      as uri,
    EdgeResponseStatus                                 as status,
    ClientIP                                           as ip,
    ClientCountry                                      as country,
    ClientRequestUserAgent                             as user_agent,
    ClientRequestReferer                               as referer,
    EdgeResponseBytes                                  as bytes,
    RayID                                              as ray_id,
    ParentRayID                                        as parent_ray_id,
    ClientRequestSource                                as source,
    SecurityAction                                     as security_action,
    coalesce(ClientRequestSource, '') in ('', 'eyeball')
        and WorkerSubrequest is not true
        and coalesce(ParentRayID, '') in ('', '00')
        and regexp_matches(
            coalesce(EdgeResponseContentType, ''),
            '^\s*($|unknown$|text/html|application/xhtml\+xml)', 'i'
        )
        and not regexp_matches(
            coalesce(ClientRequestPath, split_part(ClientRequestURI, '?', 1), ''),
            '\.(css|js|mjs|map|wasm|png|jpe?g|gif|svg|ico|webp|avif|bmp|woff2?|ttf|otf|eot'
            || '|mp3|mp4|webm|ogg)$', 'i'
        )
        and not (
            starts_with(coalesce(ClientRequestPath, ClientRequestURI, ''), '/cdn-cgi/')
            and not starts_with(coalesce(ClientRequestPath, ClientRequestURI, ''), '/cdn-cgi/access/')
        )                                              as is_page,
    coalesce(EdgeResponseStatus in (401, 403), false)
        or regexp_matches(
            replace(coalesce(SecurityAction, ''), '_', ''),
            '^(block|drop|(force)?connectionclose|(js|managed)?challenge(failed)?)$', 'i'
        )                                              as is_refused,
    batch_id,
    line_number,
    received_at
from http_requests
