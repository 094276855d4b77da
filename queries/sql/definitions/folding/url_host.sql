-- The host of a referer_url().
create macro url_host(url) as regexp_extract(url, '^[^/?]*')
