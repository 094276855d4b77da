"""Reads Cloudflare's clock from the `Date` header of an answer."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2

from upstream.connection import Connection
from upstream.errors import ApiChanged, ApiUnavailable


def read(connection: Connection) -> datetime:
    """Whole seconds, naive UTC. Error answers have the header, too."""
    try:
        answer = connection.http.get(f"{connection.url}/ips")
        at = parsedate_to_datetime(answer.headers["date"])
    except httpx2.HTTPError as error:
        raise ApiUnavailable(f"{connection.url}: {type(error).__name__}") from None
    except (KeyError, ValueError):
        raise ApiChanged("Cloudflare's answer has no Date header") from None
    return at.astimezone(UTC).replace(tzinfo=None)
