"""What whoever starts a receiver decides; light, so that settings can be read without one."""

from dataclasses import dataclass

# 128 MiB at 2 MB/s.
REQUEST_SECONDS_MAX = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverOptions:
    tokens: tuple[str, ...]
    token_header: str | None = None
    request_seconds_max: float = REQUEST_SECONDS_MAX

    def __repr__(self) -> str:
        return f"ReceiverOptions({len(self.tokens)} tokens)"
