"""REST answers as they came: the SDK's own classes drop or guess what they do not know."""

from typing import Any

from upstream.errors import ApiChanged


def result(response: Any) -> Any:
    """The `result` of a raw response of the SDK."""
    try:
        return response.json()["result"]
    except (KeyError, TypeError, ValueError) as error:
        raise ApiChanged(f"an answer without a result: {type(error).__name__}") from None
