-- Where an address is at home: the address of an IPv4, also of one that is written as an IPv6
-- (`::ffff:192.0.2.1`), and the first 48 bits of an IPv6, which a provider gives to one site.
create macro rules.network(ip) as
    case
        when not contains(ip, ':') then ip
        when regexp_full_match(lower(ip), '(::|(0{1,4}:){5})ffff:[0-9.]+[.][0-9]+')
            then split_part(ip, ':', -1)
        when regexp_full_match(lower(ip), '(::|(0{1,4}:){5})ffff:[0-9a-f]{1,4}:[0-9a-f]{1,4}')
            then array_to_string(list_transform([1, 3, 5, 7], lambda place: (
                '0x' || substr(
                    lpad(split_part(ip, ':', -2), 4, '0') || lpad(split_part(ip, ':', -1), 4, '0'),
                    place, 2
                )
            )::integer), '.')
        else array_to_string(list_resize(
            string_split(rtrim(split_part(lower(ip), '::', 1), ':'), ':'), 3, '0'
        ), ':') || '::/48'
    end
