"""What a real Chromium sends is given the right kind and grade, act by act.

The golden table is compared with a real Chromium by `make test-browser`.
"""

from collections.abc import Callable
from typing import Any

import pytest

from queries.engine import Engine
from queries.errors import QueryFailed
from tests.browser.logged import USER, records
from tests.browser.recording import golden

Engines = Callable[..., Engine]

BY_PERSON = ("page", "user_navigation")
BY_PAGE = ("page", "page_navigation")
AHEAD = ("prefetch", "prefetch")
VIEWED = ("prefetch", "prefetch_then_viewed")
DOWNLOAD, CHANGE, API, ASSET = ((kind, None) for kind in ("download", "change", "api", "asset"))

# The requests of each act after its first page, which was typed.
ACTS: dict[str, tuple[tuple[str, str | None], ...]] = {
    "typed-address": (),
    "reload": (BY_PERSON,),
    "click": (BY_PERSON,),
    "form-get": (BY_PERSON,),
    "form-post": (CHANGE,),
    "redirect": (BY_PERSON, BY_PERSON),
    "other-site": (BY_PERSON,),
    "new-tab": (BY_PERSON,),
    "script-location": (BY_PAGE,),
    "meta-refresh": (BY_PAGE,),
    "download-link": (DOWNLOAD,),
    "download-page": (DOWNLOAD,),
    "attachment": (DOWNLOAD,),
    "iframe": (ASSET,),
    "image": (ASSET,),
    "link-prefetch": (AHEAD,),
    "speculation-prefetch": (AHEAD,),
    "prerender": (AHEAD, AHEAD),
    "click-prefetched": (VIEWED, ASSET),
    "click-speculated": (VIEWED, ASSET),
    "back": (BY_PERSON,),
    "push-state": (API,),
    "fetch": (API,),
    "xhr": (API,),
    "event-source": (API,),
    "fetch-post": (CHANGE,),
    "fetch-delete": (CHANGE,),
    # A beacon and a ping are POSTs, which are changes as long as nothing proves the opposite.
    "beacon": (CHANGE,),
    "ping": (CHANGE,),
}


def asked(engine: Engines, act: str, columns: str) -> list[tuple[Any, ...]]:
    question = f"select {columns} from requests_under([$user], null, null) order by line_number"
    return list(engine(records(golden()[act])).run(question, {"user": USER}, QueryFailed).rows)


def test_the_table_has_every_act() -> None:
    assert set(golden()) == set(ACTS)


@pytest.mark.parametrize("act", ACTS)
def test_each_request_has_the_kind_and_grade_of_its_act(engine: Engines, act: str) -> None:
    assert asked(engine, act, "kind, navigation") == [BY_PERSON, *ACTS[act]]


def test_a_page_of_a_single_page_application_is_known_from_its_next_request(
    engine: Engines,
) -> None:
    [_, fetched] = asked(engine, "push-state", "route")

    assert fetched == ("https://app.widgetcorp.example/push-state/pushed",)
