-- Whether a path is plainly one of an API. `is_html` says that the answer was HTML: documentation
-- has paths such as /wiki/api/, so then only a path that begins so, or names a version, counts.
create macro is_api_path(path, is_html) as
    case
        when ending_of(path) = 'data' then true
        when not regexp_matches(path, '/_?(api|rest|graphql|gql|rpc|odata|ajax|wp-json)(/|$)', 'i')
            then false
        when not is_html then true
        else regexp_matches(
            path, '^/(api|rest|graphql|gql|rpc|odata|ajax|wp-json)(/|$)|/api/v[0-9]', 'i'
        )
    end
