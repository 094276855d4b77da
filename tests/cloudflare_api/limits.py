"""The limits of a GraphQL dataset: what `settings` returns, and the errors of larger queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.responses import Response

from tests.cloudflare_api.answers import graphql_error
from tests.cloudflare_api.query import Node


@dataclass
class Limits:
    enabled: bool = True
    page_size_max: int = 10_000
    fields_max: int = 30
    not_older_than: timedelta = timedelta(days=31)
    duration_max: timedelta = timedelta(days=3)


def settings(limits: Limits, available: Iterable[str] = ()) -> dict[str, Any]:
    return {
        "enabled": limits.enabled,
        "availableFields": list(available),
        "maxPageSize": limits.page_size_max,
        "maxNumberOfFields": limits.fields_max,
        "notOlderThan": int(limits.not_older_than.total_seconds()),
        "maxDuration": int(limits.duration_max.total_seconds()),
    }


def refused(
    limits: Limits, node: Node, period: tuple[datetime, datetime], now: datetime, unknown: str = ""
) -> Response | None:
    """The error of a query that exceeds a limit, or selects an unknown field."""
    since, until = period
    oldest = int(limits.not_older_than.total_seconds())
    fields = len(node.fields["dimensions"])
    too_many = f"limit must be positive number and not greater than {limits.page_size_max}"
    complaints = (
        (not limits.enabled, "does not have access to the path", 200),
        (now - since > limits.not_older_than, f"cannot request data older than {oldest}s", 400),
        (until - since > limits.duration_max, "query time range is too large", 400),
        (node.limit > limits.page_size_max, too_many, 400),
        (
            fields > limits.fields_max,
            f"number of fields can't be more than {limits.fields_max}",
            400,
        ),
        (bool(unknown), f'unknown field "{unknown}"', 400),
    )
    for applies, text, status in complaints:
        if applies:
            return graphql_error(text, ["viewer", node.scope, "0", node.name], now, status)
    return None
