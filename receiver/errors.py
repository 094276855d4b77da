"""Why requests are refused, and what the sender is told.

RaytrailError
└── RequestRefused        no batch was stored
    ├── BadFraming        400, the request contradicts itself
    ├── NotAuthorized     401, token missing, wrong or given twice
    ├── NoSuchDataset     404, the path has an invalid dataset name
    ├── Damaged           400, the body is not what it claims to be
    ├── TooLarge          413, the body is over the limit
    ├── UnknownEncoding   415, the Content-Encoding is neither gzip nor identity
    └── TryLater          503, the same request may succeed later

Cloudflare copies the text into the job's `error_message`, so it is short and has no secret.
"""

from collections.abc import Mapping
from typing import ClassVar

from schema.errors import RaytrailError


class RequestRefused(RaytrailError):
    status: ClassVar[int] = 400
    headers: ClassVar[Mapping[str, str]] = {}

    def __init__(self, text: str, **facts: str | int) -> None:
        super().__init__(text)
        self.facts = facts


class BadFraming(RequestRefused):
    status = 400


class NotAuthorized(RequestRefused):
    status = 401
    headers: ClassVar[Mapping[str, str]] = {"WWW-Authenticate": "Bearer"}


class NoSuchDataset(RequestRefused):
    status = 404


class Damaged(RequestRefused):
    status = 400


class TooLarge(RequestRefused):
    status = 413


class UnknownEncoding(RequestRefused):
    status = 415
    headers: ClassVar[Mapping[str, str]] = {"Accept-Encoding": "gzip, identity"}


class TryLater(RequestRefused):
    status = 503
    # Long enough to clear a disk or release a lock, short against the time that Logpush retries.
    headers: ClassVar[Mapping[str, str]] = {"Retry-After": "30"}
