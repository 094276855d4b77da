-- A host as an analyst gives it, perhaps a URL, without its scheme; an error if it is no host.
create macro visited_place(asked_host) as
    case
        when regexp_full_match(
            regexp_replace(trim(asked_host::varchar), '^[a-z]+://', '', 'i'), '[^\s?#@/]+(/(?s:.*))?'
        )
        then regexp_replace(trim(asked_host::varchar), '^[a-z]+://', '', 'i')
        else error(
            'invalid host ''' || left(coalesce(asked_host::varchar, ''), 60)
            || ''': give a host name such as jira.example.com'
        )
    end
