-- The host of a place, in lower case and without port; queries/visitors/visitors.py reads it so too.
create macro visited_host(asked_host) as
    regexp_replace(lower(split_part(visited_place(asked_host), '/', 1)), ':[0-9]+$', '')
