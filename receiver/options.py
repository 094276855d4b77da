"""Options of a receiver, in a module that loads no server, so that settings can use them."""

from dataclasses import dataclass
from pathlib import Path

# 128 MiB at 2 MB/s.
REQUEST_SECONDS_MAX = 60.0

# Longer than any usual proxy keeps an idle connection (Caddy 120 s, cloudflared 90 s, nginx 60 s):
# otherwise the proxy may send a batch into a connection that is being closed here.
IDLE_SECONDS_MAX = 150.0

# Connections that may queue while all receivers are busy or being replaced.
BACKLOG = 1024

# Running uploads may finish; Logpush repeats the others.
STOP_SECONDS_MAX = 30
# Less, so that a connection is closed before its request would be cancelled.
STOPPING_SECONDS_MAX = 25.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverOptions:
    tokens: tuple[str, ...]
    # Its tokens are valid too, as soon as the file changes.
    tokens_file: Path | None = None
    token_header: str | None = None
    request_seconds_max: float = REQUEST_SECONDS_MAX
    idle_seconds_max: float = IDLE_SECONDS_MAX
    # Shown on /metrics, so that an alarm can find a machine without the native decoder.
    decoder: str = "python"

    def __repr__(self) -> str:
        return f"ReceiverOptions({len(self.tokens)} tokens)"
