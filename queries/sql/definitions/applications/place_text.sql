-- The domain of an application without its scheme and the space around it: all that Python calls space.
create macro place_text(domain) as
    regexp_replace(
        regexp_replace(
            domain,
            '^[\s\x0B\x1C-\x1F\x{85}\p{Z}]+|[\s\x0B\x1C-\x1F\x{85}\p{Z}]+$', '', 'g'
        ),
        '^https?://', '', 'i'
    )
