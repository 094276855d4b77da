-- Whether a path is plainly one of an API. `is_html` says that the answer was HTML: documentation
-- has paths such as /wiki/api/, so then only a path that begins so, or names a version, counts.
create macro is_api_path(path, is_html) as
    regexp_matches(
        path,
        '^/(api|rest|graphql|gql|rpc|jsonrpc|xmlrpc|odata|ajax|wp-json)(/|$)|/api/v[0-9]', 'i'
    )
    or ending_of(path) = 'data'
    or (
        not is_html
        and regexp_matches(path, '/_?(api|rest|graphql|gql|rpc|odata|ajax|wp-json)(/|$)', 'i')
    )
