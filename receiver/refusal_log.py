"""Logs refusals, at most one line a minute for each kind, so that a sender cannot fill the log."""

from dataclasses import dataclass, field

from store.log import Log

# A job that is set up wrongly sends every few seconds; one line a minute is enough to see it.
QUIET_SECONDS = 60.0


@dataclass(slots=True)
class _Kind:
    silent_until: float = 0.0
    unlogged: int = 0


@dataclass(slots=True)
class RefusalLog:
    log: Log
    _kinds: dict[str, _Kind] = field(default_factory=dict)

    def note(self, name: str, monotonic_seconds: float, **facts: object) -> None:
        """Log this refusal, or count it for the next line of its kind, `name`."""
        kind = self._kinds.setdefault(name, _Kind())
        if monotonic_seconds < kind.silent_until:
            kind.unlogged += 1
            return
        self.log.warning("refused", refusal=name, unlogged_before=kind.unlogged, **facts)
        kind.silent_until = monotonic_seconds + QUIET_SECONDS
        kind.unlogged = 0
