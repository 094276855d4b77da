"""Runs merges: plans the jobs that are due, does one at a time and commits it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from store.catalog.users import user_facts
from store.catalog.users.facts_number import DATASET
from store.catalog.users.packed_facts import UserFacts
from store.compaction.facts.reading import FactReading
from store.compaction.file_swap import FileSwap
from store.compaction.late_rows import affected_files
from store.compaction.rewriter import RewriteResult
from store.compaction.tiers import DAY, MONTH, RewriteJob, due_jobs


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeResult:
    """What one job did. `folded` counts lines that were removed as duplicates."""

    dataset: str
    label: str
    tier: str
    files_before: int
    files_after: int
    rows: int
    folded: int


@dataclass(frozen=True, slots=True)
class Compactor:
    """The caller holds the rewrite lock, see `FileSwap.locked`.

    `reading` computes the facts of what is written; without it they are computed later.
    """

    swap: FileSwap
    reading: FactReading | None = None

    def due_jobs(self, *, is_manual: bool = False) -> list[RewriteJob]:
        """The merges that are due, most urgent first; a manual run does not wait for late rows.

        Damaged files are left out.
        """
        return list(due_jobs(self.swap.readable_files(), self.swap.clock(), is_manual=is_manual))

    def run(self, job: RewriteJob) -> MergeResult:
        """Do one job. RewriteRefused or StoreDamaged if it fails; then nothing has changed."""
        swap = self.swap
        late = affected_files(swap.layout, swap.catalog, job)
        job = replace(job, inputs=(*job.inputs, *late), settled=())
        done = swap.rewrite(job)
        if done.result is None:
            raise ValueError("a merge always makes files")
        job_facts = {"dataset": job.dataset, "label": job.label, "tier": job.tier}
        folded = done.result.folded
        facts = list(self._facts(job, done.result))
        with swap.catalog.write() as connection:
            swap.commit(connection, "compacted", {**job_facts, "folded": folded}, [done])
            user_facts.enter_all(connection, facts)
        swap.settle([done])
        return MergeResult(
            **job_facts,
            files_before=len(job.inputs),
            files_after=len(done.result.parts),
            rows=done.result.kept.rows,
            folded=folded,
        )

    def _facts(self, job: RewriteJob, made: RewriteResult) -> Iterator[tuple[str, UserFacts]]:
        """Of each new file with users that lives long enough, by its path."""
        is_kept = job.dataset == DATASET and job.tier in {DAY, MONTH}
        if self.reading is None or not is_kept:
            return
        for each in (part for part in made.parts if part.names):
            path = self.swap.layout.relative(each.part.path)
            found = self.reading(self.swap.layout, path, each.part.columns)
            if isinstance(found, UserFacts):
                yield path, found
