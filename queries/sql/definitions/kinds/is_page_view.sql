-- Whether a GET was for a document that a person sees in a tab.
--
-- Browsers say so (Sec-Fetch). Where the fields were not logged, the answer has to be HTML or without
-- a type, as redirects and refusals are, and the path not one of an API, of a file that pages load, or
-- of Cloudflare's own scripts.
create macro is_page_view(path, dest, mode, content, ending) as
    case
        when dest is not null then dest = 'document' and coalesce(mode, 'navigate') = 'navigate'
        when mode <> 'navigate' then false
        when content not in ('page', '') or ending in ('asset', 'segment') then false
        when is_edge_script(path) then false
        else mode is not null or not is_api_path(path, content = 'page')
    end
