"""What `raytrail doctor` can say about one thing."""

from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any


class Grade(Enum):
    """NOTE is for information; WRONG needs a person to act."""

    FINE = "fine"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`about` is a fixed word for scripts; `dataset` is set when one dataset is concerned.

    `alarm` is the id by which a person may acknowledge it, and `amount` how much there is of it. A
    finding about the present state has none: it ends when its cause ends.
    """

    about: str
    grade: Grade
    text: str
    means: str = ""
    helps: str = ""
    dataset: str | None = None
    alarm: str = ""
    amount: int = 1


def is_wrong(findings: list[Finding]) -> bool:
    return any(finding.grade is Grade.WRONG for finding in findings)


def as_object(findings: list[Finding]) -> dict[str, Any]:
    told = [{**asdict(finding), "grade": finding.grade.value} for finding in findings]
    return {"wrong": is_wrong(findings), "findings": told}
