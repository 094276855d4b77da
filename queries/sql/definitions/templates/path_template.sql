-- A path with a placeholder for each part that names one thing: /browse/EXP-12 is /browse/{key}.
-- docs/requests.md lists the placeholders. The template of a template is the template itself.
create macro path_template(path) as
    array_to_string(
        list_transform(
            string_split(path, '/'),
            lambda segment: case
                when segment = '' then ''
                when regexp_matches(segment, '^[^@/]+(@|%40)[^@/]+\.[^@/.]+$', 'i') then '{mail}'
                else array_to_string(
                    list_transform(string_split(segment, '.'), lambda word: word_template(word)), '.'
                )
            end
        ),
        '/'
    )
