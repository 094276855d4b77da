-- How sure it is that a person went to a page, and NULL for what is neither a page nor prefetched.
-- docs/requests.md says what each grade proves.
create macro request_navigation(kind, dest, mode, by_user) as
    case
        when kind = 'prefetch' then 'prefetch'
        when kind <> 'page' then null
        when dest is null and mode is null then 'inferred'
        when by_user = '?1' then 'user_navigation'
        else 'page_navigation'
    end
