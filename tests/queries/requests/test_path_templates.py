"""A path template keeps what names a kind of thing, and replaces what names one thing."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.engine import Engine, open_engine
from queries.errors import QueryFailed
from store.reading.snapshot import Snapshot

Templates = Callable[..., list[str | None]]


@pytest.fixture(scope="module")
def templates(snapshot: Callable[..., Snapshot]) -> Iterator[Templates]:
    """The templates of paths, as the engine makes them."""
    with open_engine(snapshot()) as asked:

        def make(*paths: str | None) -> list[str | None]:
            question = "select path_template(path) from unnest($paths::varchar[]) as paths(path)"
            rows = asked.run(question, {"paths": list(paths)}, QueryFailed).rows
            return [template for (template,) in rows]

        yield make


TOLD = {
    "/": "/",
    "/browse/EXP-12": "/browse/{key}",
    "/browse/exp-twelve": "/browse/exp-twelve",
    "/projects/7/issues/12.json": "/projects/{number}/issues/{number}.json",
    "/d/7d9c1f0e-5a51-4f5e-9f1e-0d6a3f6f8a11/": "/d/{uuid}/",
    "/commit/94a91cf": "/commit/{hash}",
    "/commit/94a91cf0e5a514f5e9f1e0d6a3f6f8a11ab0c9d2": "/commit/{hash}",
    "/static/app.3f2a1b4c.js": "/static/app.{hash}.js",
    "/logs/2026-11-20": "/logs/{date}",
    "/u/s.rhea@widgetcorp.example/edit": "/u/{mail}/edit",
    "/u/s.rhea%40widgetcorp.example": "/u/{mail}",
    "/reset/eyJhbGciOiJSUzI1NiIsImtpZCI6Ij": "/reset/{token}",
    "/wiki/How-to-write-a-good-report-of-2026": "/wiki/How-to-write-a-good-report-of-2026",
    "/rest/api/v2/users": "/rest/api/v2/users",
    "/oauth2/facade": "/oauth2/facade",
    "": "",
    None: None,
}


def test_a_part_that_names_one_thing_is_replaced(templates: Templates) -> None:
    assert dict(zip(TOLD, templates(*TOLD), strict=True)) == TOLD


@given(st.lists(st.text(alphabet="aB1-_.@%/{}~é ", max_size=40), min_size=1, max_size=50))
def test_any_path_has_a_template_that_is_its_own(templates: Templates, paths: list[str]) -> None:
    found = templates(*paths)

    assert templates(*found) == found
    for path, template in zip(paths, found, strict=True):
        assert template is not None
        assert template.count("/") == path.count("/")
        assert not any(segment.isdecimal() for segment in template.split("/"))
        if not any(each.isdecimal() for each in path) and "@" not in path and "%" not in path:
            assert template == path


@given(st.integers(min_value=0), st.integers(min_value=0))
def test_paths_of_two_things_of_a_kind_have_one_template(
    templates: Templates, one: int, other: int
) -> None:
    assert templates(f"/items/{one}/edit") == templates(f"/items/{other}/edit")


def test_requests_have_the_template_of_their_path(engine: Callable[..., Engine]) -> None:
    request: dict[str, Any] = {
        "ClientRequestPath": "/browse/EXP-12",
        "EdgeStartTimestamp": "2026-11-20T09:00:00Z",
    }

    rows = engine([request]).run("select path_template from requests", {}, QueryFailed).rows

    assert list(rows) == [("/browse/{key}",)]
