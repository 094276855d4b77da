-- How many dots a host has. A `*` in a host stands for anything but a dot: a host that is LIKE the
-- pattern, and has as many dots, has none where the `*` is.
create macro dots_in(host) as length(host) - length(replace(host, '.', ''))
