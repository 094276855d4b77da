-- The placeholder for a word of a path, or the word itself if it may name a kind of thing.
create macro word_template(word) as
    case
        when not regexp_matches(word, '[0-9]') then word
        when regexp_matches(word, '^[0-9]+$') then '{number}'
        when regexp_matches(word, '^(19|20)[0-9]{2}-[0-9]{2}(-[0-9]{2})?(T[0-9:]+Z?)?$') then '{date}'
        when regexp_matches(word, '^[A-Z][A-Z0-9_]*-[0-9]+$') then '{key}'
        when regexp_matches(
            word, '^\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?$', 'i'
        ) then '{uuid}'
        when length(word) between 7 and 128 and regexp_matches(word, '^[0-9a-f]+$', 'i') then '{hash}'
        when length(word) >= 20
            and regexp_matches(word, '^[A-Za-z0-9_~+=%-]+$')
            and regexp_matches(regexp_extract(word, '[A-Za-z0-9]{16,}'), '[0-9].*[A-Za-z]|[A-Za-z].*[0-9]')
            then '{token}'
        else word
    end
