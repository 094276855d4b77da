-- Every request under the names all questions use. The one place that says what a page is,
-- and what a refusal is.
--
-- is_page: somebody looked at something. A visitor's own request (Cloudflare's "eyeball", or
-- empty as its own documents count), not a Worker's subrequest, not a child of another Ray
-- ("" and "00" both mean no parent in real logs); answered with HTML, or with no type at all,
-- which redirects, refusals and 204s have; and not for a file that pages load by themselves,
-- which an error page in HTML must not turn into one; nor for what Cloudflare's own scripts
-- fetch under /cdn-cgi/, where only Access's login and logout are a person's doing.
--
-- is_refused: 401 or 403, or a rule that stopped or challenged the request. A redirect to the
-- Access login is not a refusal: it is how every visit begins.
create view visits as
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
