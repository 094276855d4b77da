"""`raytrail reassign`: moves batches to the dataset that they belong to, and prints the result."""

from collections.abc import Iterator

from queries.shell_content import SHELL_CONTENT
from raytrail.commands.plurals import counted
from raytrail.commands.service.replay import BATCH_ID, counts_and_left
from raytrail.errors import CannotDo
from schema.dataset_names import is_known, nearest
from schema.unknown_dataset import dataset_named
from store.intake.dataset_names import has_no_table
from store.replay.results import ReplayResult
from store.replay.selection import Selection
from store.store import Store


def selection(*, batch: str, sent_to: str, dataset: str) -> Selection:
    """The options as a value; CannotDo says what is missing."""
    if bool(batch) == bool(sent_to):
        raise CannotDo("give --batch or --from: which batches belong to another dataset")
    if batch and not BATCH_ID.fullmatch(batch):
        raise CannotDo("--batch: give the id of a batch, or its first 8 digits or more (0-9, a-f)")
    if sent_to == dataset:
        raise CannotDo("--from and --dataset are the same")
    return Selection(
        dataset=sent_to or None, batch=batch or None, looks_like=dataset if sent_to else None
    )


def demand_dataset(store: Store, dataset: str) -> None:
    """CannotDo unless Cloudflare or the store has the dataset, or records were sent to it: a slip
    would hide the records again.
    """
    if dataset_named(dataset) is None:
        raise CannotDo(f"invalid dataset name {dataset!r}: use lower-case letters, digits and _")
    held = store.status().datasets
    with store.catalog.read() as connection:
        is_new = has_no_table(connection, dataset)
    if not (is_known(dataset) or dataset in held or is_new):
        meant = nearest(dataset, held)
        hint = f"; did you mean {meant}?" if meant else ""
        raise CannotDo(f"--dataset: no dataset is called {dataset!r}{hint}")


def run(store: Store, wanted: Selection, dataset: str, *, is_trial: bool) -> ReplayResult:
    """Move, and publish `audit.duckdb` unless a loader does it."""
    done = store.reassignment(dataset).run(wanted, is_trial=is_trial)
    if done.sequence is not None:
        store.publish_unless_loading(SHELL_CONTENT)
    return done


def lines(done: ReplayResult, *, is_trial: bool) -> Iterator[str]:
    batches = counted(done.moved, "batch")
    yield f"{batches} would be moved; nothing was changed" if is_trial else f"{batches} moved"
    if done.batches > done.moved:
        yield f"{counted(done.batches - done.moved, 'batch')} that shared files with them decoded again"
    yield from counts_and_left(done)
