"""`raytrail compact`: merges everything that can be merged now, and prints what was merged."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from queries.baseline.file_facts import read_facts
from queries.escape import for_terminal
from queries.shell_content import SHELL_CONTENT
from raytrail.commands.plurals import counted
from store.compaction import older_formats, probable_counts
from store.compaction.compactor import Compactor, MergeResult
from store.compaction.facts import waiting
from store.compaction.file_swap import FileSwap
from store.compaction.tiers import RewriteJob
from store.errors import RewriteRefused, StoreDamaged
from store.parquet.footer import FORMAT
from store.store import Store


@dataclass(frozen=True, slots=True)
class Refused:
    """A job that failed, and why; its files are unchanged."""

    dataset: str
    label: str
    reason: str


Outcome = MergeResult | Refused


def run(
    store: Store, tell: Callable[[int], None] = lambda _rows: None, *, is_rewriting: bool = False
) -> list[Outcome] | None:
    """Run every job there is; None when a compactor is already running.

    With `is_rewriting`, also rewrite the files of an older format that no merge has rewritten.
    """
    swap = store.file_swap(tell)
    done: list[Outcome] = []
    tried: set[frozenset[str]] = set()
    with swap.locked() as has_lock:
        if not has_lock:
            return None
        probable_counts.complete(swap)
        while jobs := _untried(swap, tried):
            tried.add(jobs[0].paths)
            done.append(_outcome(swap, jobs[0]))
        if is_rewriting:
            # Without raw lines no row is folded: all rows stay as they are.
            plain = replace(swap, originals=None)
            done += [_outcome(plain, job) for job in older_formats.jobs(swap.live_files())]
        put_off = waiting.PutOff()
        while waiting.complete_some(swap, read_facts, put_off):
            pass
    if any(isinstance(each, MergeResult) for each in done):
        store.publish_unless_loading(SHELL_CONTENT)
    return done


def _untried(swap: FileSwap, tried: set[frozenset[str]]) -> list[RewriteJob]:
    found = Compactor(swap).due_jobs(is_manual=True)
    return [job for job in found if job.paths not in tried]


def _outcome(swap: FileSwap, job: RewriteJob) -> Outcome:
    try:
        return Compactor(swap, read_facts).run(job)
    except (RewriteRefused, StoreDamaged) as error:
        # The next job of these files leaves the damaged ones out.
        swap.note_damage((*job.inputs, *job.settled), "compact")
        return Refused(job.dataset, job.label, str(error))


def is_wrong(done: list[Outcome]) -> bool:
    return any(isinstance(each, Refused) for each in done)


def as_object(done: list[Outcome], formats: Mapping[int, int]) -> dict[str, Any]:
    return {
        "files_by_format": {str(number): count for number, count in formats.items()},
        "compacted": [asdict(each) for each in done if isinstance(each, MergeResult)],
        "refused": [asdict(each) for each in done if isinstance(each, Refused)],
    }


def lines(done: list[Outcome], formats: Mapping[int, int]) -> Iterator[str]:
    for each in done:
        where = f"{for_terminal(each.dataset)} {for_terminal(each.label)}"
        if isinstance(each, Refused):
            yield f"{where}: not merged: {for_terminal(each.reason)}"
            continue
        folded = f", {counted(each.folded, 'line')} folded" if each.folded else ""
        yield (
            f"{where}: {counted(each.files_before, 'file')} merged into {each.files_after:,}"
            f" ({each.tier}, {counted(each.rows, 'row')}{folded})"
        )
    if not done:
        yield "nothing to do"
    for number, count in formats.items():
        if number < FORMAT:
            files = counted(count, "file")
            yield f"{files} of format {number} left; `raytrail compact --rewrite` rewrites them"
