"""What whoever asks Cloudflare decides; light, so that settings can be read without an SDK."""

from dataclasses import dataclass, field

API_URL = "https://api.cloudflare.com/client/v4"

# Cloudflare's own limits reset after minutes at most; a pull comes back by itself later anyway.
TRIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiOptions:
    """How to reach the API. `pause` scales every wait: tests need not sit them out."""

    token: str = field(repr=False)
    url: str = API_URL
    tries: int = TRIES
    pause: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryOptions:
    """A page on a protected host, and the service token that Access lets in, if there is one."""

    url: str
    client_id: str = field(default="", repr=False)
    client_secret: str = field(default="", repr=False)
