"""The errors that this package raises on purpose.

RaytrailError
├── ApiRefused        operator: the token is wrong, or lacks the named permission
├── NotEntitled       operator: the plan does not include this; the token is fine
├── NotThere          operator: the token sees no such account, zone or job
├── EndpointNotReady  operator: Logpush could not send to our public address
├── ApiUnavailable    operator: no answer after all retries; the next run tries again
└── ApiChanged        programmer: an answer does not have the documented shape
"""

from schema.errors import RaytrailError


class ApiRefused(RaytrailError):
    """The message names the missing permission, never the token."""


class NotEntitled(RaytrailError):
    """A retry is of no use before the plan changes."""


class NotThere(RaytrailError):
    """The message says what was looked for."""


class EndpointNotReady(RaytrailError):
    """The message says what answered there, and what to do. Nothing was created."""


class ApiUnavailable(RaytrailError):
    """Every retry failed. Nothing was changed here.

    `after_seconds` is the wait that Cloudflare asked for, if it did.
    """

    def __init__(self, text: str, after_seconds: float | None = None) -> None:
        super().__init__(text)
        self.after_seconds = after_seconds


class ApiChanged(RaytrailError):
    """The message says what was expected, for a bug report."""
