"""What this room raises on purpose: Cloudflare's API said no, or nothing.

RaytrailError
├── ApiRefused       operator: the token is wrong or lacks a permission, which is named
├── NotEntitled      operator: the plan does not have it; nothing is wrong with the token
├── NotThere         operator: no account, zone or job of that name, as far as the token sees
├── EndpointNotReady operator: our own public address is not what Logpush could send to
├── ApiUnavailable   operator: no answer within the tries; the next run asks again
└── ApiChanged       programmer: an answer that is not of the documented shape
"""

from schema.errors import RaytrailError


class ApiRefused(RaytrailError):
    """Names the permission that is missing, never the token."""


class NotEntitled(RaytrailError):
    """Asking again is of no use before the plan changes."""


class NotThere(RaytrailError):
    """Says what was looked for, and under which names."""


class EndpointNotReady(RaytrailError):
    """Says what answered there, and what to do. Nothing was created."""


class ApiUnavailable(RaytrailError):
    """Tried several times. Nothing was changed here.

    `after_seconds` is what Cloudflare asks to wait for, where it says so.
    """

    def __init__(self, text: str, after_seconds: float | None = None) -> None:
        super().__init__(text)
        self.after_seconds = after_seconds


class ApiChanged(RaytrailError):
    """Says what was expected, so that it can be reported."""
