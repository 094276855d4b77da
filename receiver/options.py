"""What whoever starts a receiver decides; light, so that settings can be read without one."""

from dataclasses import dataclass
from pathlib import Path

# 128 MiB at 2 MB/s.
REQUEST_SECONDS_MAX = 60.0

# What is under way may finish; Logpush sends again what did not.
STOP_SECONDS_MAX = 30
# Less, so that a sender is cut before its request would be cancelled.
STOPPING_SECONDS_MAX = 25.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverOptions:
    tokens: tuple[str, ...]
    # Its tokens are valid too, from the moment it changes.
    tokens_file: Path | None = None
    token_header: str | None = None
    request_seconds_max: float = REQUEST_SECONDS_MAX
    # Shown on /metrics, so that an alarm can tell a machine without the native one.
    decoder: str = "python"

    def __repr__(self) -> str:
        return f"ReceiverOptions({len(self.tokens)} tokens)"
