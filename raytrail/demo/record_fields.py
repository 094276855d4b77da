"""How a record of the demo looks: its usual values and its fields."""

from typing import Any, Final, TypeAlias

Record: TypeAlias = dict[str, Any]

# By extension or first folder of a path: content type, usual size, cache status.
KINDS: Final = {
    "css": ("text/css", 11_000, "hit"),
    "js": ("application/javascript", 64_000, "hit"),
    "png": ("image/png", 8_000, "hit"),
    "pdf": ("application/pdf", 480_000, "dynamic"),
    "zip": ("application/zip", 730_000_000, "dynamic"),
    "rest": ("application/json", 900, "dynamic"),
    "api": ("application/json", 600, "dynamic"),
    "page": ("text/html", 21_000, "dynamic"),
}
# Kinds that a person keeps as a file.
FILES: Final = frozenset({"pdf", "zip"})
# So fast is a file sent; the time of small answers does not depend on their size.
BYTES_A_MILLISECOND: Final = 30_000
# The fields that most records leave empty, with the values that Logpush writes for empty.
QUIET: Final[Record] = {
    "BotScore": 0,
    "BotScoreSrc": "Not Computed",
    "BotTags": [],
    "CacheReserveUsed": False,
    "CacheTieredFill": False,
    "ClientIPClass": "noRecord",
    "ClientMTLSAuthStatus": "unknown",
    "ClientRegionCode": "",
    "ClientRequestProtocol": "HTTP/2",
    "ClientRequestReferer": "",
    "ClientRequestScheme": "https",
    "ClientRequestSource": "eyeball",
    "ClientSSLCipher": "AEAD-AES128-GCM-SHA256",
    "ClientSSLProtocol": "TLSv1.3",
    "ClientXRequestedWith": "",
    "Cookies": {},
    "EdgeCFConnectingO2O": False,
    "EdgePathingOp": "wl",
    "EdgePathingSrc": "macro",
    "EdgePathingStatus": "nr",
    "OriginSSLProtocol": "unknown",
    "ParentRayID": "00",
    "ResponseHeaders": {},
    "SecurityAction": "",
    "SecurityActions": [],
    "SecurityRuleDescription": "",
    "SecurityRuleID": "",
    "SecurityRuleIDs": [],
    "SecuritySources": [],
    "WAFAttackScore": 0,
    "WorkerCPUTime": 0,
    "WorkerScriptName": "",
    "WorkerStatus": "unknown",
    "WorkerSubrequest": False,
    "WorkerSubrequestCount": 0,
    "ZoneName": "widgetcorp.example",
}
# Exactly the fields of Cloudflare's own example of an Access audit log.
SHORT: Final = (
    "ClientIP",
    "ClientRequestHost",
    "ClientRequestMethod",
    "ClientRequestURI",
    "ClientRequestUserAgent",
    "EdgeEndTimestamp",
    "EdgeResponseBytes",
    "EdgeResponseStatus",
    "EdgeStartTimestamp",
    "RayID",
    "RequestHeaders",
)


def kind(path: str) -> str:
    extension, folder = path.rpartition(".")[2], path.split("/")[1]
    return next((name for name in (extension, folder) if name in KINDS), "page")
