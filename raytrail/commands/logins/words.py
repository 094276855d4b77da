"""What `raytrail logins pull` prints for a person."""

from collections.abc import Iterator

from queries.escape import for_terminal
from raytrail.service.logins import Outcome, facts


def lines(outcome: Outcome) -> Iterator[str]:
    found = facts(outcome)
    yield (
        f"{outcome.dataset}: {found['records']:,} records in {found['windows']:,} windows,"
        f" {found['fresh']:,} of them new"
    )
    for window in found["cut"]:
        yield f"  incomplete: Cloudflare withheld records from {window['since']} to {window['until']}"
    for window in found["missed"]:
        yield f"  missing: nothing was fetched in time from {window['since']} to {window['until']}"
    if outcome.error:
        yield f"  stopped early: {for_terminal(str(outcome.error))}"
