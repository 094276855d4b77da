"""Explains from one login event why Access allowed or refused a request.

The interpretation follows Cloudflare's document "Querying Access login events with GraphQL": a
policy may have required what the request did not present.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# No person logged in: a service token, a certificate, an address or a bypass was checked.
NO_IDENTITY = "nonidentity"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`summary` is one sentence; `reasons` say what was presented and what was missing."""

    was_let_in: bool
    summary: str
    reasons: tuple[str, ...]


def verdict(event: Mapping[str, Any]) -> Verdict:
    """`event` is a row of `access_login_events`, or has the same fields."""
    was_let_in = event.get("IsSuccessfulLogin") == 1
    did = "let in" if was_let_in else "refused"
    where = f" ({event['Country']})" if event.get("Country") else ""
    summary = (
        f"Access {did} this request from {event.get('IPAddress') or 'an unknown address'}{where}."
    )
    return Verdict(was_let_in, summary, tuple(_reasons(event, was_let_in=was_let_in)))


def _reasons(event: Mapping[str, Any], *, was_let_in: bool) -> Iterator[str]:
    yield _policy(event)
    yield _identity(event)
    yield _certificate(event, was_let_in=was_let_in)
    yield _service_token(event, was_let_in=was_let_in)
    yield _device(event)


def _policy(event: Mapping[str, Any]) -> str:
    policy = event.get("ApprovingPolicyId")
    if policy:
        return f"Policy {policy} let it in."
    return "No policy let it in: approvingPolicyId is empty."


def _identity(event: Mapping[str, Any]) -> str:
    provider = event.get("IdentityProvider")
    if provider and provider != NO_IDENTITY:
        person = event.get("UserUID") or "a person without an id"
        session = "had a session already" if event.get("HasExistingJWT") else "had no session yet"
        return f"The person {person} came through {provider} and {session}."
    if event.get("HasExistingJWT"):
        return "Nobody logged in, but the request presented a session (JWT)."
    return (
        "Nobody logged in and the request presented no session: only a policy for service tokens, "
        "certificates, addresses or everybody could have let it in."
    )


def _certificate(event: Mapping[str, Any], *, was_let_in: bool) -> str:
    status, serial, name = (
        event.get(field) for field in ("MtlsStatus", "MtlsCertSerialId", "MtlsCommonName")
    )
    if serial or name:
        return f"Its client certificate is {name or 'of no name'}, serial {serial}, {status}."
    if was_let_in:
        return "It presented no client certificate."
    return (
        "It presented no client certificate: mtlsStatus is "
        f"{status or 'empty'}, mtlsCommonName and mtlsCertSerialId are empty. "
        "An application that requires a valid mTLS certificate refuses such a request."
    )


def _service_token(event: Mapping[str, Any], *, was_let_in: bool) -> str:
    token = event.get("ServiceTokenId")
    if token:
        return f"It presented the service token {token}."
    if was_let_in:
        return "It presented no service token."
    return "It presented no service token; a policy that requires one refuses it."


def _device(event: Mapping[str, Any]) -> str:
    device = event.get("DeviceId")
    known = f"The device is {device}" if device else "No device ID was sent"
    warp = "on" if event.get("HasWarpEnabled") else "off"
    gateway = "on" if event.get("HasGatewayEnabled") else "off"
    return f"{known}; WARP was {warp}, Gateway {gateway}; a posture rule would have checked these."
