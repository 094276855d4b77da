-- Whether a path is one that Cloudflare's own scripts call; Access's login and logout are not.
create macro is_edge_script(path) as
    starts_with(path, '/cdn-cgi/') and not starts_with(path, '/cdn-cgi/access/')
