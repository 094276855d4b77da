-- A Referer as host, path and query, to compare with a request's own; NULL without one.
create macro referer_url(referer) as
    nullif(
        regexp_replace(referer, '^https?://([^/?#@]*@)?([^/?#:]+)(:[0-9]+)?([^#]*).*$', '\2\4', 'i'), ''
    )
