"""The rows of `refusals`, from the bodies in quarantine and the damaged ones that were kept.

A body in quarantine was refused once at least, so it is refused up to two times more. One that was
kept as a batch is never refused again. Bodies for which quarantine had no room are forgotten.
"""

from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select

from schema.body.limits import EnvelopeLimits
from store import timestamps
from store.catalog.tables import batches, refusals
from store.files.layout import Layout
from store.intake.draft import examine
from store.intake.examination import Whole
from store.intake.quarantine import REFUSALS_BEFORE_KEPT


def write(connection: Connection, layout: Layout, limits: EnvelopeLimits) -> None:
    """Call it when `batches` is complete."""
    kept = select(batches.c.batch_id, batches.c.reason, batches.c.received_at).where(
        batches.c.state == "unread", batches.c.content.startswith("sha256:")
    )
    times = REFUSALS_BEFORE_KEPT + 1
    found = {name: (times, reason, at) for name, reason, at in connection.execute(kept)}
    for path in sorted(layout.quarantine.glob("*.body")):
        condition = examine(path, limits).condition
        if not isinstance(condition, Whole):
            changed_at = datetime.fromtimestamp(path.stat().st_mtime, UTC).replace(tzinfo=None)
            found[path.stem] = (1, condition.reason, timestamps.to_text(changed_at))
    for sha256, (times, reason, at) in found.items():
        facts = {"sha256": sha256, "times": times, "reason": reason}
        connection.execute(insert(refusals), {**facts, "first_at": at, "last_at": at})
