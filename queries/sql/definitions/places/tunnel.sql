-- What hides where a client is, by the number of its network: 'warp', 'relay' (Private Relay), 'plane' (in
-- planes and by satellite), 'vpn'; NULL for any other network. Cloudflare's own network is WARP and Private
-- Relay alike.
create macro rules.tunnel(asn) as
    case
        when asn in (13335, 132892, 202623) then 'warp'
        when asn in (36183, 54113) then 'relay'
        -- Panasonic, Viasat, Intelsat, Inmarsat, Hughes, Eutelsat, OneWeb, Starlink.
        when asn in (
            64294, 7155, 16491, 40306, 22351, 31515, 6621, 34444, 800, 14593, 27277, 45700
        ) then 'plane'
        -- M247, Datacamp, PacketHub, 31173, Cyberzone, Proton, Total Server Solutions.
        when asn in (
            9009, 212238, 60068, 136787, 147049, 207137, 141039, 39351, 209854, 62371, 209103,
            199218, 51332, 46562
        ) then 'vpn'
    end
