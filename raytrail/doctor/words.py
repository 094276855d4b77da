"""What `raytrail doctor` prints for a person: each finding, what it means and what helps."""

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence

from queries.escape import for_terminal
from raytrail.doctor.finding import Finding, Grade

# A person reads no more findings of one kind than this; --json has them all.
ALIKE_SHOWN = 20


def lines(findings: Sequence[Finding]) -> Iterator[str]:
    shown = Counter[str]()
    for finding in findings:
        shown[finding.about] += 1
        if shown[finding.about] <= ALIKE_SHOWN:
            yield from _lines(finding)
    for about, count in shown.items():
        if count > ALIKE_SHOWN:
            yield f"... and {count - ALIKE_SHOWN:,} more of {about}; --json has them all"


def _lines(finding: Finding) -> Iterator[str]:
    of = f"{finding.dataset}: " if finding.dataset else ""
    yield f"{finding.grade.value:6} {finding.about:9} {for_terminal(of + finding.text)}"
    if finding.means:
        yield f"{'':16} means  {for_terminal(finding.means)}"
    if finding.helps:
        yield f"{'':16} try    {for_terminal(finding.helps)}"
    if finding.alarm and finding.grade is Grade.WRONG:
        ends = f"raytrail doctor ack {shlex.quote(finding.alarm)} --reason"
        yield f"{'':16} or     {for_terminal(ends)} ..."
