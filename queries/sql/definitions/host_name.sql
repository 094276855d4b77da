-- A host for comparing and counting: in lower case, without a port.
create macro host_name(host) as regexp_replace(lower(host), ':[0-9]+$', '')
