-- The path of the domain of an application, without the first slash and those at its end.
create macro place_path(domain) as
    rtrim(substr(place_text(domain), length(split_part(place_text(domain), '/', 1)) + 2), '/')
