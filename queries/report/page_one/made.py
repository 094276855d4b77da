"""How a report was made, so that it can be made again and compared."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """`question` is the command as it can be typed again. `by` and `case` are as they were given.

    `account` is the account of this machine that ran the command; empty if it has no name.
    """

    question: str = ""
    by: str = ""
    account: str = ""
    case: str = ""
    version: str = ""


NOT_TOLD = Made()
