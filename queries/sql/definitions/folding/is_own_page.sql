-- Whether a referer_url() is that of a page of this host: not of a style sheet, which names itself
-- when it loads a font, and not of one of Cloudflare's scripts.
create macro is_own_page(url, host_key) as
    case
        when url is null or not starts_with(url, host_key || '/') then false
        when contains(url, '/cdn-cgi/') then false
        else ending_of(split_part(url, '?', 1)) not in ('asset', 'segment')
    end
