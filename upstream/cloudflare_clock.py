"""What time it is at Cloudflare, as its answers tell."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2

from upstream.connection import Connection
from upstream.errors import ApiChanged, ApiUnavailable


def read(connection: Connection) -> datetime:
    """In whole seconds, UTC; any answer has it, also one that refuses."""
    try:
        answer = connection.http.get(f"{connection.url}/ips")
        told = parsedate_to_datetime(answer.headers["date"])
    except httpx2.HTTPError as error:
        raise ApiUnavailable(f"{connection.url}: {type(error).__name__}") from None
    except (KeyError, ValueError):
        raise ApiChanged("an answer without a date") from None
    return told.astimezone(UTC).replace(tzinfo=None)
