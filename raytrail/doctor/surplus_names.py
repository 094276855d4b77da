"""A finding where more new datasets came than get tables of their own."""

from collections.abc import Iterator

from raytrail.commands.plurals import counted
from raytrail.doctor.finding import Finding, Grade
from schema.unknown_dataset import UNKNOWN
from store.intake.dataset_names import NEW_NAMES_MAX, surplus
from store.store import Store

ASK_WHICH = 'raytrail sql "SELECT sent_as, batch_id, count(*) FROM unknown GROUP BY ALL"'


def examine(store: Store) -> Iterator[Finding]:
    with store.catalog.read() as connection:
        found = surplus(connection)
    if found.batches:
        shown = ", ".join(found.examples)
        more = ", ..." if found.names > len(found.examples) else ""
        yield Finding(
            about="surplus_names",
            grade=Grade.WRONG,
            dataset=UNKNOWN,
            alarm=f"surplus_names/{UNKNOWN}",
            amount=found.batches,
            text=f"{counted(found.batches, 'batch')} of {counted(found.names, 'dataset')} without a"
            f" table: {shown}{more}",
            means=f"more than {NEW_NAMES_MAX} undocumented names came with one token in a day; the"
            " records are kept, with the name in `sent_as`",
            helps=f"look for the sender; `{ASK_WHICH}` shows what came, and"
            " `raytrail reassign --batch ID --dataset NAME` moves a batch",
        )
