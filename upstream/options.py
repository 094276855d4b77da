"""Options for Cloudflare's API. They import no SDK, so that reading settings stays cheap."""

from dataclasses import dataclass, field

API_URL = "https://api.cloudflare.com/client/v4"

# Cloudflare's rate limits reset within minutes, and the service retries later anyway.
TRIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiOptions:
    """How to reach the API. `pause` scales every wait, so that tests need not wait."""

    token: str = field(repr=False)
    url: str = API_URL
    tries: int = TRIES
    pause: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryOptions:
    """A page on a protected host, and the service token for Access if one is needed."""

    url: str
    client_id: str = field(default="", repr=False)
    client_secret: str = field(default="", repr=False)
