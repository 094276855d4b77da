"""Asks Cloudflare for the login event of one request; what it answers is stored as well."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from queries.explanation.explain import NEAR, with_login_events
from queries.explanation.explanation import Explanation
from queries.explanation.missing import CLOUDFLARE, Missing
from raytrail.settings import Settings
from schema.dataset import datasets
from schema.errors import RaytrailError
from store.errors import DiskFailed
from store.files.layout import Layout
from store.store import Store
from store.timestamps import system_clock
from upstream.connection import Connection
from upstream.logins.login_events import LoginEvents, open_events
from upstream.logins.pull import Pull
from upstream.logins.record import line_of
from upstream.options import ApiOptions
from upstream.place import find_account
from upstream.window import Window, steps

# A person who asks about a refusal has usually just seen it. `--since` looks further back.
REACH = timedelta(days=30)


def asked(found: Explanation, layout: Layout, settings: Settings, account: str) -> Explanation:
    """With the login events that Cloudflare has, or with the reason why it told none. Needs a token."""
    options = settings.api_options()
    try:
        with Store.open(
            layout, system_clock, settings.intake_limits(), settings.shell_options()
        ) as store:
            events, window = look_up(store, options, account, found)
    except DiskFailed:
        raise
    except RaytrailError as error:
        return _without(found, f"could not be asked for its login event: {error}")
    if events:
        return with_login_events(found, events)
    bounds = window.variables()
    why = (
        f"has no login event for it from {bounds['since']} to {bounds['until']}; only requests that"
        " Access decided about have one"
    )
    return _without(found, why)


def look_up(
    store: Store, options: ApiOptions, account: str, found: Explanation
) -> tuple[list[dict[str, Any]], Window]:
    """The login events of one Ray ID, the newest days first, and the period that was searched."""
    with Connection(options) as connection:
        source = open_events(connection, find_account(connection, account).id)
        oldest, _ = source.reach(store.clock())
        window = _window(found, store.clock())
        window = Window(max(oldest, window.since), window.until)
        for part in reversed(list(steps(window.since, window.until, source.limits.span))):
            answer = source.of_ray(found.ray_id, part)
            if answer.records:
                Pull(store, source).keep(part, [answer])
                return [_event(source, record) for record in answer.records], window
    return [], window


def _window(found: Explanation, now: datetime) -> Window:
    """Around the request, if its time is known; otherwise the period asked for."""
    times = list(_times(found))
    if times:
        return Window(min(times) - NEAR, max(times) + NEAR)
    until = found.period.until or now
    return Window(found.period.since or until - REACH, until)


def _times(found: Explanation) -> Iterator[datetime]:
    told = (
        *(each.request.seen_at for each in found.requests),
        *(each.seen_at for each in found.logins),
        *(each.seen_at for each in found.firewall_events),
    )
    yield from (moment for moment in told if moment is not None)


def _event(source: LoginEvents, record: bytes) -> dict[str, Any]:
    """The record as a row of `access_login_events`; Raytrail has not loaded it yet."""
    event = orjson.loads(line_of(record, datasets()[source.dataset]))
    event.pop("Answer")
    return {"seen_at": _moment(event.pop("Datetime", None)), **event}


def _moment(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text)).astimezone(UTC).replace(tzinfo=None)
    except ValueError:
        return None


def _without(found: Explanation, why: str) -> Explanation:
    return replace(found, missing=(*found.missing, Missing(CLOUDFLARE, why)))
