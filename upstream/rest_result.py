"""Reads REST answers: the `result`, all pages of a list, and times."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from upstream.connection import Connection
from upstream.errors import ApiChanged


def result(answer: bytes) -> Any:
    """The `result` in the envelope of a REST answer."""
    try:
        # Unlike orjson it reads half a surrogate pair, which a name may contain.
        return json.loads(answer)["result"]
    except (KeyError, TypeError, ValueError) as error:
        raise ApiChanged(f"an answer without `result`: {type(error).__name__}") from None


def all_pages(
    connection: Connection, path: str, needs: str, page_rows: int
) -> list[Mapping[str, Any]]:
    """Every object of a list, by its `id`, from as many pages as there are.

    The end is a page with nothing new: some accounts ignore `page` and repeat the first one.
    """
    found: dict[str, Mapping[str, Any]] = {}
    page = 1
    while True:
        rows = result(connection.get(path, needs, page=page, per_page=page_rows)) or ()
        new = {str(row["id"]): row for row in rows if str(row.get("id")) not in found}
        if not new:
            return list(found.values())
        found |= new
        page += 1


def utc_time(value: object) -> datetime | None:
    """Naive UTC; None where the value is missing or not a time."""
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at
