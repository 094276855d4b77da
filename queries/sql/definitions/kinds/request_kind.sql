-- The one kind of a request; the rules are tried in this order, and docs/requests.md explains them.
--
-- `verb` is the method in upper case; dest, mode and purpose are the Sec-Fetch-Dest, Sec-Fetch-Mode
-- and Sec-Purpose headers in lower case, or NULL; content and ending are content_of() and ending_of().
create macro request_kind(
    is_child, verb, status, path, dest, mode, purpose, content, ending,
    is_delivered, is_file, is_large, is_page_view, is_program
) as
    case
        when is_child then 'program'
        when verb in ('', 'GET') and starts_with(purpose, 'prefetch') then 'prefetch'
        when verb = 'CONNECT'
            or (verb in ('', 'GET') and (mode = 'websocket' or dest = 'websocket' or status = 101))
            then 'api'
        when verb not in (
            '', 'GET', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'REPORT', 'SEARCH', 'QUERY'
        ) then case when is_edge_script(path) then 'asset' else 'change' end
        when is_delivered and is_file and verb not in ('HEAD', 'OPTIONS', 'TRACE') then 'download'
        when is_page_view and verb in ('', 'GET') then 'page'
        when is_delivered and is_large and verb not in ('HEAD', 'OPTIONS', 'TRACE') then 'download'
        when dest not in ('empty', 'document')
            or content = 'asset'
            or ending in ('asset', 'segment')
            or is_edge_script(path)
            then 'asset'
        when is_program then 'program'
        else 'api'
    end
