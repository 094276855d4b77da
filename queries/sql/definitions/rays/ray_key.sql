-- A Ray ID as logs have it: 16 hex digits in lower case. A data centre behind it (`-LHR`) and the name
-- of the header before it are left out, as `raytrail explain` does; anything else is an error.
create macro ray_key(id) as
    case
        when regexp_full_match(
            lower(trim(id::varchar)), '((cf-)?ray( id)?\s*:\s*)?[0-9a-f]{16}(-[a-z]{3})?'
        )
        then regexp_extract(lower(trim(id::varchar)), '([0-9a-f]{16})(-[a-z]{3})?$', 1)
        else error(
            'invalid Ray ID ''' || left(id::varchar, 40)
            || ''': want the 16 hex digits shown on the page of the refusal'
        )
    end
