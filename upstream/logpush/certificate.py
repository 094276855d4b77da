"""Checks the TLS certificate of our public address in the same way as a sender."""

import socket
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from upstream.errors import EndpointNotReady
from upstream.logpush.destination import DEFAULT_PORTS

ANSWER_SECONDS_MAX = 10.0


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate whose chain verifies. Times are naive UTC."""

    host: str
    expires_at: datetime

    def left(self, now: datetime) -> timedelta:
        return self.expires_at - now


def of(public_url: str) -> Certificate:
    """Raises EndpointNotReady with the reason why it is not trusted."""
    parts = urlsplit(public_url)
    host, port = parts.hostname or "", parts.port or DEFAULT_PORTS["https"]
    context = ssl.create_default_context()
    try:
        with (
            socket.create_connection((host, port), timeout=ANSWER_SECONDS_MAX) as plain,
            context.wrap_socket(plain, server_hostname=host) as secured,
        ):
            fields = secured.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        raise EndpointNotReady(f"{host}: {error.verify_message}") from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise EndpointNotReady(f"{host} cannot be reached: {reason}") from None
    epoch_seconds = ssl.cert_time_to_seconds(str(fields["notAfter"]))
    return Certificate(host, datetime(1970, 1, 1) + timedelta(seconds=epoch_seconds))  # noqa: DTZ001
