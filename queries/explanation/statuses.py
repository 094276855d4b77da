"""What Cloudflare's documents say about statuses, security actions and the security path."""

from typing import Final

# Statuses that Cloudflare makes itself where it gets no answer from the origin.
CONNECTION_STATUSES: Final = {
    502: "no valid answer came from the origin",
    504: "the origin did not answer in time",
    520: "the origin sent an empty, unknown or unexpected answer",
    521: "the origin refused the connection",
    522: "the connection to the origin timed out",
    523: "the origin could not be reached",
    524: "the connection to the origin was made, but the origin did not answer in time",
    525: "the TLS handshake with the origin failed",
    526: "the origin's certificate is not valid",
    530: "the origin's name could not be resolved; of a tunnel: no cloudflared was connected",
}

# Of these, a tunnel can be the cause: cloudflared is not connected, or cannot reach its service.
TUNNEL_STATUSES: Final = frozenset({502, 504, 530})

# Lookups inside Cloudflare that answer 504 where the cache has nothing. No client sees them.
HARMLESS_504_SOURCES: Final = frozenset({"earlyHintsCache", "edgeWorkerCacheAPI"})

# Actions of security rules that answer in the place of the origin; in lower case, without `_`.
STOPPING_ACTIONS: Final = {
    "block": "blocked the request",
    "drop": "dropped the request",
    "challenge": "sent an interactive challenge",
    "jschallenge": "sent a JavaScript challenge",
    "managedchallenge": "sent a managed challenge",
    "challengefailed": "refused it: the challenge was not solved",
    "jschallengefailed": "refused it: the challenge was not solved",
    "managedchallengefailed": "refused it: the challenge was not solved",
    "connectionclose": "closed the connection",
    "forceconnectionclose": "closed the connection",
}

# Products behind security rules, by SecuritySources and the Source of a firewall event.
SECURITY_SOURCES: Final = {
    "asn": "a rule for networks",
    "bic": "Browser Integrity Check",
    "botfight": "Bot Fight Mode",
    "botmanagement": "Bot Management",
    "country": "a rule for countries",
    "dlp": "Data Loss Prevention",
    "firewallcustom": "a WAF custom rule",
    "firewallmanaged": "a WAF managed rule",
    "firewallrules": "a firewall rule",
    "hot": "Hotlink Protection",
    "ip": "a rule for addresses",
    "iprange": "a rule for address ranges",
    "l7ddos": "DDoS protection",
    "ratelimit": "a rate limit",
    "securitylevel": "the security level",
    "uablock": "a rule for user agents",
    "validation": "validation of the request",
    "waf": "the former WAF",
    "zonelockdown": "Zone Lockdown",
}

# The operations of the security path that let a request through, or only try a rule.
PASSING_OPERATIONS: Final = frozenset({"wl", "simulate"})

# Reasons of the security path, by EdgePathingStatus without `_`; for a ban or a wrong host.
PATHING_STATUSES: Final = {
    "asnum": "the client's network is blocked",
    "badhost": "the Host header is missing or wrong",
    "ctry": "the client's country is blocked",
    "cyclic": "the request would loop inside Cloudflare",
    "dnserr": "the host could not be resolved",
    "filterbasedfirewall": "a firewall rule blocked it",
    "ip": "the client's address is blocked",
    "ip6": "the client's address is blocked",
    "ip6r32": "the client's address range is blocked",
    "ip6r48": "the client's address range is blocked",
    "ip6r64": "the client's address range is blocked",
    "ipr16": "the client's address range is blocked",
    "ipr24": "the client's address range is blocked",
    "l7ddos": "DDoS protection blocked it",
    "noexistinghost": "the host may not be on Cloudflare",
    "ratelimit": "a rate limit dropped it",
    "reservedip": "the host's DNS points to a local or disallowed address",
    "reservedip6": "the host's DNS points to a local or disallowed address",
    "ua": "the user agent is blocked",
    "zl": "Zone Lockdown applied",
}

PATHING_SOURCES: Final = {
    "bic": "Browser Integrity Check",
    "hot": "Hotlink Protection",
    "macro": "the reputation of the address",
    "protect": "DDoS protection",
    "sslv": "the check of TLS",
    "user": "a rule of this zone",
}

# The cache answered without a new answer of the origin.
CACHED: Final = frozenset({"hit", "stale", "updating", "revalidated", "streamhit"})

# A request for part of a page, or for a page that the client has, gets one of these.
PARTIAL, NOT_MODIFIED = 206, 304


def key(word: str | None) -> str:
    """A value as these tables have it: logs differ in letter case and in `_`."""
    return (word or "").replace("_", "").lower()
