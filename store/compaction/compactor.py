"""The compactor: merges what is worth merging, one job and one catalog step at a time."""

from dataclasses import dataclass

from store.compaction.file_swap import Exchange, Files
from store.compaction.late_rows import touched
from store.compaction.tiers import Job, jobs


@dataclass(frozen=True, slots=True, kw_only=True)
class Compacted:
    """What one job did. `folded` lines were the same as lines that stayed."""

    dataset: str
    label: str
    tier: str
    files_before: int
    files_after: int
    rows: int
    folded: int


@dataclass(frozen=True, slots=True)
class Compaction:
    """The caller holds the exchange's lock, by `alone`."""

    exchange: Exchange

    def jobs(self, *, is_by_hand: bool = False) -> list[Job]:
        """What is worth doing now, the most pressing first; by hand nothing is waited for."""
        return list(jobs(self.exchange.live(), self.exchange.clock(), is_by_hand=is_by_hand))

    def run(self, job: Job) -> Compacted:
        """Do one job. RewriteRefused or StoreDamaged when it cannot be; then nothing changed."""
        exchange = self.exchange
        late = touched(exchange.layout, exchange.catalog, job)
        old = Files(
            dataset=job.dataset, label=job.label, tier=job.tier, inputs=(*job.inputs, *late)
        )
        done = exchange.rewrite(old)
        if done.made is None:
            raise ValueError("a merge makes something")
        facts = {
            "dataset": job.dataset,
            "label": job.label,
            "tier": job.tier,
            "folded": done.made.folded,
        }
        with exchange.catalog.write() as connection:
            exchange.show(connection, "compacted", facts, [done])
        return Compacted(
            dataset=job.dataset,
            label=job.label,
            tier=job.tier,
            files_before=len(old.inputs),
            files_after=len(done.made.parts),
            rows=done.made.kept.rows,
            folded=done.made.folded,
        )
