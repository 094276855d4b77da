-- The host of the domain of an application, in lower case and without a port. It may have a `*`.
create macro place_host(domain) as host_name(split_part(place_text(domain), '/', 1))
