-- One house or office: an IPv4 address, or the first 64 bits of an IPv6 address, as devices change
-- the rest at will.
create macro address_block(ip) as
    case
        when not contains(ip, ':') then ip
        else array_to_string(list_resize(
            string_split(rtrim(split_part(ip, '::', 1), ':'), ':'), 4, '0'
        ), ':')
    end
