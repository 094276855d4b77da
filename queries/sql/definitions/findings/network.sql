-- Where an address is at home: the address of an IPv4, the first 48 bits of an IPv6, which a provider
-- gives to one site.
create macro rules.network(ip) as
    case
        when not contains(ip, ':') then ip
        else array_to_string(list_resize(
            string_split(rtrim(split_part(lower(ip), '::', 1), ':'), ':'), 3, '0'
        ), ':') || '::/48'
    end
