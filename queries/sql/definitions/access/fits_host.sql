-- Whether a pattern of an application fits a host; it has `host` (a like_text) and `dots`.
create macro fits_host(pattern, host_key) as
    dots_in(host_key) = pattern.dots and host_key like pattern.host escape '\'
