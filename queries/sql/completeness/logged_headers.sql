-- How many requests of people's browsers hold each header, by zone. A header that none of them
-- holds was probably not logged, where these browsers always send it.
--
-- Only requests that must have had the headers of browsers count: over HTTPS, with a user (so not
-- by a program that calls itself a browser), and by Chrome 80, Firefox 90, Safari 17 or later.
--
-- navigations:  of them, those of pages: by the headers where they are logged, else by content type
-- sized:        of them, those whose answer has a length: whole pictures and documents
-- answered:     of them, those with any response header
--
-- Parameters: $since
-- Columns:    zone (NULL where its field was not selected), requests, navigations, sized, answered,
--             and for each header the requests that hold it
with browsers as (
    select
        ZoneName                                       as zone,
        coalesce(json_keys(RequestHeaders), [])        as sent,
        coalesce(json_keys(ResponseHeaders), [])       as received,
        RequestHeaders ->> 'sec-fetch-dest'            as dest,
        lower(coalesce(EdgeResponseContentType, ''))   as content_type,
        ClientRequestMethod = 'GET' and EdgeResponseStatus = 200 as is_whole
    from http_requests
    where event_time >= $since::timestamp
      and user_id is not null
      and coalesce(ClientRequestScheme, 'https') = 'https'
      and coalesce(ClientRequestSource, '') in ('', 'eyeball')
      and WorkerSubrequest is not true
      and (
          try_cast(regexp_extract(ClientRequestUserAgent, ' Chrome/(\d+)', 1) as integer) >= 80
          or try_cast(regexp_extract(ClientRequestUserAgent, ' Firefox/(\d+)', 1) as integer) >= 90
          or try_cast(
              regexp_extract(ClientRequestUserAgent, ' Version/(\d+)[.\d]* .*Safari/', 1) as integer
          ) >= 17
      )
)
select
    zone,
    count(*)                                                                         as requests,
    count(*) filter (
        where dest = 'document' or (dest is null and starts_with(content_type, 'text/html'))
    )                                                                                as navigations,
    count(*) filter (
        where is_whole
            and regexp_matches(content_type, '^(image/(png|jpe?g|gif|webp)|application/pdf)')
    )                                                                                as sized,
    count(*) filter (where len(received) > 0)                                        as answered,
    count(*) filter (where list_contains(sent, 'sec-fetch-dest'))                    as "sec-fetch-dest",
    count(*) filter (where list_contains(sent, 'sec-fetch-mode'))                    as "sec-fetch-mode",
    count(*) filter (where list_contains(sent, 'sec-fetch-user'))                    as "sec-fetch-user",
    count(*) filter (where list_contains(sent, 'sec-fetch-site'))                    as "sec-fetch-site",
    count(*) filter (where list_contains(sent, 'sec-purpose'))                       as "sec-purpose",
    count(*) filter (where list_contains(received, 'content-disposition'))           as "content-disposition",
    count(*) filter (where list_contains(received, 'content-length'))                as "content-length"
from browsers
group by zone
order by zone
