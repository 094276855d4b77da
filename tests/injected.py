"""How many faults a run injected: tests tell, and the end of the run prints the sum."""

from collections.abc import Callable, Iterable
from typing import Any

# The name under which a test's report carries its number to whoever prints the sum.
FAULTS = "faults injected"

Injected = Callable[[int], None]


def total(reports: Iterable[Any]) -> int:
    """The sum over the reports of a run; what has no such number, or is no report, adds nothing."""
    return sum(
        number
        for report in reports
        for name, number in getattr(report, "user_properties", ())
        if name == FAULTS and getattr(report, "when", "") == "call"
    )
