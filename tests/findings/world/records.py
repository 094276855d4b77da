"""How a request, a login and an act of an administrator look in Logpush."""

from dataclasses import dataclass
from datetime import date
from uuid import NAMESPACE_DNS, uuid5

import orjson

from tests.findings.world.browsers import Device
from tests.findings.world.places import Network, Place
from tests.findings.world.shapes import Shape

NANOSECONDS = 1_000_000_000
# Content type, Sec-Fetch-Dest, Sec-Fetch-Mode, cache status, usual size.
KINDS = {
    "page": ("text/html; charset=utf-8", "document", "navigate", "dynamic", 21_000),
    "call": ("application/json", "empty", "cors", "dynamic", 900),
    "script": ("application/javascript", "script", "no-cors", "hit", 64_000),
    "style": ("text/css", "style", "no-cors", "hit", 11_000),
    "image": ("image/png", "image", "no-cors", "hit", 8_000),
    "font": ("font/woff2", "font", "no-cors", "hit", 22_000),
    "file": ("application/zip", "document", "navigate", "dynamic", 400_000),
}
ENDINGS = {"js": "script", "css": "style", "png": "image", "woff2": "font"}


@dataclass(frozen=True, slots=True)
class Client:
    """From where, with what and under which name requests are sent on one day."""

    name: str
    address: str
    network: Network
    place: Place
    device: Device
    day: date
    ip_class: str = "noRecord"

    def members(self, shape: Shape) -> str:
        """The members that each of its records has."""
        place = self.place
        told: dict[str, object] = {
            "ClientASN": self.network.asn,
            "ClientCountry": place.country,
            "ClientDeviceType": "mobile" if self.device.is_phone else "desktop",
            "ClientIP": self.address,
            "ClientIPClass": self.ip_class,
            "ClientRequestUserAgent": self.device.agent(self.day),
            "EdgeColoCode": place.colo,
        }
        if shape.has_position:
            told |= {
                "ClientCity": place.city,
                "ClientLatitude": f"{place.latitude:.5f}",
                "ClientLongitude": f"{place.longitude:.5f}",
            }
        if shape.has_ja4:
            told["JA4"] = self.device.ja4(self.day)
        return orjson.dumps(told).decode()[1:-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request; `size` 0 is the usual one of its kind."""

    host: str
    uri: str
    kind: str = "page"
    method: str = "GET"
    status: int = 200
    referer: str = ""
    size: int = 0
    purpose: str = ""
    origin: int | None = None
    range: str = ""


def request_line(  # noqa: PLR0917 (called for every request: by position)
    members: str, client: Client, asked: Asked, at: float, ray: str, shape: Shape
) -> bytes:
    content_type, dest, mode, cache, usual = KINDS[asked.kind]
    start = int(at * NANOSECONDS)
    size = asked.size or usual
    status = asked.status
    is_ok = status < 300
    headers = f'"cf-access-user":"{client.name}"' if client.name else ""
    if shape.has_browser_fields and not client.device.is_tool:
        site = "same-origin" if asked.referer else "none"
        acted = ',"sec-fetch-user":"?1"' if dest == "document" and not asked.purpose else ""
        purpose = f',"sec-purpose":"{asked.purpose}"' if asked.purpose else ""
        comma = "," if headers else ""
        headers += f'{comma}"sec-fetch-dest":"{dest}","sec-fetch-mode":"{mode}","sec-fetch-site":"{site}"{acted}{purpose}'
    answered = '"content-disposition":"attachment"' if asked.kind == "file" and is_ok else ""
    origin = asked.origin if asked.origin is not None else (0 if cache == "hit" else status)
    duration = 40_000_000 + size * 20
    return (
        f'{{{members},"ClientRequestBytes":{600 + size % 900},"ClientRequestHost":"{asked.host}",'
        f'"ClientRequestMethod":"{asked.method}","ClientRequestReferer":"{asked.referer}",'
        f'"ClientRequestSource":"eyeball","ClientRequestURI":"{asked.uri}",'
        f'"CacheCacheStatus":"{cache if is_ok else "dynamic"}",'
        f'"EdgeEndTimestamp":{start + duration},"EdgeResponseBytes":{size + 380},'
        f'"EdgeResponseContentType":"{content_type if is_ok else "text/html"}",'
        f'"EdgeResponseStatus":{status},"EdgeStartTimestamp":{start},'
        f'"OriginResponseStatus":{origin},"RayID":"{ray}","RequestHeaders":{{{headers}}},'
        f'"ResponseHeaders":{{{answered}}},"SecurityAction":""}}\n'
    ).encode()


def login_line(
    client: Client, mail: str, host: str, at: float, ray: str, **changes: object
) -> bytes:
    told = {
        "Action": "login",
        "Allowed": True,
        "AppDomain": host,
        "AppUUID": str(uuid5(NAMESPACE_DNS, host)),
        "Connection": "saml",
        "Country": client.place.country,
        "CreatedAt": int(at * NANOSECONDS),
        "Email": mail,
        "IPAddress": client.address,
        "PurposeJustificationPrompt": "",
        "PurposeJustificationResponse": "",
        "RayID": ray,
        "TemporaryAccessApprovers": [],
        "TemporaryAccessDuration": 0,
        "UserUID": str(uuid5(NAMESPACE_DNS, mail)),
        **changes,
    }
    return orjson.dumps(told) + b"\n"


def audit_line(mail: str, address: str, at: float, number: str, *, act: str, job: int) -> bytes:
    """An act on a Logpush job, as audit_logs_v2 has it."""
    told = {
        "ActionDescription": act,
        "ActionResult": "success",
        "ActionTimestamp": int(at * NANOSECONDS),
        "ActionType": "delete" if "Delete" in act else "update",
        "ActorContext": "dash",
        "ActorEmail": mail,
        "ActorIPAddress": address,
        "ActorType": "user",
        "AuditLogID": number,
        "ResourceID": str(job),
        "ResourceProduct": "logpush",
        "ResourceRequest": {} if "Delete" in act else {"enabled": "enable" in act.lower()},
        "ResourceScope": "zones",
        "ResourceType": "logpush_jobs",
        "ZoneName": "acme.example",
    }
    return orjson.dumps(told) + b"\n"
