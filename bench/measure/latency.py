"""Of a list of seconds, the ones people ask for."""

from collections.abc import Sequence


def p50(seconds: Sequence[float]) -> float:
    return _share(seconds, 0.50)


def p99(seconds: Sequence[float]) -> float:
    return _share(seconds, 0.99)


def _share(seconds: Sequence[float], share: float) -> float:
    ordered = sorted(seconds)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]
