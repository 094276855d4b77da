"""Access applications: which hosts they protect, and which paths they leave open."""

from collections.abc import Iterator, Mapping
from typing import Any

from store.registers.application_version import Application
from upstream.connection import Connection
from upstream.permissions import ACCESS_APPS_READ
from upstream.rest_result import all_pages, utc_time

# The types that protect a host of their own. A bookmark is only a link, a SaaS application runs
# elsewhere, and the other types have no host for which HTTP requests are logged.
PROTECTING = frozenset({"self_hosted", "ssh", "vnc", "rdp"})

# The largest page is not documented; some accounts return fewer rows than requested.
PAGE_ROWS = 100

Answer = Mapping[str, Any]


def applications(connection: Connection, account_id: str) -> list[Application]:
    """Every application of the account."""
    path = f"/accounts/{account_id}/access/apps"
    found = all_pages(connection, path, ACCESS_APPS_READ, PAGE_ROWS)
    return [application(each) for each in found]


def application(answer: Answer) -> Application:
    """Reads one application of the API's answer."""
    domains = tuple(_domains(answer))
    is_open = _is_bypassed(answer)
    is_protecting = answer.get("type") in PROTECTING
    covers = domains if is_protecting and not is_open else ()
    opens = (*(domains if is_protecting and is_open else ()), *_public_paths(answer))
    return Application(
        id=_text(answer["id"]),
        name=_text(answer.get("name")),
        type=_text(answer.get("type")),
        aud=_text(answer.get("aud")),
        covers=covers,
        opens=opens,
        session_duration=_text(answer.get("session_duration")),
        created_at=utc_time(answer.get("created_at")),
        updated_at=utc_time(answer.get("updated_at")),
    )


def _domains(answer: Answer) -> Iterator[str]:
    """The protected domains: `destinations` take precedence, then `self_hosted_domains`."""
    if destinations := answer.get("destinations"):
        yield from (_text(each["uri"]) for each in destinations if _is_public(each))
    elif domains := answer.get("self_hosted_domains"):
        yield from (_text(each) for each in domains)
    elif domain := answer.get("domain"):
        yield _text(domain)


def _is_public(destination: Answer) -> bool:
    """Whether it is a public hostname; other destinations are IP ranges, Workers and the like."""
    return destination.get("type", "public") == "public" and bool(destination.get("uri"))


def _is_bypassed(answer: Answer) -> bool:
    """Whether a policy with the decision `bypass` lets requests pass unchecked."""
    policies = answer.get("policies") or ()
    return any(each.get("decision") == "bypass" for each in policies if isinstance(each, dict))


def _public_paths(answer: Answer) -> Iterator[str]:
    """Paths that the overrides of a destination make public."""
    for destination in answer.get("destinations") or ():
        if _is_public(destination):
            host = _text(destination["uri"]).partition("/")[0]
            for override in destination.get("overrides") or ():
                yield f"{host}/{_text(override.get('path_pattern') or '*').removeprefix('/')}"


def _text(answer: object) -> str:
    """Replaces half a surrogate pair, which cannot be stored as UTF-8."""
    return str(answer or "").encode("utf-8", "replace").decode()
