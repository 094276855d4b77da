"""The Access applications of an account, as far as they can vouch for a name on a request."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from cloudflare import Cloudflare

from store.registers.applications import Application
from upstream.connection import Connection
from upstream.permissions import ACCESS_APPS_READ

# Those that stand in front of a host of their own. A bookmark is but a link, a SaaS application
# lives elsewhere, and the others have no host that visitors' requests are logged for.
PROTECTING = frozenset({"self_hosted", "ssh", "vnc", "rdp"})

# Nobody documents how many a page may hold; some give fewer than asked.
PAGE_SIZE = 100

Found = Mapping[str, Any]


def applications(connection: Connection, account_id: str) -> list[Application]:
    """Every application of the account; all its pages are there, or an error is raised."""
    found = connection.rest(ACCESS_APPS_READ, lambda sdk: _all_pages(sdk, account_id))
    return [application(each) for each in found]


def _all_pages(sdk: Cloudflare, account_id: str) -> list[Found]:
    found: dict[str, Found] = {}
    pages = sdk.zero_trust.access.applications.list(account_id=account_id, per_page=PAGE_SIZE)
    for page in pages.iter_pages():
        told = [each.to_dict(mode="json") for each in page.result]
        new = {str(each["id"]): each for each in told if str(each.get("id")) not in found}
        # Should `page` do nothing, as it does for some accounts' logins, this is the end too.
        if not new:
            break
        found |= new
    return list(found.values())


def application(told: Found) -> Application:
    """One application of the API's answer."""
    domains = tuple(_domains(told))
    is_open = _is_bypassed(told)
    is_protecting = told.get("type") in PROTECTING
    covers = domains if is_protecting and not is_open else ()
    opens = (*(domains if is_protecting and is_open else ()), *_public_paths(told))
    return Application(
        id=_text(told["id"]),
        name=_text(told.get("name")),
        type=_text(told.get("type")),
        aud=_text(told.get("aud")),
        covers=covers,
        opens=opens,
        session_duration=_text(told.get("session_duration")),
        created_at=_time(told.get("created_at")),
        updated_at=_time(told.get("updated_at")),
    )


def _domains(told: Found) -> Iterator[str]:
    """What it stands in front of: destinations count before domains, and these before `domain`."""
    if destinations := told.get("destinations"):
        yield from (_text(each["uri"]) for each in destinations if _is_public(each))
    elif domains := told.get("self_hosted_domains"):
        yield from (_text(each) for each in domains)
    elif domain := told.get("domain"):
        yield _text(domain)


def _is_public(destination: Found) -> bool:
    """A host of the internet; the others are addresses, Workers and such, never a host's name."""
    return destination.get("type", "public") == "public" and bool(destination.get("uri"))


def _is_bypassed(told: Found) -> bool:
    """Whether some policy lets requests pass without Access looking at them at all."""
    policies = told.get("policies") or ()
    return any(each.get("decision") == "bypass" for each in policies if isinstance(each, dict))


def _public_paths(told: Found) -> Iterator[str]:
    """Paths that a destination's own rules leave open."""
    for destination in told.get("destinations") or ():
        if _is_public(destination):
            host = _text(destination["uri"]).partition("/")[0]
            for override in destination.get("overrides") or ():
                yield f"{host}/{_text(override.get('path_pattern') or '*').removeprefix('/')}"


def _text(told: object) -> str:
    """Half a surrogate pair is no text, and could not be kept."""
    return str(told or "").encode("utf-8", "replace").decode()


def _time(told: object) -> datetime | None:
    """UTC without a zone; None where Cloudflare tells nothing, or nothing that is a time."""
    try:
        at = datetime.fromisoformat(str(told))
    except ValueError:
        return None
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at
